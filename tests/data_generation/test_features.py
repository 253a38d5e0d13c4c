from dataclasses import replace

import numpy as np
import pytest

from data_generation import archetypes as law
from data_generation.features import Features, cart_columns, draw_features, order_values, price, sessions


@pytest.fixture
def features() -> Features:
    return draw_features(np.random.default_rng(1), 4)


def test_wholesale_order_values_follow_a_capped_pareto_tail(features: Features) -> None:
    odd = 1 - law.WHOLESALE_SHARE * np.array([2.0, 1.0, 0.5, 1e-9])
    values = order_values(replace(features, order_value=np.full(4, 100.0)), np.ones(4), odd)
    assert values.tolist() == [100.0, 100.0, 158.74, 2500.0]


def test_a_customer_has_no_order_one_price_or_a_mean(features: Features) -> None:
    casual = replace(features, kind=np.zeros(4, dtype=np.int32), order_value=np.array([61.234, 61.234, 61.234, 1.0]))
    values = order_values(casual, np.array([0.199, 0.2, 0.55, 0.55]), np.full(4, 0.5))
    assert values == pytest.approx([np.nan, 59.9, 61.23, 4.9], nan_ok=True)


def test_a_cart_of_one_item_has_a_price_and_a_larger_one_a_sum(features: Features) -> None:
    given = replace(
        features,
        order_value=np.full(4, 61.234),
        cart_ratio=np.array([1.0, 1.0, 0.01, 0.01]),
        extra_items=np.array([0.99, 1.0, 0.0, 3.5]),
    )
    columns = cart_columns(given)
    assert np.asarray(columns["cart_value"]).tolist() == [59.9, 61.2, 4.9, 4.9]
    assert np.asarray(columns["num_cart_items"]).tolist() == [1, 2, 1, 4]


def test_bots_have_hundreds_of_sessions(features: Features) -> None:
    given = replace(features, sessions=np.full(4, 2.7))
    odd = law.BOT_SHARE * np.array([0.0, 0.5, np.nextafter(1.0, 0.0), 1.0])
    assert sessions(given, odd).tolist() == [150, 575, 999, 3]


def test_the_cheapest_price_is_the_floor() -> None:
    assert price(np.array([0.0, 4.9, 7.6])).tolist() == [law.PRICE_FLOOR, law.PRICE_FLOOR, 9.9]
