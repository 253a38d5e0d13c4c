"""Blocks of text -> typed blocks, and then, when the date order is known, accepted rows and rejected ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.blocks import SHOWN, BrokenRow, LineMap, TextBlock
from data_ingestion.casting import REASONS, Faults, Values, cast_cells, faults_where
from data_ingestion.dates import BAD, MISSING, OUTSIDE, DateCells, Micros
from data_ingestion.record_columns import SCHEMA
from retention.contracts import Column
from retention.reasons import Reason

QUARANTINE_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("column", pa.large_string()),
        ("value", pa.large_string()),
        ("reason", pa.large_string()),
        ("faults", pa.int64()),
    ]
)

Accepted: TypeAlias = NDArray[np.float64] | pa.Array | tuple[Micros, NDArray[np.bool_] | None]


@dataclass(frozen=True)
class CellFaults:
    """Faults of one column with what stands in the cells."""

    column: str
    faults: Faults
    raw: pa.Array


@dataclass(frozen=True)
class TypedBlock:
    """A block after casting.

    Args:
        values: Column -> typed values of all rows, in file order of the columns.
        date_text: Text of date columns whose order is not known yet.
        faults: Faults of the columns, in file order; those of dates come later.
        rows: Rows in `values`.
        lines: Where the rows stand.
        broken: Records that are no rows.
    """

    values: Mapping[str, Values]
    date_text: Mapping[str, pa.Array]
    faults: Sequence[CellFaults]
    rows: int
    lines: LineMap
    broken: tuple[BrokenRow, ...]

    def dates(self) -> list[DateCells]:
        """Return the date columns."""
        return [values for values in self.values.values() if isinstance(values, DateCells)]


@dataclass(frozen=True)
class FinishedBlock:
    """A block after judging.

    Args:
        values: Column -> typed values of the accepted rows.
        rows: Accepted rows.
        rejected: `line, column, value, reason, faults` of the rest, by line.
        lines: Where the accepted rows stand.
    """

    values: Mapping[str, Accepted]
    rows: int
    rejected: pa.Table
    lines: LineMap


def type_block(block: TextBlock, field_length: int) -> TypedBlock:
    """Return a block with its cells cast; safe to call from several threads."""
    values: dict[str, Values] = {}
    date_text: dict[str, pa.Array] = {}
    faults = list[CellFaults]()
    for name, text in block.columns.items():
        column = SCHEMA[name]
        cast, found = cast_cells(column, text, field_length)
        values[name] = cast
        if isinstance(cast, DateCells):
            if cast.ordered is not None:
                date_text[name] = text
                continue
            found = date_faults(column, cast.micros)
        if len(found):
            faults.append(CellFaults(name, found, text.take(pa.array(found.positions))))
    return TypedBlock(values, date_text, faults, block.rows, block.lines, block.broken)


def date_faults(column: Column, micros: Micros) -> Faults:
    """Return the faults of a column of dates whose order is settled."""
    tests = [(micros == BAD, Reason.NOT_A_DATE), (micros == OUTSIDE, Reason.OUT_OF_BOUNDS)]
    if column.required:
        tests.append((micros == MISSING, Reason.MISSING_DATE))
    return faults_where(*tests)


def finish_block(block: TypedBlock, order: str) -> FinishedBlock:
    """Return the accepted rows of a block and its rejected ones, under a date order."""
    settled, late = dict[str, Accepted](), list[CellFaults]()
    for name, values in block.values.items():
        if not isinstance(values, DateCells):
            settled[name] = values
            continue
        micros = values.resolve(order)
        settled[name] = (micros, values.instant)
        if name in block.date_text:
            found = date_faults(SCHEMA[name], micros)
            late.append(CellFaults(name, found, block.date_text[name].take(pa.array(found.positions))))
    places = {name: place for place, name in enumerate(block.values)}
    faults = sorted((*block.faults, *late), key=lambda cells: places[cells.column])
    bad, table = _rejected(block, [cells for cells in faults if len(cells.faults)])
    if not len(bad):
        return FinishedBlock(settled, block.rows, table, block.lines)
    keep = np.ones(block.rows, dtype=np.bool_)
    keep[bad] = False
    kept = np.flatnonzero(keep)
    chosen = {name: _filtered(values, keep) for name, values in settled.items()}
    return FinishedBlock(chosen, len(kept), table, LineMap(0, block.lines.at(kept)))


def _rejected(block: TypedBlock, faults: Sequence[CellFaults]) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the positions of the rows with faults, and all rejected records by line."""
    if not faults and not block.broken:
        return np.empty(0, dtype=np.int64), QUARANTINE_SCHEMA.empty_table()
    everything = np.concatenate([np.empty(0, dtype=np.int64), *(cells.faults.positions for cells in faults)])
    # Columns come in file order, so the first entry of a row is its first fault.
    bad, first, counts = np.unique(everything, return_index=True, return_counts=True)
    pieces = [_table_of(cells) for cells in faults]
    table = _broken_table(block.broken)
    if pieces:
        cells = pa.concat_tables(pieces).take(pa.array(first))
        placed = cells.add_column(0, "line", pa.array(block.lines.at(bad), pa.int64()))
        counted = placed.append_column("faults", pa.array(counts, pa.int64()))
        table = pa.concat_tables([table, counted.cast(QUARANTINE_SCHEMA)])
    return bad, table.sort_by("line") if block.broken else table


def _table_of(cells: CellFaults) -> pa.Table:
    """Return `column, value, reason` of one column's faults."""
    reasons = pa.array([reason.value for reason in REASONS], pa.large_string())
    return pa.table(
        {
            "column": pa.repeat(pa.scalar(cells.column, pa.large_string()), len(cells.faults)),
            "value": pc.utf8_slice_codeunits(cells.raw, 0, SHOWN),
            "reason": reasons.take(pa.array(cells.faults.codes)),
        }
    )


def _broken_table(broken: Sequence[BrokenRow]) -> pa.Table:
    return pa.table(
        {
            "line": [row.line for row in broken],
            "column": ["" for _ in broken],
            "value": [row.text for row in broken],
            "reason": [row.reason.value for row in broken],
            "faults": [1 for _ in broken],
        },
        schema=QUARANTINE_SCHEMA,
    )


def _filtered(values: Accepted, keep: NDArray[np.bool_]) -> Accepted:
    if isinstance(values, np.ndarray):
        return values[keep]
    if isinstance(values, tuple):
        micros, instant = values
        return micros[keep], None if instant is None else instant[keep]
    return values.filter(pa.array(keep))
