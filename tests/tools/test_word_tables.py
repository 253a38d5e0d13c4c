"""The tables of words are what the script makes of its sources."""

import pytest

from data_ingestion.cells.word_tables import TABLES
from tools.word_tables import written


@pytest.mark.slow
def test_the_script_gives_the_same_bytes() -> None:
    assert {path: path.read_bytes() for path in written()} == written()


@pytest.mark.parametrize(
    ("word", "month"),
    [("september", 9), ("août", 8), ("aout", 8), ("dezembro", 12), ("сентября", 9), ("九月", 9), ("gennaio", 1)],
)
def test_months_are_known_in_many_languages(word: str, month: int) -> None:
    assert TABLES["months"][word] == month


def test_a_currency_may_have_several_signs_and_a_sign_several_currencies() -> None:
    assert TABLES["signs"]["¥"] == "CNY JPY"
    assert TABLES["signs"]["R$"] == "BRL"
    assert {"EUR", "USD", "CNY"} < set(TABLES["currencies"].split())
