"""Rows before casting: a date and its time of day are one time, and a total is nobody."""

import io
from datetime import date, time

import openpyxl
import pandas as pd
import pytest

from data_ingestion import ColumnMapping, Intake
from tests.data_ingestion.conftest import Read

ORDERS = ColumnMapping("orders", {"email": "Email", "time": "Date", "clock": "Time", "total": "Total"})


def times(intake: Intake) -> list[str]:
    assert intake.activity is not None
    return [str(each)[:19] for each in pd.to_datetime(intake.activity.time, unit="us")]


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ('"Nov 13, 2025"', "9:41:07 AM", "2025-11-13 09:41:07"),
        ("2025-11-13", "14:03", "2025-11-13 14:03:00"),
        ("13.11.2025", "02:05:11 PM", "2025-11-13 14:05:11"),
        ("11/13/2025", " 12:30 a.m. ", "2025-11-13 00:30:00"),
        ("2025-11-13", "", "2025-11-13 00:00:00"),
        ("2025-11-13 08:00", "09:00", "2025-11-13 08:00:00"),
    ],
)
def test_a_date_and_a_time_of_day_in_two_columns_are_one_time(day: str, clock: str, expected: str, read: Read) -> None:
    intake = read(f"Email,Date,Time,Total\na@example.com,{day},{clock},12\n", mappings=(ORDERS,))
    assert times(intake) == [expected]


def test_a_time_of_day_that_is_none_sets_its_row_aside(read: Read) -> None:
    rows = "a@example.com,2025-11-13,noon,12\nb@example.com,2025-11-13,12:00,12\n"
    intake = read(f"Email,Date,Time,Total\n{rows}", mappings=(ORDERS,))
    assert intake.quarantine[["line", "column", "reason"]].values.tolist() == [[2, "time", "not_a_date"]]


def test_a_date_and_a_time_of_a_workbook_are_one_time(read: Read) -> None:
    book = openpyxl.Workbook()
    for row in (["Email", "Date", "Time", "Total"], ["a@example.com", date(2025, 11, 13), time(9, 41, 7), 12]):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    assert times(read(out.getvalue(), mappings=(ORDERS,))) == ["2025-11-13 09:41:07"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("2025090110", "2025090111"), ["2025-09-01 10:00:00", "2025-09-01 11:00:00"]),
        (("202509011030", "202512312359"), ["2025-09-01 10:30:00", "2025-12-31 23:59:00"]),
        (("1756720800", "1756724400"), ["2025-09-01 10:00:00", "2025-09-01 11:00:00"]),
    ],
)
def test_hours_as_google_analytics_writes_them_are_no_seconds(
    cells: tuple[str, str], expected: list[str], read: Read
) -> None:
    rows = "".join(f"{place},{cell},add_to_cart\n" for place, cell in enumerate(cells))
    assert times(read(f"user_id,event_time,event\n{rows}")) == expected


TABLE = "user_id,cart_abandoned_date,avg_order_value\n{}a,2025-09-01,10\nb,2025-09-02,20\n{}"


@pytest.mark.parametrize(
    "row",
    [
        "Total,,30",
        "Totals:,2025-09-07,30",
        "GRAND TOTAL,2025-09-07,30",
        "Gesamtergebnis,,30",
        "Total général,,30",
        "Итого,,30",
        "合計,,30",
        ",Totals,30",
        "Sum,,30",
        "Total revenue,2025-09-07,30",
        "Total: 30.00,,30",
    ],
)
def test_a_totals_row_at_either_end_is_set_aside_and_counted(row: str, read: Read) -> None:
    for line, text in ((4, TABLE.format("", row + "\n")), (2, TABLE.format(row + "\n", ""))):
        intake = read(text)
        assert intake.rows["user_id"].tolist() == ["a", "b"]
        assert intake.quarantine[["line", "reason"]].values.tolist() == [[line, "totals_row"]]
        assert intake.read == 3


def test_a_totals_row_names_no_person_and_adds_no_money(read: Read) -> None:
    text = "customer_id,order_id,order_date,order_total\nTotal,,2025-09-30,30\n1,9,2025-09-01,10\n2,8,2025-09-02,20\n"
    intake = read(text)
    assert intake.activity is not None
    assert intake.activity.people["user_id"].tolist() == ["1", "2"]
    assert intake.activity.value.tolist() == [10, 20]


@pytest.mark.parametrize("row", ["Total,,,30", ",Gesamt,,30", "Sum: 30,,,", ",,Total,30"])
def test_a_total_below_few_rows_leaves_their_columns_as_sure_as_they_are(row: str, read: Read) -> None:
    intake = read(
        f"Email,Order ID,Order Date,Order Total\na@example.com,1,2025-09-01,10\nb@example.com,2,2025-09-02,20\n{row}\n"
    )
    assert intake.accepted == 2
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[4, "totals_row"]]


def test_somebody_with_such_a_name_stays_who_has_an_address_or_stands_among_others(read: Read) -> None:
    mapping = ColumnMapping("people", {"customer": "Customer", "email": "Email"})
    rows = [f"c{place},c{place}@example.com" for place in range(10)]
    rows[5], rows[9] = "Total,", "Total,total@example.com"
    intake = read("Customer,Email\n" + "\n".join(rows) + "\n", mappings=(mapping,))
    assert intake.quarantine.empty
