"""Text cells -> typed values, with a reason for each cell that cannot be cast.

Every reader hands over text, whatever the file's own types were, so one set of rules decides what a cell
means. Identifiers and texts stay as they are, byte for byte; numbers, times and flags are trimmed.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.dates import MISSING_WORDS, DateCells, parse_dates, stored_dates
from data_ingestion.cells.nothing import DASHES, GUESTS, TELLING, TEXTS
from data_ingestion.cells.numbers import Floats, Mask, NumberCells, parse_numbers
from data_ingestion.formats.record_columns import NESTED
from retention.customers.consent import NO, SILENT, UNKNOWN, YES, answers
from retention.customers.contracts import Column
from retention.customers.reasons import Reason

Positions = NDArray[np.int64]
Values: TypeAlias = Floats | pa.Array | DateCells | NumberCells

REASONS: tuple[Reason, ...] = tuple(Reason)
"""Reasons by the small code that stands for them in arrays."""

_BLANK = {telling: pa.array(("", *TEXTS, *(DASHES if telling else ())), pa.large_string()) for telling in (True, False)}
_GUESTS = pa.array(("", *TEXTS, *DASHES, *GUESTS), pa.large_string())
INTEGER_COLUMNS = frozenset({"sessions_last_30d", "num_cart_items", "order_count"})


@dataclass(frozen=True)
class Faults:
    """Cells of one column that cannot be used.

    Args:
        positions: Rows of the cells, increasing, shape (k,).
        codes: Index into `REASONS`, shape (k,).
    """

    positions: Positions
    codes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.positions)


def faults_where(*tests: tuple[Mask, Reason]) -> Faults:
    """Return the faults of a column; a cell that fails several tests gets the first one's reason."""
    codes = np.full(len(tests[0][0]), -1, dtype=np.int8)
    # Backwards, so that the first test writes last and its reason stays.
    for mask, reason in reversed(tests):
        codes[mask] = REASONS.index(reason)
    positions = np.flatnonzero(codes >= 0)
    return Faults(positions, codes[positions])


def no_faults() -> Faults:
    """Return the faults of a column without any."""
    return Faults(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8))


def cast_cells(
    column: Column, text: pa.Array, field_length: int, *, typed: Mask | None = None, comma: bool = False
) -> tuple[Values, Faults]:
    """Return the typed values of a column's text, and its faults.

    Flags become Arrow booleans with nulls, identifiers and texts Arrow text with nulls, numbers `NumberCells` and
    times `DateCells`; faults of those are for later, because what a cell means depends on the whole file.

    Args:
        column: What it holds.
        text: Large text without nulls, or numbers and times as `TextBlock.stored` has them, shape (n,).
        field_length: Bytes that a text may have.
        typed: Which cells the file itself holds as numbers.
        comma: Whether the file is known to have decimal commas.
    """
    if pa.types.is_timestamp(text.type):
        return stored_dates(text), no_faults()
    if text.type != pa.large_string():
        # As of text: no minus before zero, and memory of its own.
        return NumberCells(text.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) + 0.0), no_faults()
    if column.kind == "number":
        whole = column.name in INTEGER_COLUMNS
        return parse_numbers(text, column, whole=whole, typed=typed, comma=comma), no_faults()
    if column.kind == "flag":
        return _flags(text)
    if column.kind == "time":
        return parse_dates(text), no_faults()
    return _texts(column, text, field_length)


def number_faults(column: Column, values: Floats, bad: Mask | None = None) -> Faults:
    """Return the faults of a column of numbers.

    Args:
        column: Its bounds.
        values: float64 with NaN for missing, shape (n,).
        bad: Cells that were no number at all.
    """
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    # A missing value is NaN, which is neither below nor above a bound.
    tests = [
        (np.isinf(values), Reason.INFINITE),
        ((values < low) | (values > high), Reason.OUT_OF_BOUNDS),
    ]
    if bad is not None:
        tests.insert(0, (bad, Reason.NOT_A_NUMBER))
    if column.name in INTEGER_COLUMNS:
        tests.append((~np.isnan(values) & (values != np.floor(values)), Reason.NOT_AN_INTEGER))
    return faults_where(*tests)


def _flags(text: pa.Array) -> tuple[pa.Array, Faults]:
    words = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    missing = _says_nothing(words)
    meanings = np.where(missing, SILENT, answers(words))
    bad = meanings == UNKNOWN
    return pa.array(meanings == YES, mask=(meanings != YES) & (meanings != NO)), faults_where((bad, Reason.NOT_A_FLAG))


def _says_nothing(words: pa.Array) -> Mask:
    named = pa.array((*MISSING_WORDS, *map(str.lower, TEXTS), *DASHES), pa.large_string())
    return np.asarray(pc.is_in(words, named).to_numpy(zero_copy_only=False))


def _texts(column: Column, text: pa.Array, field_length: int) -> tuple[pa.Array, Faults]:
    """Return a column of text as it is, what says nothing as null, and its faults."""
    trimmed = pc.utf8_trim_whitespace(text)
    # An identifier stays byte for byte; whether such a word names nobody is decided over the whole file.
    blank = (
        pc.equal(trimmed, "")
        if column.required
        else pc.is_in(trimmed, _GUESTS if column.name == "customer" else _BLANK[column.name in TELLING])
    )
    lengths = pc.binary_length(text)
    # A list grows with its items; its record is bounded.
    bound = np.iinfo(np.int64).max if column.name in NESTED else field_length
    long = pc.greater(lengths, bound)
    tests = [(long.to_numpy(zero_copy_only=False), Reason.TOO_LONG)]
    if column.required:
        tests.append((blank.to_numpy(zero_copy_only=False), Reason.MISSING_USER_ID))
    if pc.any(long).as_py():
        # Megabytes of a text that cannot be used are not kept; `if_else` would keep their room.
        text = text.take(pc.if_else(long, None, pa.array(np.arange(len(text)))))
    return pc.if_else(blank, None, text) if pc.any(blank).as_py() else text, faults_where(*tests)
