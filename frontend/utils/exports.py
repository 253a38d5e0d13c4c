"""Files to download; nothing is built before it is asked for."""

from pathlib import PurePosixPath

import pandas as pd

from analysis import Run
from run_store import Profile, archive, archive_name, segment_file
from run_store.outputs import files_of
from run_store.reports import table_csv

QUARANTINE = "quarantine.spreadsheet.csv"


def quarantine(rows: pd.DataFrame) -> bytes:
    """Return rejected rows as a file for people."""
    return table_csv(rows, "spreadsheet")


def segment(run: Run, code: int, profile: Profile) -> bytes:
    """Return the customers of a segment."""
    return segment_file(run, code, profile)[1]


def segment_name(run: Run, code: int, profile: Profile) -> str:
    """Return the name of a segment's file without building it."""
    path = files_of(run, "csv")[run.segmentation.tree.segments[code].name]
    return f"{PurePosixPath(path).stem}.{profile}.csv"


def everything(run: Run, profile: Profile) -> bytes:
    """Return all files of a run as one zip."""
    return archive(run, profile)


def everything_name(run: Run, profile: Profile) -> str:
    """Return the name of the zip."""
    return archive_name(run, profile)
