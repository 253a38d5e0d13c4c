"""What a cell that could not be used plainly means."""

import pyarrow as pa
import pytest

from data_ingestion.cells.faulty import suggestions
from data_ingestion.formats.record_columns import SCHEMA


def suggested(column: str, text: str, decimal: str = "point") -> str:
    given = pa.array([text, ""], pa.large_string())
    return str(suggestions(SCHEMA[column], given, "comma" if decimal == "comma" else "point")[0].as_py())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("24.09.2025", "2025-09-24"),
        ("09/24/2025", "2025-09-24"),
        ("20250924", "2025-09-24"),
        ("2025-24-09", "2025-09-24"),
        ("24 09 2025", "2025-09-24"),
        ("24/09/2025 10:05", "2025-09-24 10:05:00"),
    ],
)
def test_a_date_in_another_form_is_written_anew(text: str, meant: str) -> None:
    assert suggested("last_order_date", text) == meant


@pytest.mark.parametrize(
    "text", ["03/04/2025", "31.02.2025", "yesterday", "", "1758672000", "1899-01-01", "13/13/2025"]
)
def test_a_date_that_may_be_several_or_is_none_has_no_suggestion(text: str) -> None:
    assert suggested("last_order_date", text) == ""


def test_a_number_with_the_other_sign_is_written_with_the_one_of_the_file() -> None:
    assert suggested("avg_order_value", "12,55") == "12.55"
    assert suggested("avg_order_value", "1.234,55") == "1234.55"
    assert suggested("avg_order_value", "1,234.55", "comma") == "1234,55"


@pytest.mark.parametrize("text", ["abc", "-3,5", "12,5 €", "1,234", ""])
def test_a_number_that_is_out_of_bounds_or_has_a_currency_or_two_meanings_has_no_suggestion(text: str) -> None:
    assert suggested("avg_order_value", text) == ""


def test_a_text_has_no_suggestion() -> None:
    assert suggested("email", "ann.example.com") == ""
