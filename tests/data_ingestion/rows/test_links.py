"""Which customer a row is of: id, else e-mail address, else phone number; links go one step and never to several."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from data_ingestion.rows.links import customers_of

Row = dict[str, str | None]


def linked(*files: Sequence[Mapping[str, str | None]], region: str = "") -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the customer of each row of each file, and the notices."""
    names = {name for rows in files for row in rows for name in row}
    frames = [
        pd.DataFrame({name: pd.array([row.get(name) for row in rows], dtype="str") for name in names}) for rows in files
    ]
    found, codes, warnings = customers_of(frames, frames, region)
    texts = found.to_pylist()
    return [[texts[code] for code in of_file] for of_file in codes[: len(files)]], warnings


def test_an_address_alone_is_the_customer_beside_whose_id_it_stands() -> None:
    people = [{"customer": "17", "email": "Ann@Example.com"}]
    spellings = ["ann@example.com ", "Ann <ANN@example.com>", "mailto:ann@example.com", "'ann@example.com'"]
    assert linked(people, [{"email": each} for each in spellings])[0][1] == ["17"] * 4


def test_an_address_without_an_id_is_the_customer_in_its_normal_form() -> None:
    orders = [{"email": " Ann@Example.COM"}, {"email": "ann@example.com"}, {"email": "bob@example.com"}]
    assert linked(orders)[0] == [["ann@example.com", "ann@example.com", "bob@example.com"]]


def test_one_mailbox_at_gmail_is_one_customer_under_an_address_that_was_written() -> None:
    orders = [{"email": "Jane.Doe@gmail.com"}, {"email": "jane.doe+shop@googlemail.com"}]
    assert linked(orders)[0] == [["jane.doe+shop@googlemail.com"] * 2]


def test_domains_are_equal_in_letters_and_in_punycode() -> None:
    orders = [{"email": "ann@münchen.de"}, {"email": "ANN@XN--MNCHEN-3YA.de"}]
    assert linked(orders)[0] == [["ann@münchen.de"] * 2]


def test_a_number_alone_is_the_customer_in_e164() -> None:
    orders: list[Row] = [{"phone": "+8801700000001"}, {"email": "x@y.org", "phone": "+8801700000002"}]
    assert linked(orders, [{"phone": "+8801700000002"}])[0] == [["+8801700000001", "x@y.org"], ["x@y.org"]]


@pytest.mark.parametrize(
    ("number", "country", "region"),
    [
        ("+44 20 7946 0958", "", ""),
        ("020 7946 0958", "GB", ""),
        ("020 7946 0958", "", "GB"),
        ("442079460958", "United Kingdom", "DE"),
    ],
)
def test_numbers_are_compared_in_e164_by_the_country_of_the_customer_else_of_the_shop(
    number: str, country: str, region: str
) -> None:
    people: list[Row] = [{"customer": "17", "phone": number, "country": country}]
    assert linked(people, [{"phone": "+442079460958"}], region=region)[0][1] == ["17"]


def test_a_given_id_keeps_its_bytes() -> None:
    orders: list[Row] = [{"customer": " Ann@Example.com"}, {"customer": "00123"}, {"customer": "+44 20 7946 0958"}]
    assert linked(orders)[0] == [[" Ann@Example.com", "00123", "+44 20 7946 0958"]]


def test_links_go_one_step() -> None:
    # The number stands beside the address in one file, the address beside the id in another.
    first: list[Row] = [{"customer": "17", "email": "ann@example.com"}]
    second: list[Row] = [{"email": "ann@example.com", "phone": "+442079460958"}]
    assert linked(first, second, [{"phone": "+442079460958"}])[0] == [["17"], ["17"], ["+442079460958"]]


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_files_changes_nothing(turned: bool) -> None:
    files: list[list[Row]] = [[{"email": "ann@example.com"}], [{"customer": "17", "email": "ann@example.com"}]]
    assert sorted(linked(*(reversed(files) if turned else files))[0]) == [["17"], ["17"]]


def test_an_address_beside_several_ids_is_nobodys_and_is_counted() -> None:
    people: list[Row] = [
        {"customer": "17", "email": "info@example.com"},
        {"customer": "18", "email": "info@example.com"},
    ]
    found, warnings = linked(people, [{"email": "info@example.com"}])
    assert found == [["17", "18"], ["info@example.com"]]
    assert warnings == (
        "1 e-mail address belongs to several customers; rows that have nothing else count as customers of their own",
    )


def test_a_number_of_several_customers_is_nobodys_and_is_counted() -> None:
    people: list[Row] = [
        {"customer": "17", "phone": "+442079460958"},
        {"email": "bob@example.com", "phone": "+442079460958"},
    ]
    found, warnings = linked(people, [{"phone": "+442079460958"}])
    assert found[1] == ["+442079460958"]
    assert [each.split(" belong")[0] for each in warnings] == ["1 phone number"]


def test_conflicts_that_nobody_needs_are_not_told() -> None:
    people: list[Row] = [
        {"customer": "17", "email": "info@example.com"},
        {"customer": "18", "email": "info@example.com"},
    ]
    assert linked(people, [{"email": "ann@example.com"}])[1] == ()


def test_a_rounded_id_beside_several_addresses_counts_for_none_of_them() -> None:
    first: list[Row] = [{"customer": "1.23457E+11", "email": "ann@example.com"}]
    second: list[Row] = [{"customer": "1.23457E+11", "email": "bob@example.com"}]
    assert linked(first, second)[0] == [["ann@example.com"], ["bob@example.com"]]


def test_the_mark_of_text_goes_where_another_file_has_the_id_without_it() -> None:
    assert linked([{"customer": "'00123"}], [{"customer": "00123"}]) == ([["00123"], ["00123"]], ())


@pytest.mark.parametrize("other", [[{"customer": "00124"}], [{"customer": "00123"}, {"customer": "'00123"}]])
def test_the_mark_of_text_stays_where_nothing_shows_that_it_is_one(other: list[Row]) -> None:
    found, warnings = linked([{"customer": "'00123"}], other)
    assert found[0] == ["'00123"]
    assert [each.partition(";")[0] for each in warnings] == ["1 cell of customer with an apostrophe at the start"]
