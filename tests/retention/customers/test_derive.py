import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.customers.derive import FORMULAS, MARKER, derive_scores, engagement, profitability

AMOUNT = st.floats(0, 1e12)


@pytest.mark.parametrize(
    ("sessions", "items", "expected"),
    [
        (0.0, 0.0, 0.0),
        (6.0, 3.0, 0.5),
        (6.0, 0.0, 0.35),
        (0.0, 3.0, 0.15),
        (18.0, np.nan, 0.75),
        (np.nan, 9.0, 0.75),
        (np.nan, np.nan, np.nan),
    ],
)
def test_engagement_follows_its_formula(sessions: float, items: float, expected: float) -> None:
    assert engagement(np.array([sessions]), np.array([items])) == pytest.approx([expected], nan_ok=True)


def test_profitability_is_one_half_at_a_hundred() -> None:
    assert profitability(np.array([0.0, 100.0, 300.0])).tolist() == [0.0, 0.5, 0.75]


@given(AMOUNT, AMOUNT)
def test_derived_scores_stay_between_zero_and_one(first: float, second: float) -> None:
    for score in (engagement(np.array([first]), np.array([second])), profitability(np.array([first]))):
        assert 0 <= score[0] <= 1


def test_only_missing_scores_are_filled_and_marked() -> None:
    rows = pd.DataFrame(
        {
            "avg_order_value": [100.0, 100.0, np.nan],
            "sessions_last_30d": [6.0, np.nan, 6.0],
            "engagement_score": [0.9, np.nan, np.nan],
        }
    )
    filled, derived = derive_scores(rows)
    assert filled["engagement_score"].tolist()[::2] == [0.9, 0.5]
    assert filled["profitability_score"].tolist()[:2] == [0.5, 0.5]
    assert filled[MARKER].tolist() == [
        "profitability_score",
        "profitability_score",
        "engagement_score",
    ]
    assert [(one.column, one.rows, one.formula) for one in derived] == [
        ("engagement_score", 1, FORMULAS["engagement_score"]),
        ("profitability_score", 2, FORMULAS["profitability_score"]),
    ]
    assert "profitability_score" not in rows


def test_rows_with_nothing_to_derive_come_back_as_they_are() -> None:
    rows = pd.DataFrame({"engagement_score": [0.5, np.nan]})
    filled, derived = derive_scores(rows)
    assert filled is rows
    assert derived == ()


def test_a_score_does_not_depend_on_the_other_rows() -> None:
    rows = pd.DataFrame({"avg_order_value": [10.0, 1e6, 55.0]})
    alone = derive_scores(rows.iloc[2:])[0]["profitability_score"].tolist()
    assert derive_scores(rows)[0]["profitability_score"].tolist()[2:] == alone
