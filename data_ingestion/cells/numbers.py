"""Text -> numbers: decimal points and commas, thousands separators, currency signs, accounting negatives.

Parsing has two steps, because whether `1.234` is one or a thousand is a property of the whole file: `parse_numbers`
reads what does not depend on it and both readings of what does; `NumberCells.resolve` picks one.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.currencies import ABBREVIATIONS, THREE_DECIMALS, common_currencies
from data_ingestion.cells.dates import MISSING_WORDS, Mask
from data_ingestion.cells.scripts import ascii_digits, rewritten
from retention.customers.contracts import Column

Floats = NDArray[np.float64]
DecimalSign = Literal["point", "comma"]

_AMBIGUOUS = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
"""A plain number that has another value where points group thousands."""
_HEAD = 256
"""Cells that are looked at first for a number that settles the decimal sign."""

# Signs of other scripts that mean the same as an ASCII one; the Arabic thousands separator groups like an apostrophe.
_SAME: tuple[tuple[str, str], ...] = (
    ("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]", ""),
    ("[\u00a0\u202f\u2009\u2007\u2008\u200a]", " "),
    ("[\u2212\ufe63\uff0d]", "-"),
    ("[\u2019\u02bc\uff07\u066c]", "'"),
    ("\uff0e", "."),
    ("\uff0c", ","),
    ("\uff05|\u066a", "%"),
)
_EVEN_AMOUNT = "([0-9])(?:[.,][-\u2013\u2014]{1,2}|/-)([^0-9]|$)"
"""An amount without cents, such as `499,-` or `499/-`."""
_PARTS = r"^(?P<before>[^0-9]*)(?P<body>[0-9][0-9.,\x{066b} ']*)(?P<exponent>[eE][+-]?[0-9]+)?(?P<after>[^0-9]*)$"
_INFINITE = r"^[+-]?(?i:inf|infinity)$"


def _shape(decimal: str, other: str, more: str = "") -> str:
    """Return the pattern of a number's digits under a decimal sign."""
    groups = "|".join(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in (other, " ", "'"))
    return rf"^(?:[0-9]+|{groups}{more})?(?:[{decimal}\x{{066b}}][0-9]*)?$"


_SHAPES: dict[DecimalSign, str] = {
    # In India the last three digits are one group and the others come in twos: 12,34,567.
    "point": _shape(".", ",", "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"),
    "comma": _shape(",", "."),
}
_UNGROUPED: dict[DecimalSign, str] = {"point": r"^[0-9]+(?:\.[0-9]*)?$", "comma": r"^[0-9]+(?:,[0-9]*)?$"}


@dataclass(frozen=True)
class Open:
    """Cells whose value depends on the decimal sign, read both ways.

    Args:
        positions: Where they stand, increasing, shape (k,).
        point: Values with a decimal point, shape (k,); NaN where that is no number.
        comma: Values with a decimal comma, shape (k,).
        leaning: 1 where only the reading with a point is possible in the column, -1 where only the one with a comma
            is, shape (k,).
    """

    positions: NDArray[np.int64]
    point: Floats
    comma: Floats
    leaning: NDArray[np.int8]

    @cached_property
    def ambiguous(self) -> Mask:
        """Which cells are two different numbers."""
        return np.asarray(~np.isnan(self.point) & ~np.isnan(self.comma))


@dataclass(frozen=True)
class NumberCells:
    """One column of parsed numbers.

    Args:
        values: float64, NaN for missing and for what is open or no number, shape (n,).
        bad: Cells that are no number; None: there are none.
        open: The cells that depend on the decimal sign; None: there are none.
        point: Position of the first cell that has a decimal point for certain; -1: there is none.
        signs: Currency signs beside the amounts.
        sign: Index into `signs` of each cell, -1 for none, shape (n,); None: there are none at all.
    """

    values: Floats
    bad: Mask | None = None
    open: Open | None = None
    point: int = -1
    signs: tuple[str, ...] = ()
    sign: NDArray[np.int16] | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing about the rest of the file can change a cell."""
        return self.open is None

    @property
    def comma(self) -> int:
        """Position of the first cell that has a decimal comma for certain; -1: there is none."""
        return -1 if self.open is None else _first(self.open.positions, np.isnan(self.open.point))

    def sure(self, decimal: DecimalSign) -> int:
        """Return how many cells have this sign for certain, as far as they were told apart from the others."""
        if self.open is None:
            return int(decimal == "point" and self.point >= 0)
        other = self.open.comma if decimal == "point" else self.open.point
        return int(np.isnan(other).sum())

    def resolve(self, decimal: DecimalSign, *, mixed: bool = False) -> tuple[Floats, Mask | None]:
        """Return the values under a decimal sign, and which cells are no number.

        Args:
            decimal: The sign.
            mixed: Whether some cells of the file have the other sign, so that one that fits both says nothing.
        """
        if self.open is None:
            return self.values, self.bad
        values = self.values.copy()
        values[self.open.positions] = chosen = self.open.point if decimal == "point" else self.open.comma
        bad = np.zeros(len(values), dtype=np.bool_) if self.bad is None else self.bad.copy()
        bad[self.open.positions] = np.isnan(chosen) | self.open.ambiguous if mixed else np.isnan(chosen)
        values[bad] = np.nan
        return values, bad


def parse_numbers(
    text: pa.Array, column: Column, *, whole: bool = False, typed: Mask | None = None, comma: bool = False
) -> NumberCells:
    """Return the numbers of text cells.

    Args:
        text: Large text without nulls, shape (n,).
        column: Its unit says whether a currency may stand beside a number, its bounds whether a percent sign may.
        whole: Whether it holds whole numbers.
        typed: Which cells the file itself holds as numbers, so that a point in their text is a decimal point.
        comma: Whether the file is known to have decimal commas.

    >>> money = Column("x", "number", "", unit="money")
    >>> cells = parse_numbers(pa.array(["€ 1.234,56", "12", "1.234"], pa.large_string()), money)
    >>> cells.resolve("comma")[0].tolist(), cells.comma
    ([1234.56, 12.0, 1234.0], 0)
    """
    # In a workbook or a database a number is a number: its text has a decimal point whatever the country.
    if typed is not None and typed.any():
        rest = parse_numbers(pc.if_else(pa.array(typed), "", text), column, whole=whole, comma=comma)
        held = pc.and_(pa.array(typed), pc.not_equal(text, ""))
        own = pc.if_else(held, text, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return replace(rest, values=np.where(typed, own + 0.0, rest.values))
    trimmed = pc.ascii_trim_whitespace(text)
    plain = _plain(trimmed)
    pointed = _has_point(trimmed)
    # A known decimal comma makes `1.234` a thousand, which a plain cast would read as one and a bit.
    if plain is None or (comma and pointed):
        return _any_form(trimmed, column, whole)
    # Adding 0.0 turns -0.0 into 0.0 and copies out of Arrow's read-only memory.
    values = plain.to_numpy(zero_copy_only=False) + 0.0
    return _pointed(trimmed, values, column, whole) if pointed else NumberCells(values)


def _plain(trimmed: pa.Array) -> pa.Array | None:
    """Return the numbers of a column that holds only plain numbers and blanks; None if it holds others."""
    cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    try:
        numbers = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    # Arrow also takes `nan(1)` and the like for NaN, which only a closer look may accept.
    return None if pc.any(pc.is_nan(numbers)).as_py() else numbers


def _has_point(trimmed: pa.Array) -> bool:
    """Return whether there may be a point in the text; bytes beside the text do no harm."""
    data = trimmed.buffers()[2]
    return data is not None and bool((np.frombuffer(data, dtype=np.uint8) == ord(".")).any())


def _pointed(trimmed: pa.Array, values: Floats, column: Column, whole: bool) -> NumberCells:
    """Return plain numbers, some with a point, which may group thousands where nothing shows that it does not."""
    # One sure decimal point settles the column, and it mostly stands near the top: the head is looked at alone.
    for cells in (trimmed[:_HEAD], trimmed):
        pointed = _mask(pc.match_substring(cells, "."))
        unsure = _mask(pc.match_substring_regex(cells, _AMBIGUOUS))
        sure = pointed & ~unsure
        if sure.any():
            return NumberCells(values, point=int(sure.argmax()))
    positions = np.flatnonzero(unsure)
    if not len(positions):
        return NumberCells(values)
    grouped = pc.replace_substring(trimmed.take(pa.array(positions)), ".", "").cast(pa.float64())
    point, comma = values[positions], grouped.to_numpy(zero_copy_only=False)
    none = np.zeros(len(positions), dtype=np.bool_)
    held = values.copy()
    held[positions] = np.nan
    return NumberCells(held, open=Open(positions, point, comma, _leaning(point, comma, column, whole, none)))


def _any_form(trimmed: pa.Array, column: Column, whole: bool) -> NumberCells:
    """Return the numbers of a column with any forms, parsing each distinct text once."""
    encoded = trimmed.dictionary_encode()
    texts, codes = encoded.dictionary, encoded.indices.to_numpy()
    parts = _NumberParts(texts, column)
    missing = _mask(pc.is_in(pc.utf8_lower(texts), pa.array(MISSING_WORDS, pa.large_string())))
    infinite = _mask(pc.match_substring_regex(texts, _INFINITE))
    point, comma = parts.values("point"), parts.values("comma")
    # Both readings agree, or there is none: the decimal sign of the file cannot change the cell.
    settled = (point == comma) | missing | infinite | (np.isnan(point) & np.isnan(comma))
    values = np.where(settled, point, np.nan)
    values[infinite] = np.inf
    bad = settled & np.isnan(values) & ~missing
    positions = np.flatnonzero(~settled[codes])
    used = codes[positions]
    leaning = _leaning(point, comma, column, whole, parts.two_decimals)[used]
    pending = Open(positions, point[used], comma[used], leaning) if len(positions) else None
    sure = -1 if pending is None else _first(positions, np.isnan(pending.comma))
    signs, sign = parts.signs(codes)
    return NumberCells(values[codes], bad[codes] if bad.any() else None, pending, sure, signs, sign)


def _leaning(point: Floats, comma: Floats, column: Column, whole: bool, two_decimals: Mask) -> NDArray[np.int8]:
    """Return which reading alone fits the column: 1 with a point, -1 with a comma, 0 both or neither.

    An amount beside the sign of a currency without a third decimal has no three decimals.
    """
    # Of `$1,234` the decimal reading is the smaller number, and dollars have no third decimal, so it falls away.
    smaller = np.fmin(np.abs(point), np.abs(comma))
    fits = [_fits(each, column, whole) & ~(two_decimals & (np.abs(each) == smaller)) for each in (point, comma)]
    leaning: NDArray[np.int8] = fits[0].astype(np.int8) - fits[1].astype(np.int8)
    return leaning


def _fits(values: Floats, column: Column, whole: bool) -> Mask:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    fits = (values >= low) & (values <= high)
    return np.asarray(fits & (values == np.floor(values)) if whole else fits)


class _NumberParts:
    """What stands before, in and after the digits of texts."""

    def __init__(self, texts: pa.Array, column: Column) -> None:
        parts = pc.extract_regex(_ascii(texts), pattern=_PARTS)
        fields = {field.name: parts.field(i).fill_null("") for i, field in enumerate(parts.type)}
        self._matched = _mask(parts.is_valid())
        # What stands beside the digits repeats from row to row: it is judged once for each form, in Python.
        beside = pc.binary_join_element_wise(fields["before"], fields["after"], _text("\0")).dictionary_encode()
        self._codes = beside.indices.to_numpy()
        pairs = [text.split("\0") for text in beside.dictionary.to_pylist()]
        self._affixes = [_affix(before, after, column) for before, after in pairs]
        lead = pa.array([affix.lead for affix in self._affixes], pa.large_string()).take(beside.indices)
        self._raw = fields["body"]
        self._body = pc.binary_join_element_wise(lead, pc.ascii_rtrim_whitespace(self._raw), _text(""))
        self._exponent = fields["exponent"]
        self._matched &= np.array([affix.known for affix in self._affixes], dtype=np.bool_)[self._codes]

    @property
    def two_decimals(self) -> Mask:
        """Whether the amount is in a currency that has no third decimal."""
        known = [bool(affix.currencies) and not affix.currencies & THREE_DECIMALS for affix in self._affixes]
        return np.asarray(np.array(known, dtype=np.bool_)[self._codes])

    def values(self, decimal: DecimalSign) -> Floats:
        """Return the numbers under a decimal sign; NaN where there is none."""
        has_exponent = pc.not_equal(self._exponent, "")
        sound = pc.match_substring_regex(self._body, _SHAPES[decimal])
        ungrouped = pc.match_substring_regex(self._raw, _UNGROUPED[decimal])
        number = _mask(pc.and_(sound, pc.or_(pc.invert(has_exponent), ungrouped))) & self._matched
        digits = pc.replace_substring_regex(self._body, "[, ']" if decimal == "point" else "[. ']", "")
        plain = pc.replace_substring_regex(digits, "[,\u066b]", ".")
        joined = pc.binary_join_element_wise(plain, self._exponent, _text(""))
        cast = pc.if_else(pa.array(number), joined, None).cast(pa.float64())
        factor = np.array([affix.factor for affix in self._affixes])[self._codes]
        divisor = np.array([affix.divisor for affix in self._affixes])[self._codes]
        values: Floats = cast.to_numpy(zero_copy_only=False) * factor / divisor + 0.0
        return values

    def signs(self, codes: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int16] | None]:
        """Return the currency signs of the texts, and which of them each cell has."""
        names = tuple(sorted({affix.sign for affix, used in zip(self._affixes, self._used(), strict=True) if used}))
        if names in ((), ("",)):
            return (), None
        index = {name: place for place, name in enumerate(names) if name}
        places = np.array([index.get(affix.sign, -1) for affix in self._affixes], dtype=np.int16)
        return names, np.where(self._matched, places[self._codes], -1).astype(np.int16)[codes]

    def _used(self) -> list[bool]:
        """Whether each affix stands beside a number."""
        used = np.zeros(len(self._affixes), dtype=np.bool_)
        used[self._codes[self._matched]] = True
        return [bool(each) for each in used]


@dataclass(frozen=True)
class _Affix:
    """What stands beside the digits: a sign of the number, a currency, a percent sign."""

    known: bool
    factor: float = 1.0
    divisor: float = 1.0
    lead: str = ""
    sign: str = ""
    currencies: frozenset[str] = frozenset()


_UNKNOWN = _Affix(known=False)


def _affix(before: str, after: str, column: Column) -> _Affix:
    lead = before[-1:] if before[-1:] in {".", ",", "\u066b"} else ""
    if lead and before.strip(" (+-") in ABBREVIATIONS:
        lead = ""
    before = before[: len(before) - len(lead)]
    if lead and any(character.isalpha() for character in before):
        return _UNKNOWN
    parentheses = before.count("(") == after.count(")") == 1
    minus = before.count("-") + after.count("-")
    plus = before.count("+")
    strays = before.count(")") + after.count("(") + before.count("%") + after.count("+")
    if minus + plus + parentheses > 1 or strays or before.count("(") != after.count(")"):
        return _UNKNOWN
    percents = after.count("%")
    if percents > 1 or (percents and (column.low, column.high) != (0, 1)):
        return _UNKNOWN
    marks = [mark for mark in (before.strip(" (+-"), after.strip(" )-%")) if mark]
    currencies = common_currencies(marks)
    if marks and (column.unit != "money" or not currencies):
        return _UNKNOWN
    sign = -1.0 if minus or parentheses else 1.0
    return _Affix(True, sign, 100.0 if percents else 1.0, lead, marks[0].strip(" .") if marks else "", currencies)


def _ascii(texts: pa.Array) -> pa.Array:
    """Return texts with digits, blanks and signs of other scripts as ASCII ones."""
    return pc.utf8_trim_whitespace(ascii_digits(rewritten(texts, (*_SAME, (_EVEN_AMOUNT, r"\1\2")))))


def _first(positions: NDArray[np.int64], chosen: Mask) -> int:
    """Return the first chosen position, or -1."""
    return int(positions[chosen.argmax()]) if chosen.any() else -1


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _mask(cells: pa.Array) -> Mask:
    return np.asarray(cells.to_numpy(zero_copy_only=False))
