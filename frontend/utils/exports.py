"""Files to download; nothing is built before it is asked for."""

import io
import tempfile
from pathlib import Path, PurePosixPath

import numpy as np

from analysis import Run
from analysis.versions import versions
from outputs import Profile
from outputs.assignments import Assignments
from outputs.names import REPORT
from outputs.report import html_report as render
from outputs.run_folder import files_of, fill_folder, write_lines
from run_store.lookup import Positions


def segment_name(run: Run, code: int, profile: Profile) -> str:
    """Return the name of a segment's file without building it."""
    path = files_of(run, "csv")[run.segmentation.tree.segments[code].name]
    return f"{PurePosixPath(path).stem}.{profile}.csv"


def customers(run: Run, positions: Positions, profile: Profile) -> bytes:
    """Return some customers as a CSV file with the columns of the assignments, in the order given."""
    table, stream = Assignments(run, profile), io.BytesIO()
    stream.write(table.header)
    for _, lines in table.blocks(positions.astype(np.intp)):
        write_lines(stream, lines)
    return stream.getvalue()


def customers_name(run: Run, profile: Profile) -> str:
    """Return the name of a file of some customers; nothing of a search is in it."""
    return f"customers_{run.policy.name}_{run.window.end}.{profile}.csv"


def mece_report(run: Run) -> bytes:
    """Return `mece_report.json`; like the command line's, it says what reading the written files back found."""
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        fill_folder(run, Path(name), profile="machine", file_format="csv")
        return (Path(name) / REPORT).read_bytes()


def html_report(run: Run) -> bytes:
    """Return the report for people as one HTML file."""
    return render(run, versions=versions())
