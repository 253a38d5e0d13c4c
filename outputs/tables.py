"""A small table as a file to take away: CSV, or a workbook of one sheet; nothing in it runs in a spreadsheet."""

import csv
import io
import zipfile
from html import escape
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from outputs.archive import LEVEL, STAMP
from outputs.cells import TEXT, neutral

Ending = Literal["csv", "xlsx"]
ENDINGS: tuple[Ending, ...] = ("csv", "xlsx")

_ROOT = "http://schemas.openxmlformats.org"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINKED = f"{_ROOT}/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_ROOT}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_ROOT}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINKED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_ROOT}/spreadsheetml/2006/main" xmlns:r="{_LINKED}">'
    '<sheets><sheet name="Table" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_ROOT}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINKED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
Cell = str | float | None


def table_file(table: pd.DataFrame, ending: Ending) -> bytes:
    """Return a table with its heads; equal tables give equal bytes."""
    rows = [[str(name) for name in table.columns], *table.astype(object).to_numpy().tolist()]
    cells = [[_cell(value) for value in row] for row in rows]
    return _csv(cells) if ending == "csv" else _workbook(cells)


def _cell(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    elif pd.isna(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    harmless: str = neutral(pa.array([str(value)], TEXT))[0].as_py()
    return harmless


def _csv(rows: list[list[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    # With a mark at its start, by which Excel knows the encoding.
    return text.getvalue().encode("utf-8-sig")


def _workbook(rows: list[list[Cell]]) -> bytes:
    lines = "".join(f"<row>{''.join(map(_xml, row))}</row>" for row in rows)
    sheet = f'<worksheet xmlns="{_ROOT}/spreadsheetml/2006/main"><sheetData>{lines}</sheetData></worksheet>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, part in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            target.writestr(zipfile.ZipInfo(name, STAMP), _HEAD + part, zipfile.ZIP_DEFLATED, LEVEL)
    return content.getvalue()


def _xml(cell: Cell) -> str:
    if cell is None or cell in (float("inf"), float("-inf")):
        return "<c/>"
    if isinstance(cell, str):
        known = "".join(each for each in cell if each >= " " or each in "\t\n")
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(known)}</t></is></c>'
    return f"<c><v>{cell!r}</v></c>"
