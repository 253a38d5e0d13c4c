"""Text whose columns are separated by blanks, with or without a header -> the records that the CSV reader takes.

Runs of blanks become one, so the rest (records, lines, ragged rows) is the business of the reader of delimited text.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from data_ingestion.files.blocks import Table
from data_ingestion.files.byte_source import ByteSource
from data_ingestion.files.csv_text import CsvLayout, delimited
from data_ingestion.files.encodings import utf8_chunks
from data_ingestion.formats import Format
from data_ingestion.formats.cdnow import SAMPLE_HEADER
from data_ingestion.formats.header import best_format, recognise

BLANK = b" "
_LOOKED_AT = 50
_OTHER_MARKS = re.compile(rb'[,;|"\t]')
_RUNS = re.compile(rb" +")
_NUMBER = re.compile(rb"[+-]?\d+(?:\.\d+)?")
_DAY = re.compile(rb"\d{8}")


def blank_separated(sample: bytes) -> bool:
    r"""Return whether a text's columns are separated by blanks and are those of a known layout.

    >>> blank_separated(b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n")
    True
    >>> blank_separated(b"user_id,date\n00004,1997-01-01\n")
    False
    """
    lines = _whole_lines(sample)
    return bool(lines) and _names(lines) is not None


def open_blank_separated(source: ByteSource, encoding: str, as_format: Format | None = None) -> Table:
    """Read the header of a text that `blank_separated` knows, if it has one, and prepare its records.

    Raises:
        ContractError: The columns are not those of the format asked for.
    """
    chunks = _one_blank(utf8_chunks(source, encoding))
    first = next(chunks)
    names, headed = _names(_whole_lines(first)) or ((), False)
    text = first.lstrip(b"\n")
    line = 1 + len(first) - len(text)
    layout = CsvLayout(BLANK, recognise(names, source.name, as_format), line + headed)
    rest = text.partition(b"\n")[2] if headed else text
    return delimited(chain([rest], chunks), layout, encoding, source)


def _whole_lines(sample: bytes) -> list[list[bytes]]:
    """Return the fields of the first lines; none where other marks separate columns."""
    start = sample.removeprefix(b"\xef\xbb\xbf")
    whole = start[: start.rfind(b"\n") + 1] or start
    lines = whole.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    if any(_OTHER_MARKS.search(line) for line in lines):
        return []
    return [fields for line in lines if (fields := line.split())]


def _names(lines: Sequence[Sequence[bytes]]) -> tuple[tuple[str, ...], bool] | None:
    """Return the names of the columns, and whether the text has a header; None if the layout is not known."""
    if len({len(line) for line in lines}) != 1:
        return None
    if all(_sample_row(line) for line in lines):
        return SAMPLE_HEADER, False
    names = tuple(field.decode(errors="replace") for field in lines[0])
    return (names, True) if len(names) > 1 and best_format(names) else None


def _sample_row(fields: Sequence[bytes]) -> bool:
    numbers = all(_NUMBER.fullmatch(field) for field in fields)
    return numbers and len(fields) == len(SAMPLE_HEADER) and _DAY.fullmatch(fields[2]) is not None


def _one_blank(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield text with one blank between the columns and none around a line, in whole lines."""
    held = b""
    for chunk in chunks:
        whole, newline, held = (held + chunk).rpartition(b"\n")
        if newline:
            yield _squeezed(whole) + newline
    if held:
        yield _squeezed(held)


def _squeezed(text: bytes) -> bytes:
    squeezed = _RUNS.sub(BLANK, text.replace(b"\r\n", b"\n").removesuffix(b"\r"))
    return b"\n".join(line.strip(BLANK) for line in squeezed.split(b"\n"))
