"""Delimited text -> records, byte by byte and with exact lines: the referee for text that is not plain.

Blocks without quotes, or with quotes that are all where they belong, are parsed by Arrow. This tokenizer
takes the rest (stray quotes, lone carriage returns), and the header.
"""

import re
from dataclasses import dataclass

import numpy as np

from retention.errors import SourceError

QUOTE = 0x22
_Read = tuple[list[bytes] | None, int, bool]


@dataclass(frozen=True)
class CsvRecord:
    """One record.

    Args:
        fields: Its cells; None: text follows a closing quote, so the cells cannot be told apart.
        raw: Its bytes without the line end.
        line: Line of the block it starts on, from 0.
        stray: Whether a cell that is not quoted holds a quote.
    """

    fields: list[bytes] | None
    raw: bytes
    line: int
    stray: bool = False


@dataclass(frozen=True)
class Tokens:
    """Records of a stretch of text.

    Args:
        consumed: Bytes they take; the rest is an incomplete record.
        lines: Line ends in those bytes.
    """

    records: list[CsvRecord]
    consumed: int
    lines: int


class Unclosed(Exception):  # noqa: N818 - a signal between two functions, turned into a SourceError with the line
    """A quote was opened on this line of the block and not closed where a field ends."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def count_lines(data: bytes) -> int:
    r"""Return the number of line ends: LF, CR LF, or CR alone.

    >>> count_lines(b"a\r\nb\rc\n")
    3
    """
    # numpy counts many hits several times faster than bytes.count does, and lets other threads run.
    view = np.frombuffer(data, dtype=np.uint8)
    newlines = int(np.count_nonzero(view == 0x0A))
    return newlines + lone_carriage_returns(data) if b"\r" in data else newlines


def lone_carriage_returns(data: bytes) -> int:
    r"""Return how many CR stand without LF.

    >>> lone_carriage_returns(b"a\r\nb\rc\r")
    2
    """
    if b"\r" not in data:
        return 0
    view = np.frombuffer(data, dtype=np.uint8)
    returns = view == 0x0D
    return int(np.count_nonzero(returns)) - int(np.count_nonzero(returns[:-1] & (view[1:] == 0x0A)))


def unclosed_quote(line: int, name: str) -> SourceError:
    """Return the error of a quote that swallows the lines after it."""
    return SourceError(
        f"a quote that opens on line {line} is not closed",
        where=f"{name}, line {line}",
        hint="Add the missing quote, or double a quote that belongs to the text",
    )


def quotes_cells(text: bytes, delimiter: bytes) -> bool:
    """Return whether a text has cells in quotes.

    >>> quotes_cells(b'a,"b, c",d', b","), quotes_cells(b'5",3" pipe,d', b",")
    (True, False)
    """
    edge = rb"[\r\n" + re.escape(delimiter) + rb"]"
    quoted = rb"(?:^|" + edge + rb')"(?:[^"]|"")*+"(?:$|' + edge + rb")"
    return b'"' in text and re.search(quoted, text) is not None


def swallows_a_row(raw: bytes, delimiter: bytes, expected: int, *, stray: bool = False) -> bool:
    """Return whether a record with the wrong number of fields holds a whole line that looks like a row.

    That is what an unclosed quote leaves when a later quote happens to close it. Where every quote is in its place,
    only what stands in quotes can be such a line: after a text with a line break the rest of its own row follows.
    """
    texts = [raw] if stray else [quoted.group() for quoted in re.finditer(rb'"(?:[^"]|"")*+"', raw)]
    return any(line.count(delimiter) >= expected - 1 for text in texts for line in text.splitlines()[1:])


class Tokenizer:
    """Splits text by one delimiter."""

    def __init__(self, delimiter: bytes) -> None:
        cut = re.escape(delimiter)
        self._delimiter = delimiter[0]
        # The pluses are possessive: they never give back what they took. Without that the search for a closing quote
        # that is missing would go back over the whole text.
        self._quoted = re.compile(rb'"([^"]*+(?:""[^"]*+)*+)"', re.DOTALL)
        self._plain = re.compile(rb"[^\r\n" + cut + rb"]*+")
        self._rest_of_line = re.compile(rb"[^\r\n]*+")
        self._line_ends = re.compile(rb"[\r\n]++")

    def tokenize(self, data: bytes, *, final: bool, limit: int | None = None) -> Tokens:
        """Return the records of the text, at most `limit` of them.

        Args:
            data: Text that starts at a record.
            final: Whether the file ends with it; else a record at its end counts as incomplete.
            limit: How many records to read.

        Raises:
            Unclosed: A quoted field has no end, or its end is in the middle of a later line.
        """
        records: list[CsvRecord] = []
        position = line = 0
        while position < len(data) and (limit is None or len(records) < limit):
            if blank := self._line_ends.match(data, position):
                # All blank lines at once, as there can be millions. A CR at their end is left: its LF may yet come.
                start, position = position, blank.end() - data.endswith(b"\r", position, blank.end())
                line += count_lines(data[start:position])
            record = self._record(data, position, line, final)
            if record is None:
                break
            fields, end, stray = record
            after = self._after_line_end(data, end, final)
            if after is None:
                break
            if end > position:
                records.append(CsvRecord(fields, data[position:end], line, stray))
            line += count_lines(data[position:after])
            position = after
        return Tokens(records, position, line)

    def _record(self, data: bytes, position: int, line: int, final: bool) -> _Read | None:
        """Return the fields of a record, where it ends, and whether a quote is astray; None if the text ends before."""
        fields: list[bytes] = []
        start, stray = position, False
        while True:
            quoted = position < len(data) and data[position] == QUOTE
            match = (self._quoted if quoted else self._plain).match(data, position)
            # Only a quoted field can fail to match: the plain pattern also matches nothing at all.
            if match is None:
                if final:
                    raise Unclosed(line + count_lines(data[start:position]))
                return None
            end = match.end()
            stray |= not quoted and b'"' in match.group()
            if end == len(data):
                fields.append(_cell(match, quoted))
                # More text may follow: the next chunk could double the closing quote or lengthen the cell.
                return (fields, end, stray) if final else None
            if data[end] not in (self._delimiter, 0x0A, 0x0D):
                return self._broken(data, start, match, line)
            fields.append(_cell(match, quoted))
            if data[end] != self._delimiter:
                return fields, end, stray
            position = end + 1

    def _broken(self, data: bytes, start: int, match: re.Match[bytes], line: int) -> _Read:
        # A quoted text over several lines that ends inside a cell: more likely its quote was never closed, and
        # the one found here opens a later cell. To go on would swallow the rows between, so the file is refused.
        if count_lines(match.group()):
            raise Unclosed(line + count_lines(data[start : match.start()]))
        rest = self._rest_of_line.match(data, match.end())
        return None, match.end() if rest is None else rest.end(), True

    def _after_line_end(self, data: bytes, end: int, final: bool) -> int | None:
        """Return where the next record starts; None if more text is needed to know."""
        if end == len(data):
            return end if final else None
        if data[end] == 0x0D:
            # CR LF may be cut in two by the end of a chunk; read as a lone CR it would count one line twice.
            if end + 1 == len(data) and not final:
                return None
            return end + (2 if data[end + 1 : end + 2] == b"\n" else 1)
        return end + 1


def _cell(match: re.Match[bytes], quoted: bool) -> bytes:
    return match.group(1).replace(b'""', b'"') if quoted else match.group()
