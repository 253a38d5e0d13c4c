"""Runs as files: outputs, downloads, and the policy files they start from.

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
"""

from run_store.archive import archive, archive_name, segment_file
from run_store.names import FileFormat, Profile
from run_store.outputs import Written, write_outputs
from run_store.policy_files import DEFAULT_POLICY, load_policy, shipped_policies
from run_store.publishing import check_place
from run_store.reports import RunDetails
from run_store.verification import Verified

__all__ = [
    "DEFAULT_POLICY",
    "FileFormat",
    "Profile",
    "RunDetails",
    "Verified",
    "Written",
    "archive",
    "archive_name",
    "check_place",
    "load_policy",
    "segment_file",
    "shipped_policies",
    "write_outputs",
]
