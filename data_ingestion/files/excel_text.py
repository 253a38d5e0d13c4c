"""Excel workbooks -> blocks of text columns, streamed from the first visible sheet."""

import io
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from data_ingestion.files.blocks import BrokenRow, LineMap, Table, TextBlock, ready
from data_ingestion.files.byte_source import Meter, hash_file, named
from data_ingestion.files.excel_look import SheetLook, look_at_sheet
from data_ingestion.formats import Format
from data_ingestion.formats.header import LOOKED_AT, Header, UnknownLayout, header_place, passed_over, recognise
from retention.customers.reasons import Reason
from retention.errors import ContractError, SourceError

BATCH_ROWS = 20_000
EXACT_NUMBER = 10.0**15
"""From here on a spreadsheet no longer keeps every digit of a number."""

Row = list[Any]
# What the library raises where a workbook is not what it should be, found by fuzzing.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, ExpatError, CalamineError, EOFError, OSError, LookupError, ValueError),
    *(RuntimeError, NotImplementedError),
)


def open_excel(path: Path, name: str, meter: Meter, as_format: Format | None = None) -> Table:
    """Read the header of a workbook's first visible sheet and prepare its rows.

    Raises:
        SourceError: The file is no workbook, is damaged, or decodes to too much.
        ContractError: The header lacks required columns.
    """
    _check_archive(path, name, meter)
    try:
        with zipfile.ZipFile(path) as archive:
            # Bytes, not the path: the library judges a path by its extension, which may be wrong.
            book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
            tables = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
            # A lookup table is often hidden in front; a person sees the first sheet that is not.
            title = next((each for each in tables if each.visible == SheetVisibleEnum.Visible), tables[0]).name
            look = look_at_sheet(archive, title, name, meter)
            sheet = book.get_sheet_by_name(title)
    except _DAMAGE as error:
        raise _damaged(name) from error
    beside = named([each for each in book.sheet_names if each != title])
    rows = _with_errors(sheet.iter_rows(), look) if look.errors else sheet.iter_rows()
    header, above, rows = _find_header(rows, f"{name}, sheet '{title}'", meter, as_format, beside)
    left_out = [f"{name}: only the sheet '{title}' was read; left out: {beside}"] if beside else []
    titles = [list(map(cell_text, row)) for row in above if not _blank(row)]
    left_out += [*passed_over(titles, name), *_formulas(look, header, name)]
    blocks = _blocks(rows, len(above) + 2, header, name)
    return Table(name, "xlsx", header, ready(blocks), partial(hash_file, path), warnings=left_out, above=titles)


def _formulas(look: SheetLook, header: Header, name: str) -> list[str]:
    """Return a warning if columns that are read hold formulas without a result, which are missing values."""
    columns = [f"{count:,} of {header.names[at].strip()}" for at, _ in header.found if (count := look.formulas[at])]
    hint = "open the workbook in a spreadsheet and save it"
    return [f"{name}: formulas without a stored result are missing: {', '.join(columns)}; {hint}"] if columns else []


def _with_errors(rows: Iterable[Row], look: SheetLook) -> Iterator[Row]:
    """Yield the rows of a sheet from its first one on, with errors, which the library leaves out."""
    for line, row in enumerate(rows, start=1):
        for place, error in look.errors.get(line, {}).items():
            row[place] = error
        yield row


def _find_header(
    rows: Iterator[Row], where: str, meter: Meter, as_format: Format | None, others: str
) -> tuple[Header, list[Row], Iterator[Row]]:
    """Return the columns of a sheet, the rows above them, and the rows below them."""
    top = list(islice(rows, LOOKED_AT))
    texts = [[cell_text(cell) for cell in _trimmed(row)] for row in top]
    width = max(map(len, texts), default=0)
    beside = f"The workbook also has {others}: move the sheet with the table to the front" if others else ""
    if not width:
        raise SourceError("the sheet is empty", where=where, hint=beside or "Check that it is the right file")
    meter.check_columns(width, where)
    place = header_place([cells + [""] * (width - len(cells)) for cells in texts])
    try:
        header = recognise(texts[place], where, as_format)
    except UnknownLayout as error:
        if not others:
            raise
        raise UnknownLayout(error.what, where=where, hint=f"{error.hint}. {beside}") from error
    return header, top[:place], chain(top[place + 1 :], rows)


def _check_archive(path: Path, name: str, meter: Meter) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _DAMAGE as error:
        raise _damaged(name) from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise SourceError(_archive_of(names), where=name, hint="Give the table itself as CSV, Parquet or Excel (.xlsx)")
    meter.begin(path.stat().st_size)
    # An entry never decodes to more than the size it declares.
    meter.add_bytes(sum(entry.file_size for entry in entries), name)


def _archive_of(names: Collection[str]) -> str:
    """Return what an archive is that holds files of these names."""
    if "xl/workbook.bin" in names:
        return "the file is a binary Excel workbook (.xlsb)"
    if "content.xml" in names:
        return "the file is an OpenDocument file"
    return f"the file is a zip archive of {len(names):,} files, not an Excel workbook"


def _blocks(rows: Iterator[Row], first: int, header: Header, name: str) -> Iterator[TextBlock]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield _block(batch, first, header, name)
        first += len(batch)


def _block(batch: list[Row], first: int, header: Header, name: str) -> TextBlock:
    width = len(header.names)
    # All rows of a sheet are as long as its longest.
    wide = len(batch[0]) > width
    lines, good, broken = list[int](), list[Row](), list[BrokenRow]()
    for line, row in enumerate(batch, start=first):
        if wide and any(cell != "" for cell in row[width:]):
            broken.append(BrokenRow(line, Reason.TOO_MANY_FIELDS, ", ".join(map(cell_text, row))))
        elif row[0] != "" or not _blank(row):
            lines.append(line)
            good.append(row)
    columns, typed = dict[str, pa.Array](), dict[str, NDArray[np.bool_]]()
    for at, column in header.found:
        cells = [row[at] for row in good]
        if column.kind == "id":
            _check_digits(cells, header.names[at].strip(), name)
        columns[column.name] = column_texts(cells)
        if column.kind == "number":
            typed[column.name] = np.array([type(cell) is float for cell in cells], dtype=np.bool_)
    return TextBlock(columns, len(good), LineMap(0, np.array(lines, dtype=np.int64)), tuple(broken), typed=typed)


def _check_digits(cells: Sequence[object], column: str, name: str) -> None:
    """Check that no identifier is a number so large that the spreadsheet has dropped its last digits."""
    if any(type(cell) is float and abs(cell) >= EXACT_NUMBER for cell in cells):
        raise ContractError(
            f"the column '{column}' holds numbers of more than 15 digits, of which Excel keeps 15",
            where=name,
            hint="Export the identifiers as text, or the table as CSV",
        )


def cell_text(value: object) -> str:
    """Return a cell as the text it would be in a CSV file.

    >>> cell_text(12.0), cell_text(datetime(2025, 9, 1)), cell_text(True)
    ('12', '2025-09-01', 'true')
    """
    return TEXTS.get(type(value), str)(value)


def column_texts(cells: list[Any]) -> pa.Array:
    """Return the cells of a column as texts, all at once where they are of one type, as in most columns."""
    kinds = set(map(type, cells))
    if kinds == {float}:
        numbers = np.array(cells) + 0.0  # no -0
        sizes = np.abs(numbers)
        # The sizes that Arrow writes as Python does.
        if (((sizes >= 1e-4) & (sizes < 1e9)) | (sizes == 0)).all():
            return pa.array(numbers).cast(pa.large_string())
    elif kinds == {bool}:
        return pa.array(cells).cast(pa.large_string())
    elif kinds and kinds <= {datetime, date}:
        times = [cell if type(cell) is datetime else datetime(*cell.timetuple()[:3]) for cell in cells]  # noqa: DTZ001
        texts = pa.array(times, pa.timestamp("us")).cast(pa.large_string())
        return pc.replace_substring_regex(texts, r"( 00:00:00)?\.0+$", "")
    return pa.array(cells if kinds == {str} else list(map(cell_text, cells)), pa.large_string())


TEXTS: dict[type, Callable[[Any], str]] = {
    float: lambda value: str(int(value)) if value.is_integer() else repr(value),
    datetime: lambda value: value.isoformat(sep=" ").removesuffix(" 00:00:00"),
    bool: lambda value: str(value).lower(),
}
"""How a cell of a type becomes text; others are as they are written."""


def _blank(row: Row) -> bool:
    return row.count("") == len(row)


def _trimmed(row: Row) -> Row:
    """Return a row without the empty cells at its end."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _damaged(name: str) -> SourceError:
    what = "the zip archive or Excel workbook is damaged or protected"
    return SourceError(what, where=name, hint="Save the table again, as .xlsx or CSV")
