"""Text -> times: ISO dates and times, offsets, and day-month-year or month-day-year.

Parsing has two steps, because the order of day and month is a property of the whole file: `parse_dates`
reads what does not depend on it and both readings of what does; `DateCells.resolve` picks one.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Micros = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = np.iinfo(np.int64).min
"""Microseconds that stand for a missing time; the same bits as NaT."""
BAD = MISSING + 1
"""Microseconds that stand for a cell that is not a date."""
OUTSIDE = MISSING + 2
"""Microseconds that stand for a date before `FIRST_YEAR` or after `LAST_YEAR`."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
_FIRST = int(np.datetime64(f"{FIRST_YEAR}-01-01", "us").astype(np.int64))
_LAST = int(np.datetime64(f"{LAST_YEAR + 1}-01-01", "us").astype(np.int64))

MISSING_WORDS: tuple[str, ...] = ("", "na", "n/a", "null", "nan", "none", "nat")
"""Spellings of a missing number, time or flag, in any case."""

_TIME = (
    r"(?:[Tt ]\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[+-])(?P<offset_hour>\d{2}):?(?P<offset_minute>\d{2})?)?)?"
)
_PATTERN = (
    r"^(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})[-/.](?P<second_part>\d{1,2})[-/.](?P<last_year>\d{4}))" + _TIME + "$"
)


@dataclass(frozen=True)
class Ordered:
    """Cells whose day and month depend on the order, read both ways.

    Args:
        positions: Where they stand, shape (k,).
        dmy: Microseconds read day first, shape (k,); `BAD` where that is no date.
        mdy: Microseconds read month first, shape (k,).
    """

    positions: NDArray[np.int64]
    dmy: Micros
    mdy: Micros

    @property
    def day_first(self) -> int:
        """How many cells are a date only when read day first."""
        return int(((self.dmy != BAD) & (self.mdy == BAD)).sum())

    @property
    def month_first(self) -> int:
        """How many cells are a date only when read month first."""
        return int(((self.mdy != BAD) & (self.dmy == BAD)).sum())

    @property
    def ambiguous(self) -> NDArray[np.int64]:
        """Positions of the cells that are two different dates."""
        both = (self.dmy != BAD) & (self.mdy != BAD) & (self.dmy != self.mdy)
        positions: NDArray[np.int64] = self.positions[both]
        return positions


@dataclass(frozen=True)
class DateCells:
    """One column of parsed dates.

    Args:
        micros: Microseconds since 1970-01-01, local or UTC, or a sentinel, shape (n,).
        instant: Whether a cell carried an offset, so that its microseconds are UTC; None: none did.
        ordered: The cells that depend on the order of day and month; None: there are none.
    """

    micros: Micros
    instant: Mask | None
    ordered: Ordered | None

    def resolve(self, order: str) -> Micros:
        """Return the microseconds under an order of day and month."""
        if self.ordered is None:
            return self.micros
        chosen = {"dmy": self.ordered.dmy, "mdy": self.ordered.mdy}.get(order)
        result = self.micros.copy()
        result[self.ordered.positions] = BAD if chosen is None else chosen
        return result


def parse_dates(text: pa.Array) -> DateCells:
    """Return the dates of text cells; a cell that is no date gets `BAD`.

    >>> cells = parse_dates(pa.array(["2025-09-01", "", "01-09-2025"], pa.large_string()))
    >>> cells.micros[:2].tolist() == [1756684800000000, MISSING], cells.ordered.day_first
    (True, 0)
    """
    trimmed = pc.ascii_trim_whitespace(text)
    quick = _iso_only(trimmed)
    return _any_form(trimmed) if quick is None else quick


def _iso_only(trimmed: pa.Array) -> DateCells | None:
    """Return the dates of a column that holds only ISO cells and blanks; None if it holds others."""
    cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    for kind, instant in ((pa.timestamp("us"), False), (pa.timestamp("us", "UTC"), True)):
        try:
            micros = cells.cast(kind).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
        values = micros.fill_null(MISSING).to_numpy(zero_copy_only=False)
        return DateCells(_within_years(values), np.ones(len(values), dtype=np.bool_) if instant else None, None)
    return None


def _any_form(trimmed: pa.Array) -> DateCells:
    """Return the dates of a column with any forms, parsing each distinct text once."""
    encoded = trimmed.dictionary_encode()
    texts, codes = encoded.dictionary, encoded.indices.to_numpy()
    parts = _Parts(texts)
    iso = parts.micros(parts.number("year"), parts.number("month"), parts.number("day"))
    missing = pc.is_in(pc.utf8_lower(texts), pa.array(MISSING_WORDS, pa.large_string())).to_numpy(zero_copy_only=False)
    micros = np.where(missing, MISSING, iso)[codes]
    instant = parts.instant[codes]
    return DateCells(micros, instant if instant.any() else None, _ordered(parts, codes))


def _ordered(parts: "_Parts", codes: NDArray[np.int32]) -> Ordered | None:
    """Return both readings of the cells that do not start with the year."""
    where = np.flatnonzero(parts.has("last_year")[codes])
    if not len(where):
        return None
    first, second, year = parts.number("first"), parts.number("second_part"), parts.number("last_year")
    chosen = codes[where]
    return Ordered(where, parts.micros(year, second, first)[chosen], parts.micros(year, first, second)[chosen])


class _Parts:
    """The parts of date texts, found by one pattern; a part that is absent counts as 0."""

    def __init__(self, texts: pa.Array) -> None:
        found = pc.extract_regex(texts, pattern=_PATTERN)
        self._matched: Mask = found.is_valid().to_numpy(zero_copy_only=False)
        self._fields = {field.name: found.field(i) for i, field in enumerate(found.type)}
        signs = np.where(self.is_text("sign", "-"), -1, 1)
        offset = signs * (self.number("offset_hour") * 60 + self.number("offset_minute"))
        self.instant: Mask = self.has("utc") | self.has("sign")
        self._time, self._time_valid = self._time_of_day()
        self._time -= offset * 60_000_000
        self._time_valid &= (self.number("offset_hour") < 19) & (self.number("offset_minute") < 60)

    def has(self, name: str) -> Mask:
        """Whether a part is there."""
        lengths = pc.binary_length(self._fields[name]).fill_null(0)
        return np.asarray(lengths.to_numpy(zero_copy_only=False) > 0) & self._matched

    def is_text(self, name: str, text: str) -> Mask:
        """Whether a part is this text, in any case."""
        return np.asarray(pc.equal(pc.utf8_lower(self._fields[name]), text).fill_null(False).to_numpy(False))

    def number(self, name: str) -> Micros:
        """The part as a number."""
        cells = self._fields[name]
        digits = pc.if_else(pc.equal(cells, ""), "0", cells).fill_null("0")
        return np.asarray(digits.cast(pa.int64()).to_numpy(zero_copy_only=False))

    def _time_of_day(self) -> tuple[Micros, Mask]:
        """Microseconds since midnight, and whether such a time exists."""
        hour, minute, second = (self.number(name) for name in ("hour", "minute", "second"))
        half = self.has("half")
        valid = (minute < 60) & (second < 60) & np.where(half, (hour >= 1) & (hour <= 12), hour < 24)
        hour = np.where(half, hour % 12 + 12 * self.is_text("half", "pm"), hour)
        fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(self._fields["fraction"], 6, "0"), 0, 6).fill_null("0")
        micros = fraction.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros, valid

    def micros(self, year: Micros, month: Micros, day: Micros) -> Micros:
        """Microseconds since 1970-01-01 of a reading of year, month and day; a sentinel where it is none."""
        sound = self._matched & self._time_valid & (year > 0) & (month >= 1) & (month <= 12) & (day >= 1)
        months = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
        start = months.astype("datetime64[D]")
        length = ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - start).astype(np.int64)
        sound &= day <= length
        micros = (start.astype(np.int64) + day - 1) * 86_400_000_000 + self._time
        return np.where(sound, _within_years(np.where(sound, micros, 0)), BAD)


def _within_years(micros: Micros) -> Micros:
    """Return the microseconds with `OUTSIDE` where the year is not one that a shop can mean."""
    outside = (micros != MISSING) & ((micros < _FIRST) | (micros >= _LAST))
    return np.where(outside, OUTSIDE, micros) if outside.any() else micros
