"""UTF-8 chunks -> stretches of whole records, each with its first line.

A newline inside quotes does not end a record. Where every quote stands where it belongs, a newline ends
a record exactly if an even number of quotes precedes it; that is checked, not assumed, and text where a
quote stands elsewhere goes to the tokenizer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_ingestion.tokenizing import Record, Tokenizer, Unclosed, count_lines, unclosed_quote
from retention.errors import SourceError

Positions = NDArray[np.int64]
_NEWLINE, _CARRIAGE_RETURN, _QUOTE = 0x0A, 0x0D, 0x22


@dataclass(frozen=True)
class Stretch:
    """Whole records of a file.

    Args:
        data: Their bytes, with a line end after the last.
        first_line: Line of the file they start on, from 1.
        records: The records where the tokenizer had to read them; None: Arrow can.
        quoted: Whether there is a quote in the bytes.
    """

    data: bytes
    first_line: int
    records: list[Record] | None
    quoted: bool


class Splitter:
    """Cuts chunks into stretches.

    Args:
        delimiter: One byte.
        name: Base name of the file, for errors.
        record_bytes: Longest record allowed.
    """

    def __init__(self, delimiter: bytes, name: str, record_bytes: int) -> None:
        self._delimiter, self._name, self._limit = delimiter[0], name, record_bytes
        self._tokenizer = Tokenizer(delimiter)

    def split(self, chunks: Iterable[bytes], first_line: int) -> Iterator[Stretch]:
        """Yield the stretches of a file's text.

        Raises:
            SourceError: A quote is not closed, or a record is too long.
        """
        pending, line = b"", first_line
        for chunk, last in _with_last(chunks):
            data = pending + chunk
            if last and data and data[-1] not in (_NEWLINE, _CARRIAGE_RETURN):
                data += b"\n"
            for stretch in self._carve(data, line, last):
                data = data[len(stretch.data) :]
                line += count_lines(stretch.data)
                yield stretch
            pending = data

    def _carve(self, data: bytes, line: int, last: bool) -> Iterator[Stretch]:
        """Yield one stretch from the start of the text; two at the end of a file that breaks off; or none."""
        quoted = b'"' in data
        if not _lone_carriage_returns(data, last):
            cut = record_end(data, quoted, self._delimiter)
            if cut:
                yield Stretch(data[:cut], line, None, quoted)
                if not last or cut == len(data):
                    return
                line += count_lines(data[:cut])
                data = data[cut:]
            elif cut == 0 and not last and len(data) <= self._limit:
                return
        if data:
            yield from self._tokenized(data, line, last)

    def _tokenized(self, data: bytes, line: int, last: bool) -> Iterator[Stretch]:
        try:
            tokens = self._tokenizer.tokenize(data, final=last)
        except Unclosed as error:
            raise unclosed_quote(line + error.line, self._name) from error
        if not last and len(data) - tokens.consumed > self._limit:
            at = line + tokens.lines
            raise SourceError(
                f"the record that starts on line {at} is longer than {self._limit:,} bytes",
                where=f"{self._name}, line {at}",
                hint="A quote may not be closed there, or the file is not a table",
            )
        if tokens.consumed:
            yield Stretch(data[: tokens.consumed], line, tokens.records, True)


def record_end(data: bytes, quoted: bool, delimiter: int) -> int | None:
    """Return the length of the whole records at the start of the text; None if a quote is out of place."""
    if not quoted:
        return data.rfind(b"\n") + 1
    view = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(view == _QUOTE)
    ends = record_ends(view, quotes)
    cut = int(ends[-1]) + 1 if len(ends) else 0
    return cut if _in_place(view, quotes[quotes < cut], delimiter) else None


def record_ends(view: NDArray[np.uint8], quotes: Positions) -> Positions:
    """Return the positions of the newlines that an even number of quotes precedes."""
    newlines = np.flatnonzero(view == _NEWLINE)
    return newlines[np.searchsorted(quotes, newlines) % 2 == 0] if len(quotes) else newlines


def _in_place(view: NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """Return whether each opening quote starts a field and each closing one ends it."""
    edges = (delimiter, _NEWLINE, _CARRIAGE_RETURN, _QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    before = view[opening[opening > 0] - 1]
    after = view[closing + 1]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _lone_carriage_returns(data: bytes, last: bool) -> bool:
    """Return whether a carriage return stands without a newline; one at the very end may get it yet."""
    lone = data.count(b"\r") - data.count(b"\r\n")
    return lone > (0 if last or not data.endswith(b"\r") else 1)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each chunk with whether it is the last."""
    held: bytes | None = None
    for chunk in chunks:
        if held is not None:
            yield held, False
        held = chunk
    yield held or b"", True
