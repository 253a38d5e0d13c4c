"""The two models of purchases against what was published about CDNOW's customers, and against themselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1

from retention.customer_value.purchases import Bought, alive, fit_purchases, orders_ahead
from retention.customer_value.year import bought_of

WEEKS = 39.0
"""Weeks that were kept apart."""


@pytest.fixture(scope="module")
def cdnow(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "tests" / "data" / "cdnow" / "histories.csv")


@pytest.fixture(scope="module")
def bought(cdnow: pd.DataFrame) -> Bought:
    count, first, last = (cdnow[name].to_numpy(dtype=float) for name in ("orders", "first", "last"))
    return bought_of(count, first, last, np.zeros(len(cdnow)))


def test_bg_nbd_gives_the_published_figures_of_cdnow(bought: Bought) -> None:
    # Fader, Hardie and Lee (2005), table 2: 2,357 customers, 39 weeks.
    found = fit_purchases(bought, modified=False)
    assert len(bought.repeats) == 2_357
    assert np.exp(found.theta).round(3) == pytest.approx([0.243, 4.414, 0.793, 2.426])
    assert round(found.log_likelihood, 1) == -9_582.4


def test_mbg_nbd_gives_the_figures_that_others_find(bought: Bought) -> None:
    # As the tests of Lifetimes 0.11.3 have them.
    found = fit_purchases(bought)
    assert np.exp(found.theta).round(3) == pytest.approx([0.525, 6.183, 0.891, 1.614])
    assert round(found.log_likelihood, 1) == -9_582.1


def test_only_bg_nbd_takes_whoever_bought_once_for_a_buyer_for_ever(bought: Bought) -> None:
    once = bought.repeats == 0
    assert (alive(fit_purchases(bought, modified=False).theta, bought, modified=False)[once] == 1).all()
    living = alive(fit_purchases(bought).theta, bought)
    assert 0.2 < living[once].min() < living[once].max() < 0.7


def test_the_sum_is_the_closed_form_of_hoppe_and_wagner(bought: Bought) -> None:
    theta = fit_purchases(bought).theta
    r, alpha, a, b = np.exp(theta)
    x, age = bought.repeats, bought.age
    ratio, share = (alpha + age) / (alpha + age + WEEKS), WEEKS / (alpha + age + WEEKS)
    hyper = hyp2f1(r + x, b + x + 1, a + b + x, share)
    closed = alive(theta, bought) * (a + b + x) / (a - 1) * (1 - ratio ** (r + x) * hyper)
    assert orders_ahead(theta, bought, WEEKS)[0] == pytest.approx(closed, abs=1e-7)


def test_mean_and_spread_are_those_of_customers_who_live_by_the_model() -> None:
    theta, rng = np.log([0.6, 6.0, 1.2, 2.0]), np.random.default_rng(7)
    one = Bought(np.array([3.0]), np.array([20.0]), np.array([30.0]))
    size = 400_000
    living = rng.random(size) < alive(theta, one)[0]
    due = rng.poisson(rng.gamma(0.6 + 3, 1 / (6 + 30), size) * 52)
    until_gone = rng.geometric(rng.beta(1.2, 2 + 3 + 1, size))
    orders = np.where(living, np.minimum(due, until_gone), 0)
    mean, square = orders_ahead(theta, one, 52.0)
    assert mean[0] == pytest.approx(orders.mean(), rel=0.01)
    assert square[0] == pytest.approx((orders**2).mean(), rel=0.02)


def test_planted_parameters_come_back_within_their_errors() -> None:
    rng, size = np.random.default_rng(1), 20_000
    rate, stops, age = rng.gamma(0.8, 1 / 8, size), rng.beta(1.0, 3.0, size), rng.uniform(10, 80, size)
    repeats, last = np.zeros(size), np.zeros(size)
    living = rng.random(size) >= stops
    clock = np.zeros(size)
    while living.any():
        clock = clock + rng.exponential(1 / rate)
        living &= clock <= age
        repeats, last = repeats + living, np.where(living, clock, last)
        living &= rng.random(size) >= stops
    found = fit_purchases(Bought(repeats, last, age))
    error = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.theta - np.log([0.8, 8.0, 1.0, 3.0])) < 3 * error).all()
    assert error.max() < 0.5


@pytest.mark.parametrize("repeats", [0.0, 1.0, 5_000.0])
def test_odd_histories_give_finite_numbers(repeats: float) -> None:
    theta = np.log([0.5, 6.0, 1.0, 1.6])
    one = Bought(np.array([repeats]), np.array([0.0]), np.array([0.0]))
    mean, square = orders_ahead(theta, one, 52.0)
    assert np.isfinite([mean, square]).all()
    assert square[0] >= mean[0] ** 2 >= 0
