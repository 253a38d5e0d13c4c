"""A whole file with all its columns as text, for those who take every row or none."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from data_ingestion.files.blocks import Table
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.table import read_table
from data_ingestion.formats import Field
from data_ingestion.formats.header import EVERYTHING, rather_data
from data_ingestion.options import ReadOptions
from retention.errors import SourceError

Whole = tuple[pa.Table, tuple[str, ...]]
"""Large text without nulls under the headers, which may be there twice; and what a person should know."""


def read_whole(path: Path, options: ReadOptions, ids: Collection[str] = ()) -> Whole:
    """Return a file, whatever it holds; nested columns are absent.

    Args:
        path: The file.
        options: How to read it.
        ids: Headers of columns whose digits all count, where a file stores them as numbers.

    Raises:
        SourceError: It is no table, or has a row that cannot be read.
        ContractError: Identifiers are stored as numbers that have lost digits.
    """
    meter = Meter(options.limits)
    # A copy of the format, not itself: that asks for a look, for which an encoding that is only likely would do.
    everything = replace(EVERYTHING, fields=(Field("user_id", tuple(ids)),))
    return read_table(path, path.name, meter, partial(_whole, meter), options, as_format=everything)


def _whole(meter: Meter, table: Table) -> Whole:
    names = table.header.names
    for row in table.above:
        _check_title(row, names, table.name)
    parts = dict[int, list[pa.Array]]({place: [] for place, _ in table.header.found})
    for make in table.parts:
        block = make()
        meter.add_rows(block.rows + len(block.broken), table.name)
        for broken in block.broken:
            # Its text stays out of the message: it may be a customer's.
            what = f"a row cannot be read. {broken.reason.sentence.rstrip('.')}"
            raise SourceError(what, where=f"{table.name}, line {broken.line}", hint="Correct it; every row counts here")
        for place, held in parts.items():
            held.append(block.columns[str(place)])
    columns = [pa.chunked_array(held, pa.large_string()) for held in parts.values()]
    return pa.table(columns, names=[names[place] for place in parts]), tuple(table.warnings)


def _check_title(row: Sequence[str], names: Sequence[str], name: str) -> None:
    """Refuse a row above the header that holds cells: it is no title, and would be left out."""
    full = sum(bool(cell.strip()) for cell in row) >= sum(bool(each.strip()) for each in names)
    if rather_data(row) and (full or any("@" in cell for cell in row)):
        hint = "Put the line with the names of the columns first"
        raise SourceError("a row above the names of the columns holds data", where=name, hint=hint)
