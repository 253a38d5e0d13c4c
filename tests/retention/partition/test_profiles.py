"""The differences that matter between a segment and everyone else."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.api import CompareMeans, DescrStatsW, confint_proportions_2indep

from retention.partition.profiles import Difference, ProfileSums, beyond_rule

HALF = np.repeat(np.array([0, 1], dtype=np.uint8), 100)


def profiles(
    customers: pd.DataFrame, codes: npt.NDArray[np.uint8], segments: int, most: int = 4
) -> tuple[tuple[Difference, ...], ...]:
    return ProfileSums(segments).add(customers, codes).differences(most)


def test_a_column_that_differs_is_named_with_both_means() -> None:
    rng = np.random.default_rng(1)
    value = np.where(HALF == 1, 200.0, 100.0) + rng.normal(0, 20, 200)
    found = profiles(pd.DataFrame({"avg_order_value": value, "num_cart_items": 3.0}), HALF, 2)
    inside, outside = value[HALF == 1].mean(), value[HALF == 0].mean()
    pooled = np.sqrt((value[HALF == 0].var() * 100 + value[HALF == 1].var() * 100) / 198)
    (difference,) = found[1]
    assert difference.column == "avg_order_value"
    np.testing.assert_allclose(
        [difference.inside, difference.outside, difference.effect], [inside, outside, (inside - outside) / pooled]
    )
    np.testing.assert_allclose(found[0][0].effect, -difference.effect)


def test_a_difference_too_small_to_matter_is_not_mentioned() -> None:
    value = np.tile(np.arange(100.0), 2) + HALF
    assert profiles(pd.DataFrame({"avg_order_value": value}), HALF, 2) == ((), ())


def test_a_category_that_stands_out_is_named_with_its_shares() -> None:
    region = np.where(np.arange(200) < 150, "North", "South")
    found = profiles(pd.DataFrame({"region": pd.Series(region, dtype="str")}), HALF, 2)
    (south,) = [each for each in found[1] if each.category == "South"]
    assert (south.inside, south.outside, south.effect) == (0.5, 0.0, 0.5)
    low, high = confint_proportions_2indep(50, 100, 0, 100, method="newcomb", compare="diff")
    np.testing.assert_allclose((south.low, south.high), (low, high))
    words = "region North: 50\u00a0% against 100\u00a0% (40 to 60 points fewer)"
    assert found[1][0].words() == words


def test_a_mean_has_the_interval_of_welch_and_the_currency_of_its_money() -> None:
    rng = np.random.default_rng(4)
    value = np.where(HALF == 1, rng.normal(200, 60, 200), rng.normal(100, 10, 200))
    (difference,) = profiles(pd.DataFrame({"avg_order_value": value}), HALF, 2)[1]
    means = CompareMeans(DescrStatsW(value[HALF == 1]), DescrStatsW(value[HALF == 0]))
    np.testing.assert_allclose((difference.low, difference.high), means.tconfint_diff(usevar="unequal"))
    told = Difference("avg_order_value", "", 200.0, 100.0, 2.0, 90.0, 110.0)
    assert told.words("USD") == "average order value $200 against $100 ($90 to $110 more)"


def test_a_difference_that_chance_could_make_is_not_mentioned() -> None:
    few = (np.arange(200) < 20).astype(np.uint8)
    value = np.where(few == 1, np.where(np.arange(200) % 2 == 0, 20.0, -12.0), np.arange(200) % 7)
    assert profiles(pd.DataFrame({"cart_value": value}), few, 2)[1] == ()


def test_what_the_rule_made_is_told_apart() -> None:
    made, other = (Difference(name, "", 2.0, 1.0, 1.0, 0.5, 1.5) for name in ("avg_order_value", "cart_value"))
    assert beyond_rule((made, other), ("avg_order_value",)) == (other,)


def test_personal_columns_and_columns_with_too_many_values_are_left_alone() -> None:
    frame = pd.DataFrame({"email": [f"{i}@example.com" for i in range(200)], "region": [str(i) for i in range(200)]})
    assert profiles(frame, HALF, 2) == ((), ())


def test_a_handful_of_customers_is_not_compared() -> None:
    few = (np.arange(200) < 19).astype(np.uint8)
    value = np.where(few == 1, 1_000.0, 1.0) + np.arange(200) / 1_000
    assert profiles(pd.DataFrame({"avg_order_value": value}), few, 2) == ((), ())


def test_missing_values_do_not_count_and_an_empty_column_says_nothing() -> None:
    value = np.where(np.arange(200) % 2 == 0, np.nan, np.where(HALF == 1, 10.0, 1.0) + np.arange(200) / 100)
    frame = pd.DataFrame({"avg_order_value": value, "cart_value": np.nan})
    (difference,) = profiles(frame, HALF, 2)[0]
    assert difference.column == "avg_order_value"
    assert difference.inside == np.nanmean(value[HALF == 0])


def test_at_most_the_most_telling_are_kept_largest_first() -> None:
    rng = np.random.default_rng(2)
    shift = {"avg_order_value": 1.0, "cart_value": 3.0, "engagement_score": 2.0}
    frame = pd.DataFrame({name: HALF * by + rng.normal(0, 1, 200) for name, by in shift.items()})
    found = profiles(frame, HALF, 2, most=2)[1]
    assert [difference.column for difference in found] == ["cart_value", "engagement_score"]
