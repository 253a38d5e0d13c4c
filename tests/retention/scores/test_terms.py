"""The terms of a customer, value by value."""

import numpy as np
import pandas as pd
import pytest

from retention.scores.terms import BASKET, CONVERSION, FIT, PROFITABILITY, REACHABLE, Scale, terms

NAN = float("nan")


def term(customers: pd.DataFrame, column: int, aov_q99: float = 100.0) -> list[float]:
    return [float(value) for value in terms(customers, Scale(aov_q99), [column])[0]]


def test_conversion_is_engagement_times_how_fresh_the_cart_is() -> None:
    days = [0.0, 3.0, 6.0, 7.0, 40.0]
    customers = pd.DataFrame({"engagement_score": 0.7, "days_since_abandonment": days})
    assert term(customers, CONVERSION) == pytest.approx([0.7, 0.4, 0.1, 0, 0])


def test_a_missing_engagement_or_date_leaves_no_conversion() -> None:
    customers = pd.DataFrame({"engagement_score": [NAN, 0.5], "days_since_abandonment": [1.0, NAN]})
    assert np.isnan(term(customers, CONVERSION)).all()


def test_profitability_is_the_shops_own_column() -> None:
    assert term(pd.DataFrame({"profitability_score": [0.25, NAN]}), PROFITABILITY) == pytest.approx(
        [0.25, NAN], nan_ok=True
    )


def test_fit_caps_the_order_value_at_the_universes_q99() -> None:
    customers = pd.DataFrame({"avg_order_value": [0.0, 9.0, 99.0, 5e6], "profitability_score": 0.5})
    assert term(customers, FIT, 99.0) == pytest.approx([0.2, 0.5, 0.8, 0.8])


@pytest.mark.parametrize("missing", ["avg_order_value", "profitability_score"])
def test_fit_needs_both_of_its_terms(missing: str) -> None:
    customers = pd.DataFrame({"avg_order_value": [10.0], "profitability_score": [0.5]}).assign(**{missing: NAN})
    assert np.isnan(term(customers, FIT)).all()


def test_fit_is_profitability_alone_where_no_order_has_a_value() -> None:
    customers = pd.DataFrame({"avg_order_value": [0.0, NAN], "profitability_score": [0.5, 1.0]})
    assert term(customers, FIT, 0.0) == pytest.approx([0.2, 0.4])


def test_the_basket_is_the_cart_and_else_the_order_value() -> None:
    customers = pd.DataFrame({"cart_value": [0.0, NAN, NAN], "avg_order_value": [50.0, 60.0, NAN]})
    assert term(customers, BASKET) == pytest.approx([0, 60, NAN], nan_ok=True)


def test_someone_is_reachable_by_any_contact_unless_consent_is_refused() -> None:
    customers = pd.DataFrame(
        {
            "email": ["a@example.com", None, " ", "b@example.com", "c@example.com"],
            "phone": [None, "+15550100", None, None, None],
            "email_consent": pd.array([True, None, True, False, None], dtype="boolean"),
        }
    )
    assert term(customers, REACHABLE) == [1, 1, 0, 0, 1]


def test_without_any_contact_column_everybody_who_did_not_refuse_is_reachable() -> None:
    consent = pd.array([True, None, False], dtype="boolean")
    assert term(pd.DataFrame({"user_id": ["1", "2", "3"], "email_consent": consent}), REACHABLE) == [1, 1, 0]


def test_columns_that_are_not_there_count_as_missing() -> None:
    *others, reachable = terms(pd.DataFrame({"user_id": ["1", "2"]}), Scale(1.0))
    assert all(np.isnan(values).all() for values in others)
    assert (reachable == 1).all()


def test_whoever_recovered_the_cart_is_not_reached_again_and_has_neither_basket_nor_conversion() -> None:
    back = pd.array([True, False, None], dtype="boolean")
    customers = pd.DataFrame({"cart_value": [50.0, 60.0, 70.0], "recovered": back})
    assert term(customers, REACHABLE) == [0, 1, 1]
    index = customers.assign(engagement_score=0.5, days_since_abandonment=0.0)
    assert term(index, CONVERSION) == pytest.approx([NAN, 0.5, 0.5], nan_ok=True)
    assert term(customers, BASKET) == pytest.approx([NAN, 60, 70], nan_ok=True)


def test_the_scale_is_the_linear_q99_of_known_order_values() -> None:
    assert Scale.of(pd.DataFrame({"avg_order_value": [0.0, 100.0, NAN]})).aov_q99 == pytest.approx(99)


@pytest.mark.parametrize("customers", [pd.DataFrame({"avg_order_value": [NAN]}), pd.DataFrame({"user_id": ["1"]})])
def test_the_scale_is_unknown_where_nobody_has_an_order_value(customers: pd.DataFrame) -> None:
    assert np.isnan(Scale.of(customers).aov_q99)
