"""What the dashboard hands out: one segment's file, and all files as one archive."""

import io
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis import Run
from outputs.assignments import Assignments, in_parts
from outputs.names import Profile
from outputs.reports import quarantine_files
from outputs.run_folder import files_of, fill_folder, write_lines

STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal runs give equal archives."""
LEVEL = 6


def customers_file(run: Run, positions: npt.NDArray[np.integer], profile: Profile) -> bytes:
    """Return some customers as a CSV file with the columns of the assignments, in the order given."""
    stream, order, records, start = io.BytesIO(), np.argsort(positions, kind="stable"), [], 0
    stream.write(Assignments(run, profile).header)
    for table in in_parts(run, profile, as_text=True):
        end = start + table.rows
        rows = order[slice(*np.searchsorted(positions, [start, end], sorter=order))]
        records += [lines for _, lines in table.blocks(positions[rows].astype(np.intp) - start)]
        start = end
    if records:
        # From their places in the input to those that were asked for.
        write_lines(stream, pa.concat_arrays(records).take(pa.array(np.argsort(order))))
    return stream.getvalue()


def segment_file(run: Run, code: int, profile: Profile) -> bytes:
    """Return one segment's CSV file, by the place of the segment in the tree."""
    codes = np.concatenate([part.codes for part in run.segmentation.in_parts((), waves=False)])
    return customers_file(run, np.flatnonzero(codes == code), profile)


def segment_name(run: Run, code: int, profile: Profile) -> str:
    """Return the name of a segment's file without building it."""
    path = files_of(run, "csv")[run.segmentation.tree.segments[code].name]
    return f"{PurePosixPath(path).stem}.{profile}.csv"


def archive_name(run: Run, profile: Profile) -> str:
    """Return the archive's file name: policy, last day of the window, profile."""
    return f"{run.policy.name}_{run.window.end}.{profile}.zip"


def archive(run: Run, profile: Profile) -> bytes:
    """Return a zip of all files of a run but `run.json`, verified as on disk; equal runs give equal bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill_folder(run, folder, profile=profile, file_format="csv")
        return zipped(folder)


def quarantine_download(rows: pd.DataFrame, name: str) -> bytes:
    """Return rejected rows: as one CSV file, or as an archive of one for each layout, as the name says."""
    files = quarantine_files(rows, "spreadsheet")
    if not name.endswith(".zip"):
        return files["quarantine.csv"]
    return packed(sorted(files.items()))


def zipped(folder: Path) -> bytes:
    """Return a zip of all files below a folder; equal files give equal bytes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return packed((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of files, each by its path."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for path, data in files:
            entry = zipfile.ZipInfo(path, STAMP)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, data, zipfile.ZIP_DEFLATED, LEVEL)
    return content.getvalue()
