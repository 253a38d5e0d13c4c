"""How well the cells of a column fit what it may hold."""

import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.cells.casts import cast_cells
from data_ingestion.cells.dates import parse_dates
from data_ingestion.cells.nothing import DASHES, TEXTS, says_nothing
from data_ingestion.formats.generic import WORDS
from data_ingestion.formats.order_states import UNKNOWN, state_of
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.formats.words import squeezed

# Digits with any separators; signs of currencies, their codes and a sign may stand around them.
_NUMBER = r"^[\p{Sc}A-Z\s(+-]*[0-9][0-9.,'\s\x{a0}]*(?:[eE][+-]?[0-9]+)?[\p{Sc}A-Z\s)%-]*$"
_PATTERNS = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "clock": r"^[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?$",
    "phone": r"^'?[+(]?(?:[0-9][ ()./-]*){4,15}(?:\.0)?$",
}
_EMPTY = pa.array(("", *TEXTS, *DASHES), pa.large_string())
_UNDOING = frozenset({"cancelled", "refunded", "completed"})
_LONG = 1 << 20
_MOST_STATES = 100
LOOKED_AT = 1_000


def fit(column: str, cells: pa.Array, dates: dict[tuple[str, ...], float]) -> float:
    """Return the share of the first cells with content that fit a column, from 0 to 1; 0 where none has content.

    Where nothing of the first rows was undone yet, the column that says when it is stays what its name says.

    Args:
        column: Name in `SCHEMA`.
        cells: Large text without nulls, shape (n,).
        dates: Cells -> the share of dates among them; what is asked anew is added, for the next column of times.

    >>> fit("price", pa.array(["$1,200.50", "", "12", "lots"], pa.large_string()), {})
    0.6666666666666666
    """
    trimmed = pc.utf8_trim_whitespace(cells[:LOOKED_AT])
    filled = trimmed.filter(pc.invert(pc.is_in(trimmed, _EMPTY)))
    kind = SCHEMA[column].kind
    if kind == "time":
        filled = filled.filter(pa.array(~says_nothing(SCHEMA[column], filled)))
    if not len(filled):
        return float(column in _UNDOING)
    if column == "event":
        return _event(filled)
    if column == "status":
        return _status(filled)
    if kind == "time":
        texts = tuple(filled.to_pylist())
        if texts not in dates:
            dates[texts] = float(parse_dates(filled).kinds().sum()) / len(filled)
        return dates[texts]
    if pattern := _NUMBER if kind == "number" else _PATTERNS.get(column):
        return _share(pc.match_substring_regex(filled, pattern))
    return 1.0 if kind != "flag" else 1.0 - len(cast_cells(SCHEMA[column], filled, _LONG)[1]) / len(filled)


def _event(filled: pa.Array) -> float:
    """Return how well cells fit words for what happened: one that is known is half of it."""
    # One known word tells more than many unknown ones: every shop has events of its own besides the usual ones.
    known = [word for word in filled.unique().to_pylist() if squeezed(word) in WORDS]
    share = _share(pc.is_in(filled, pa.array(known, pa.large_string())))
    return 0.5 + 0.5 * share if share else 0.0


def _status(filled: pa.Array) -> float:
    """Return the share of cells that are a known state; free text has too many different ones to be states."""
    distinct = filled.unique().to_pylist()
    known = [word for word in distinct[:_MOST_STATES] if state_of(word) != UNKNOWN]
    return _share(pc.is_in(filled, pa.array(known, pa.large_string())))


def _share(fits: pa.Array) -> float:
    return float(pc.mean(fits.cast(pa.int8())).as_py())
