import io
from collections.abc import Sequence
from datetime import date, datetime

import openpyxl
import pytest

from data_ingestion import ColumnMapping, ReadLimits
from retention.errors import ContractError, SourceError
from tests.data_ingestion.conftest import Read

HEADER = ["user_id", "cart_abandoned_date", "sessions_last_30d", "avg_order_value", "email_consent"]


def workbook(*rows: Sequence[object], other_sheet: bool = False) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if other_sheet:
        book.create_sheet("Notes").append(["x"])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_typed_cells_follow_the_rules_of_text(read: Read) -> None:
    content = workbook(
        HEADER,
        ["00123", date(2025, 9, 1), 3, 10.25, True],
        [42, datetime(2025, 9, 1, 10, 30), 4.0, None, "no"],  # noqa: DTZ001 - a cell of a sheet has no zone
        ["NA", "2025-09-02", None, "12.5", None],
    )
    intake = read(content, name="book.xlsx")
    assert intake.rows["user_id"].tolist() == ["00123", "42", "NA"]
    assert [str(time)[:19] for time in intake.rows["cart_abandoned_date"]] == [
        "2025-09-01 00:00:00",
        "2025-09-01 10:30:00",
        "2025-09-02 00:00:00",
    ]
    assert intake.rows["sessions_last_30d"].tolist()[:2] == [3, 4]
    assert intake.rows["avg_order_value"].tolist()[::2] == [10.25, 12.5]
    assert intake.rows["email_consent"].tolist()[:2] == [True, False]
    assert intake.sources[0].format == "xlsx"


def test_a_number_is_never_in_doubt_and_a_text_like_one_is(read: Read) -> None:
    rows: list[list[object]] = [["a", "2025-09-01", None, 1.234], ["b", "2025-09-01", None, "1.234,50"]]
    assert read(workbook(HEADER, *rows)).rows["avg_order_value"].tolist() == [1.234, 1234.5]
    with pytest.raises(SourceError, match="Set the decimal sign"):
        read(workbook(HEADER, ["a", "2025-09-01", None, "1.234"]))


def test_blank_rows_are_passed_over_and_lines_are_rows_of_the_sheet(read: Read) -> None:
    content = workbook(
        [], HEADER, ["a", "2025-09-01"], [], ["b", "bad"], ["c", "2025-09-01", 1, 1, None, None, "extra"]
    )
    intake = read(content, name="wrong_extension.csv")
    assert intake.rows["user_id"].tolist() == ["a"]
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[5, "not_a_date"], [6, "too_many_fields"]]


def test_other_sheets_are_left_out_with_a_warning(read: Read) -> None:
    intake = read(workbook(HEADER, ["a", "2025-09-01"], other_sheet=True))
    assert intake.warnings == ("customers.csv: only the sheet 'Sheet' was read; left out: 'Notes'",)


def test_the_first_sheet_that_is_not_hidden_is_read(read: Read) -> None:
    for hidden in ("hidden", "veryHidden"):
        book = openpyxl.Workbook()
        book.worksheets[0].append(["code", "name"])
        book.worksheets[0].sheet_state = hidden
        for row in (["Export of the shop"], [], HEADER, ["a", "2025-09-01"]):
            book.create_sheet("Customers").append(row) if len(book.worksheets) < 2 else book.worksheets[1].append(row)
        intake = read(saved(book))
        assert intake.rows["user_id"].tolist() == ["a"]
        assert "customers.csv: only the sheet 'Customers' was read; left out: 'Sheet'" in intake.warnings


def test_a_sheet_that_is_no_table_of_customers_is_named_with_the_others(read: Read) -> None:
    with pytest.raises(ContractError, match=r"sheet 'Sheet': required columns.*The workbook also has 'Notes': move"):
        read(workbook(["code", "name"], ["a", "b"], other_sheet=True))
    with pytest.raises(SourceError, match=r"sheet 'Sheet': the sheet is empty.*The workbook also has 'Notes'"):
        read(workbook(other_sheet=True))


@pytest.mark.parametrize(
    ("above", "count"),
    [
        ([["Customers"]], 1),
        ([["Sales report"], [], ["Shop", "Example"], ["From", date(2025, 9, 1), date(2025, 9, 7)]], 3),
        ([["Report"], ["of", "September"]], 2),
        ([[None, None, "Customers of September"], []], 1),
    ],
)
def test_titles_above_the_header_are_passed_over(above: list[list[object]], count: int, read: Read) -> None:
    table: list[list[object]] = [
        ["kunde", "datum", "summe", "status", "anzahl"],
        ["a", date(2025, 9, 1), 10, None, None],
    ]
    mapping = ColumnMapping("orders", {"customer": "kunde", "time": "datum", "total": "summe"})
    intake = read(workbook(*above, *table, *table[1:]), mappings=(mapping,))
    assert intake.read == intake.accepted == 2
    assert any(f"rows above the header were passed over: {count}" in each for each in intake.warnings)


def test_a_workbook_that_decodes_to_too_much_is_refused(read: Read) -> None:
    content = workbook(HEADER, *(["a", "2025-09-01", 1, 1, "yes"] for _ in range(2_000)))
    with pytest.raises(SourceError, match="unpacks to more than 20,000 bytes"):
        read(content, limits=ReadLimits(decoded_bytes=20_000))


def test_a_truncated_workbook_is_damaged(read: Read) -> None:
    with pytest.raises(SourceError, match="workbook is damaged"):
        read(workbook(HEADER, ["a", "2025-09-01"])[:-100])


def test_a_workbook_with_too_many_columns_is_refused(read: Read) -> None:
    with pytest.raises(SourceError, match="more than 4 columns"):
        read(workbook(HEADER, ["a", "2025-09-01"]), limits=ReadLimits(columns=4))
