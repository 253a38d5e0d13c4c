"""Which policies fit: none that splits on a column of which nobody has a value."""

import io
from pathlib import Path

import pandas as pd
import pytest

from analysis.policy_fit import fitting, known_columns, misfit
from data_ingestion import Intake, read_customers
from run_store import load_policy, shipped_policies

SHIPPED = [load_policy(name) for name in shipped_policies()]


def read(tmp_path: Path, rows: int, **columns: object) -> Intake:
    frame = pd.DataFrame({"user_id": [f"u{n}" for n in range(rows)], "cart_abandoned_date": "2025-09-30"} | columns)
    path, text = tmp_path / "shop.csv", io.StringIO()
    frame.to_csv(text, index=False)
    path.write_text(text.getvalue(), encoding="utf-8")
    return read_customers([path])


@pytest.mark.parametrize(
    ("columns", "fit"),
    [
        ({}, ["cart-age"]),
        ({"avg_order_value": 10}, ["aov-buckets", "cart-age"]),
        ({"avg_order_value": ""}, ["cart-age"]),
        ({"avg_order_value": 10, "last_order_date": "2025-09-01"}, ["value-recency", "aov-buckets", "cart-age"]),
        ({"avg_order_value": 10, "sessions_last_30d": 3, "num_cart_items": 1}, ["twelve-leaf", "five-segments"]),
    ],
)
def test_the_policies_that_fit_split_on_what_somebody_has(
    columns: dict[str, object], fit: list[str], tmp_path: Path
) -> None:
    found = fitting(SHIPPED, known_columns(read(tmp_path, 30, **columns)))
    assert found[: len(fit)] == fit
    assert "cart-age" in found


@pytest.mark.parametrize("column", [{}, {"engagement_score": ""}])
def test_a_column_that_nobody_has_refuses_its_policy_and_names_those_that_fit(
    column: dict[str, object], tmp_path: Path
) -> None:
    found = misfit(load_policy("five-segments"), read(tmp_path, 30, avg_order_value=10, **column), lambda: SHIPPED)
    assert found is not None
    assert found.refused
    why = "the policy five-segments splits on engagement, which no customer of the input has"
    assert found.error.what == f"{why}; aov-buckets and cart-age fit"
    assert found.error.remedies[0].values == ("aov-buckets", "cart-age")


def test_so_few_that_they_are_one_segment_may_have_an_empty_column(tmp_path: Path) -> None:
    few = read(tmp_path, 19, avg_order_value=10, engagement_score="")
    assert misfit(load_policy("five-segments"), few, lambda: SHIPPED) is None


def test_one_value_is_enough(tmp_path: Path) -> None:
    values = [""] * 299 + ["0.5"]
    intake = read(tmp_path, 300, avg_order_value=10, engagement_score=values)
    assert misfit(load_policy("five-segments"), intake, lambda: SHIPPED) is None


@pytest.mark.parametrize(("kind", "known"), [("cart", False), ("purchase", True)])
def test_a_log_that_does_not_tell_a_column_yet_is_worth_a_warning(kind: str, known: bool, tmp_path: Path) -> None:
    head = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
    rows = [f"2025-09-{n % 20 + 1:02} 10:00:00 UTC,{kind},1,2,,,9.5,{n},s{n}" for n in range(40)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    intake = read_customers([path])
    found = misfit(load_policy("aov-buckets"), intake, lambda: SHIPPED)
    assert (found is None) == known
    assert found is None or not found.refused
    assert misfit(load_policy("cart-age"), intake, lambda: SHIPPED) is None
