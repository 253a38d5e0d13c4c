"""Cells that cannot be used -> the rows that they set aside, or the cells that are missing in rows that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casts import REASONS, Faults, Mask, number_faults
from data_ingestion.cells.dates import BAD, OUTSIDE, parse_dates
from data_ingestion.cells.numbers import DecimalSign, parse_numbers
from data_ingestion.cells.scripts import rewritten
from data_ingestion.files.blocks import SHOWN, BrokenRow, LineMap
from data_ingestion.formats.record_columns import SCHEMA, SPARED
from data_ingestion.formats.words import as_text
from retention.customers.contracts import Column

QUARANTINE_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("column", pa.large_string()),
        ("value", pa.large_string()),
        ("reason", pa.large_string()),
        ("faults", pa.int64()),
        ("suggestion", pa.large_string()),
    ]
)

REWRITTEN = (
    (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$", r"\1-\3-\2"),
    (r"^(\d{1,2})[ ,_](\d{1,2})[ ,_](\d{4})$", r"\1-\2-\3"),
)
"""Forms of a date that are not read by themselves, and how to write them."""

CELL_SCHEMA = pa.schema([("position", pa.int64()), *(field for field in QUARANTINE_SCHEMA if field.name != "faults")])
"""Cells of accepted rows that cannot be read, with the positions of their rows."""

KEPT = 1_000
"""Characters of a faulty cell that are kept, from which a better value may be suggested."""


@dataclass(frozen=True)
class CellFaults:
    """Faults of one column with what stands in the cells."""

    column: str
    faults: Faults
    raw: pa.Array

    @classmethod
    def of(cls, column: str, faults: Faults, text: pa.Array) -> "CellFaults":
        """Return the faults with the starts of their cells, which may be megabytes long."""
        return cls(column, faults, pc.utf8_slice_codeunits(as_text(text.take(pa.array(faults.positions))), 0, KEPT))


def rejected_rows(
    lines: LineMap, broken: Sequence[BrokenRow], faults: Sequence[CellFaults], decimal: DecimalSign
) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the positions of the rows with faults, and all rejected records by line."""
    deciding = [cells for cells in faults if cells.column not in SPARED]
    if not deciding and not broken:
        return np.empty(0, dtype=np.int64), QUARANTINE_SCHEMA.empty_table()
    # Columns come in file order, so the first entry of a row is its first fault.
    bad, first = np.unique(_positions(deciding), return_index=True)
    counts = np.bincount(_positions(faults), minlength=1)[bad]
    pieces = [_table_of(cells, decimal) for cells in deciding]
    values, reasons = [row.text for row in broken], [row.reason.value for row in broken]
    table = set_aside([row.line for row in broken], value=values, reason=reasons)
    if pieces:
        cells = pa.concat_tables(pieces).take(pa.array(first))
        placed = cells.add_column(0, "line", pa.array(lines.at(bad), pa.int64()))
        counted = placed.append_column("faults", pa.array(counts, pa.int64())).select(QUARANTINE_SCHEMA.names)
        table = pa.concat_tables([table, counted.cast(QUARANTINE_SCHEMA)])
    return bad, table.sort_by("line") if broken else table


def _positions(faults: Sequence[CellFaults]) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, dtype=np.int64), *(cells.faults.positions for cells in faults)])


def _table_of(cells: CellFaults, decimal: DecimalSign) -> pa.Table:
    reasons = pa.array([reason.value for reason in REASONS], pa.large_string())
    return pa.table(
        {
            "column": pa.repeat(pa.scalar(cells.column, pa.large_string()), len(cells.faults)),
            "value": pc.utf8_slice_codeunits(cells.raw, 0, SHOWN),
            "reason": reasons.take(pa.array(cells.faults.codes)),
            "suggestion": suggestions(SCHEMA[cells.column], cells.raw, decimal),
        }
    )


def set_aside(lines: Sequence[int] | NDArray[np.int64], **known: Sequence[str] | pd.Series) -> pa.Table:
    """Return whole rows of the quarantine, each with one fault, by what is known of them; the rest is blank."""
    blank = pa.repeat(pa.scalar("", pa.large_string()), len(lines))
    columns = {name: pa.array(cells, pa.large_string()) for name, cells in known.items()}
    rows = {"line": pa.array(lines, pa.int64()), "faults": pa.array(np.ones(len(lines), dtype=np.int64)), **columns}
    return pa.table({name: rows.get(name, blank) for name in QUARANTINE_SCHEMA.names}, schema=QUARANTINE_SCHEMA)


def missing_cells(lines: LineMap, spared: Sequence[CellFaults], decimal: DecimalSign) -> pa.Table:
    """Return the cells that cannot be read and cost no row, by row and then in file order of their columns."""
    if not spared:
        return CELL_SCHEMA.empty_table()
    positions = _positions(spared)
    table = pa.concat_tables([_table_of(cells, decimal) for cells in spared])
    table = table.append_column("position", pa.array(positions)).append_column("line", pa.array(lines.at(positions)))
    return table.select(CELL_SCHEMA.names).cast(CELL_SCHEMA).take(pa.array(np.argsort(positions, kind="stable")))


def rows_of_cells(cells: pa.Table) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the positions of the rows of some cells, and these rows as rejected ones, by position."""
    bad, first, counts = np.unique(cells["position"].to_numpy(), return_index=True, return_counts=True)
    table = cells.take(pa.array(first)).append_column("faults", pa.array(counts, pa.int64()))
    return bad, table.select(QUARANTINE_SCHEMA.names).cast(QUARANTINE_SCHEMA)


def cells_of_kept(cells: pa.Table, keep: Mask) -> pa.Table:
    """Return the cells of the rows that are kept, with the positions that these have then."""
    return cells_at(cells, np.flatnonzero(keep), len(keep))


def cells_at(cells: pa.Table, rows: NDArray[np.int64], among: int) -> pa.Table:
    """Return the cells of some rows among so many, by the positions that these have in their order."""
    places = np.full(among, -1)
    places[rows] = np.arange(len(rows))
    found = places[cells["position"].to_numpy()]
    order = np.argsort(found, kind="stable")[np.count_nonzero(found < 0) :]
    return cells.take(pa.array(order)).set_column(0, CELL_SCHEMA.field(0), pa.array(found[order]))


def cells_after(cells: pa.Table, rows: int) -> pa.Table:
    """Return cells of rows that come after so many others."""
    return cells.set_column(0, CELL_SCHEMA.field(0), pa.array(cells["position"].to_numpy() + rows))


def suggestions(column: Column, raw: pa.Array, decimal: DecimalSign) -> pa.Array:
    """Return what to write in place of cells of a column; `""` where there is none, or more than one way to read it.

    >>> from retention.customers.contracts import COLUMNS
    >>> suggestions(COLUMNS["last_order_date"], pa.array(["24.09.2025", "03/04/2025"], pa.large_string()), "point")[0]
    <pyarrow.LargeStringScalar: '2025-09-24'>
    """
    if column.kind == "time":
        return _dates(raw)
    if column.kind == "number":
        return _numbers(column, raw, decimal)
    return pa.repeat(pa.scalar("", pa.large_string()), len(raw))


def _dates(raw: pa.Array) -> pa.Array:
    trimmed = pc.ascii_trim_whitespace(raw)
    forms = [rewritten(trimmed, [each]) for each in REWRITTEN]
    # A form that none of them has leaves them as they are, and says nothing new.
    parsed = [parse_dates(text) for text in (raw, *(form for form in forms if form is not trimmed))]
    readings = np.array([cells.resolve(order) for cells in parsed for order in ("dmy", "mdy")])
    # An offset or a number since 1970 says more than a day and a time; such a cell is for a person to judge.
    instant = np.any([np.zeros(len(raw)) if cells.instant is None else cells.instant for cells in parsed], axis=0)
    known = (readings > OUTSIDE) & ~instant
    last = np.where(known, readings, BAD).max(axis=0)
    one = known.any(axis=0) & (np.where(known, readings, np.iinfo(np.int64).max).min(axis=0) == last)
    text = pa.array(np.where(one, last, 0)).cast(pa.timestamp("us")).cast(pa.large_string())
    return pc.if_else(pa.array(one), pc.replace_substring_regex(text, r"( 00:00:00)?\.0+$", ""), "")


def _numbers(column: Column, raw: pa.Array, decimal: DecimalSign) -> pa.Array:
    cells = parse_numbers(raw, column)
    values, wrong = cells.resolve("comma" if decimal == "point" else "point")
    # A number that both signs allow may be either, and a currency beside it must not get lost.
    sound = ~np.isnan(values) & np.isnan(cells.resolve(decimal)[0])
    if cells.sign is not None:
        sound &= cells.sign < 0
    sound[number_faults(column, values, wrong).positions] = False
    text = pa.array(np.where(sound, values, 0)).cast(pa.large_string())
    if decimal == "comma":
        text = pc.replace_substring(text, ".", ",")
    return pc.if_else(pa.array(sound), text, "")
