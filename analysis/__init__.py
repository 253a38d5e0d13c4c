"""The use cases: what the two shells ask for, each a function from values to one value.

accounting          the account of rows: those set aside or given back corrected, and missing cells
policy_fit          which policies fit some customers
run                 rows and a policy -> a scored partition
engines/            `analyze` on any engine, and what memory does not hold
people              who is in which arm, who can be reached, and what to know of them
comparison          two periods under one frozen tree
backtest            what a model would have said of earlier weeks, and what came
better_tree         a better tree than the policy in use, if the data knows one
choice              whom a campaign contacts
experiment_design   what a control group can show
experiment_balance  arms that are alike before anything is sent
experiment_results  what it showed
outcomes            what customers did after a send
matching            whose outcome it is
outcome_days        how many days after a send an outcome counts, and what is over of them
lift_forward        what that changes in the next analyses
headline            the numbers on top of a run
audit               gaps and overlaps of rules of somebody else, and their repair
policy_sql          a policy as SQL, or as a model of dbt
versions            what ran
"""

from analysis.accounting import Accounting
from analysis.engines.anywhere import analyze
from analysis.run import OUTSIDE_WORDS, WITHOUT_END, Run, Settings, with_experiment
