"""Features in bins: round cuts near quantiles, each bin with somebody, categories in the order of their outcome."""

from collections.abc import Sequence
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.search.bins import Binned, binned, binned_all, rounded
from retention.search.sums import whole


def of_numbers(values: list[float | None], bins: int) -> Binned:
    frame = pd.DataFrame({"cart_value": np.array(values, dtype=np.float64)})
    return binned(frame, "cart_value", np.zeros(len(frame)), bins)


def of_categories(values: Sequence[str | None], outcome: list[float], bins: int = 32) -> Binned:
    return binned(
        pd.DataFrame({"region": pd.Series(np.array(values, dtype=object), dtype="str")}),
        "region",
        np.array(outcome),
        bins,
    )


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), max_size=60), st.integers(2, 32))
def test_every_bin_of_numbers_has_somebody(values: list[float | None], bins: int) -> None:
    found = of_numbers(values, bins)
    known = [value for value in values if value is not None]
    codes = found.codes(pd.DataFrame({"cart_value": np.array(values, dtype=np.float64)}))
    assert found.missing == (None in values)
    assert len(found.axis.cuts) < max(bins, 2)
    assert ((codes == 0) == [value is None for value in values]).all()
    if len(set(known)) > 1 and len(found.axis.cuts) > 1:
        assert set(codes[codes > 0].tolist()) == set(range(1, len(found.axis.cuts) + 2))
    assert all(value <= found.top for value in known)


def test_cuts_are_round_and_near_quantiles() -> None:
    values = np.random.default_rng(0).uniform(0, 97.3, 10_000)
    found = of_numbers(values.tolist(), 8)
    assert found.axis.cuts == (10.0, 25.0, 35.0, 50.0, 60.0, 70.0, 85.0)
    assert abs(np.searchsorted(np.sort(values), found.axis.cuts) / 10_000 - np.arange(1, 8) / 8).max() < 0.25 / 8


def test_few_different_numbers_are_told_apart() -> None:
    assert of_numbers([1.0, 2.0, 2.0, 5.0] * 10, 8).axis.cuts == (1.0, 2.0)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1))
def test_a_round_number_lies_between_its_ends(low: float, width: float, share: float) -> None:
    near = min(low + share * width, low + width)
    assert low <= rounded(low, low + width, near) <= low + width


def test_categories_stand_in_the_order_of_their_mean_outcome() -> None:
    found = of_categories(["b", "A ", "c", "a", "b", None, " "], [5.0, 1.0, 3.0, np.nan, 7.0, 9.0, 9.0])
    assert found.axis.categories == ("a", "c", "b")
    assert found.missing
    assert not found.others
    assert found.options == ((1, False), (2, False), (1, True), (2, True), (3, False))


def test_the_rarest_categories_are_not_listed_and_go_with_the_last() -> None:
    found = of_categories(["a"] * 4 + ["b"] * 3 + ["c", "d"], [1.0] * 4 + [0.0] * 3 + [5.0, 5.0], bins=3)
    assert found.axis.categories == ("b", "a")
    assert found.others
    assert found.options == ((1, False), (2, False))
    frame = pd.DataFrame({"region": ["a", "b", "c", "new"]})
    assert found.codes(frame).tolist() == [2, 1, 3, 3]


def test_ranges_are_what_goes_low_and_the_rest() -> None:
    found = of_numbers([1.0, 2.0, 3.0, None] * 5, 4)
    codes = np.arange(found.axis.size, dtype=np.uint8)
    for option, (first, second) in enumerate(np.moveaxis(found.ranges, 1, 0)):
        low = found.goes_low(option, codes)
        for (start, stop, missing), side in ((first, low), (second, ~low)):
            assert side.tolist() == [bool(missing), *((start < code) & (code <= stop) for code in codes[1:])]


def test_a_feature_that_tells_nobody_apart_is_left_out() -> None:
    frame = pd.DataFrame({"cart_value": [1.0, 1.0], "region": ["a", "A"], "engagement_score": [0.1, 0.2]})
    found = binned_all(frame, ("cart_value", "region", "engagement_score"), np.zeros(2), 4)
    assert [each.axis.feature for each in found] == ["engagement_score"]


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=50), st.randoms())
def test_sums_of_whole_numbers_do_not_depend_on_their_order(values: list[float], random: Random) -> None:
    numbers, unit = whole(np.array(values))
    shuffled = numbers.tolist()
    random.shuffle(shuffled)
    assert sum(shuffled) == float(numbers.sum())
    assert numbers * unit == pytest.approx(np.array(values), abs=1e-12 * max(map(abs, values)))
