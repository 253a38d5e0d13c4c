"""How well the cells of a column fit what it may hold."""

from functools import cached_property

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


class FirstCells:
    """The first cells of a column of a file, of which each question is asked once.

    Args:
        cells: Large text without nulls, shape (n,).

    >>> FirstCells(pa.array(["$1,200.50", "", "12", "lots"], pa.large_string())).fit("price")
    0.6666666666666666
    """

    def __init__(self, cells: pa.Array) -> None:
        self._cells = cells[:LOOKED_AT]
        trimmed = pc.utf8_trim_whitespace(self._cells)
        self._filled = trimmed.filter(pc.invert(pc.is_in(trimmed, _EMPTY)))
        self._fits = dict[tuple[str, bool, bool], float]()

    @cached_property
    def digits(self) -> bool:
        """Whether all are whole numbers, which may be times since 1970, and may be anything."""
        return bool(pc.all(pc.match_substring_regex(self._cells, r"^\s*[0-9]*\s*$"), min_count=0).as_py())

    def fit(self, column: str) -> float:
        """Return the share of the cells with content that fit a column of `SCHEMA`; 0 where none has content.

        Where nothing of the first rows was undone yet, the column that says when it is stays what its name says.
        """
        about, undoing = SCHEMA[column], column in _UNDOING
        # All columns of numbers hold the same, and so do those of times.
        same = (about.kind if about.kind in ("time", "number") else column, about.required, undoing)
        if same not in self._fits:
            self._fits[same] = _fit(column, self._filled)
        return self._fits[same]


def _fit(column: str, filled: pa.Array) -> float:
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
        return float(parse_dates(filled).kinds().sum()) / len(filled)
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
