"""The first rows of a file with all its columns, as text: what is shown and judged before a layout is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data_ingestion.files.blocks import Table
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.table import read_table
from data_ingestion.formats.header import EVERYTHING
from data_ingestion.options import ReadOptions

PEEK_ROWS = 20_000


@dataclass(frozen=True)
class Peek:
    """The start of a file.

    Args:
        cells: Place of a header -> the first cells below it, large text without nulls; nested ones are absent.
        rows: How many cells each column has.
        broken: How many rows beside them have too few cells or too many.
        encoding: Of text, else `""`.
        delimiter: Of text, else `""`.
    """

    kind: str
    names: tuple[str, ...]
    cells: Mapping[int, pa.Array]
    rows: int
    encoding: str = ""
    delimiter: str = ""
    broken: int = 0


def peek(path: Path, name: str, options: ReadOptions) -> Peek:
    """Return the start of a file.

    Raises:
        InputError: It is no table, or its header cannot be read.
    """
    return read_table(path, name, Meter(options.limits), _start, options, as_format=EVERYTHING)


def _start(table: Table) -> Peek:
    make = next(table.parts, None)
    block = None if make is None else make()
    cells = {} if block is None else {int(place): text[:PEEK_ROWS] for place, text in block.columns.items()}
    rows = 0 if block is None else min(PEEK_ROWS, block.rows)
    return Peek(
        table.kind, table.header.names, cells, rows, table.encoding, table.delimiter, len(block.broken) if block else 0
    )
