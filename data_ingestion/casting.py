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

from data_ingestion.dates import MISSING_WORDS, DateCells, parse_dates
from retention.contracts import Column
from retention.reasons import Reason

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Positions = NDArray[np.int64]
Values: TypeAlias = Floats | pa.Array | DateCells

REASONS: tuple[Reason, ...] = tuple(Reason)
"""Reasons by the small code that stands for them in arrays."""

INTEGER_COLUMNS = frozenset({"sessions_last_30d", "num_cart_items"})

_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
_YES = ("yes", "y", "true", "t", "1", "1.0", "on", "subscribed")
_NO = ("no", "n", "false", "f", "0", "0.0", "off", "unsubscribed", "not_subscribed", "not subscribed")


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
    for mask, reason in reversed(tests):
        codes[mask] = REASONS.index(reason)
    positions = np.flatnonzero(codes >= 0)
    return Faults(positions, codes[positions])


def cast_cells(column: Column, text: pa.Array, field_length: int) -> tuple[Values, Faults]:
    """Return the typed values of a column's text, and its faults; dates are checked by `date_faults`.

    Numbers become float64 with NaN, flags Arrow booleans with nulls, identifiers and texts Arrow text
    with nulls, times `DateCells`.
    """
    if column.kind == "number":
        values, bad = _numbers(text)
        return values, number_faults(column, values, bad)
    if column.kind == "flag":
        return _flags(text)
    if column.kind == "time":
        return parse_dates(text), faults_where((np.zeros(len(text), dtype=np.bool_), Reason.NOT_A_DATE))
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
    tests = [
        (np.isinf(values), Reason.INFINITE),
        ((values < low) | (values > high), Reason.OUT_OF_BOUNDS),
    ]
    if bad is not None:
        tests.insert(0, (bad, Reason.NOT_A_NUMBER))
    if column.name in INTEGER_COLUMNS:
        tests.append((~np.isnan(values) & (values != np.floor(values)), Reason.NOT_AN_INTEGER))
    return faults_where(*tests)


def _numbers(text: pa.Array) -> tuple[Floats, Mask | None]:
    """Return the numbers of a column, and which cells are none."""
    trimmed = pc.ascii_trim_whitespace(text)
    bad: Mask | None = None
    numbers = _plain_numbers(trimmed)
    if numbers is None:
        missing = pc.is_in(pc.utf8_lower(trimmed), pa.array(MISSING_WORDS, pa.large_string()))
        number = pc.match_substring_regex(trimmed, _NUMBER)
        bad = np.asarray(pc.invert(pc.or_(missing, number)).to_numpy(zero_copy_only=False))
        numbers = pc.if_else(number, trimmed, None).cast(pa.float64())
    # Adding 0.0 turns -0.0 into 0.0 and copies out of Arrow's read-only memory.
    return numbers.to_numpy(zero_copy_only=False) + 0.0, bad


def _plain_numbers(trimmed: pa.Array) -> pa.Array | None:
    """Return the numbers of a column that holds only numbers and blanks; None if it holds words."""
    cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    try:
        numbers = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    # Arrow also takes `nan(1)` and the like for NaN, which only a closer look may accept.
    return None if pc.any(pc.is_nan(numbers)).as_py() else numbers


def _flags(text: pa.Array) -> tuple[pa.Array, Faults]:
    """Return the flags of a column, and its faults."""
    words = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    yes = pc.is_in(words, pa.array(_YES, pa.large_string()))
    known = pc.or_(yes, pc.is_in(words, pa.array(_NO, pa.large_string())))
    missing = pc.is_in(words, pa.array(MISSING_WORDS, pa.large_string()))
    bad = pc.invert(pc.or_(known, missing)).to_numpy(zero_copy_only=False)
    return pc.if_else(known, yes, None), faults_where((bad, Reason.NOT_A_FLAG))


def _texts(column: Column, text: pa.Array, field_length: int) -> tuple[pa.Array, Faults]:
    """Return a column of text as it is, blanks as null, and its faults."""
    blank = pc.equal(pc.utf8_trim_whitespace(text), "")
    lengths = pc.binary_length(text)
    long = pc.greater(lengths, field_length).to_numpy(zero_copy_only=False)
    tests = [(long, Reason.TOO_LONG)]
    if column.required:
        tests.append((blank.to_numpy(zero_copy_only=False), Reason.MISSING_USER_ID))
    return pc.if_else(blank, None, text) if pc.any(blank).as_py() else text, faults_where(*tests)
