"""Text -> times: ISO dates and times, offsets, day-month-year or month-day-year, names of months, epoch numbers.

Parsing has two steps, because the order of day and month is a property of the whole file: `parse_dates`
reads what does not depend on it and both readings of what does; `DateCells.resolve` picks one.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.date_words import full_years, in_digits
from data_ingestion.formats.words import as_text

Micros = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = np.iinfo(np.int64).min
"""Microseconds that stand for a missing time; the same bits as NaT."""
BAD = MISSING + 1
"""Microseconds that stand for a cell that is not a date."""
OUTSIDE = MISSING + 2
"""Microseconds that stand for a date before `FIRST_YEAR` or after `LAST_YEAR`."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
BUDDHIST = 543
"""Years that the calendar of Thailand is ahead."""
_FIRST = int(np.datetime64(f"{FIRST_YEAR}-01-01", "us").astype(np.int64))
_LAST = int(np.datetime64(f"{LAST_YEAR + 1}-01-01", "us").astype(np.int64))

_SHOPS_FIRST, _SHOPS_LAST = (int(np.datetime64(f"{year}-01-01", "us").astype(np.int64)) for year in (2010, 2030))

MISSING_WORDS: tuple[str, ...] = ("", "na", "n/a", "null", "nan", "none", "nat")
"""Spellings of a missing number, time or flag, in any case."""

_TIME = (
    r"(?:(?:[Tt ]|, )\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[+-])(?P<offset_hour>\d{2}):?(?P<offset_minute>\d{2})?)?)?"
)
_PATTERN = (
    r"^(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})[-/.](?P<second_part>\d{1,2})[-/.](?P<last_year>\d{4}|\d{2}))" + _TIME + "$"
)

# The shortest date has a day of one digit and a year of two; beyond ASCII there are more digits.
_THREE_DIGITS = r"(?s)" + r"[^\x00-/:-\x7f].*" * 3
_MISSING_WORDS = pa.array(MISSING_WORDS, pa.large_string())
# Google Analytics writes hours as 2025090110. Read as seconds since 1970 that would be a day of 2034.
_DAY_AND_HOUR = r"^(20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])"
_FIRST_HOUR = 2_000_010_100
_EPOCH = r"^[0-9]{9,16}(?:\.[0-9]{1,9})?$"
EPOCH_FIRST, EPOCH_LAST = 946_684_800, 4_102_444_800
"""Seconds since 1970 that a number in a date column can mean: the years 2000 to 2099."""
UNITS: tuple[str, ...] = ("microseconds", "milliseconds", "seconds")
"""Units of epoch numbers, by the power of 1,000 that makes microseconds of them."""


@dataclass(frozen=True)
class Epochs:
    """Cells that hold a number of seconds, milliseconds or microseconds since 1970-01-01 UTC.

    Args:
        positions: Where they stand, shape (k,).
        units: Index into `UNITS` of each, shape (k,).
    """

    positions: NDArray[np.int64]
    units: NDArray[np.int8]


@dataclass(frozen=True)
class Ordered:
    """Cells whose day and month depend on the order, read both ways.

    Args:
        positions: Where they stand, shape (k,).
        dmy: Microseconds read day first, shape (k,); `BAD` where that is no date.
        mdy: Microseconds read month first, shape (k,).
        ymd: Microseconds read year first, shape (k,); `BAD` where the year at the end has four digits.
    """

    positions: NDArray[np.int64]
    dmy: Micros
    mdy: Micros
    ymd: Micros

    @property
    def year_first(self) -> tuple[int, int]:
        """How many cells start with the year, and how many do not, as the years go in which shops have orders."""
        first, other = _of_now(self.ymd), _of_now(self.dmy) | _of_now(self.mdy)
        return int((first & ~other).sum()), int(((other & ~first) | (self.ymd == BAD)).sum())

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
        epochs: The cells that hold a number since 1970; None: there are none.
        short: How many cells have a year of two digits.
        buddhist: How many cells have a year of the calendar of Thailand.
    """

    micros: Micros
    instant: Mask | None
    ordered: Ordered | None
    epochs: Epochs | None = None
    short: int = 0
    buddhist: int = 0

    @property
    def settled(self) -> bool:
        """Whether nothing about the rest of the file can change a cell."""
        return self.ordered is None and self.epochs is None

    def kinds(self) -> NDArray[np.int64]:
        """Return how many cells are dates, and how many count in each of `UNITS`; shape (4,)."""
        units = np.empty(0, dtype=np.int8) if self.epochs is None else self.epochs.units
        # Cells that wait for the order are dates, but hold `BAD` in `micros` until the order is known.
        ordered = 0 if self.ordered is None else len(self.ordered.positions)
        dates = int((self.micros > OUTSIDE).sum()) - len(units) + ordered
        return np.array([dates, *np.bincount(units, minlength=len(UNITS))])

    def resolve(self, order: str, unit: int | None = None) -> Micros:
        """Return the microseconds under an order of day and month.

        Args:
            order: `dmy`, `mdy` or `ymd`.
            unit: Index into `UNITS` of the numbers that count; None: dates do.
        """
        if self.settled and unit is None:
            return self.micros
        result = self.micros.copy()
        if self.ordered is not None:
            chosen = {"dmy": self.ordered.dmy, "mdy": self.ordered.mdy}.get(order, self.ordered.ymd)
            result[self.ordered.positions] = chosen
        # In a column of numbers a written date is out of place, and the other way round: a few cells of the other
        # kind are typing errors, and guessing a meaning for them would put orders into the wrong year.
        out_of_place = np.full(len(result), unit is not None)
        if self.epochs is not None:
            out_of_place[self.epochs.positions] = self.epochs.units != (-1 if unit is None else unit)
        result[out_of_place & (result != MISSING)] = BAD
        return result


def parse_dates(text: pa.Array) -> DateCells:
    """Return the dates of text cells; a cell that is no date gets `BAD`.

    >>> cells = parse_dates(pa.array(["2025-09-01", "", "01-09-2025"], pa.large_string()))
    >>> cells.micros[:2].tolist() == [1756684800000000, MISSING], cells.ordered.day_first
    (True, 0)
    """
    trimmed = pc.ascii_trim_whitespace(text)
    cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    # Nearly every column has one form throughout, which Arrow casts much faster than the pattern does.
    for quick in (_iso_only, _utc_only, _numbers_only):
        dates = quick(cells)
        if dates is not None:
            return dates
    return _any_form(trimmed)


def _iso_only(cells: pa.Array) -> DateCells | None:
    """Return the dates of a column that holds only ISO cells and nulls; None if it holds others."""
    for kind, instant in ((pa.timestamp("us"), False), (pa.timestamp("us", "UTC"), True)):
        try:
            micros = cells.cast(kind).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
        values = micros.fill_null(MISSING).to_numpy(zero_copy_only=False)
        if len(values) and values.min() >= _LAST:
            return None
        return DateCells(_within_years(values), np.ones(len(values), dtype=np.bool_) if instant else None, None)
    return None


def _utc_only(cells: pa.Array) -> DateCells | None:
    """Return the dates of a column that holds only ISO cells which end in ` UTC`, and nulls."""
    if not pc.all(pc.ends_with(cells, " UTC"), min_count=1).as_py():
        return None
    dates = _iso_only(pc.utf8_slice_codeunits(cells, 0, -4))
    # With an offset before the zone it is no time at all.
    return None if dates is None or dates.instant is not None else replace(dates, instant=_all_true(len(cells)))


def _numbers_only(cells: pa.Array) -> DateCells | None:
    """Return the times of a column that holds only numbers since 1970 in one unit, and nulls."""
    try:
        numbers = cells.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    units = _units(numbers)
    missing = np.asarray(cells.is_null().to_numpy(zero_copy_only=False))
    hours = (units == len(UNITS) - 1) & (numbers >= _FIRST_HOUR)
    if missing.all() or (units[~missing] < 0).any() or hours.any():
        return None
    # A number may be read as a time only if it falls into the years 2000 to 2099; the ranges of the units do
    # not overlap, so a number has one unit at most.
    micros = np.where(missing, MISSING, numbers * _factors(units))
    positions = np.flatnonzero(~missing)
    return DateCells(micros, _all_true(len(cells)), None, Epochs(positions, units[positions]))


def _units(numbers: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the unit in which each number is a time that a shop can mean; -1: none."""
    units = np.full(len(numbers), -1, dtype=np.int8)
    for power in range(len(UNITS)):
        scale = 1000 ** (2 - power)
        units[(numbers >= EPOCH_FIRST * scale) & (numbers < EPOCH_LAST * scale)] = power
    return units


def _factors(units: NDArray[np.int8]) -> Micros:
    """Return what makes microseconds of numbers in these units."""
    factors: Micros = np.where(units < 0, 0, 1000 ** np.maximum(units, 0).astype(np.int64))
    return factors


def _all_true(count: int) -> Mask:
    return np.ones(count, dtype=np.bool_)


def _any_form(trimmed: pa.Array) -> DateCells:
    """Return the dates of a column with any forms, parsing each distinct text once."""
    # Dates repeat in a log or an export, so the pattern sees each text once.
    encoded = trimmed.dictionary_encode()
    texts, codes = encoded.dictionary, encoded.indices.to_numpy()
    missing = pc.is_in(pc.utf8_lower(texts), _MISSING_WORDS).to_numpy(zero_copy_only=False)
    if not pc.any(pc.match_substring_regex(texts, _THREE_DIGITS)).as_py():
        return DateCells(np.where(missing, MISSING, BAD)[codes], None, None)
    if pc.any(pc.match_substring_regex(texts, _DAY_AND_HOUR)).as_py():
        for rest, form in ((0, r"\1-\2-\3 \4"), (1, r"\1-\2-\3 \4:\5"), (2, r"\1-\2-\3 \4:\5:\6")):
            texts = pc.replace_substring_regex(texts, _DAY_AND_HOUR + rest * "([0-5][0-9])" + "$", form)
    parts = _DateParts(texts)
    iso = parts.micros(parts.number("year"), parts.number("month"), parts.number("day"))
    units, since = _since_1970(texts)
    micros = np.where(missing, MISSING, np.where(units < 0, iso, since))
    instant = (parts.instant | (units >= 0))[codes]
    where = np.flatnonzero(units[codes] >= 0)
    epochs = Epochs(where, units[codes[where]]) if len(where) else None
    short = int(parts.short[codes].sum())
    buddhist = int(parts.buddhist[codes].sum())
    return DateCells(micros[codes], instant if instant.any() else None, _ordered(parts, codes), epochs, short, buddhist)


def _since_1970(texts: pa.Array) -> tuple[NDArray[np.int8], Micros]:
    """Return the unit and the microseconds of texts that are numbers since 1970; unit -1 for the others."""
    digits = pc.match_substring_regex(texts, _EPOCH)
    numbers = pc.if_else(digits, texts, None).cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)
    units = _units(numbers)
    return units, np.rint(numbers * _factors(units)).astype(np.int64)


def _ordered(parts: "_DateParts", codes: NDArray[np.int32]) -> Ordered | None:
    """Return both readings of the cells that do not start with the year."""
    where = np.flatnonzero(parts.has("last_year")[codes])
    if not len(where):
        return None
    first, second, last = parts.number("first"), parts.number("second_part"), parts.number("last_year")
    year = parts.year("last_year")
    readings = (
        (year, second, first),
        (year, first, second),
        (np.where(last < 100, parts.year("first"), 0), second, last),
    )
    return Ordered(where, *(parts.micros(*each)[codes[where]] for each in readings))


def _of_now(micros: Micros) -> Mask:
    """Return which times are of the years in which the orders of shops are."""
    return np.asarray((micros >= _SHOPS_FIRST) & (micros < _SHOPS_LAST))


class _DateParts:
    """The parts of date texts, found by one pattern; a part that is absent counts as 0."""

    def __init__(self, texts: pa.Array) -> None:
        plain, self._weekday, self.short = in_digits(texts)
        parts = pc.extract_regex(plain, pattern=_PATTERN)
        self._matched: Mask = parts.is_valid().to_numpy(zero_copy_only=False)
        self._fields = {field.name: parts.field(i) for i, field in enumerate(parts.type)}
        self._numbers = dict[str, Micros]()
        self.short |= self._length("last_year") == 2
        self.instant: Mask = self.has("utc") | self.has("sign")

    @cached_property
    def buddhist(self) -> Mask:
        """Whether a year is one of the calendar of Thailand."""
        years = np.maximum(self.number("year"), self.number("last_year")) - BUDDHIST
        ahead = (years >= 1970) & (years < 2100)
        # Only where all dates of a column are ahead is it no typing error.
        return np.asarray(ahead & self._matched & bool(ahead[self._matched & (years > -BUDDHIST)].all()))

    def has(self, name: str) -> Mask:
        """Whether a part is there."""
        return (self._length(name) > 0) & self._matched

    def _length(self, name: str) -> Micros:
        return np.asarray(pc.binary_length(self._fields[name]).fill_null(0).to_numpy(zero_copy_only=False))

    def is_text(self, name: str, text: str) -> Mask:
        """Whether a part is this text, in any case."""
        return np.asarray(pc.equal(pc.utf8_lower(self._fields[name]), text).fill_null(False).to_numpy(False))

    def number(self, name: str) -> Micros:
        """The part as a number."""
        if name not in self._numbers:
            numbers = pc.ascii_lpad(self._fields[name], 1, "0").cast(pa.int64()).fill_null(0)
            self._numbers[name] = np.asarray(numbers.to_numpy(zero_copy_only=False))
        return self._numbers[name]

    def year(self, name: str) -> Micros:
        """A part as a year, which may have two digits."""
        return full_years(self._fields[name])

    @cached_property
    def _time(self) -> tuple[Micros, Mask]:
        """Microseconds since midnight UTC, and whether such a time exists."""
        hour, minute, second = (self.number(name) for name in ("hour", "minute", "second"))
        half = self.has("half")
        pm = np.asarray(pc.starts_with(pc.utf8_lower(self._fields["half"]), "p").fill_null(False).to_numpy(False))
        valid = (minute < 60) & (second < 60) & np.where(half, (hour >= 1) & (hour <= 12), hour < 24)
        hour = np.where(half, hour % 12 + 12 * pm, hour)
        fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(self._fields["fraction"], 6, "0"), 0, 6).fill_null("0")
        micros = fraction.cast(pa.int64()).to_numpy(zero_copy_only=False)
        ahead = self.number("offset_hour") * 60 + self.number("offset_minute")
        minute = minute - np.where(self.is_text("sign", "-"), -ahead, ahead)
        valid &= (self.number("offset_hour") < 19) & (self.number("offset_minute") < 60)
        return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros, valid

    def micros(self, year: Micros, month: Micros, day: Micros) -> Micros:
        """Microseconds since 1970-01-01 of a reading of year, month and day; a sentinel where it is none."""
        if not self._matched.any():
            return np.full(len(year), BAD)
        time, valid = self._time
        year = year - BUDDHIST * self.buddhist
        sound = self._matched & valid & (year > 0) & (month >= 1) & (month <= 12) & (day >= 1)
        months = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
        start = months.astype("datetime64[D]")
        length = ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - start).astype(np.int64)
        days = start.astype(np.int64) + day - 1
        # 1970-01-01 was a Thursday; a weekday that is another day's makes the date none.
        sound &= (day <= length) & ((self._weekday < 0) | ((days + 3) % 7 == self._weekday))
        micros = days * 86_400_000_000 + time
        return np.where(sound, _within_years(np.where(sound, micros, 0)), BAD)


def stored_dates(times: pa.TimestampArray) -> DateCells:
    """Return times that a file holds as such: what `parse_dates` makes of their text."""
    numbers = times.cast(pa.timestamp("us", times.type.tz), safe=False).cast(pa.int64())
    first, last = pc.min_max(numbers).as_py().values()
    if first is not None and not _FIRST <= first <= last < _LAST:
        return parse_dates(as_text(times))
    instant = _all_true(len(times)) if times.type.tz is not None and first is not None else None
    return DateCells(numbers.fill_null(MISSING).to_numpy(zero_copy_only=False), instant, None)


def _within_years(micros: Micros) -> Micros:
    """Return the microseconds with `OUTSIDE` where the year is not one that a shop can mean."""
    outside = (micros != MISSING) & ((micros < _FIRST) | (micros >= _LAST))
    return np.where(outside, OUTSIDE, micros) if outside.any() else micros
