"""Runs as files: outputs, downloads, saved periods, and the policy files they start from.

names         names of the files
cells         columns -> the text of CSV cells
assignments   the assignment table as records or columns
reports       the small files
verification  written files read back
publishing    a folder put in place whole
leftovers     what becomes of the folder that was there before
outputs       `write_outputs`
archive       `segment_file`, `archive`
policy_files  `load_policy`, `shipped_policies`

disk           files that are there whole or not at all
tables         frames and cubes <-> Parquet
period_record  the small parts of a run <-> JSON
catalog        which saved periods there are
lookup         rows straight from a saved file
saved          `SavedRun`
workspace      `save_run`, `list_runs`, `open_run`, `rename_run`, `delete_run`
erasure        `erase_customer`, `count_periods_with`
small_files    a small file of the workspace, put in place whole
preferences    `load_preferences`, `save_preferences`
transfer       `export_run`, `import_run`
"""

from run_store.archive import archive, archive_name, segment_file
from run_store.catalog import RunSummary
from run_store.erasure import count_periods_with, erase_customer
from run_store.names import FileFormat, Profile
from run_store.outputs import Written, write_outputs
from run_store.policy_files import DEFAULT_POLICY, load_policy, shipped_policies
from run_store.preferences import (
    Preferences,
    load_preferences,
    preferences_of,
    reset_preferences,
    save_preferences,
)
from run_store.publishing import check_place
from run_store.reports import RunDetails
from run_store.saved import SavedRun
from run_store.transfer import export_run, import_run
from run_store.verification import Verified
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
    "FileFormat",
    "Preferences",
    "Profile",
    "RunDetails",
    "RunSummary",
    "SavedRun",
    "Verified",
    "Written",
    "archive",
    "archive_name",
    "check_place",
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
    "segment_file",
    "shipped_policies",
    "workspace_folder",
    "write_outputs",
]
