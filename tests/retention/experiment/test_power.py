"""Power: known values, agreement with simulation, and each question as the inverse of another."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from statsmodels.stats.proportion import power_proportions_2indep

from retention.errors import OptionError
from retention.experiment.intervals import Pair, p_value
from retention.experiment.power import Plan, customers_needed, detectable_lift, power, share_needed, weeks_needed


def test_a_tenth_of_500_customers_shows_almost_nothing() -> None:
    plan = Plan(500, 0.10, 0.10)
    assert round(100 * power(plan, 0.20), 1) == 5.6
    assert round(100 * power(plan, 0.20, pooled=False), 1) == 7.3


@pytest.mark.parametrize(("share", "lift"), [(0.1, 0.25), (0.5, -0.3), (0.8, 0.02)])
def test_it_is_the_power_that_statsmodels_finds(share: float, lift: float) -> None:
    plan = Plan(9_000, 0.10, share, alpha=0.03)
    n0, n1 = plan.arms
    theirs = power_proportions_2indep(0.10 * lift, 0.10, n1, ratio=n0 / n1, alpha=0.03).power
    assert power(plan, lift) == pytest.approx(theirs)


def test_80_percent_power_needs_thousands() -> None:
    assert customers_needed(Plan(500, 0.10, 0.50), 0.20) == pytest.approx(7_700, abs=50)
    assert customers_needed(Plan(500, 0.10, 0.10), 0.20) == pytest.approx(21_900, abs=50)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_simulated_experiment_finds_the_lift_as_often_as_promised(share: float) -> None:
    rng, plan, lift = np.random.default_rng(7), Plan(8_000, 0.10, share), 0.25
    n0, n1 = (round(size) for size in plan.arms)
    x1, x0 = rng.binomial(n1, 0.10 * (1 + lift), 20_000), rng.binomial(n0, 0.10, 20_000)
    assert np.mean(p_value(Pair(x1, n1, x0, n0)) < 0.05) == pytest.approx(power(plan, lift), abs=0.012)


def test_without_an_effect_the_alarm_rate_is_alpha() -> None:
    assert power(Plan(1_000, 0.2, 0.3), 0.0) == pytest.approx(0.05)
    assert power(Plan(1_000, 0.2, 0.3, alpha=0.01), 0.0) == pytest.approx(0.01)


@given(st.integers(200, 10**6), st.floats(0.005, 0.6), st.floats(0.05, 0.9))
def test_the_smallest_detectable_lift_has_the_wanted_power(size: int, baseline: float, share: float) -> None:
    plan = Plan(size, baseline, share)
    lift = detectable_lift(plan)
    if math.isinf(lift):
        assert power(plan, (1 - baseline) / baseline * (1 - 1e-9)) < 0.8
    else:
        assert power(plan, lift) == pytest.approx(0.8, abs=1e-6)


@given(st.floats(0.01, 0.5), st.floats(0.05, 0.9), st.floats(0.1, 0.9))
def test_the_customers_needed_are_the_fewest(baseline: float, share: float, lift: float) -> None:
    needed = customers_needed(Plan(2, baseline, share), lift)
    assert power(Plan(needed, baseline, share), lift) >= 0.8
    assert needed <= 2 or power(Plan(needed - 1, baseline, share), lift) < 0.8


def test_the_share_needed_is_the_smallest_that_is_enough() -> None:
    share = share_needed(Plan(10_000, 0.10), 0.20)
    assert power(Plan(10_000, 0.10, share), 0.20) == pytest.approx(0.8, abs=1e-6)
    assert share_needed(Plan(500, 0.10), 0.20) == math.inf


def test_weeks_are_whole_and_enough() -> None:
    plan = Plan(500, 0.10, 0.50)
    assert weeks_needed(plan, 0.20, weekly=500) == 16
    assert weeks_needed(plan, 0.20, weekly=10**6) == 1


def test_no_lift_is_never_found() -> None:
    assert customers_needed(Plan(500, 0.10), 0.0) == math.inf
    assert weeks_needed(Plan(500, 0.10), 0.0, weekly=100) == math.inf


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1, 0.1, 0.1), "1 customers cannot be split"),
        ((100, 0.0, 0.1), "conversion rate without treatment: 0 is not between 0 and 1"),
        ((100, 0.1, 1.0), "share that is held out: 1 is not between 0 and 1"),
        ((float("nan"), 0.1, 0.5), "cannot be split"),
        ((float("inf"), 0.1, 0.5), "cannot be split"),
        ((1e300, 0.1, 0.5), "cannot be split"),
    ],
)
def test_plans_that_make_no_sense_are_refused(values: tuple[float, float, float], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Plan(*values)


def test_a_rate_above_1_is_refused() -> None:
    with pytest.raises(OptionError, match=r"takes the rate from 0\.6 to 1\.2"):
        power(Plan(100, 0.6), 1.0)
    with pytest.raises(OptionError, match="will never be enough"):
        weeks_needed(Plan(100, 0.1), 0.2, weekly=0)
