"""JSON lines -> blocks of text columns: one object a line, the members of nested objects as `outer.inner`.

A line of the form `{"session": 1, "events": [{...}, {...}]}` is one row for each of its events. Numbers keep their
digits; a list is kept as its JSON text.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from data_ingestion.files.blocks import BrokenRow, LineMap, Table, TextBlock, ready
from data_ingestion.files.byte_source import ByteSource
from data_ingestion.files.csv_text import shown
from data_ingestion.files.encodings import NotUtf8, utf8_chunks
from data_ingestion.formats import Format
from data_ingestion.formats.header import Header, recognise
from retention.customers.reasons import Reason
from retention.errors import SourceError

EVENTS = "events"
"""Member whose list of objects makes several rows of one line."""

MOST_LATE = 20
"""Names of members to collect that only later objects have."""

Row = dict[str, str]
Object = dict[str, Any]


class Number(str):
    """The digits of a number, so that it is known from text that looks like one."""

    __slots__ = ()


@dataclass(frozen=True)
class _Parsed:
    """The rows of some lines, the line of each, and the lines that are none."""

    rows: list[Row]
    lines: list[int]
    broken: tuple[BrokenRow, ...]


def open_jsonl(source: ByteSource, encoding: str, as_format: Format | None = None) -> Table:
    """Read the start of a file of JSON lines and prepare its rows.

    Raises:
        SourceError: No line of its start is an object, or a line is too long.
        ContractError: The objects lack required members.
    """
    parts = _parsed(_batches(source, encoding))
    first = next(parts, _Parsed([], [], ()))
    if not first.rows:
        raise SourceError(
            "the file is JSON, but none of its lines is an object",
            where=source.name,
            hint="Write one object per line, with nothing around them (JSON lines)",
        )
    names = list(dict.fromkeys(name for row in first.rows for name in row))
    source.meter.check_columns(len(names), source.name)
    header = recognise(names, source.name, as_format)
    warnings = source.notices
    blocks = _blocks(chain([first], parts), header, source, warnings)
    return Table(source.name, "jsonl", header, ready(blocks), source.sha256, encoding, warnings=warnings)


def _blocks(parts: Iterable[_Parsed], header: Header, source: ByteSource, warnings: list[str]) -> Iterator[TextBlock]:
    late = set[str]()
    for part in parts:
        yield _block(part, header, source, late)
    if late:
        names = ", ".join(sorted(late))
        warnings.append(f"{source.name}: columns that the start of the file does not have were not read: {names}")


def _batches(source: ByteSource, encoding: str) -> Iterator[list[bytes]]:
    held = b""
    for chunk in utf8_chunks(source, encoding):
        whole, newline, held = (held + chunk).rpartition(b"\n")
        if newline:
            yield whole.split(b"\n")
        if len(held) > source.meter.limits.record_bytes:
            raise SourceError(
                f"a line is longer than {source.meter.limits.record_bytes:,} bytes",
                where=source.name,
                hint="Write one object per line (JSON lines)",
            )
    if held:
        yield [held]


def _parsed(batches: Iterable[Sequence[bytes]]) -> Iterator[_Parsed]:
    before = 0
    for batch in batches:
        rows, lines, broken = list[Row](), list[int](), list[BrokenRow]()
        for number, line in enumerate(batch, start=before + 1):
            read = rows_of(line, number) if line.strip() else []
            good = [row for row in read if row is not None]
            rows += good
            lines += [number] * len(good)
            broken += [BrokenRow(number, Reason.NOT_JSON, shown(line))] * (len(read) - len(good))
        before += len(batch)
        yield _Parsed(rows, lines, tuple(broken))


def rows_of(line: bytes, number: int) -> list[Row | None]:
    """Return the rows of a line; None stands for one that cannot be read."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(number) from error
    try:
        # Numbers stay text: a float would lose digits of an identifier.
        value = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=str)
        # A list is kept as JSON, where a number must stay one.
        plain = json.loads(text) if "[" in text else value
    except (ValueError, RecursionError):
        return [None]
    if not isinstance(value, dict):
        return [None]
    escaped = "\\u" in text
    return [None if row is None or (escaped and not _is_text(row)) else row for row in _rows(value, plain)]


def _rows(value: Object, plain: Object) -> list[Row | None]:
    events = value.get(EVENTS)
    if not isinstance(events, list):
        return [_flat(value, plain)]
    own = _flat({name: each for name, each in value.items() if name != EVENTS}, plain)
    pairs = zip(events, plain[EVENTS], strict=True)
    return [own | _flat(event, same) if isinstance(event, dict) else None for event, same in pairs]


def _flat(value: Object, plain: Object, prefix: str = "") -> Row:
    """Return the members of an object as text.

    Args:
        value: The object with its numbers as text.
        plain: The same with its numbers as numbers.
        prefix: What stands before the names.
    """
    # Most objects are flat and, as numbers stay text, hold nothing else.
    if not prefix and set(map(type, value.values())) <= {str, Number}:
        return value
    row: Row = {}
    for name, each in value.items():
        if isinstance(each, dict):
            row |= _flat(each, plain[name], f"{prefix}{name}.")
        else:
            row[prefix + name] = each if isinstance(each, str) else _cell(each, plain[name])
    return row


def _cell(value: object, plain: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(plain, ensure_ascii=False)


def _is_text(row: Row) -> bool:
    """Return whether escapes left no half characters and no zeros."""
    whole = "".join(row.values())
    return "\0" not in whole and not any("\ud800" <= letter <= "\udfff" for letter in whole)


def _block(part: _Parsed, header: Header, source: ByteSource, late: set[str]) -> TextBlock:
    known = set(header.names)
    for row in part.rows:
        # A file whose members differ from line to line could name more than anyone wants to hear.
        if len(late) < MOST_LATE and not row.keys() <= known:
            late |= row.keys() - known
    names = {column.name: header.names[place] for place, column in header.found}
    columns = {
        column: pa.array([row.get(name, "") for row in part.rows], pa.large_string()) for column, name in names.items()
    }
    typed = {
        column.name: np.array([type(row.get(names[column.name])) is Number for row in part.rows], dtype=np.bool_)
        for _, column in header.found
        if column.kind == "number"
    }
    lines = np.array(part.lines, dtype=np.int64)
    return TextBlock(columns, len(part.rows), LineMap(0, lines), part.broken, source.fraction, typed)
