"""Saved periods: immutable Parquet files of a week, and a catalog of them; the workspace that holds both.

workspace      `save_run`, `list_runs`, `open_run`, `rename_run`, `delete_run`
catalog        which saved periods there are
saved          `SavedRun`
tables         frames and cubes <-> Parquet
period_files   the files of one period
period_record  the small parts of a run <-> JSON
lookup         rows straight from a saved file
erasure        `erase_customer`, `count_periods_with`
transfer       `export_run`, `import_run`
small_files    a small file of the workspace, put in place whole
preferences    `load_preferences`, `save_preferences`
measured       lifts that experiments measured
policy_files   `load_policy`, `shipped_policies`
"""

from run_store.catalog import RunSummary
from run_store.erasure import count_periods_with, erase_customer
from run_store.policy_files import DEFAULT_POLICY, load_policy, shipped_policies
from run_store.preferences import (
    Preferences,
    load_preferences,
    preferences_of,
    reset_preferences,
    save_preferences,
)
from run_store.saved import SavedRun
from run_store.transfer import export_run, import_run
from run_store.workspace import (
    checked_name,
    delete_run,
    find_run,
    list_runs,
    open_run,
    prune,
    rename_run,
    save_run,
    workspace_folder,
)

__all__ = [
    "DEFAULT_POLICY",
    "Preferences",
    "RunSummary",
    "SavedRun",
    "checked_name",
    "count_periods_with",
    "delete_run",
    "erase_customer",
    "export_run",
    "find_run",
    "import_run",
    "list_runs",
    "load_policy",
    "load_preferences",
    "open_run",
    "preferences_of",
    "prune",
    "rename_run",
    "reset_preferences",
    "save_preferences",
    "save_run",
    "shipped_policies",
    "workspace_folder",
]
