"""The good table that the corpus is made from, and the ways to write it."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

Table = list[list[str]]

HEADER = [
    "user_id",
    "cart_abandoned_date",
    "last_order_date",
    "avg_order_value",
    "cart_value",
    "sessions_last_30d",
    "num_cart_items",
    "engagement_score",
    "profitability_score",
    "email",
    "phone",
    "zip",
    "region",
    "email_consent",
]
ROWS = """
00123|2025-09-01 10:30:00|2025-08-13|120.5|15.25|3|1|0.5|0.25|a@example.com|+15550100|00501|North|yes
c-2|2025-09-02 00:00:00|2025-08-14|99.9|1250.75|12|4|0.125|0.5|b@example.com|+15550101|01069|South|no
3|2025-09-03 23:59:59||80|7|1|2|0.75|0.875|c@example.com|+15550102|10115|NA|yes
Zoë|2025-09-04 09:05:00|2025-01-31|1234.5|3.5|7|3|1|0|d@example.com|+15550103|75001|Süd|
e 5|2025-09-05 12:00:00|2024-02-29||60|0|1||0.5||||West|no
f6|2025-09-06 18:45:15|2025-08-30|45.05|0|2|0|0|1|f@example.com|+15550105|SW1A 1AA|East|yes
""".strip()
"""Six customers; the third one is the one that mutations touch."""
TOUCHED = "3"

GOOD: Table = [HEADER, *(line.split("|") for line in ROWS.split("\n"))]
NUMBERS = (
    "avg_order_value",
    "cart_value",
    "sessions_last_30d",
    "num_cart_items",
    "engagement_score",
    "profitability_score",
)
TIMES = ("cart_abandoned_date", "last_order_date")


def changed(column: str, text: str, row: int = 3) -> Table:
    """Return the good table with one cell changed; row 0 is the header."""
    return [
        [text if (place, name) == (row, column) else cell for name, cell in zip(HEADER, cells, strict=True)]
        for place, cells in enumerate(GOOD)
    ]


def each_cell(columns: Sequence[str], change: Callable[[str], str], table: Table = GOOD) -> Table:
    """Return the good table, or another, with the filled cells of some columns changed."""
    return [
        table[0],
        *(
            [change(cell) if cell and name in columns else cell for name, cell in zip(HEADER, cells, strict=True)]
            for cells in table[1:]
        ),
    ]


def csv(table: Table = GOOD, delimiter: str = ",", end: str = "\n", always: bool = False) -> str:
    """Return a table as delimited text."""
    return "".join(delimiter.join(quoted(cell, delimiter, always) for cell in cells) + end for cells in table)


def quoted(cell: str, delimiter: str = ",", always: bool = False) -> str:
    """Return a cell as it stands in delimited text."""
    needed = always or any(special in cell for special in (delimiter, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needed else cell


def excel(table: Sequence[Sequence[object]] = GOOD, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> bytes:
    """Return a table as a workbook, with empty sheets before it and other sheets after it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in table:
        sheet.append(list(cells))
    for place, name in enumerate(before):
        book.create_sheet(name, place)
    for name in after:
        book.create_sheet(name).append(["a note"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed() -> list[list[object]]:
    """Return the good table with numbers and times as such."""
    return [
        list(GOOD[0]),
        *([_typed(name, cell) for name, cell in zip(HEADER, cells, strict=True)] for cells in GOOD[1:]),
    ]


def _typed(name: str, cell: str) -> object:
    if not cell:
        return None
    if name in NUMBERS:
        return float(cell)
    return datetime.fromisoformat(cell) if name in TIMES else cell


def parquet(table: Sequence[Sequence[object]] = GOOD, **options: str) -> bytes:
    """Return a table as Parquet; its header names the columns."""
    names, *rows = table
    columns = {str(name): pa.array(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()
