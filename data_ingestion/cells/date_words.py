"""Dates with names of months and weekdays, or without separators -> the same dates in digits, year first."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_MONTHS: tuple[str, ...] = (
    "jan january januar janvier ene enero gennaio gen januari jän jänner",
    "feb february februar février fevrier févr fevr febrero febbraio februari",
    "mar march märz maerz mrz mär mars marzo maart mrt",
    "apr april avril avr abr abril aprile",
    "may mai mayo maggio mag mei",
    "jun june juni juin junio giugno giu",
    "jul july juli juillet juil julio luglio lug",
    "aug august août aout ago agosto augustus",
    "sep sept september septembre septiembre settembre set",
    "oct october oktober okt octobre octubre ottobre ott",
    "nov november novembre noviembre",
    "dec december dezember dez décembre decembre déc dic diciembre dicembre",
)
"""Names by month: English, German, French, Spanish, Italian, Dutch; none of them means two months."""
_NUMBER = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAMES = pa.array(list(_NUMBER), pa.large_string())
_NUMBERS = pa.array([str(number) for number in _NUMBER.values()], pa.large_string())

_REST = r"(?P<rest>(?:[^0-9].*)?)$"
# A class of all letters would take the library long to prepare; what is no month is sorted out by its name.
_LETTER = r"[^\x00-\x40\x5b-\x60\x7b-\x7f]"
_NAME = rf"(?P<month>{_LETTER}+)"
_DAY, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<year>[0-9]{4})"
_FORMS: tuple[str, ...] = (
    rf"^{_DAY}(?:st|nd|rd|th|\.)?[ /-]*(?:of )?{_NAME}\.?,?[ /-]*{_YEAR}" + _REST,
    rf"^{_NAME}\.?[ -]*{_DAY}(?:st|nd|rd|th)?,?[ -]+{_YEAR}" + _REST,
    rf"^{_YEAR}[ /-]{_NAME}\.?[ /-]{_DAY}" + _REST,
)
_WEEKDAYS: tuple[str, ...] = (
    "mon(?:day)?",
    "tue(?:s|sday)?",
    "wed(?:nesday)?",
    "thu(?:r|rs|rsday)?",
    "fri(?:day)?",
    "sat(?:urday)?",
)
_WEEKDAY = rf"^(?i)(?P<name>{'|'.join((*_WEEKDAYS, 'sun(?:day)?'))})\.?,? +(?P<rest>.*)$"
_INITIALS = ("mo", "tu", "we", "th", "fr", "sa", "su")

# In this order: what each leaves is what the next one reads.
_REWRITTEN: tuple[tuple[str, str], ...] = (
    ("[\u00a0\u202f\u2009]", " "),
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})($|[T ])", r"\1-\2-\3\4"),
    (r"^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ])([0-9]{2})([0-9]{2})([0-9]{2})?($|[^0-9:].*)", r"\1\2:\3:\4\5"),
    (r"(?:GMT|UTC)([+-][0-9]{2}:?[0-9]{2})(?: *\([^()]*\))?$", r" \1"),
)


def in_digits(texts: pa.Array) -> tuple[pa.Array, NDArray[np.int8]]:
    """Return texts with their dates in digits, and the weekday that each names: 0 is Monday, -1 none.

    A text that holds no such date stays as it is.

    >>> texts, weekdays = in_digits(pa.array(["Mon, 1st Sept. 2025 9:05", "20250901", "01/09/2025"], pa.large_string()))
    >>> texts.to_pylist(), weekdays.tolist()
    (['2025-9-1 9:05', '2025-09-01', '01/09/2025'], [0, -1, -1])
    """
    for pattern, replacement in _REWRITTEN:
        if pc.any(pc.match_substring_regex(texts, pattern)).as_py():
            texts = pc.replace_substring_regex(texts, pattern, replacement)
    weekdays = np.full(len(texts), -1, dtype=np.int8)
    if not pc.any(pc.match_substring_regex(texts, rf"{_LETTER}{{3}}")).as_py():
        return texts, weekdays
    parts = pc.extract_regex(texts, pattern=_WEEKDAY)
    named = parts.is_valid()
    initials = pc.utf8_slice_codeunits(pc.utf8_lower(pc.struct_field(parts, "name")), 0, 2)
    places = pc.index_in(initials, pa.array(_INITIALS, pa.large_string())).fill_null(-1)
    weekdays = places.to_numpy(zero_copy_only=False).astype(np.int8)
    texts = pc.if_else(named, pc.struct_field(parts, "rest"), texts)
    for form in _FORMS:
        texts = _numbered(texts, form)
    return texts, weekdays


def _numbered(texts: pa.Array, form: str) -> pa.Array:
    """Return texts with the name of a month in one form as a number."""
    parts = pc.extract_regex(texts, pattern=form)
    year, month, day, rest = (pc.struct_field(parts, name) for name in ("year", "month", "day", "rest"))
    place = pc.index_in(pc.utf8_lower(month), _NAMES)
    date = pc.binary_join_element_wise(year, _NUMBERS.take(place), day, pa.scalar("-", pa.large_string()))
    # A comma or `at` may part the date from the time.
    time = pc.replace_substring_regex(rest, r"^(?:,| at )\s*", " ")
    whole = pc.binary_join_element_wise(date, time, pa.scalar("", pa.large_string()))
    return pc.coalesce(whole, texts)
