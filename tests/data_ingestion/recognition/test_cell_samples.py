"""Samples: enough to recognise a column, and nothing that names somebody."""

import pyarrow as pa
import pytest

from data_ingestion.formats.record_columns import ALL_COLUMNS
from data_ingestion.recognition.cell_samples import samples


def shown(header: str, *cells: str, column: str = "") -> tuple[str, ...]:
    return samples(header, column, pa.array(cells, pa.large_string()))


def test_three_different_cells_with_content_are_shown() -> None:
    assert shown("colour", "", " red ", "red", "blue", "", "green", "black") == ("red", "blue", "green")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("E-Mail", ""),
        ("mobile", ""),
        ("Shipping Name", ""),
        ("Street", ""),
        *(("Order Notes", ""), ("Kommentar", ""), ("Buyer message", ""), ("備考", ""), ("Tax ID", ""), ("CPF", "")),
        ("client ip", ""),
        ("Kunde", "last_name"),
        ("PLZ", "zip"),
        ("name", "customer"),
        ("Customer", "customer"),
        ("user_id", "user_id"),
        ("Shipping Phone", "shipping_phone"),
        ("Shipping Zip", "shipping_zip"),
        ("device", "device"),
        ("profile_name", ""),
        ("Prénom", ""),
        ("電話番号", ""),
    ],
)
def test_what_names_a_person_keeps_its_first_character(header: str, column: str) -> None:
    assert shown(header, "Ann Smith", column=column) == ("A***",)


@pytest.mark.parametrize(
    "cell",
    [
        "ann@example.com",
        "see ann@example.com",
        "+49 170 1234567",
        "07700 900111",
        "(650) 555-1212",
        "030/901820",
        "555 123 4567",
        "please call +49 30 1234567 first",
    ],
)
def test_addresses_and_phones_are_masked_wherever_they_stand(cell: str) -> None:
    assert shown("column 7", cell)[0].endswith("***")


def test_names_of_things_are_no_names_of_people() -> None:
    assert shown("Product name", "Lantern") == ("Lantern",)
    assert shown("event_name", "view", column="event") == ("view",)


def test_long_and_hostile_cells_stay_in_one_short_line() -> None:
    assert shown("column 7", "x" * 100) == ("x" * 37 + "...",)
    assert shown("column 7", "a\x1b[31m\nb") == ("a?[31m?b",)


def test_one_personal_cell_masks_its_whole_column() -> None:
    assert shown("column 7", "Bob Smith", "tea", "cups", "milk", "ann@example.com") == ("B***", "t***", "c***")
    assert shown("customer", '{"first_name": "Ann"}') == ("{***",)


@pytest.mark.parametrize(
    "cell",
    ["01-09-2025", "2025-09-01 10:00:00", "0.1234567", "36579383673135", "1,234.50", "20251104", "00123", "x +0200"],
)
def test_numbers_and_dates_are_no_phones(cell: str) -> None:
    assert shown("value", cell) == (cell,)


def test_every_personal_column_of_the_schema_is_masked() -> None:
    personal = [column.name for column in ALL_COLUMNS if column.personal]
    assert {"shipping_phone", "billing_phone", "shipping_zip", "shipping_last_name"} <= set(personal)
    assert {shown("x", "111 56", column=name)[0] for name in personal} == {"1***"}
