"""Small tables to take away."""

import io

import openpyxl
import pandas as pd
import pytest

from outputs.tables import ENDINGS, Ending, table_file

TABLE = pd.DataFrame(
    {"Name": ["=1+1", "A & B <x>", None], "Money": [1.5, float("nan"), -2], "List": [["a", "b"], [], ["c"]]}
)


def test_a_table_as_csv_runs_nothing() -> None:
    assert table_file(TABLE, "csv").decode("utf-8-sig").splitlines() == [
        "Name,Money,List",
        '\'=1+1,1.5,"a, b"',
        "A & B <x>,,",
        ",-2.0,c",
    ]


def test_a_workbook_has_numbers_as_numbers_and_no_formula() -> None:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(table_file(TABLE, "xlsx"))).worksheets
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[1][:2] == ["'=1+1", 1.5]
    assert rows[2][0] == "A & B <x>"
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_tables_give_equal_bytes(ending: Ending) -> None:
    assert table_file(TABLE, ending) == table_file(TABLE.copy(), ending)
