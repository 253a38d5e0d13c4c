"""The written files read back: each customer once, nobody of the control group, nobody lost."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from retention.errors import ensure

TEXT = pa.large_string()


@dataclass(frozen=True)
class Certificate:
    """What reading the files back proved.

    Args:
        rows: Records read back from all files.
        disjoint: Headers of which no value is in two records, in one file or in two.
        control_absent: No identifier of the control group is in a file.
    """

    rows: int
    disjoint: tuple[str, ...]
    control_absent: bool


def read_back(path: Path) -> dict[str, pa.Array]:
    """Return the columns of a written file as text; an empty cell is empty text."""
    if path.suffix == ".json":
        records = json.loads(path.read_bytes())
        headers = list(records[0]) if records else []
        return {header: pa.array([record[header] or "" for record in records], TEXT) for header in headers}
    with path.open("rb") as stream:
        headers = stream.readline().decode("utf-8-sig").rstrip("\n").split(",")
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(headers, TEXT), strings_can_be_null=False),
    )
    return {header: table.column(header).cast(TEXT).combine_chunks() for header in headers}


def check_files(paths: Iterable[Path], expected: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Hold the files of one audience against the columns that they were written from; return the columns read.

    Raises:
        InvariantError: They are not the same, record by record.
    """
    read = [read_back(path) for path in paths]
    columns = {}
    for header, column in expected.items():
        parts = [part[header] for part in read if header in part]
        columns[header] = pa.concat_arrays(parts) if parts else pa.array([], TEXT)
        same = columns[header].equals(column.fill_null(""))
        ensure(same, f"the files read back hold what was written: {header}")
    return columns


def certify(audiences: Sequence[Mapping[str, pa.Array]], control: Mapping[str, pa.Array]) -> Certificate:
    """Return what the files of all audiences prove together.

    Raises:
        InvariantError: An identifier is there twice, or one of the control group is.
    """
    for header, held_out in control.items():
        cells = pa.chunked_array([columns[header] for columns in audiences], TEXT)
        known = cells.filter(pc.not_equal(cells, ""))
        ensure(pc.count_distinct(known).as_py() == len(known), f"no {header} is in two records")
        ensure(not pc.any(pc.is_in(known, held_out.drop_null()), min_count=0).as_py(), "no control in a file")
    rows = sum(len(next(iter(columns.values()))) for columns in audiences)
    return Certificate(rows, tuple(control), control_absent=True)
