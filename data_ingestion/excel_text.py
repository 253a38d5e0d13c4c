"""Excel workbooks -> blocks of text columns, streamed from the first sheet."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
import pyarrow as pa

from data_ingestion.blocks import SHOWN, BrokenRow, LineMap, TextBlock
from data_ingestion.formats import Format
from data_ingestion.header import Header, recognise
from data_ingestion.opening import Meter
from retention.errors import InputError, SourceError
from retention.reasons import Reason

BATCH_ROWS = 20_000

Row = Sequence[object]
_DAMAGE = (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, IndexError, OSError, EOFError)


@dataclass(frozen=True)
class ExcelReading:
    """A workbook that is being read.

    Args:
        header: The columns of its first sheet.
        blocks: Its rows; `line` is the sheet's row number.
        other_sheets: Names of sheets that are not read.
    """

    header: Header
    blocks: Iterator[TextBlock]
    other_sheets: tuple[str, ...]


def open_excel(path: Path, name: str, meter: Meter, asked: Format | None = None) -> ExcelReading:
    """Read the header of a workbook's first sheet and prepare its rows.

    Raises:
        SourceError: The file is no workbook, is damaged, or decodes to too much.
        ContractError: The header lacks required columns.
    """
    _check_archive(path, name, meter)
    # A handle, not the path: the library judges a path by its extension, which may be wrong.
    handle = path.open("rb")
    try:
        book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        header = _find_header(rows, name, meter, asked)
    except _DAMAGE as error:
        handle.close()
        raise _damaged(name) from error
    except InputError:
        handle.close()
        raise
    return ExcelReading(header, _blocks(rows, header, handle, name), tuple(book.sheetnames[1:]))


def _find_header(rows: Iterator[tuple[int, Row]], name: str, meter: Meter, asked: Format | None) -> Header:
    """Return the columns of the first row that is not blank."""
    top = next((row for _, row in rows if not _blank(row)), None)
    if top is None:
        raise SourceError("the first sheet is empty", where=name)
    names = [cell_text(cell) for cell in _trimmed(top)]
    if len(names) > meter.limits.columns:
        raise SourceError(f"the file has more than {meter.limits.columns:,} columns", where=name)
    return recognise(names, name, asked)


def _check_archive(path: Path, name: str, meter: Meter) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise _damaged(name) from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise SourceError(
            "is a zip archive, not an Excel workbook", where=name, hint="Unpack it and give the table inside"
        )
    # An entry never decodes to more than the size it declares.
    meter.add_bytes(sum(entry.file_size for entry in entries), name)


def _blocks(rows: Iterator[tuple[int, Row]], header: Header, handle: IO[bytes], name: str) -> Iterator[TextBlock]:
    try:
        while batch := list(islice(rows, BATCH_ROWS)):
            yield _block([(line, row) for line, row in batch if not _blank(row)], header)
    except _DAMAGE as error:
        raise _damaged(name) from error
    finally:
        handle.close()


def _block(batch: list[tuple[int, Row]], header: Header) -> TextBlock:
    width = len(header.names)
    good = [(line, row) for line, row in batch if len(_trimmed(row)) <= width]
    broken = tuple(
        BrokenRow(line, Reason.TOO_MANY_FIELDS, ", ".join(map(cell_text, row))[:SHOWN])
        for line, row in batch
        if len(_trimmed(row)) > width
    )
    columns = {
        column.name: pa.array([cell_text(row[at]) if at < len(row) else "" for _, row in good], pa.large_string())
        for at, column in header.found
    }
    return TextBlock(columns, len(good), LineMap(0, np.array([line for line, _ in good], dtype=np.int64)), broken)


def cell_text(value: object) -> str:
    """Return a cell as the text it would be in a CSV file.

    >>> cell_text(12.0), cell_text(datetime(2025, 9, 1)), cell_text(None), cell_text(True)
    ('12', '2025-09-01', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _blank(row: Row) -> bool:
    return all(cell is None or cell == "" for cell in row)


def _trimmed(row: Row) -> Row:
    """Return a row without the empty cells at its end."""
    end = len(row)
    while end and row[end - 1] in (None, ""):
        end -= 1
    return row[:end]


def _damaged(name: str) -> SourceError:
    return SourceError("the Excel workbook is damaged or protected", where=name, hint="Save it again as .xlsx")
