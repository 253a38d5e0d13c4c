"""Saved periods: immutable Parquet files of a week, and a catalog of them; the workspace that holds both.

workspace      `Workspace`: everything that is kept in a folder, and what can be done with it
catalog        which saved periods there are
schema         the database of the catalog
saved_period   `SavedRun`
tables         frames and cubes <-> Parquet
period_files   the files of one period
period_record  the small parts of a run <-> JSON
campaigns      the saved periods of one experiment
lookup         rows straight from a saved file
erasure        one customer taken out of a period
trail          who did what with customers: the audit trail
transfer       a period <-> one file to hand on
backup         a workspace <-> one file to keep
small_files    a small file of the workspace, put in place whole
week_state     `WeekState`: how far a week has come, and what came of each step
weeks          `Weeks`: the saved weeks, the newest first, and each step of them
preferences    `Preferences`: what a shop sets once
policy_files   `load_policy`, `shipped_policies`
"""

from run_store.catalog import RunSummary
from run_store.period_record import checked_name
from run_store.policy_files import DEFAULT_POLICY, load_policy, shipped_policies
from run_store.preferences import Preferences, checked_entries
from run_store.saved_period import SavedRun
from run_store.week_state import ArmResult, FilesMade, HeldOut, Learnt, ResultsIn, WeekState, WeekStep
from run_store.weeks import Weeks
from run_store.workspace import Workspace
