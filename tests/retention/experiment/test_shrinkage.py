"""Shrinkage: drawn together by chance only, and intervals that cover."""

import numpy as np
import pytest

from retention.experiment.shrinkage import heterogeneity, shrink


def test_equal_groups_are_drawn_far_together_and_different_ones_hardly() -> None:
    near, far = shrink([1.0, 1.2, 0.9, 1.1], [1.0] * 4), shrink([0.0, 100.0, 50.0, -30.0], [1.0] * 4)
    assert near.value.std() < 0.5 * np.std([1.0, 1.2, 0.9, 1.1])
    assert far.value == pytest.approx([0.0, 100.0, 50.0, -30.0], abs=0.2)


def test_the_less_certain_group_is_drawn_more() -> None:
    shrunk = shrink([0.0, 0.0, 0.0, 4.0, 4.0], [1.0, 1.0, 1.0, 0.5, 3.0])
    assert shrunk.value[4] < shrunk.value[3]


def test_one_group_stays_as_it_is() -> None:
    shrunk = shrink([2.0, np.nan], [1.0, np.nan])
    assert shrunk.value[0] == 2.0
    assert (shrunk.low[0], shrunk.high[0]) == pytest.approx((0.04, 3.96), abs=0.001)
    assert np.isnan(shrunk.value[1])
    assert np.isnan(shrink([np.nan], [np.nan]).value[0])


def test_a_group_that_was_not_measured_gets_the_common_mean_and_a_wide_interval() -> None:
    shrunk = shrink([1.0, 1.5, 0.5, np.nan, 7.0], [0.2, 0.2, 0.2, np.nan, 0.0])
    assert shrunk.value[3] == pytest.approx(shrunk.mean)
    assert shrunk.high[3] - shrunk.low[3] > shrunk.high[0] - shrunk.low[0]
    assert shrunk.value[4] == pytest.approx(shrunk.mean)


def test_the_order_and_the_unit_of_the_groups_change_nothing() -> None:
    value, error = np.array([1.0, 3.0, 2.0]), np.array([0.5, 0.6, 0.7])
    first, turned, scaled = shrink(value, error), shrink(value[::-1], error[::-1]), shrink(1e-4 * value, 1e-4 * error)
    assert turned.low[::-1] == pytest.approx(first.low)
    assert scaled.high == pytest.approx(1e-4 * first.high)


@pytest.mark.parametrize("groups", [3, 12])
@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_intervals_cover_on_average_where_groups_come_from_the_prior(groups: int, spread: float) -> None:
    rng = np.random.default_rng(groups)
    held = []
    for _ in range(150):
        truth, error = rng.normal(0.5, spread, groups), rng.uniform(0.5, 1.5, groups)
        shrunk = shrink(rng.normal(truth, error), error)
        held.append(np.mean((shrunk.low <= truth) & (truth <= shrunk.high)))
    assert np.mean(held) > 0.95 - 3.3 * np.std(held) / np.sqrt(len(held))


def test_heterogeneity_alarms_at_its_rate() -> None:
    rng = np.random.default_rng(4)
    error = np.array([0.5, 1.0, 2.0, 1.0])
    alarms = np.mean([heterogeneity(rng.normal(3, error), error).p < 0.05 for _ in range(4_000)])
    assert alarms == pytest.approx(0.05, abs=3.3 * np.sqrt(0.05 * 0.95 / 4_000))


def test_with_fewer_than_two_groups_there_is_no_heterogeneity() -> None:
    assert np.isnan(heterogeneity(np.array([1.0, np.nan]), np.array([1.0, 1.0])).p)


def test_a_group_that_is_certain_beside_the_others_stops_nothing() -> None:
    shrunk = shrink([1.0, 2.0, 3.0], [1e-14, 1.0, 1e6])
    assert shrunk.value[0] == pytest.approx(1.0)
    assert (shrunk.low <= shrunk.value).all()
    assert (shrunk.value <= shrunk.high).all()
