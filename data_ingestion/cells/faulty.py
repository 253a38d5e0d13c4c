"""Cells that cannot be used -> the rows that they set aside, or the cells that are missing in rows that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casts import REASONS, Faults, Mask
from data_ingestion.cells.numbers import DecimalSign
from data_ingestion.cells.suggestions import suggestions
from data_ingestion.files.blocks import SHOWN, BrokenRow, LineMap
from data_ingestion.formats.record_columns import SCHEMA, SPARED

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
        return cls(column, faults, pc.utf8_slice_codeunits(text.take(pa.array(faults.positions)), 0, KEPT))


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
    table = _broken_table(broken)
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


def _broken_table(broken: Sequence[BrokenRow]) -> pa.Table:
    return pa.table(
        {
            "line": [row.line for row in broken],
            "column": ["" for _ in broken],
            "value": [row.text for row in broken],
            "reason": [row.reason.value for row in broken],
            "faults": [1 for _ in broken],
            "suggestion": ["" for _ in broken],
        },
        schema=QUARANTINE_SCHEMA,
    )


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
    positions = cells["position"].to_numpy()
    here = keep[positions]
    placed = pa.array((np.cumsum(keep) - 1)[positions[here]])
    return cells.filter(pa.array(here)).set_column(0, CELL_SCHEMA.field(0), placed)


def cells_after(cells: pa.Table, rows: int) -> pa.Table:
    """Return cells of rows that come after so many others."""
    return cells.set_column(0, CELL_SCHEMA.field(0), pa.array(cells["position"].to_numpy() + rows))
