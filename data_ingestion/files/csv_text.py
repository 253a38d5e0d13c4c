"""Delimited text -> blocks of text columns, with the line of every record."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from data_ingestion.files.blocks import BrokenRow, LineMap, MakeBlock, Table, TextBlock, ready
from data_ingestion.files.byte_source import ByteSource
from data_ingestion.files.encodings import PLAIN, NotUtf8, utf8_chunks
from data_ingestion.files.stretches import Positions, Splitter, Stretch, record_ends
from data_ingestion.files.tokenizer import (
    CsvRecord,
    Tokenizer,
    Unclosed,
    count_lines,
    quotes_cells,
    swallows_a_row,
    unclosed_quote,
)
from data_ingestion.formats import Format
from data_ingestion.formats.header import LOOKED_AT, Header, header_place, known_columns, passed_over, recognise
from retention.customers.reasons import Reason
from retention.errors import SourceError, ensure

DELIMITERS: tuple[bytes, ...] = (b",", b";", b"\t", b"|")
MOST_UNFIT = 100_000
"""Rows at the top, none of which has as many cells as the header, from which on a text is no table."""

_RULE = re.compile(rb"[|:+ \t]*-{2}[|:+, \t-]*(?:\r?\n|$)")


@dataclass(frozen=True)
class CsvLayout:
    """How a delimited file is written.

    Args:
        delimiter: One byte.
        first_line: Line of the first record after the header, from 1.
        quotes: Whether some of the first cells are quoted.
        padded: Whether blanks around cells are no part of them, as in tables that are drawn.
    """

    delimiter: bytes
    header: Header
    first_line: int
    quotes: bool = False
    padded: bool = False


def open_csv(source: ByteSource, encoding: str, as_format: Format | None = None) -> Table:
    """Read the header of a delimited file and prepare its records.

    Raises:
        SourceError: The file has no header, or no table's text.
        ContractError: The header lacks required columns.
    """
    chunks = utf8_chunks(source, encoding)
    first = next(chunks, b"")
    if b"\0" in first[:4096]:
        raise _zero_bytes(source.name, 1 + count_lines(first[: first.index(b"\0")]))
    layout, rest, above = _read_header(first, source, as_format)
    table = delimited(chain([rest], chunks), layout, encoding, source)
    table.warnings.extend(passed_over(above, source.name))
    return replace(table, above=above)


def delimited(chunks: Iterable[bytes], layout: CsvLayout, encoding: str, source: ByteSource) -> Table:
    """Return the table of the text below a header."""
    splitter = Splitter(layout.delimiter, source.name, source.meter.limits.record_bytes, letters=not layout.quotes)
    stretches = _checked_text(splitter.split(chunks, layout.first_line), encoding, source.name)
    parts = _parts(stretches, layout, source)
    delimiter, notices = layout.delimiter.decode(), source.notices
    return Table(source.name, "csv", layout.header, parts, source.sha256, encoding, delimiter, notices)


def _parts(stretches: Iterable[Stretch], layout: CsvLayout, source: ByteSource) -> Iterator[MakeBlock]:
    """Yield what makes the blocks; those up to the first row that fits the header are made at once."""
    fits = False
    for stretch in stretches:
        # Arrow parses a stretch without holding Python's lock, so the parts are left to threads.
        read = _trimmed if layout.padded else _read_stretch
        make = partial(read, stretch, layout, source.name, source.fraction, fits)
        if fits:
            yield make
        else:
            block = make()
            fits = block.rows > 0
            yield from ready([block])


def _trimmed(stretch: Stretch, layout: CsvLayout, name: str, fraction: float, fits: bool) -> TextBlock:
    block = _read_stretch(stretch, layout, name, fraction, fits)
    return replace(block, columns={each: pc.utf8_trim_whitespace(text) for each, text in block.columns.items()})


def _read_stretch(stretch: Stretch, layout: CsvLayout, name: str, fraction: float, fits: bool) -> TextBlock:
    """Return the records of a stretch as text columns; safe to call from several threads.

    Args:
        stretch: Its bytes.
        layout: How the file is written.
        name: Its base name, for errors.
        fraction: How much of it has been read.
        fits: Whether some row before fits the header.

    Raises:
        SourceError: A record shows that a quote before it was not closed, or so many rows are no rows of the header.
    """
    if stretch.records is not None:
        return _from_records(stretch, layout, name, fraction)
    wrong = list[arrow_csv.InvalidRow]()
    try:
        table = _parse(stretch, layout, wrong, MOST_UNFIT if not fits else len(stretch.data))
    except pa.ArrowInvalid as error:
        what = f"none of the first {len(wrong):,} rows has as many cells as the header"
        hint = "Check that it is a table, and that one character separates its cells"
        raise SourceError(what, where=name, hint=hint) from error
    columns = {column.name: table.column(column.name).combine_chunks() for _, column in layout.header.found}
    # As many rows as lines: no blank, broken or many-line record, so the lines follow each other and nothing
    # needs to be looked for. This is the case of nearly every block, and the reason for the speed.
    if table.num_rows == stretch.lines:
        return TextBlock(columns, table.num_rows, LineMap(stretch.first_line), (), fraction)
    lines = _lines_of(stretch)
    ensure(len(lines) == table.num_rows + len(wrong), "records counted = records parsed + records left out")
    # Records count from 1, and blank lines do not.
    at = np.array([row.number - 1 for row in wrong], dtype=np.int64)
    expected, delimiter = len(layout.header.names), layout.delimiter
    broken = tuple(
        _ragged(CsvRecord(None, row.text.encode(), 0), row.actual_columns, expected, delimiter, line, name)
        for row, line in zip(wrong, lines[at].tolist(), strict=True)
    )
    return TextBlock(columns, table.num_rows, LineMap(0, np.delete(lines, at)), broken, fraction)


def _read_header(
    first: bytes, source: ByteSource, as_format: Format | None
) -> tuple[CsvLayout, bytes, list[list[str]]]:
    """Return the layout, the text after the header, and the rows above it."""
    # Of the delimiters that do not occur each reads the same, so one speaks for all.
    absent = [each for each in DELIMITERS if each not in first]
    tried = [_try_header(first, each, as_format) for each in DELIMITERS if each not in absent[1:]]
    best = max(filter(None, tried), key=lambda header: header.score, default=None)
    # Where one delimiter leaves a quote open, the others only see pieces of the header; they are believed if they find
    # columns that are known, or several.
    if best is None or (None in tried and best.score <= (0, 1) and '"' in best.names[0]):
        hint = "One of its quotes may never be closed, or blanks separate its cells"
        raise SourceError("the first line is not a header", where=source.name, hint=hint)
    source.meter.check_columns(len(best.names), source.name)
    header = recognise(best.names, source.name, as_format)
    layout = CsvLayout(best.delimiter, header, 1 + best.lines, quotes_cells(first, best.delimiter), best.ruled)
    return layout, first[best.consumed :], best.above


@dataclass(frozen=True)
class _TriedHeader:
    """The first record with the names of columns, read with one delimiter."""

    delimiter: bytes
    names: list[str]
    above: list[list[str]]
    ruled: bool
    consumed: int
    lines: int
    as_format: Format | None

    @property
    def score(self) -> tuple[int, int]:
        """Known columns, then columns; the delimiter that gives most is the file's."""
        return known_columns(self.names, self.as_format), len(self.names)


def _try_header(text: bytes, delimiter: bytes, as_format: Format | None) -> _TriedHeader | None:
    """Return the header; None if a quote in the first record is not closed where a field ends."""
    tokenizer = Tokenizer(delimiter)
    try:
        tokens = tokenizer.tokenize(text, final=True, limit=LOOKED_AT)
    except Unclosed:
        # It may be a row far below the header, of which the reading tells.
        try:
            tokens = tokenizer.tokenize(text, final=True, limit=1)
        except Unclosed:
            return None
    rows = [[field.decode(errors="replace") for field in record.fields or ()] for record in tokens.records]
    above = header_place(rows) if rows else 0
    top = [record.fields for record in tokens.records[: above + 1]]
    fields = None if None in top else next(reversed(top), None)
    if fields is None:
        return None
    tokens = tokenizer.tokenize(text, final=True, limit=above + 1)
    # A rule between header and rows is no row: `|---|---|`.
    rule = _RULE.match(text, tokens.consumed)
    consumed, lines = (rule.end(), tokens.lines + 1) if rule else (tokens.consumed, tokens.lines)
    return _TriedHeader(delimiter, _names(fields), rows[:above], rule is not None, consumed, lines, as_format)


def _names(fields: list[bytes]) -> list[str]:
    try:
        return [field.decode() for field in fields]
    except UnicodeDecodeError as error:
        raise NotUtf8(1) from error


def _checked_text(stretches: Iterator[Stretch], encoding: str, name: str) -> Iterator[Stretch]:
    """Yield the stretches after checking that they are text.

    Raises:
        NotUtf8: They are not UTF-8, and no earlier one showed that the file is.
        SourceError: They hold zero bytes, or the file mixes encodings.
    """
    seen = False
    for stretch in stretches:
        if b"\0" in stretch.data:
            raise _zero_bytes(name, stretch.first_line + count_lines(stretch.data[: stretch.data.index(b"\0")]))
        if encoding in PLAIN and not stretch.data.isascii():
            if not _is_utf8(stretch.data):
                _refuse(stretch, seen, name)
            seen = True
        yield stretch


def _is_utf8(data: bytes) -> bool:
    # Arrow looks at the bytes, where Python would make a text of them.
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    try:
        pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(data)]).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _refuse(stretch: Stretch, seen: bool, name: str) -> None:
    try:
        stretch.data.decode()
    except UnicodeDecodeError as error:
        line = stretch.first_line + count_lines(stretch.data[: error.start])
        # After real UTF-8 a bad byte is damage, and reading all in another encoding would garble good text. A few
        # letters of another encoding may be UTF-8 by chance, so what there is more of decides.
        text = stretch.data.decode(errors="replace")
        damaged = text.count("\ufffd")
        if not seen and len(text.encode("ascii", "ignore")) + 2 * damaged > len(text):
            raise NotUtf8(line) from error
        raise SourceError(
            f"line {line} is not UTF-8, but the text before it is",
            where=f"{name}, line {line}",
            hint="The file mixes encodings; save it again as UTF-8",
        ) from error


def _zero_bytes(name: str, line: int) -> SourceError:
    return SourceError(
        "the file contains zero bytes, so it is damaged or is not text",
        where=f"{name}, line {line}",
        hint="Export it again as CSV in UTF-8",
    )


def _parse(stretch: Stretch, layout: CsvLayout, wrong: list[arrow_csv.InvalidRow], most: int) -> pa.Table:
    """Return the contract columns of plain text, and add the records with the wrong number of fields to a list.

    Raises:
        pa.ArrowInvalid: More than so many records at the start are all wrong.
    """

    def leave_out(row: arrow_csv.InvalidRow) -> str:
        wrong.append(row)
        return "error" if len(wrong) > most and len(wrong) == row.number else "skip"

    names = _column_names(layout.header)
    used = [column.name for _, column in layout.header.found]
    return arrow_csv.read_csv(
        pa.BufferReader(stretch.data),
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(stretch.data) + 1),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter.decode(),
            quote_char='"' if stretch.quoted else False,
            newlines_in_values=stretch.quoted,
            invalid_row_handler=leave_out,
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            include_columns=used,
            column_types=dict.fromkeys(used, pa.large_string()),
            strings_can_be_null=False,
        ),
    )


def _column_names(header: Header) -> list[str]:
    """Return a distinct name for every place; contract columns keep theirs."""
    names = [f"ignored {place}" for place in range(len(header.names))]
    for place, column in header.found:
        names[place] = column.name
    return names


def _lines_of(stretch: Stretch) -> Positions:
    """Return the line of each record that is not blank."""
    view = np.frombuffer(stretch.data, dtype=np.uint8)
    ends = record_ends(view, np.flatnonzero(view == 0x22) if stretch.quoted else np.empty(0, dtype=np.int64))
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)
    # A carriage return before the newline belongs to the line end.
    filled = ends - (view[np.maximum(ends - 1, 0)] == 0x0D) > starts
    lines: Positions = np.searchsorted(np.flatnonzero(view == 0x0A), starts[filled]) + stretch.first_line
    return lines


def _ragged(record: CsvRecord, fields: int, expected: int, delimiter: bytes, line: int, name: str) -> BrokenRow:
    """Return a record with the wrong number of fields; raise if it swallowed others."""
    if swallows_a_row(record.raw, delimiter, expected, stray=record.stray):
        raise unclosed_quote(line, name)
    return BrokenRow(line, Reason.TOO_FEW_FIELDS if fields < expected else Reason.TOO_MANY_FIELDS, shown(record.raw))


def shown(raw: bytes) -> str:
    """Return a record as text."""
    return raw.decode(errors="replace")


def _from_records(stretch: Stretch, layout: CsvLayout, name: str, fraction: float) -> TextBlock:
    """Return the columns of records that the tokenizer read."""
    expected = len(layout.header.names)
    good, broken = list[CsvRecord](), list[BrokenRow]()
    for record in stretch.records or []:
        line = stretch.first_line + record.line
        if record.fields is not None and len(record.fields) != expected:
            broken.append(_ragged(record, len(record.fields), expected, layout.delimiter, line, name))
        # Where cells are quoted, a quote astray tells of a separator lost before it: the cells are shifted, although
        # their number is right. Where none is quoted, it is an inch or a second.
        elif record.fields is None or (record.stray and layout.quotes):
            broken.append(BrokenRow(line, Reason.BROKEN_QUOTING, shown(record.raw)))
        else:
            good.append(record)
    columns = {column.name: _column(good, place) for place, column in layout.header.found}
    lines = np.array([stretch.first_line + record.line for record in good], dtype=np.int64)
    return TextBlock(columns, len(good), LineMap(0, lines), tuple(broken), fraction)


def _column(records: list[CsvRecord], place: int) -> pa.Array:
    cells = [(record.fields or [])[place] for record in records]
    return pa.array(cells, pa.large_binary()).cast(pa.large_string())
