"""The written files read back: every customer of the universe once, in the right segment's file."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from analysis import Run
from outputs.cells import TEXT, neutral
from outputs.names import Profile
from retention.errors import InvariantError, ensure
from retention.partition.proof import partition_faults


def verify(folder: Path, files: Mapping[str, str], assignments: str, run: Run, profile: Profile) -> dict[str, int]:
    """Read the assignments and the segment files back and hold them against the universe; return the rows of each.

    Args:
        folder: Where they were written.
        files: Path of each segment's file below the folder, in the order of the tree.
        assignments: Path of the assignments below the folder.
        run: The analysis.
        profile: How its text was written.

    Raises:
        InvariantError: A customer is missing, twice, foreign, or in a wrong place; says how many.
    """
    check = _Check(run, profile)
    rows = {assignments: check.whole(folder / assignments)}
    parts = []
    for code, path in enumerate(files.values()):
        parts.append(check.part(folder / path, code))
        rows[path] = len(parts[-1])
    check.together(parts)
    return rows


class _Check:
    """The universe as it must be found again."""

    def __init__(self, run: Run, profile: Profile) -> None:
        segmentation = run.segmentation
        ids = pa.array(segmentation.customers["user_id"], from_pandas=True)
        raw = (ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids).cast(TEXT)
        ensure(ascending(raw) or pc.count_distinct(raw).as_py() == len(raw), "the universe holds every user_id once")
        # The files hold what was written, apostrophes included, so the universe is held against them in the same form.
        self.ids = neutral(raw) if profile == "spreadsheet" else raw
        names = pa.array([segment.name for segment in segmentation.tree.segments], TEXT)
        self.names = neutral(names) if profile == "spreadsheet" else names
        self.codes = pa.array(segmentation.codes)

    def whole(self, path: Path) -> int:
        """Check the assignments; return their rows."""
        ids, names = read_assignments(path)
        # The files keep the order of the universe. Equal columns prove more than counting would, and at once; what is
        # wrong is counted only where they differ.
        if not ids.equals(self.ids):
            raise self._broken([ids], path)
        ensure(names.equals(self.names.take(self.codes)), f"{path.name}: every row names its segment")
        return len(ids)

    def part(self, path: Path, code: int) -> pa.Array:
        """Check that a segment's file names no other segment; return its identifiers."""
        ids, names = read_assignments(path)
        ensure(pc.all(pc.equal(names, self.names[code]), min_count=0).as_py(), f"{path.name}: one segment a file")
        return ids

    def together(self, parts: list[pa.Array]) -> None:
        """Check that the segment files hold the universe, each customer in the file of the segment."""
        for code, ids in enumerate(parts):
            if not ids.equals(self.ids.filter(pc.equal(self.codes, code))):
                raise self._broken(parts, Path("segments"))

    def _broken(self, parts: list[pa.Array], path: Path) -> InvariantError:
        faults = partition_faults(_series(self.ids), [_series(part) for part in parts])
        words = ", ".join(map(str, faults)) or "customers are not where they belong"
        return InvariantError(f"broken identity: {path.name} read back holds the universe once: {words}")


def ascending(ids: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether each identifier is above the one before, which is quicker to see than that all differ."""
    return bool(pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py())


def _series(ids: pa.Array) -> pd.Series:
    return pd.Series(ids.to_pandas(), dtype="str")


def read_assignments(path: Path) -> tuple[pa.Array, pa.Array]:
    """Return `user_id` and `Segment` of a written file."""
    wanted = ["user_id", "Segment"]
    if path.suffix == ".parquet":
        table = parquet.read_table(path, columns=wanted)
    else:
        table = csv.read_csv(
            path,
            # A quoted cell may hold a line break, which Arrow may take for the end of a record unless it is told.
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, TEXT), strings_can_be_null=False
            ),
        )
    ids, names = (table.column(name).cast(TEXT).combine_chunks() for name in wanted)
    return ids, names
