"""UTF-8 chunks -> stretches of whole records, each with its first line.

A newline inside quotes does not end a record. Where every quote stands where it belongs, a newline ends
a record exactly if an even number of quotes precedes it; that is checked, not assumed, and text where a
quote stands elsewhere goes to the tokenizer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_ingestion.files.tokenizer import (
    CsvRecord,
    Tokenizer,
    Unclosed,
    count_lines,
    lone_carriage_returns,
    unclosed_quote,
)
from retention.errors import SourceError

Positions = NDArray[np.int64]
_NEWLINE, _CARRIAGE_RETURN, _QUOTE = 0x0A, 0x0D, 0x22

FIRST_PATIENCE = 64
"""Records that the tokenizer reads after a misplaced quote before Arrow gets another try."""


@dataclass(frozen=True)
class Stretch:
    """Whole records of a file.

    Args:
        data: Their bytes, with a line end after the last.
        first_line: Line of the file they start on, from 1.
        lines: Line ends in the bytes.
        records: The records where the tokenizer had to read them; None: Arrow can.
        quoted: Whether a quote in the bytes may open a cell; else each is a letter like any other.
    """

    data: bytes
    first_line: int
    lines: int
    records: list[CsvRecord] | None
    quoted: bool


class Splitter:
    """Cuts chunks into stretches.

    Args:
        delimiter: One byte.
        letters: Whether a quote inside a cell is a letter, an inch or a second; else its row is not to be trusted.
    """

    def __init__(self, delimiter: bytes, name: str, record_bytes: int, *, letters: bool) -> None:
        self._delimiter, self._name, self._limit = delimiter[0], name, record_bytes
        self._letters = letters
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
            # A single stray quote costs a few slow records, then Arrow goes on; doubling keeps the scans for the next
            # quote logarithmic where every row has one.
            patience = FIRST_PATIENCE
            while stretch := self._next(data, line, last, patience):
                yield stretch
                line += stretch.lines
                data = data[len(stretch.data) :]
                # Text with many misplaced quotes is scanned again a few times only.
                patience *= 2 if stretch.records is not None else 1
            pending = data

    def _next(self, data: bytes, line: int, last: bool, patience: int) -> Stretch | None:
        """Return the first stretch of the text; None if there is none yet."""
        if not data:
            return None
        # One at the very end may get its newline yet.
        if lone_carriage_returns(data) > (not last and data.endswith(b"\r")):
            return self._tokenized(data, line, last, None)
        # The search for a quote is the quick way out: most files have none, and then any newline ends a record.
        quoted = b'"' in data
        cut, misplaced = _plain_length(data, self._delimiter) if quoted else (data.rfind(b"\n") + 1, False)
        if cut:
            whole = data[:cut]
            return Stretch(whole, line, count_lines(whole), None, quoted)
        # No record ends here yet, but nothing is wrong either: wait for the next chunk.
        if not misplaced and not last and len(data) <= self._limit:
            return None
        if misplaced and self._letters and (cut := _bare_length(data, self._delimiter)):
            return Stretch(data[:cut], line, count_lines(data[:cut]), None, quoted=False)
        return self._tokenized(data, line, last, patience)

    def _tokenized(self, data: bytes, line: int, last: bool, patience: int | None) -> Stretch | None:
        try:
            tokens = self._tokenizer.tokenize(data, final=last, limit=patience)
        except Unclosed as error:
            raise unclosed_quote(line + error.line, self._name) from error
        if tokens.consumed:
            return Stretch(data[: tokens.consumed], line, tokens.lines, tokens.records, True)
        if len(data) <= self._limit:
            return None
        raise SourceError(
            f"the record that starts on line {line} is longer than {self._limit:,} bytes",
            where=f"{self._name}, line {line}",
            hint="A quote there may never be closed, or the file is not a table",
        )


def _plain_length(data: bytes, delimiter: int) -> tuple[int, bool]:
    """Return the length of the whole records at the start whose quotes are in place, and whether one then is not."""
    view = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(view == _QUOTE)
    ends = record_ends(view, quotes)
    stop = int(ends[-1]) if len(ends) else 0
    misplaced = _first_misplaced(view, quotes[: np.searchsorted(quotes, stop)], delimiter)
    if misplaced is not None:
        # Up to the misplaced quote parity holds. After it, inside and outside are swapped, and every end is in doubt.
        ends = ends[ends < misplaced]
    return (int(ends[-1]) + 1 if len(ends) else 0), misplaced is not None


def _bare_length(data: bytes, delimiter: int) -> int:
    """Return the length of the lines at the start in which no cell begins with a quote; 0 if they are the lesser part.

    The lesser part is left to the tokenizer: many short stretches would scan the rest of the text again and again.
    """
    starts = (data.find(bytes([edge, _QUOTE])) for edge in (delimiter, _NEWLINE, _CARRIAGE_RETURN))
    opened = 0 if data[0] == _QUOTE else min((start + 1 for start in starts if start >= 0), default=len(data))
    cut = data.rfind(b"\n", 0, opened) + 1
    return cut if 2 * cut > len(data) else 0


def record_ends(view: NDArray[np.uint8], quotes: Positions) -> Positions:
    """Return the positions of the newlines that an even number of quotes precedes."""
    newlines = np.flatnonzero(view == _NEWLINE)
    return newlines[np.searchsorted(quotes, newlines) % 2 == 0] if len(quotes) else newlines


def _first_misplaced(view: NDArray[np.uint8], quotes: Positions, delimiter: int) -> int | None:
    """Return the position of the first opening quote that starts no field, or closing one that ends none."""
    edge = np.zeros(256, dtype=np.bool_)
    edge[[delimiter, _NEWLINE, _CARRIAGE_RETURN, _QUOTE]] = True
    # A closing quote that is doubled has a quote after it, and the one that follows opens right after a quote:
    # with the quote among the edges, doubled quotes need no rule of their own.
    opening, closing = quotes[::2], quotes[1::2]
    # Before the start of the text stands nothing: the quote there is taken for its own edge.
    wrong = (opening[~edge[view[np.maximum(opening - 1, 0)]]], closing[~edge[view[closing + 1]]])
    return min((int(places[0]) for places in wrong if len(places)), default=None)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each chunk with whether it is the last."""
    held: bytes | None = None
    for chunk in chunks:
        if held is not None:
            yield held, False
        held = chunk
    yield held or b"", True
