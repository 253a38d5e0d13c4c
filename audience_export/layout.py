"""Columns of text -> the bytes of files, in parts that are not too large."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outputs.cells import BYTE_ORDER_MARK, TEXT, bytes_of, lines_of, quoted
from retention.errors import OptionError

NEEDS_ESCAPES = r'["\\\x00-\x1f]'
Cells = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Layout:
    """How a file is written.

    Args:
        head: Header names -> what stands before the records.
        records: Columns -> the records, each followed by `between`.
        between: What parts two records; the last one of a file goes without it.
    """

    suffix: str
    head: Callable[[list[str]], bytes]
    records: Callable[[Cells], pa.Array]
    between: bytes = b""
    tail: bytes = b""


@dataclass(frozen=True)
class AudienceFile:
    """A written file: its name, records, bytes and SHA-256."""

    file: str
    rows: int
    bytes: int
    sha256: str


class FileSeries:
    """The files that records are written into, one after the other: as many as the limit asks for, one at least.

    Args:
        stem: What their names begin with, and where they are.
        layout: How they are written.
        headers: Their columns.
        limit: Bytes a file may have.
    """

    def __init__(self, stem: Path, layout: Layout, headers: list[str], limit: int | None) -> None:
        self._stem, self._layout, self._head = stem, layout, layout.head(headers)
        self._room, self._done = math.inf if limit is None else limit, list[AudienceFile]()
        self._begin()

    def _begin(self) -> None:
        self._path = self._stem.with_name(f"{self._stem.name}.{len(self._done)}")
        self._hash, self._size, self._rows = sha256(), 0, 0
        self._write(self._head)

    def _write(self, data: bytes | memoryview) -> None:
        # Open only now: there may be more files than a process may open.
        with self._path.open("ab") as stream:
            stream.write(data)
        self._hash.update(data)
        self._size += len(data)

    def add(self, records: pa.Array) -> None:
        """Write some records.

        Raises:
            OptionError: One record alone is over the limit.
        """
        between = self._layout.between
        data, ends = bytes_of(records)
        start = 0
        while start < len(records):
            # What parts two records stands before the second one, so that the last one of a file goes without it.
            before = between if self._rows else b""
            used = self._size + len(before) + len(self._layout.tail)
            room = ends[start] + self._room - used + len(between)
            stop = int(np.searchsorted(ends, room, side="right")) - 1
            if stop <= start:
                self._end(needed=True)
                continue
            self._write(before)
            self._write(data[int(ends[start]) : int(ends[stop]) - len(between)])
            self._rows, start = self._rows + stop - start, stop

    def _end(self, *, needed: bool = False) -> None:
        if needed and not self._rows:
            raise OptionError(f"{self._room:,} bytes are too few for one customer's record")
        self._write(self._layout.tail)
        self._done.append(AudienceFile(self._path.name, self._rows, self._size, self._hash.hexdigest()))
        if needed:
            self._begin()

    def ended(self) -> list[AudienceFile]:
        """Return the files, of which the last one ends here."""
        self._end()
        return self._done


def _csv_head(headers: list[str]) -> bytes:
    return f"{','.join(headers)}\n".encode()


def _csv_records(cells: Cells) -> pa.Array:
    return lines_of([quoted(column) for column in cells.values()])


def _json_records(cells: Cells) -> pa.Array:
    parts: list[pa.Array | pa.Scalar] = []
    for place, (header, column) in enumerate(cells.items()):
        parts += [pa.scalar(f"{'{' if place == 0 else ', '}{json.dumps(header)}: ", TEXT), _json_cells(column)]
    return pc.binary_join_element_wise(*parts, pa.scalar("},\n", TEXT), pa.scalar("", TEXT))


def _json_cells(column: pa.Array) -> pa.Array:
    quote = pa.scalar('"', TEXT)
    framed = pc.binary_join_element_wise(quote, column, quote, pa.scalar("", TEXT))
    odd = pc.fill_null(pc.match_substring_regex(column, NEEDS_ESCAPES), False)
    if pc.any(odd, min_count=0).as_py():
        escaped = [json.dumps(text, ensure_ascii=False) for text in column.filter(odd).to_pylist()]
        framed = pc.replace_with_mask(framed, odd, pa.array(escaped, TEXT))
    return framed.fill_null("null")


CSV = Layout("csv", _csv_head, _csv_records)
SPREADSHEET = Layout("csv", lambda headers: BYTE_ORDER_MARK + _csv_head(headers), _csv_records)
"""A spreadsheet takes UTF-8 for what it is only after the byte order mark."""
JSON = Layout("json", lambda _: b"[\n", _json_records, between=b",\n", tail=b"\n]\n")
