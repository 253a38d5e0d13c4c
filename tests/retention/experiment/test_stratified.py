"""Groups with shares of their own: the overall effect compares like with like."""

from dataclasses import replace

import numpy as np
import pytest

from retention.experiment.lift import Costs
from retention.experiment.results import Planned, measure
from tests.retention.experiment.experiments import drawn

PLANNED = Planned((0.1, 0.9), {"group 1": (0.8, 0.2)})
SIZES = [[2_000, 18_000], [16_000, 4_000]]


def test_a_mixture_of_groups_shows_no_effect_where_there_is_none() -> None:
    # The second group converts four times as often, and most of it is held out.
    rng = np.random.default_rng(1)
    seen = drawn(rng, SIZES, [[0.05, 0.05], [0.20, 0.20]], revenue=30)
    mixed, sound = measure(seen), measure(seen, planned=PLANNED)
    assert mixed.overall["verdict"].item() == "harms"
    assert any("the overall comparison mixes them" in warning for warning in mixed.warnings)
    assert sound.sample_ratio.status == "passed"
    assert sound.overall["verdict"].item() == "nothing shown"
    assert not sound.warnings


@pytest.mark.slow
@pytest.mark.untraced
def test_the_effect_of_every_customer_comes_out() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(60):
        row = measure(drawn(rng, SIZES, [[0.05, 0.08], [0.20, 0.21]]), planned=PLANNED).overall.iloc[0]
        held.append(row["difference_low"] <= 0.02 <= row["difference_high"])
        assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
    assert np.mean(held) >= 0.85
    assert row["difference"] == pytest.approx(0.02, abs=0.01)
    assert row["incremental_conversions"] == pytest.approx(row["n"] * row["difference"])


def test_with_equal_shares_it_is_the_plain_comparison() -> None:
    rng = np.random.default_rng(3)
    seen = drawn(rng, [[5_000, 5_000], [5_000, 5_000]], [[0.1, 0.13], [0.1, 0.13]], revenue=30)
    costs = Costs(0.3, 0.01, 1.0)
    plain = measure(seen, costs=costs).overall.iloc[0]
    planned = Planned((0.5, 0.5), {"group 1": (0.5, 0.5)})
    within = measure(seen, costs=costs, planned=planned).overall.iloc[0]
    for name in ("difference", "revenue_difference", "profit", "ratio"):
        assert within[name] == pytest.approx(plain[name], rel=1e-6)
        assert within[f"{name}_low"] == pytest.approx(plain[f"{name}_low"], rel=0.03)
    assert within["p"] == pytest.approx(plain["p"], rel=0.2)


def test_the_ratio_of_revenues_has_an_interval_that_agrees_with_the_difference() -> None:
    rng = np.random.default_rng(7)
    for rates in ([[0.05, 0.08], [0.20, 0.26]], [[0.05, 0.05], [0.20, 0.20]]):
        row = measure(drawn(rng, SIZES, rates, revenue=20), planned=PLANNED).overall.iloc[0]
        assert row["revenue_ratio_low"] < row["revenue_ratio"] < row["revenue_ratio_high"]
        assert (row["revenue_ratio_low"] > 1) == (row["revenue_difference_low"] > 0)
    same = drawn(rng, [[4_000, 4_000]], [[0.10, 0.12]], revenue=20)
    halves = replace(same, groups=("a", "b"), group=np.arange(8_000) % 2)
    shares = Planned((0.5, 0.5), {"a": (0.5, 0.5)})
    one, two = (measure(each, planned=planned).overall.iloc[0] for each, planned in ((same, None), (halves, shares)))
    for end in ("_low", "", "_high"):
        assert two[f"revenue_ratio{end}"] == pytest.approx(one[f"revenue_ratio{end}"], rel=0.03)
