"""Numbers as shops write them: each form, and what is none."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from data_ingestion.cells.currencies import common_currencies
from data_ingestion.cells.numbers import DecimalSign, NumberCells, parse_numbers
from retention.customers.contracts import COLUMNS

NOTHING = math.nan


def cells_of(*texts: str, column: str = "cart_value", comma: bool = False, whole: bool = False) -> NumberCells:
    return parse_numbers(pa.array(texts, pa.large_string()), COLUMNS[column], comma=comma, whole=whole)


def value(text: str, decimal: DecimalSign, column: str = "cart_value") -> float | None:
    values, bad = cells_of(text, column=column, comma=decimal == "comma").resolve(decimal)
    return None if bad is not None and bad[0] else float(values[0])


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1,234.50", 1234.5, None),
        ("1.234,50", None, 1234.5),
        ("12,50", None, 12.5),
        ("1,234", 1234, 1.234),
        ("1.234", 1.234, 1234),
        ("0,123", None, 0.123),
        ("0.123", 0.123, None),
        ("1,234,567", 1_234_567, None),
        ("1.234.567", None, 1_234_567),
        ("1234,567", None, 1234.567),
        ("1 234", 1234, 1234),
        ("1 234 567,89", None, 1_234_567.89),
        ("1\u00a0234,5", None, 1234.5),
        ("1\u202f234.5", 1234.5, None),
        ("1'234.50", 1234.5, None),
        ("1\u2019234", 1234, 1234),
        ("12,34,567.80", 1_234_567.8, None),
        ("1,00,000", 100_000, None),
        ("1,5E+3", None, 1500),
        ("1.5e3", 1500, None),
        ("1.234E+15", 1.234e15, None),
        (".5", 0.5, None),
        (",5", None, 0.5),
        ("5.", 5, None),
        ("+2", 2, 2),
        ("\u22125", -5, -5),
        ("5-", -5, -5),
        ("(1,234.50)", -1234.5, None),
        ("(5)", -5, -5),
        ("\u0661\u0662\u0663\u066b\u0665", 123.5, 123.5),
        ("\u0661\u066c\u0662\u0663\u0664", 1234, 1234),
        ("\u0967\u0968\u0969", 123, 123),
        ("\uff15\uff10\uff10", 500, 500),
    ],
)
def test_a_form_of_number_is_read_both_ways(text: str, point: float | None, comma: float | None) -> None:
    assert (value(text, "point"), value(text, "comma")) == (point, comma)


@pytest.mark.parametrize(
    ("text", "expected", "sign"),
    [
        ("\u09f32,999", 2999, "\u09f3"),
        ("$5", 5, "$"),
        ("5 $", 5, "$"),
        ("-$5", -5, "$"),
        ("$ -5", -5, "$"),
        ("($5.00)", -5, "$"),
        ("$.50", 0.5, "$"),
        ("US$1,000.00", 1000, "US$"),
        ("$5 USD", 5, "$"),
        ("EUR 5", 5, "EUR"),
        ("5eur", 5, "eur"),
        ("Rs.500", 500, "Rs"),
        ("500 kr.", 500, "kr"),
        ("kr 499,-", 499, "kr"),
        ("CHF 12.\u2014", 12, "CHF"),
        ("\u20b91,23,456.50", 123_456.5, "\u20b9"),
        ("5 z\u0142", 5, "z\u0142"),
        ("500\u00a0\u20bd", 500, "\u20bd"),
        ("\u200f5\u00a0\u20aa", 5, "\u20aa"),
        ("\uffe5500", 500, "\uffe5"),
        ("US $12.50", 12.5, "US $"),
        ("USD $12.50", 12.5, "USD $"),
        ("MXN$ 12.50", 12.5, "MXN$"),
        ("12.50 $US", 12.5, "$US"),
        ("１２３円", 123, "円"),
        ("99.50元", 99.5, "元"),
        ("12500원", 12_500, "원"),
        ("R$ 12.50", 12.5, "R$"),
        ("Rs. 1,234.00/-", 1234.0, "Rs"),
        ("12.50 руб.", 12.5, "руб"),  # noqa: RUF001 - Russian is meant
        ("12.50 TL", 12.5, "TL"),
    ],
)
def test_money_may_have_a_sign_or_a_code_before_or_after(text: str, expected: float, sign: str) -> None:
    cells = cells_of(text)
    assert cells.resolve("point")[0].tolist() == [expected]
    assert cells.sign is not None
    assert [cells.signs[place] for place in cells.sign] == [sign]


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "0x10",
        "1_000",
        "--1",
        "1e",
        "e5",
        ".",
        "$",
        "1.2.3",
        "1,2,3",
        "12 34",
        "(5",
        "5)",
        "(-5)",
        "-5-",
        "-(5)",
        "5%%",
        "12%",
        "5pieces",
        "R.500",
        "USD.50",
        "nan1",
        "nan(1)",
        "infinite",
        "1,23,45",
        "12:30",
        "1'23",
        "5USDEUR",
        "1,234,56",
        "1.234.56",
        "+-5",
        "5..0",
        "\u06633",
        "$5\u20ac",
        "\u20ac\u20ac5",
        "50\u00a2",
        "12\u00a034",
    ],
)
def test_what_is_no_number_is_none_under_any_sign(text: str) -> None:
    assert (value(text, "point"), value(text, "comma")) == (None, None)


def test_a_percent_sign_belongs_to_shares_and_a_currency_to_money() -> None:
    assert value("45 %", "point", "engagement_score") == 0.45
    assert value("12,5%", "comma", "engagement_score") == 0.125
    assert value("45", "point", "engagement_score") == 45
    assert value("$1", "point", "engagement_score") is None
    assert value("$1", "point", "sessions_last_30d") is None


def test_plain_numbers_settle_the_sign_only_where_they_can() -> None:
    assert cells_of("1", "", "20").point == cells_of("1", "", "20").comma == -1
    assert cells_of("1.234", "1.5").point == 1
    assert cells_of(*["1.234"] * 300, "1.5").point == 300
    unsure = cells_of("1.234", "7").open
    assert unsure is not None
    assert (unsure.positions.tolist(), unsure.point.tolist(), unsure.comma.tolist()) == ([0], [1.234], [1234.0])


def test_numbers_of_a_typed_file_are_settled() -> None:
    texts = pa.array(["1.234", "1.234,50", "", "1.5"], pa.large_string())
    cells = parse_numbers(texts, COLUMNS["cart_value"], typed=np.array([True, False, True, True]))
    assert cells.point == -1
    assert cells.resolve("comma")[0].tolist()[:2] == [1.234, 1234.5]
    assert parse_numbers(texts[:1], COLUMNS["cart_value"], typed=np.array([True]), comma=True).settled


def test_the_column_tells_which_reading_is_possible() -> None:
    def leaning(*texts: str, column: str = "cart_value", whole: bool = False) -> list[int]:
        pending = cells_of(*texts, column=column, whole=whole).open
        return [] if pending is None else pending.leaning.tolist()

    assert leaning("1,234", "1.234") == [0, 0]
    assert leaning("1,234", "2.345", column="num_cart_items", whole=True) == [1, -1]
    assert leaning("1,000", column="engagement_score") == [-1]
    assert leaning("$1,234", "\u20ac1.234", "KWD 1.234") == [1, -1, 0]


def test_signs_agree_where_one_currency_can_be_meant() -> None:
    assert common_currencies(["$", "AUD", "A$"]) == {"AUD"}
    assert not common_currencies(["$", "\u20ac"])
    assert not common_currencies(["kr", "EUR"])


STYLES: dict[str, tuple[DecimalSign, str]] = {
    "1,234.5": ("point", ","),
    "1.234,5": ("comma", "."),
    "1 234,5": ("comma", " "),
}


@given(st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1), st.sampled_from(sorted(STYLES)))
def test_any_number_is_read_back_from_its_style(numbers: list[object], style: str) -> None:
    decimal, mark = STYLES[style]
    plain = [f"{number:,.2f}" for number in numbers]
    written = [text.translate({ord(","): mark, ord("."): "." if decimal == "point" else ","}) for text in plain]
    values, bad = cells_of(*written).resolve(decimal)
    assert bad is None or not bad.any()
    assert np.array_equal(values, np.array([float(str(number)) for number in numbers]))
