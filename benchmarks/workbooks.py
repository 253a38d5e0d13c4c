"""Excel: a workbook of 30,000 rows and 5 columns to blocks of text, against openpyxl giving the same texts."""

import tempfile
from datetime import datetime
from pathlib import Path
from time import process_time

import openpyxl

from benchmarks.harness import Row, at_least, times_note
from data_ingestion import ReadLimits
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.excel_text import cell_text, open_excel

ROWS, COLUMNS = 30_000, ("user_id", "cart_abandoned_date", "avg_order_value", "first_name", "email_consent")


def run() -> list[Row]:
    """Return the row of the reading of Excel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.xlsx"
        _write(path)
        pairs = [(_ours(path), _openpyxl(path)) for _ in range(4)][1:]
    return [at_least(f"Excel of {ROWS:,} x {len(COLUMNS)} cells, against openpyxl", pairs, 5, times_note(pairs))]


def _write(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(COLUMNS)
    for row in range(ROWS):
        day = datetime(2025, 9, 1 + row % 7, row % 24)  # noqa: DTZ001 - a cell of a sheet has no zone
        sheet.append([f"u{row}", day, row / 7, f"Name {row % 900}", row % 2 == 0])
    book.save(path)


def _ours(path: Path) -> float:
    start = process_time()
    for make in open_excel(path, path.name, Meter(ReadLimits())).parts:
        make()
    return process_time() - start


def _openpyxl(path: Path) -> float:
    start = process_time()
    rows = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    for row in rows:
        list(map(cell_text, row))
    return process_time() - start
