"""The first rows of a file with all its columns, as text: what is shown and judged before a layout is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data_ingestion.files.blocks import TextBlock
from data_ingestion.files.csv_text import CsvReading, NotUtf8, open_csv, read_stretch
from data_ingestion.files.encodings import sniff_encoding
from data_ingestion.files.excel_text import open_excel
from data_ingestion.files.fixed_width import blank_separated, open_blank_separated
from data_ingestion.files.jsonl_text import open_jsonl
from data_ingestion.files.opening import FileKind, Meter, detect_kind, open_bytes
from data_ingestion.files.parquet_text import open_parquet
from data_ingestion.formats.header import EVERYTHING
from data_ingestion.options import Limits

PEEK_ROWS = 20_000
"""Rows that are looked at."""


@dataclass(frozen=True)
class Peek:
    """The start of a file.

    Args:
        kind: What kind of file it is.
        names: Its headers.
        cells: Place of a header -> the first cells below it, large text without nulls; nested ones are absent.
        rows: How many cells each column has.
        encoding: Of text, else `""`.
        delimiter: Of text, else `""`.
    """

    kind: FileKind
    names: tuple[str, ...]
    cells: Mapping[int, pa.Array]
    rows: int
    encoding: str = ""
    delimiter: str = ""


def peek(path: Path, name: str, limits: Limits) -> Peek:
    """Return the start of a file.

    Raises:
        InputError: It is no table, or its header cannot be read.
    """
    meter = Meter(limits)
    kind, sample = detect_kind(path, name, meter)
    if kind is FileKind.PARQUET:
        parquet = open_parquet(path, name, meter, EVERYTHING)
        return _peek(kind, parquet.header.names, next(parquet.blocks, None) if parquet.header.found else None)
    if kind is FileKind.XLSX:
        excel = open_excel(path, name, meter, EVERYTHING)
        return _peek(kind, excel.header.names, next(excel.blocks, None))
    encoding = sniff_encoding(sample)
    if kind is FileKind.JSONL:
        with open_bytes(path, name, meter) as source:
            lines = open_jsonl(source, encoding, EVERYTHING)
            return _peek(kind, lines.header.names, next(lines.blocks, None), encoding)
    try:
        return _peek_csv(path, name, meter, encoding, blank_separated(sample))
    except NotUtf8:
        return _peek_csv(path, name, meter, "cp1252", blank_separated(sample))


def _peek_csv(path: Path, name: str, meter: Meter, encoding: str, blanks: bool) -> Peek:
    with open_bytes(path, name, meter) as source:
        reading: CsvReading = (open_blank_separated if blanks else open_csv)(source, encoding, EVERYTHING)
        layout = reading.layout
        stretch = next(reading.stretches, None)
        block = None if stretch is None else read_stretch(stretch, layout, name, 1.0)
        return _peek(FileKind.CSV, layout.header.names, block, encoding, layout.delimiter.decode())


def _peek(
    kind: FileKind, names: tuple[str, ...], block: TextBlock | None, encoding: str = "", delimiter: str = ""
) -> Peek:
    cells = {} if block is None else {int(place): text[:PEEK_ROWS] for place, text in block.columns.items()}
    rows = 0 if block is None else min(PEEK_ROWS, block.rows)
    return Peek(kind, names, cells, rows, encoding, delimiter)
