"""Blocks of text -> typed blocks, and then, when date order and decimal sign are known, accepted and rejected rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casts import (
    REASONS,
    Faults,
    Mask,
    Values,
    cast_cells,
    faults_where,
    no_faults,
    number_faults,
)
from data_ingestion.cells.dates import BAD, MISSING, OUTSIDE, DateCells, Micros
from data_ingestion.cells.faulty import CellFaults, cells_after, cells_at, missing_cells, rejected_rows
from data_ingestion.cells.nothing import nobodies, says_nothing, without_never, words_for_nothing
from data_ingestion.cells.numbers import DecimalSign, NumberCells
from data_ingestion.cells.rounded_ids import rounded
from data_ingestion.cells.text_rows import whole_rows
from data_ingestion.files.blocks import BrokenRow, LineMap, TextBlock
from data_ingestion.formats.record_columns import SCHEMA, SPARED
from data_ingestion.formats.words import as_text
from retention.customers.contracts import Column
from retention.customers.reach import CONSENT
from retention.customers.reasons import Reason
from retention.errors import InvariantError

NO_ID = REASONS.index(Reason.MISSING_USER_ID)
WORDED = (REASONS.index(Reason.NOT_A_FLAG), REASONS.index(Reason.TOO_LONG))
Accepted: TypeAlias = NDArray[np.float64] | pa.Array | tuple[Micros, NDArray[np.bool_] | None]


@dataclass(frozen=True)
class TypedBlock:
    """A block after casting.

    Args:
        values: Column -> typed values of all rows, in file order of the columns.
        text: Text of the columns of which some cells are not settled yet.
        faults: Faults of the other columns, in file order.
        rows: Rows in `values`.
        fraction: How much of the file has been read up to here, from 0 to 1.
        nothing: Column -> cells that are missing because they hold a word or a date that says so.
        nobodies: Words among the user ids that may name nobody, with their rows.
        rounded: Column -> identifiers that a spreadsheet rounded, with their rows.
    """

    values: Mapping[str, Values]
    text: Mapping[str, pa.Array]
    faults: Sequence[CellFaults]
    rows: int
    lines: LineMap
    broken: tuple[BrokenRow, ...]
    fraction: float = 1.0
    nothing: Mapping[str, int] = field(default_factory=dict)
    nobodies: Mapping[str, int] = field(default_factory=dict)
    rounded: Mapping[str, Counter[str]] = field(default_factory=dict)

    def dates(self) -> list[DateCells]:
        """Return the date columns."""
        return [values for values in self.values.values() if isinstance(values, DateCells)]

    def line_at(self, position: int) -> int:
        """Return the line of a row by its position."""
        return int(self.lines.at(np.array([position]))[0])


@dataclass(frozen=True)
class Settled:
    """What holds for all cells of a file.

    Args:
        mixed: Whether a few numbers have the other sign.
        units: Column -> unit of its numbers since 1970, as `DateCells.resolve` takes it; other columns hold dates.
        nobody: User ids that are words for nothing.
    """

    order: str
    decimal: DecimalSign = "point"
    mixed: bool = False
    units: Mapping[str, int] = field(default_factory=dict)
    nobody: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FinishedBlock:
    """A block after judging.

    Args:
        rejected: `line, column, value, reason, faults, suggestion` of the rest, by line.
        cells: `CELL_SCHEMA`: their cells that are missing because they cannot be read, by row.
        signs: Currency signs and codes beside amounts of the accepted rows.
        nothing: Column -> cells that are missing because they hold a word or a date that says so.
    """

    values: dict[str, Accepted]
    rows: int
    rejected: pa.Table
    lines: LineMap
    cells: pa.Table
    signs: frozenset[str] = frozenset()
    nothing: Mapping[str, int] = field(default_factory=dict)

    def without(self, bad: NDArray[np.int64], table: pa.Table) -> "FinishedBlock":
        """Return the block without some of its accepted rows, which a table of rejected rows is about."""
        if not len(bad):
            return self
        rejected = pa.concat_tables([self.rejected, table]).sort_by("line")
        return replace(self.take(np.delete(np.arange(self.rows), bad)), rejected=rejected)

    def take(self, rows: NDArray[np.int64]) -> "FinishedBlock":
        """Return the block with some of its accepted rows, in the order of the positions."""
        cells = self.cells
        if cells.num_rows:
            cells = cells_at(cells, rows, self.rows)
        values = {name: _taken(each, rows) for name, each in self.values.items()}
        return replace(self, values=values, rows=len(rows), lines=LineMap(0, self.lines.at(rows)), cells=cells)

    def between(self, start: int, end: int) -> "FinishedBlock":
        """Return the block with its accepted rows from one position to another, whose values stay where they are."""
        values = {name: _taken(each, slice(start, end)) for name, each in self.values.items()}
        first, last = np.searchsorted(self.cells["position"].to_numpy(), [start, end])
        cells = cells_after(self.cells[first:last], -start)
        lines = LineMap(0, self.lines.at(np.arange(start, end)))
        return replace(self, values=values, rows=end - start, lines=lines, cells=cells)


def type_block(
    block: TextBlock, field_length: int, *, comma: bool = False, headers: Mapping[str, str] | None = None
) -> TypedBlock:
    """Return a block with its cells cast; safe to call from several threads."""
    block = whole_rows(block, headers or {})
    values: dict[str, Values] = {}
    unsettled: dict[str, pa.Array] = {}
    faults, nothing = list[CellFaults](), Counter[str]()
    for name, text in block.stored.items():
        column = SCHEMA[name]
        cast, bad = cast_cells(column, text, field_length, typed=block.typed.get(name), comma=comma)
        # Faults of flags and texts are missing in the cast, too; a blank user id alone holds no word.
        nothing[name] = words_for_nothing(text, cast) - (int(np.isin(bad.codes, WORDED).sum()) if len(bad) else 0)
        values[name] = cast
        if isinstance(cast, DateCells | NumberCells):
            # The text is kept until the file is read to its end and its date order and decimal sign are known: only
            # then can a bad cell be shown as it stands. Settled columns drop their text now, which saves memory.
            if not cast.settled:
                unsettled[name] = as_text(text)
                continue
            values[name], bad, never = settled_column(column, cast, text)
            nothing[name] += never
        if len(bad):
            faults.append(CellFaults.of(name, bad, text))
    nobody = nobodies(block.columns["user_id"]) if "user_id" in block.columns else {}
    cut = {name: ids for name, text in block.stored.items() if (ids := rounded(SCHEMA[name], text))}
    return TypedBlock(
        values,
        unsettled,
        faults,
        block.rows,
        block.lines,
        block.broken,
        block.fraction,
        nothing=+nothing,
        nobodies=nobody,
        rounded=cut,
    )


def settled_column(column: Column, cells: DateCells | NumberCells, text: pa.Array) -> tuple[Values, Faults, int]:
    """Return a settled column with what says "never" as missing, its faults, and how many cells say so."""
    if isinstance(cells, NumberCells):
        bad, silent = _without_nothing(column, number_faults(column, cells.values, cells.bad), text)
        return cells, bad, len(silent)
    micros, bad, never = _dates(column, cells.micros, text)
    return (replace(cells, micros=micros) if never else cells), bad, never


def _dates(column: Column, micros: Micros, text: pa.Array) -> tuple[Micros, Faults, int]:
    """Return dates with those that say "never" as missing, their faults, and how many say so."""
    micros, zeros = without_never(micros)
    bad, silent = _without_nothing(column, date_faults(column, micros), text)
    if len(silent):
        micros = micros.copy()
        micros[silent] = MISSING
    return micros, bad, zeros + len(silent)


def _without_nothing(column: Column, faults: Faults, text: pa.Array) -> tuple[Faults, NDArray[np.int64]]:
    """Return the faults of cells that say something, and the positions of the others."""
    if not len(faults):
        return faults, faults.positions
    silent = says_nothing(column, text.take(pa.array(faults.positions)))
    return Faults(faults.positions[~silent], faults.codes[~silent]), faults.positions[silent]


def date_faults(column: Column, micros: Micros) -> Faults:
    """Return the faults of a column of dates whose order is settled."""
    tests = [(micros == BAD, Reason.NOT_A_DATE), (micros == OUTSIDE, Reason.OUT_OF_BOUNDS)]
    if column.required:
        tests.append((micros == MISSING, Reason.MISSING_DATE))
    return faults_where(*tests)


def finish_block(block: TypedBlock, settled: Settled) -> FinishedBlock:
    """Return the accepted rows of a block and its rejected ones, under what holds for the file."""
    chosen, late, nothing = dict[str, Accepted](), list[CellFaults](), Counter(block.nothing)
    for name, cells in block.values.items():
        chosen[name], wrong, never = _resolved(name, cells, settled, block.text.get(name))
        nothing[name] += never
        if name in block.text:
            late.append(CellFaults.of(name, wrong, block.text[name]))
        elif isinstance(cells, DateCells) and name in settled.units:
            late.append(CellFaults(name, wrong, _written(cells, wrong)))
        elif name == "user_id" and settled.nobody:
            known = [each for each in block.faults if each.column == name]
            late.append(_nobody(pa.array(cells, pa.large_string()), settled.nobody, known))
    places = {name: place for place, name in enumerate(block.values)}
    # A column that was settled by itself can still change: dates in a column that turns out to hold numbers.
    # Its late faults replace the early ones, so that no cell counts twice.
    early = [cells for cells in block.faults if cells.column not in {each.column for each in late}]
    faults = sorted((each for each in (*early, *late) if len(each.faults)), key=lambda each: places[each.column])
    spared = [cells for cells in faults if cells.column in SPARED]
    bad, table = rejected_rows(block.lines, block.broken, faults, settled.decimal)
    chosen |= {each.column: _emptied(each, chosen[each.column]) for each in spared}
    keep = np.ones(block.rows, dtype=np.bool_)
    keep[bad] = False
    cells = missing_cells(block.lines, spared, settled.decimal)
    signs = _signs(block, chosen, keep)
    whole = FinishedBlock(chosen, block.rows, table.slice(0, 0), block.lines, cells, signs, +nothing)
    return whole.without(bad, table) if len(bad) else replace(whole, rejected=table)


def _emptied(bad: CellFaults, values: Accepted) -> Accepted:
    """Return a column whose cells that cannot be read are missing; a consent that cannot be read is none."""
    if isinstance(values, tuple):
        raise InvariantError("broken identity: every time decides")
    if isinstance(values, np.ndarray):
        values = values.copy()
        values[bad.faults.positions] = np.nan
        return values
    mask = np.zeros(len(values), dtype=np.bool_)
    mask[bad.faults.positions] = True
    return pc.if_else(pa.array(mask), pa.scalar(False if bad.column == CONSENT else None, values.type), values)


def _nobody(ids: pa.Array, words: frozenset[str], early: Sequence[CellFaults]) -> CellFaults:
    """Return the faults of a column of user ids, with those of the words that name nobody."""
    named = pc.is_in(ids, pa.array(sorted(words), pa.large_string()))
    known = [(cells.faults.positions, cells.faults.codes) for cells in early]
    codes = np.where(named.to_numpy(zero_copy_only=False), NO_ID, -1).astype(np.int8)
    for positions, reasons in known:
        codes[positions] = reasons
    rows = np.flatnonzero(codes >= 0)
    return CellFaults("user_id", Faults(rows, codes[rows]), ids.take(pa.array(rows)).fill_null(""))


def _resolved(name: str, cells: Values, settled: Settled, text: pa.Array | None) -> tuple[Accepted, Faults, int]:
    """Return a column under what holds for the file, its late faults, and how many of its cells say "never"."""
    if isinstance(cells, DateCells):
        micros = cells.resolve(settled.order, settled.units.get(name))
        if text is None:
            return (micros, cells.instant), date_faults(SCHEMA[name], micros), 0
        micros, bad, never = _dates(SCHEMA[name], micros, text)
        return (micros, cells.instant), bad, never
    if isinstance(cells, NumberCells):
        values, wrong = cells.resolve(settled.decimal, mixed=settled.mixed)
        bad = number_faults(SCHEMA[name], values, wrong)
        if text is None:
            return values, bad, 0
        bad, silent = _without_nothing(SCHEMA[name], bad, text)
        return values, bad, len(silent)
    return cells, no_faults(), 0


def _written(cells: DateCells, faults: Faults) -> pa.Array:
    """Return dates as text, where a few that stand among numbers show only late that they are faults."""
    # A settled column drops its text when it is cast, so what stood there is written anew.
    micros = pa.array(cells.micros[faults.positions])
    dates = pc.if_else(pc.greater(micros, OUTSIDE), micros, None).cast(pa.timestamp("us"))
    return dates.cast(pa.large_string()).fill_null("")


def _signs(block: TypedBlock, chosen: Mapping[str, Accepted], keep: Mask) -> frozenset[str]:
    signs = set[str]()
    for name, cells in block.values.items():
        values = chosen[name]
        if isinstance(cells, NumberCells) and cells.sign is not None and isinstance(values, np.ndarray):
            # A rejected row or cell adds no money, so its sign must not make the file one of several currencies.
            used = np.unique(cells.sign[keep & (cells.sign >= 0) & ~np.isnan(values)])
            signs.update(cells.signs[place] for place in used)
    return frozenset(signs)


def _taken(values: Accepted, rows: NDArray[np.int64] | slice) -> Accepted:
    if isinstance(values, np.ndarray):
        return values[rows]
    if isinstance(values, tuple):
        micros, instant = values
        return micros[rows], None if instant is None else instant[rows]
    return values[rows] if isinstance(rows, slice) else values.take(pa.array(rows))
