"""Formulas that nobody computed are told of."""

import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from data_ingestion import read_customers
from data_ingestion.files import excel_look
from data_ingestion.files.excel_look import SheetLook, _Cells, _quick_look


def counted(*cells: str) -> Counter[int]:
    rows = "".join(f"<row>{cell}</row>" for cell in cells)
    return _Cells().read(io.BytesIO(f'<x:sheetData xmlns:x="x">{rows}</x:sheetData>'.encode())).formulas


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C2"><f>10+0</f><v /></c>',
        '<c r="C2" s="3"><f>SUM(A1:A9)</f><v></v></c>',
        '<c r="C2"><f t="shared" si="0"/></c>',
        '<x:c r="C2"><x:f>A1*2</x:f></x:c>',
    ],
)
def test_a_formula_without_a_result_is_counted_by_column(cell: str) -> None:
    assert counted(cell, cell.replace("C2", "AB3")) == {2: 1, 27: 1}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C2"><f>10+0</f><v>10</v></c>',
        '<c r="C2" t="str"><f>""</f><v></v></c>',
        '<c r="C2"/>',
        '<c r="C2"><v/></c>',
    ],
)
def test_a_formula_with_a_result_and_an_empty_cell_are_not(cell: str) -> None:
    assert not counted(cell)


@pytest.mark.parametrize("chunk", [7, 100, 1 << 20])
def test_the_quick_look_and_the_close_one_see_the_same(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_look, "_CHUNK", chunk)
    cells = [
        "".join(f'<c r="{letter}{row}" t="s"><v>{row}</v></c>' for letter in ("A", "C", "AB")) for row in (1, 2, 9)
    ]
    text = "<sheetData>" + "".join(f"<row>{each}</row>" for each in cells) + "</sheetData>"
    quick = _quick_look(io.BytesIO(text.encode()))
    assert quick == _Cells().read(io.BytesIO(text.encode()))
    assert quick == SheetLook(rows=9, columns=28, filled=3, texts=9)


@pytest.mark.parametrize(
    "odd",
    ["<c><v>1</v></c>", "<c r='A1'/>", '<x:c r="A1"/>', '<c r="A1"><f>1</f></c>', '<c r="A1" t="e"/>', "<!-- -->"],
)
def test_what_is_out_of_the_ordinary_is_looked_at_closely(odd: str) -> None:
    assert _quick_look(io.BytesIO(f"<sheetData><row>{odd}</row></sheetData>".encode())) is None


def test_a_workbook_of_a_library_is_warned_of(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["user_id", "cart_abandoned_date", "avg_order_value", "note"])
    for number in range(5):
        book.active.append([f"u{number}", "2025-09-01", f"=10+{number}", "=1"])
    path = tmp_path / "formula.xlsx"
    book.save(path)
    intake = read_customers([path])
    assert intake.rows["avg_order_value"].isna().all()
    said = "formula.xlsx: formulas without a stored result are missing: 5 of avg_order_value"
    assert any(warning.startswith(said) for warning in intake.warnings)
