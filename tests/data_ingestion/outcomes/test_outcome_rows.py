"""Numbers beside outcomes: one decimal sign, said by the file or by a person."""

import pyarrow as pa
import pytest

from data_ingestion.options import Decimal
from data_ingestion.outcomes.outcome_rows import outcome_numbers
from retention.errors import SourceError


def numbers(revenue: list[str], covariate: list[str] | None = None, decimal: Decimal = "auto") -> list[float]:
    columns = {"revenue": pa.array(revenue, pa.large_string())}
    if covariate is not None:
        columns["covariate"] = pa.array(covariate, pa.large_string())
    values, wrong = outcome_numbers(columns, {}, decimal, "x.csv")["revenue"]
    assert not wrong.any()
    return [float(value) for value in values]


@pytest.mark.parametrize(
    ("revenue", "covariate", "expected"),
    [
        (["1,234", "0.5"], None, [1234, 0.5]),
        (["1.234", "0,5"], None, [1234, 0.5]),
        (["1,234", "7"], ["2.5", "3"], [1234, 7]),
        (["1.234", "7"], ["2,5", "3"], [1234, 7]),
        (["$1,234", "7"], None, [1234, 7]),
        (["12", "-7"], None, [12, -7]),
    ],
)
def test_numbers_that_can_be_read_one_way_decide_for_all(
    revenue: list[str], covariate: list[str] | None, expected: list[float]
) -> None:
    assert numbers(revenue, covariate) == expected


@pytest.mark.parametrize("revenue", [["1,234", "7"], ["1.234", "12"]])
def test_numbers_that_nothing_decides_are_refused_until_a_person_does(revenue: list[str]) -> None:
    with pytest.raises(SourceError, match=r"1 number such as '1,234' can be read .* Set the decimal sign .point or"):
        numbers(revenue)
    assert {numbers(revenue, decimal=sign)[0] for sign in ("point", "comma")} == {1234, 1.234}


def test_numbers_of_the_file_itself_are_never_in_doubt() -> None:
    text = pa.array(["1.234", "7"], pa.large_string())
    typed = {"revenue": pa.array([True, True]).to_numpy(zero_copy_only=False)}
    assert outcome_numbers({"revenue": text}, typed, "auto", "x")["revenue"][0].tolist() == [1.234, 7]


@pytest.mark.parametrize("text", ["inf", "-1e101", "lots", "1e400"])
def test_what_no_interval_can_be_made_of_is_no_number(text: str) -> None:
    values = pa.array(["1", text, ""], pa.large_string())
    assert outcome_numbers({"revenue": values}, {}, "auto", "x")["revenue"][1].tolist() == [False, True, False]
