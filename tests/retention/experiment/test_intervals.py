"""Intervals and tests of two proportions: known values, every edge, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.proportion import confint_proportions_2indep

from retention.experiment.intervals import Pair, difference_interval, is_small, p_value, ratio_interval


@st.composite
def pairs(draw: st.DrawFn, most: int = 10**7) -> Pair:
    sizes = st.integers(1, most)
    n1, n0 = draw(sizes), draw(sizes)
    few = st.integers(0, 3)
    x1 = draw(st.one_of(few.map(lambda x: min(x, n1)), few.map(lambda x: max(n1 - x, 0)), st.integers(0, n1)))
    x0 = draw(st.one_of(few.map(lambda x: min(x, n0)), few.map(lambda x: max(n0 - x, 0)), st.integers(0, n0)))
    return Pair([x1], [n1], [x0], [n0])


@given(pairs())
@example(Pair([89], [8245], [28], [4044]))
@example(Pair([1], [1], [1], [1]))
@example(Pair([0], [1], [0], [1]))
@example(Pair([0], [10**7], [10**7], [10**7]))
def test_every_pair_of_counts_has_intervals_that_hold_what_was_seen(pair: Pair) -> None:
    x1, n1, x0, n0 = pair.arrays()
    difference = x1 / n1 - x0 / n0
    low, high = difference_interval(pair)
    assert -1 <= low[0] <= difference[0] <= high[0] <= 1
    assert low[0] < high[0]
    ratio_low, ratio_high = ratio_interval(pair)
    assert 0 <= ratio_low[0] < ratio_high[0]
    if x0[0] and x1[0]:
        ratio = (x1 / n1) / (x0 / n0)
        assert ratio_low[0] <= ratio[0] * (1 + 1e-9)
        assert ratio[0] <= ratio_high[0] * (1 + 1e-9) < np.inf


@given(pairs(200))
def test_the_ratio_of_swapped_arms_is_the_inverse(pair: Pair) -> None:
    low, high = ratio_interval(pair)
    swapped = ratio_interval(Pair(pair.control, pair.control_n, pair.treated, pair.treated_n))
    with np.errstate(divide="ignore"):
        assert 1 / swapped[1] == pytest.approx(low, rel=1e-6)
        assert 1 / swapped[0] == pytest.approx(high, rel=1e-6)


@given(pairs(500))
def test_the_ratio_holds_1_exactly_when_the_pooled_test_does_not_reject(pair: Pair) -> None:
    if is_small(pair)[0]:
        return
    (low,), (high,) = ratio_interval(pair)
    (p,) = p_value(pair)
    if abs(p - 0.05) > 1e-6:
        assert (low <= 1 <= high) == (p > 0.05)


@given(pairs(60))
def test_p_is_that_of_the_textbook_test(pair: Pair) -> None:
    (x1,), (n1,), (x0,), (n0,) = pair.arrays()
    table = np.array([[x1, n1 - x1], [x0, n0 - x0]], dtype=np.int64)
    exact = is_small(pair)[0]
    expected = fisher_exact(table).pvalue if exact else chi2_contingency(table, correction=False).pvalue
    assert p_value(pair)[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_ratio_is_that_of_a_library_where_the_library_has_one() -> None:
    low, high = ratio_interval(Pair([89, 30], [8245, 100], [28, 15], [4044, 100]))
    for place, counts in enumerate([(89, 8245, 28, 4044), (30, 100, 15, 100)]):
        theirs = confint_proportions_2indep(*counts, method="score", compare="ratio", correction=False)
        assert (low[place], high[place]) == pytest.approx(theirs, rel=1e-4)


def test_newcombes_published_examples_come_out() -> None:
    # Newcombe 1998, table II, method 10: 56/70 - 48/80 and 10/10 - 0/20.
    low, high = difference_interval(Pair([56, 10, 9], [70, 10, 10], [48, 0, 3], [80, 20, 10]))
    assert low.round(4).tolist() == [0.0524, 0.6791, 0.1705]
    assert high.round(4).tolist() == [0.3339, 1.0, 0.8090]


def test_an_arm_with_nobody_has_no_numbers() -> None:
    pair = Pair([0, 1], [0, 2], [3, 1], [9, 2])
    for values in (*difference_interval(pair), *ratio_interval(pair), p_value(pair)):
        assert np.isnan(values[0])
        assert not np.isnan(values[1])


@pytest.mark.parametrize(("rates", "sizes"), [((0.05, 0.05), (400, 100)), ((0.12, 0.1), (900, 100))])
def test_the_intervals_hold_the_truth_as_often_as_they_say(rates: tuple[float, float], sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    x1, x0 = rng.binomial(sizes[0], rates[0], 20_000), rng.binomial(sizes[1], rates[1], 20_000)
    pair = Pair(x1, sizes[0], x0, sizes[1])
    low, high = difference_interval(pair)
    assert 0.94 <= np.mean((low <= rates[0] - rates[1]) & (rates[0] - rates[1] <= high)) <= 0.975
    low, high = ratio_interval(pair)
    assert 0.94 <= np.mean((low <= rates[0] / rates[1]) & (rates[0] / rates[1] <= high)) <= 0.975
