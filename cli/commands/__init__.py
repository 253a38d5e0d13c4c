"""One file a command: it asks the use case and shows what came of it.

segment    the main command
inspect    what files are taken for, and why
audit      gaps and overlaps of rules of somebody else
sql        a policy as SQL for a warehouse
generate   synthetic customers as a file
backtest   what the model would have said of a past window, and what happened
audiences  files for mail and advertising platforms
power      what an experiment can show, before anything is sent
holdout    a control group for a saved period
results    what the customers of a saved period did after the send
lift       the lift in a table of any experiment
measured   the measured lifts that the next analyses take up
tree       the best tree of a depth, and whether it is better than the policy in use
runs       saved periods
weekly     the last week by itself
init       the shop.yaml that weekly reads
"""
