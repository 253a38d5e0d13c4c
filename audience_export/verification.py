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
    return {header: _whole(table.column(header)) for header in headers}


def check_files(paths: Iterable[Path], expected: Mapping[str, pa.Array]) -> None:
    """Hold the files of one audience against the columns that they were written from.

    Raises:
        InvariantError: They are not the same, record by record.
    """
    read = [read_back(path) for path in paths]
    for header, column in expected.items():
        found = [part[header] for part in read if header in part]
        whole = pa.concat_arrays(found) if found else pa.array([], TEXT)
        ensure(whole.equals(column.fill_null("")), f"the files read back hold what was written: {header}")


def certify(files: Sequence[Path], keys: Sequence[str], control: Mapping[str, pa.Array]) -> Certificate:
    """Return what all files of an export prove together.

    Args:
        files: All of them.
        keys: Headers of the identifiers.
        control: Identifiers of the control group, as the platform's files would hold them.

    Raises:
        InvariantError: An identifier is there twice, or one of the control group is.
    """
    read = [{header: cells for header, cells in read_back(path).items() if header in keys} for path in files]
    rows = sum(len(next(iter(part.values()))) for part in read if part)
    for header in keys:
        cells = pa.chunked_array([part[header] for part in read if header in part], TEXT)
        known = cells.filter(pc.not_equal(cells, ""))
        ensure(pc.count_distinct(known).as_py() == len(known), f"no {header} is in two records")
        ensure(not pc.any(pc.is_in(known, control[header].drop_null()), min_count=0).as_py(), "no control in a file")
    return Certificate(rows, tuple(keys), control_absent=True)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.chunked_array(column.chunks, TEXT).combine_chunks()
