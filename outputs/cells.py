"""Columns as the text of CSV cells, a block of rows at a time.

A cell is the shortest text that reads back as the value: floats round-trip, whole columns have no point,
times are local, a missing value is empty. Text stays as it is, or is made harmless for spreadsheets.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outputs.names import Profile

TEXT = pa.large_string()
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""A spreadsheet takes UTF-8 for what it is only after this mark."""
COMMA, NEWLINE, EMPTY = (pa.scalar(text, TEXT) for text in (",", "\n", ""))
QUOTE, POINT = pa.scalar('"', TEXT), pa.scalar(".", TEXT)

# OWASP's page on CSV injection names =, +, -, @, their full-width forms, tab and line ends. An import may strip what
# cannot be seen before them, and one that cuts at semicolons or tabs starts a cell, or a line, amid ours.
RUNS_IN_A_SPREADSHEET = (
    r"(^|[;\t\r\n])([\s\p{Z}\p{C}\"]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])|^([\s\p{Z}\x{feff}]*[\t\r\n\x00])"
)
"""Text that a spreadsheet takes for a formula, or that hides one behind a control character."""
MUST_BE_QUOTED = '[",\r\n]'
SPECIAL_BYTES = (b'"', b",", b"\r", b"\n")
# From here on a whole float does not fit the 64-bit integers that whole columns are cast to.
EXACT_INTEGERS = 2.0**63
SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
"""In microseconds."""

Micros = npt.NDArray[np.int64]


def whole(values: npt.NDArray[np.float64]) -> bool:
    """Return whether every number of a column is whole, so that the column reads as integers."""
    known = values[~np.isnan(values)]
    return bool(np.all((np.trunc(known) == known) & (np.abs(known) < EXACT_INTEGERS)))


def number_cells(values: npt.NDArray[np.float64], integers: bool) -> pa.Array:
    """Return numbers as text: the shortest that reads back equal, NaN as missing.

    >>> number_cells(np.array([90.0, 0.1, np.nan]), False).to_pylist()
    ['90', '0.1', None]
    """
    numbers = pa.array(values, from_pandas=True)
    return (numbers.cast(pa.int64()) if integers else numbers).cast(TEXT)


def local_micros(times: pd.Series, timezone: str) -> tuple[Micros, Micros]:
    """Return wall-clock times and instants, in microseconds since 1970; missing ones are the smallest integer."""
    utc = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64)
    wall = times.dt.tz_convert(timezone).dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64)
    return wall, utc


def known(times: Micros) -> npt.NDArray[np.bool_]:
    """Return which times are not missing."""
    return np.not_equal(times, np.iinfo(np.int64).min)


def date_cells(wall: Micros) -> pa.Array:
    """Return local days as `YYYY-MM-DD`."""
    # // rounds down and not towards zero, so a time before 1970 stays on its own day, and % is never negative.
    days = np.where(known(wall), wall // DAY, 0).astype(np.int32)
    return pa.array(days, mask=~known(wall)).cast(pa.date32()).cast(TEXT)


def time_cells(wall: Micros, utc: Micros) -> pa.Array:
    """Return local times as `YYYY-MM-DDTHH:MM:SS[.ffffff]+HH:MM`."""
    valid = known(wall)
    seconds = pa.array(np.where(valid, wall // SECOND, 0), mask=~valid).cast(pa.timestamp("s"))
    text = pc.replace_substring(seconds.cast(TEXT), " ", "T")
    fraction = np.where(valid, wall % SECOND, 0)
    if fraction.any():
        # The last argument is what joins the others: nothing and six digits joined by a point are `.000250`.
        digits = pc.binary_join_element_wise(EMPTY, pc.utf8_lpad(pa.array(fraction).cast(TEXT), 6, "0"), POINT)
        text = pc.binary_join_element_wise(text, pc.if_else(pa.array(fraction > 0), digits, EMPTY), EMPTY)
    return pc.binary_join_element_wise(text, _offsets(np.where(valid, wall - utc, 0)), EMPTY)


def _offsets(micros: Micros) -> pa.Scalar | pa.Array:
    """Return offsets from UTC as `+HH:MM`; one zone has few."""
    distinct, places = np.unique(micros, return_inverse=True)
    texts = pa.array([_offset(int(offset)) for offset in distinct], TEXT)
    return texts[0] if len(texts) == 1 else texts.take(pa.array(places))


def _offset(micros: int) -> str:
    # Zones before about 1900 differ from UTC by odd seconds, which are written as well.
    hours, rest = divmod(abs(micros), 60 * MINUTE)
    minutes, rest = divmod(rest, MINUTE)
    seconds = f":{rest // SECOND:02}" if rest else ""
    return f"{'-' if micros < 0 else '+'}{hours:02}:{minutes:02}{seconds}"


def text_cells(texts: pa.Array, profile: Profile) -> pa.Array:
    """Return text as cells: harmless in the spreadsheet profile, and quoted where CSV needs it.

    >>> text_cells(pa.array(["a", "=1+1", "b, c"], TEXT), "spreadsheet").to_pylist()
    ['a', "'=1+1", '"b, c"']
    """
    cells = texts if texts.type == TEXT else texts.cast(TEXT)
    return quoted(neutral(cells) if profile == "spreadsheet" else cells)


def neutral(cells: pa.Array) -> pa.Array:
    """Return text with an apostrophe before what a spreadsheet would run."""
    risky = pc.match_substring_regex(cells, RUNS_IN_A_SPREADSHEET)
    if not pc.any(risky, min_count=0).as_py():
        return cells
    return pc.replace_substring_regex(cells, RUNS_IN_A_SPREADSHEET, r"\1'\2\3")


def quoted(cells: pa.Array) -> pa.Array:
    """Return text with quotes around what would break a CSV record."""
    # A look at the bytes tells for nearly every block that no cell needs quotes, at a tenth of the cost.
    if not _has_special_bytes(cells):
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    framed = pc.binary_join_element_wise(QUOTE, doubled, QUOTE, EMPTY)
    return pc.if_else(pc.match_substring_regex(cells, MUST_BE_QUOTED), framed, cells)


def _has_special_bytes(cells: pa.Array) -> bool:
    # UTF-8 has ASCII bytes for ASCII characters only, so bytes can be searched without decoding them.
    text = bytes(bytes_of(cells)[0])
    return any(byte in text for byte in SPECIAL_BYTES)


def bytes_of(texts: pa.Array) -> tuple[memoryview, npt.NDArray[np.int64]]:
    """Return the bytes of large text, which lie side by side in memory, and where each ends, with a 0 in front."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return memoryview(b""), np.zeros(1 + len(texts), dtype=np.int64)
    # A slice shares the buffers of the whole array, so its offset says where it begins.
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])], ends - ends[0]


def flag_cells(flags: pa.Array) -> pa.Array:
    """Return flags as `yes` and `no`."""
    return pc.if_else(flags, pa.scalar("yes", TEXT), pa.scalar("no", TEXT))


def lines_of(columns: list[pa.Array]) -> pa.Array:
    """Return the records of a block, each with its line end, as one text array."""
    ending = pc.binary_join_element_wise(columns[-1], NEWLINE, EMPTY, null_handling="replace", null_replacement="")
    return pc.binary_join_element_wise(*columns[:-1], ending, COMMA, null_handling="replace", null_replacement="")
