"""Columns of text -> the bytes of files, in parts that are not too large."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outputs.cells import lines_of, neutral, quoted
from retention.errors import OptionError

TEXT = pa.large_string()
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
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
class Part:
    """A file's content."""

    rows: int
    pieces: tuple[bytes | memoryview, ...]


def parts_of(cells: Cells, layout: Layout, limit: int | None) -> Iterator[Part]:
    """Yield the files that hold some columns: one, or as many as the limit asks for; one for no rows.

    Args:
        cells: Headers -> text of each row; null is an empty cell.
        layout: How they are written.
        limit: Bytes a file may have.

    Raises:
        OptionError: One record alone is over the limit.
    """
    head, records = layout.head(list(cells)), layout.records(cells)
    if not len(records):
        yield Part(0, (head, layout.tail))
        return
    frame = len(head) + len(layout.tail)
    data, ends = _bytes(records)
    start = 0
    while start < len(records):
        room = np.inf if limit is None else ends[start] + limit - frame + len(layout.between)
        stop = int(np.searchsorted(ends, room, side="right")) - 1
        if stop <= start:
            raise OptionError(f"{limit:,} bytes are too few for one customer's record")
        piece = data[int(ends[start]) : int(ends[stop]) - len(layout.between)]
        yield Part(stop - start, (head, piece, layout.tail))
        start = stop


def _bytes(records: pa.Array) -> tuple[memoryview, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Return the bytes of all records side by side, and where each ends, with a 0 in front."""
    _, offsets, data = records.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[records.offset : records.offset + len(records) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])], ends - ends[0]


def made_harmless(cells: Cells) -> dict[str, pa.Array]:
    """Return cells with an apostrophe before text that a spreadsheet would run."""
    return {header: neutral(column) for header, column in cells.items()}


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
