"""Means of two arms: the textbook's numbers, the edges where libraries stop, and covariates."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from retention.experiment.lift import Costs, lift_table
from retention.experiment.means import Sample, welch
from retention.experiment.observations import Observations


def sample(values: list[float]) -> Sample:
    spread = float(np.var(values, ddof=1)) if len(values) > 1 else math.nan
    return Sample(len(values), np.array([np.mean(values), 0.0]), np.array([[spread, 0.0], [0.0, 0.0]]))


MONEY = st.lists(st.floats(-1e4, 1e4).map(lambda value: round(value, 2)), min_size=2, max_size=20)


@given(MONEY, MONEY)
def test_the_interval_is_that_of_welch(treated: list[float], control: list[float]) -> None:
    gap = welch(sample(treated), sample(control))
    if min(np.var(treated), np.var(control)) < 1e-9:
        return
    test = ttest_ind(treated, control, equal_var=False)
    interval = test.confidence_interval(0.95)
    scale = max(abs(interval.low), abs(interval.high))
    assert (gap.low, gap.high) == pytest.approx((interval.low, interval.high), abs=1e-7 * scale)
    assert gap.p == pytest.approx(test.pvalue, abs=1e-7)


def test_a_mean_near_0_stops_nothing() -> None:
    gap = welch(sample([1e-9, 5_000.0, -5_000.0]), sample([1e-12, 9_000.0, -9_000.0, 0.0]))
    assert gap.low < 0 < gap.high


@pytest.mark.parametrize(("treated", "control"), [([1.0], [2.0, 3.0]), ([2.0, 2.0], [2.0, 2.0]), ([5.0], [5.0])])
def test_where_nothing_varies_or_nobody_is_there_the_interval_is_unknown(
    treated: list[float], control: list[float]
) -> None:
    gap = welch(sample(treated), sample(control))
    assert gap.value == np.mean(treated) - np.mean(control)
    assert math.isnan(gap.low)
    assert math.isnan(gap.p)


def with_covariate(seed: int, shift: float = 0.0) -> Observations:
    rng = np.random.default_rng(seed)
    arm = np.repeat([0, 1], 3_000)
    before = rng.lognormal(3, 0.5, 6_000)
    revenue = np.round(before * rng.uniform(0.8, 1.2, 6_000) + 1.0 * arm, 2)
    return Observations(("control", "mail"), arm, revenue > 20, revenue, before + shift)


def test_a_covariate_that_explains_revenue_narrows_the_interval() -> None:
    row = lift_table(with_covariate(1), Costs()).iloc[0]
    plain = row["revenue_difference_high"] - row["revenue_difference_low"]
    adjusted = row["adjusted_difference_high"] - row["adjusted_difference_low"]
    assert adjusted < plain / 2
    assert row["adjusted_difference_low"] < 1.0 < row["adjusted_difference_high"]


def test_only_the_variation_of_a_covariate_counts() -> None:
    first, second = (lift_table(with_covariate(1, shift), Costs()).iloc[0] for shift in (0.0, 1e6))
    assert second["adjusted_difference"] == pytest.approx(first["adjusted_difference"], rel=1e-6)


def test_nobody_bought_anything() -> None:
    seen = Observations(("a", "b"), np.repeat([0, 1], 50), np.zeros(100, dtype=bool), np.zeros(100))
    row = lift_table(seen, Costs(contact_cost=0.1)).iloc[0]
    assert row["revenue_difference"] == 0
    assert math.isnan(row["revenue_difference_low"])
    assert row["net_profit"] == pytest.approx(-5)
