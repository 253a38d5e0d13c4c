"""What a covariate explains, taken out of the difference: a plain regression as the reference, and the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import ttest_ind

from retention.experiment.lift import Costs, lift_table
from retention.experiment.observations import Observations


@given(st.integers(0, 10_000), st.booleans())
def test_the_adjusted_difference_is_the_test_of_welch_on_what_the_covariate_leaves(seed: int, explains: bool) -> None:
    rng = np.random.default_rng(seed)
    arm = np.arange(60) % 3 > 0
    before = rng.normal(100, 5, 60)
    bought = rng.random(60) < (0.2 + 0.5 * (before > 100) if explains else 0.4)
    row = lift_table(Observations(("a", "b"), arm.astype(int), bought, None, before), None).iloc[0]
    slope = np.polyfit(before, bought, 1)[0]
    left = bought - slope * before
    if bought.std() == 0:
        assert math.isnan(row["adjusted_p"])
        return
    test = ttest_ind(left[arm], left[~arm], equal_var=False)
    interval = test.confidence_interval(0.95)
    assert row["adjusted_difference"] == pytest.approx(left[arm].mean() - left[~arm].mean(), abs=1e-9)
    assert (row["adjusted_difference_low"], row["adjusted_difference_high"]) == pytest.approx(tuple(interval), abs=1e-9)
    assert row["adjusted_p"] == pytest.approx(test.pvalue, abs=1e-9)


@pytest.mark.parametrize("sizes", [(1, 2), (2, 2), (1, 1), (0, 3)])
def test_where_nothing_varies_or_nobody_is_there_the_interval_is_unknown(sizes: tuple[int, int]) -> None:
    arm = np.repeat([0, 1], sizes)
    row = lift_table(Observations(("a", "b"), arm, arm > 0, None, np.ones(len(arm))), None).iloc[0]
    assert math.isnan(row["adjusted_difference_low"])
    assert math.isnan(row["adjusted_p"])


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
