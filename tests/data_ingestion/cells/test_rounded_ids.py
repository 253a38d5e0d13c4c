"""Identifiers that a spreadsheet rounded are told of, and nothing else is."""

import pytest

from tests.data_ingestion.conftest import Read

HEADER = "user_id,cart_abandoned_date,phone,avg_order_value\n"


def told(read: Read, *ids: str, phone: str = "", value: str = "5") -> list[str]:
    rows = "".join(f'"{each}",2025-09-0{n},"{phone}",{value}\n' for n, each in enumerate(ids, start=1))
    return [warning for warning in read(HEADER + rows).warnings if "rounded" in warning]


@pytest.mark.parametrize("damaged", ["1.23457E+11", "1,23457E+11", "1E+12", "4.47912e+11", "9.00720E+015"])
def test_identifiers_in_scientific_notation_are_warned_of(damaged: str, read: Read) -> None:
    (warning,) = told(read, damaged, damaged, "17")
    assert "2 cells of user_id rounded by a spreadsheet" in warning
    assert "the id stands in several rows" in warning


def test_identifiers_cut_at_the_fifteenth_digit_are_warned_of(read: Read) -> None:
    cut = ("123456789012345000", "123456789012346000", "123456789012347000")
    assert "3 cells of user_id" in told(read, *cut)[0]
    assert told(read, *cut, "123456789012347001") == []


def test_phones_are_identifiers_too(read: Read) -> None:
    assert "1 cell of phone" in told(read, "a", phone="4.47912E+11")[0]


def test_other_identifiers_and_numbers_are_not(read: Read) -> None:
    assert told(read, "E+11", "a+b@example.com", "1.5", "12E45", phone="+1 650 555 1212", value="1.5E+2") == []


def test_rounded_ids_of_activity_are_warned_of(read: Read) -> None:
    rows = "1.23457E+11,2025-09-01 10:00,add_to_cart\n1.23457E+11,2025-09-02 10:00,purchase\n"
    assert any("rounded" in each for each in read(f"user_id,event_time,event\n{rows}").warnings)
