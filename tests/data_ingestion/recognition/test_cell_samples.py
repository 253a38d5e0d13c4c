"""Samples: enough to recognise a column, and nothing that names somebody."""

import pyarrow as pa
import pytest

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
        ("client ip", ""),
        ("Kunde", "last_name"),
        ("PLZ", "zip"),
        ("name", "customer"),
        ("Customer", "customer"),
        ("user_id", "user_id"),
    ],
)
def test_what_names_a_person_keeps_its_first_character(header: str, column: str) -> None:
    assert shown(header, "Ann Smith", column=column) == ("A***",)


@pytest.mark.parametrize("cell", ["ann@example.com", "see ann@example.com", "+49 170 1234567"])
def test_addresses_and_phones_are_masked_wherever_they_stand(cell: str) -> None:
    assert shown("note", cell)[0].endswith("***")


def test_names_of_things_are_no_names_of_people() -> None:
    assert shown("Product name", "Lantern") == ("Lantern",)
    assert shown("event_name", "view", column="event") == ("view",)


def test_long_and_hostile_cells_stay_in_one_short_line() -> None:
    assert shown("note", "x" * 100) == ("x" * 37 + "...",)
    assert shown("note", "a\x1b[31m\nb") == ("a?[31m?b",)
