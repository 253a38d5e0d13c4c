"""Dates as people and platforms write them in many languages -> the same dates in digits, year first."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.scripts import ascii_digits, rewritten
from data_ingestion.cells.word_tables import TABLES

_TEXT = pa.large_string()
_NAMES, _NUMBERS = pa.array(list(TABLES["months"]), _TEXT), pa.array(map(str, TABLES["months"].values()), _TEXT)
_WEEKDAYS, _DAYS = pa.array(list(TABLES["weekdays"]), _TEXT), pa.array(list(TABLES["weekdays"].values()), pa.int8())
_EITHER = pa.array(sorted(set(TABLES["months"]) & set(TABLES["weekdays"])), _TEXT)
"""Words that may be a month or a weekday."""

PIVOT = 69
"""From here on a year of two digits is one of the 20th century, as in POSIX and in most programs."""

# A class of all letters would take the library long to prepare; what is no month is sorted out by its name.
_LETTER = r"[^\x00-\x40\x5b-\x60\x7b-\x7f]"
_NAME = rf"(?P<month>{_LETTER}+)"
_DAY, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<year>[0-9]{4}|'?[0-9]{2})"
_ORDINAL = r"(?:st|nd|rd|th|er|re|\x{ba}|\x{aa}|\x{b0}|\.)"
_REST = r"(?P<rest>(?:[^0-9:].*)?)$"
_FORMS: tuple[str, ...] = (
    rf"^{_DAY}{_ORDINAL}?[ /-]*(?:of |del? |d'|\x{{5d1}})?{_NAME}\.?,?[ /-]*(?:del? )?{_YEAR}{_REST}",
    rf"^{_NAME}\.?[ -]*{_DAY}(?:st|nd|rd|th)?,?[ -]+{_YEAR}{_REST}",
    rf"^(?P<year>[0-9]{{4}})[ /-]{_NAME}\.?[ /-]{_DAY}{_REST}",
    rf"^{_NAME} +{_DAY}(?P<rest> [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?: [+A-Z][0-9A-Z]+)?) (?P<year>[0-9]{{4}})$",
)
_OF_TWO = "|".join(sorted({each.split()[0] for each in TABLES["weekdays"] if " " in each}))
"""First words of weekdays that have two, as in Vietnamese and Hebrew."""
_WEEKDAY = rf"^(?P<name>(?i:{_OF_TWO}) {_LETTER}+|{_LETTER}+(?:-{_LETTER}+)?)[.,]*,? +(?P<rest>.*)$"

_PLAIN: tuple[tuple[str, str], ...] = (
    ("[\u00a0\u202f\u2009\u3000]", " "),
    ("\u060c", ","),
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})($|[T ])", r"\1-\2-\3\4"),
    (r"^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ])([0-9]{2})([0-9]{2})([0-9]{2})?($|[^0-9:].*)", r"\1\2:\3:\4\5"),
    (r"^([0-9]{1,2}[ /-]?[A-Za-z]{3}[ /-]?[0-9]{4}):([0-9]{2}:)", r"\1 \2"),
    (r"^([0-9]{1,4})\. ?([0-9]{1,2})\. ?([0-9]{1,4})(?:\.($| )|($| ))", r"\1.\2.\3\4\5"),
    (r"^(.*[0-9][T ])([0-9]{1,2})\.([0-9]{2})($| ?[AaPp][Mm])", r"\1\2:\3\4"),
    (r"^(.*[0-9][T ])([0-9]{1,2})\.([0-9]{2})\.([0-9]{2})", r"\1\2:\3:\4"),
)
"""Other ways to write a date in digits, and the plain one; what each leaves is what the next one reads."""

_HALVES = {half: "|".join(word for word in words if not word.isascii()) for half, words in TABLES["halves"].items()}
_EASTERN_DAY = "星期.|[周週].|[月火水木金土日](?:曜日)?|[월화수목금토일](?:요일)?"
_EASTERN: tuple[tuple[str, str], ...] = (
    (r"([0-9]{4}) ?[年년][ -]?([0-9]{1,2}) ?[月월][ -]?([0-9]{1,2}) ?[日일号號]?", r"\1-\2-\3 "),
    (rf"([0-9])[ .]*[(\x{{ff08}}]?(?:{_EASTERN_DAY})[)\x{{ff09}}]?( |$)", r"\1 "),
    *((rf" ?(?:{words}) ?([0-9].*)$", rf" \1 {half}") for half, words in _HALVES.items()),
    ("([0-9]{1,2}) ?[时時시点點] ?([0-9]{2}) ?[分분] ?([0-9]{2}) ?[秒초]", r"\1:\2:\3"),
    ("([0-9]{1,2}) ?[时時시点點] ?([0-9]{2}) ?[分분]", r"\1:\2"),
    ("([0-9]{1,2}) ?[时時시点點]($| )", r"\1:00\2"),
)
_WORDS: tuple[tuple[str, str], ...] = (
    (r"([0-9]{1,2}) ?[hH] ?([0-9]{2})(?: ?min)?($| )", r"\1:\2\3"),
    (r"([0-9]{4}) ?(?:г(?:ода?|\.)?|r\.)(,| |$)", r"\1\2"),  # noqa: RUF001 - "year" in Russian and in Polish
    (r"(?:ที่)? +(?:พ\.ศ\. ?)?([0-9])", r" \1"),  # what stands before a day and before a year in Thai
    (r"(?i)(?:,| -)? +(?:at|à|um|a las|alle(?: ore)?|ore|às|as|в|om|o|kl\.?|saat|-) ([0-9]{1,2}:)", r" \1"),
    (r"(?i)([0-9]) ?(?:uhr|hrs?\.?|ч\.?)$", r"\1"),
    (r"([0-9]) ?([AaPp])\. ?[Mm]\.?", r"\1 \2m"),
    (r"(?:GMT|UTC)([+-][0-9]{2}:?[0-9]{2})(?: *\([^()]*\))?$", r" \1"),
)
"""Words and signs around dates and times. Those of other languages stand beside digits, so no month is among them."""
_ZONES = (
    "EST -05:00, EDT -04:00, MST -07:00, MDT -06:00, PST -08:00, PDT -07:00, JST +09:00, KST +09:00, CET +01:00, "
    "CEST +02:00, MEZ +01:00, MESZ +02:00, MSK +03:00, BRT -03:00"
)
"""Zones of RFC 2822 and others that mean one offset; `CST`, `IST` and `BST` mean several."""


def in_digits(texts: pa.Array) -> tuple[pa.Array, NDArray[np.int8], NDArray[np.bool_]]:
    """Return texts with their dates in digits, the weekday that each names, and which had a year of two digits.

    A text that holds no such date stays as it is. Of weekdays 0 is Monday, -1 none.

    >>> texts, weekdays, short = in_digits(pa.array(["Mon, 1st Sept. 25 9:05", "20250901", "x"], pa.large_string()))
    >>> texts.to_pylist(), weekdays.tolist(), short.tolist()
    (['2025-9-1 9:05', '2025-09-01', 'x'], [0, -1, -1], [True, False, False])
    """
    texts = pc.ascii_trim_whitespace(rewritten(ascii_digits(texts), _PLAIN))
    weekdays, short = np.full(len(texts), -1, dtype=np.int8), np.zeros(len(texts), dtype=np.bool_)
    if not pc.any(pc.match_substring_regex(texts, r"[^\x00-\x40TZz]")).as_py():
        return texts, weekdays, short
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        texts = rewritten(texts, _EASTERN)
    texts = rewritten(texts, _WORDS)
    zones = dict(map(str.split, _ZONES.split(",")))
    if pc.any(pc.match_substring_regex(texts, f"(?:{'|'.join(zones)})$")).as_py():
        texts = rewritten(texts, ((rf"([0-9MmZ]) ?{name}$", rf"\1 {offset}") for name, offset in zones.items()))
    texts = pc.utf8_trim_whitespace(texts)
    if not pc.any(pc.match_substring_regex(texts, rf"{_LETTER}{{2}}")).as_py():
        return texts, weekdays, short
    texts, weekdays = _without_weekday(texts)
    texts = rewritten(texts, _PLAIN)
    for form in _FORMS:
        texts, abbreviated = _numbered(texts, form)
        short |= abbreviated
    return texts, weekdays, short


def full_years(years: pa.Array) -> NDArray[np.int64]:
    """Return years of digits as numbers, those of two digits in the century that they mean."""
    digits = pc.ascii_ltrim(years, characters="'")
    numbers = pc.ascii_lpad(digits, 1, "0").cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    length = pc.binary_length(digits).fill_null(0).to_numpy(zero_copy_only=False)
    century = np.where((length == 1) | (length == 2), np.where(numbers < PIVOT, 2000, 1900), 0)
    return np.asarray(numbers + century)


def _without_weekday(texts: pa.Array) -> tuple[pa.Array, NDArray[np.int8]]:
    """Return texts without a weekday at their start, and that weekday."""
    parts = pc.extract_regex(texts, pattern=_WEEKDAY)
    name, rest = pc.utf8_lower(pc.struct_field(parts, "name")), pc.struct_field(parts, "rest")
    places = pc.index_in(name, _WEEKDAYS)
    # `Mar 1, 2025` is in March; `mar. 2 septembre 2025` names another month.
    named = pc.match_substring_regex(rest, rf"^[0-9]{{1,2}}\.? ?{_LETTER}{{2}}")
    month = pc.and_(pc.is_in(name, _EITHER), pc.invert(named))
    places = pc.if_else(month, None, places)
    weekdays = _DAYS.take(places).fill_null(-1).to_numpy(zero_copy_only=False)
    return pc.if_else(pc.is_valid(places), rest, texts), weekdays


def _numbered(texts: pa.Array, form: str) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Return texts with the name of a month in one form as a number, and which of them had a year of two digits."""
    parts = pc.extract_regex(texts, pattern=form)
    if parts.null_count == len(parts):
        return texts, np.zeros(len(texts), dtype=np.bool_)
    year, month, day, rest = (pc.struct_field(parts, name) for name in ("year", "month", "day", "rest"))
    place = pc.index_in(pc.utf8_lower(month), _NAMES)
    years = pc.if_else(pc.is_valid(year), pa.array(full_years(year)), None).cast(_TEXT)
    date = pc.binary_join_element_wise(years, _NUMBERS.take(place), day, pa.scalar("-", _TEXT))
    # A comma may part the date from the time.
    time = pc.replace_substring_regex(rest, r"^,\s*", " ")
    whole = pc.binary_join_element_wise(date, time, pa.scalar("", _TEXT))
    short = pc.and_(pc.is_valid(whole), pc.less(pc.binary_length(year), 4)).fill_null(False)
    return pc.coalesce(whole, texts), np.asarray(short.to_numpy(zero_copy_only=False))
