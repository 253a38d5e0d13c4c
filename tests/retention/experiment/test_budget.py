"""The plan of a campaign: never over the limit, never worse than what it is compared with."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import norm

from retention.errors import OptionError
from retention.experiment.budget import Prospect, campaign_words, plan_campaign

DEVIATIONS = norm.ppf((np.arange(4_000) + 0.5) / 4_000)
"""A normal distribution, in an order of its own for each segment."""


def one(name: str, customers: int, profit: float, half: float = 0.5, cost: float = 0.0) -> Prospect:
    """Return a segment whose profit has an interval of so much on each side, independent of the others'."""
    order = np.random.default_rng(sum(name.encode())).permutation(4_000)
    return Prospect(name, customers, profit, profit + half / 1.96 * DEVIATIONS[order], cost)


@st.composite
def prospects(draw: st.DrawFn) -> list[Prospect]:
    size = draw(st.integers(0, 5))
    profits = st.floats(-2, 2)
    made = []
    for place in range(size):
        profit, half = draw(profits), draw(st.floats(0, 1))
        cost = draw(st.sampled_from([0.0, 0.02, 0.5]))
        made.append(one(f"s{place}", draw(st.integers(0, 8)), profit, half, cost))
    return made


def best_by_hand(given_: list[Prospect], sends: int) -> float:
    """Return the most profit of any choice of contacts, by trying all."""
    ranges = [range(one.customers + 1) for one in given_]
    return max(
        (
            sum(count * one.profit for count, one in zip(counts, given_, strict=True))
            for counts in product(*ranges)
            if sum(counts) <= sends
        ),
        default=0.0,
    )


@given(prospects(), st.integers(0, 12))
def test_no_other_choice_of_contacts_is_expected_to_bring_more(given_: list[Prospect], sends: int) -> None:
    if math.prod(one.customers + 1 for one in given_) > 3_000:
        return
    plan = plan_campaign(given_, sends=sends)
    assert plan.sends <= sends
    assert plan.profit.value == pytest.approx(best_by_hand(given_, sends), abs=1e-9)


@given(prospects(), st.floats(0, 5))
def test_the_budget_holds(given_: list[Prospect], budget: float) -> None:
    plan = plan_campaign(given_, budget=budget)
    assert plan.cost <= budget + 1e-9
    assert plan.cost == pytest.approx(float(plan.table["cost"].sum()))
    assert plan.profit.value == pytest.approx(float(plan.table["profit"].sum()), abs=1e-9)


@given(prospects())
def test_without_a_limit_the_plan_is_no_worse_than_everybody(given_: list[Prospect]) -> None:
    plan = plan_campaign(given_)
    assert plan.profit.value - plan.everyone.value >= -1e-9
    assert 0 <= plan.chance <= 1
    assert plan.profit.low <= plan.profit.value <= plan.profit.high


def test_a_limit_takes_the_best_first_and_the_last_in_part() -> None:
    plan = plan_campaign(
        [one("b", 50, 1.0), one("a", 50, 2.0), one("c", 50, -1.0)],
        sends=70,
    )
    assert list(plan.table["segment"]) == ["a", "b", "c"]
    assert list(plan.table["sends"]) == [50, 20, 0]
    assert plan.profit.value == 120
    assert plan.at_random.value == pytest.approx(70 / 150 * 100)
    assert plan.everyone.value == 100


def test_money_goes_where_it_brings_most() -> None:
    dear, cheap = one("dear", 100, 2.0, cost=10.0), one("cheap", 100, 1.0, cost=0.1)
    assert list(plan_campaign([dear, cheap], budget=20).table["sends"]) == [100, 1]
    assert list(plan_campaign([dear, cheap], sends=100).table["sends"]) == [100, 0]


def test_a_budget_that_is_just_enough_is_enough() -> None:
    assert plan_campaign([one("a", 3, 1.0, cost=0.1)], budget=0.3).sends == 3


def test_the_interval_follows_from_how_the_segments_hang_together() -> None:
    apart = plan_campaign([one("a", 10, 1.0, 0.6), one("b", 10, 1.0, 0.8)])
    assert apart.profit.high - apart.profit.value == pytest.approx(10.0, rel=0.05)
    together = plan_campaign(
        [Prospect(name, 10, 1.0, 1.0 + half * DEVIATIONS) for name, half in (("a", 0.6), ("b", 0.8))]
    )
    assert together.profit.high - together.profit.value == pytest.approx(1.96 * 14, rel=0.05)
    assert (plan_campaign([one("a", 10, -0.1, 0.2)]).chance) == pytest.approx(0.84, abs=0.01)


def test_a_segment_of_unknown_profit_is_left_alone_and_named() -> None:
    nan = float("nan")
    plan = plan_campaign([one("a", 10, 1.0), Prospect("new", 99, nan, np.full(4_000, nan))])
    assert plan.sends == 10
    assert campaign_words(plan).endswith("Nothing is known of 1 more.")


def test_where_nothing_pays_nobody_is_contacted() -> None:
    plan = plan_campaign([one("a", 10, -1.0)])
    assert plan.sends == 0
    assert campaign_words(plan).startswith("Contact nobody")
    assert plan.everyone.value == -10


@pytest.mark.parametrize("limit", [{"sends": -1}, {"budget": -0.5}, {"budget": float("nan")}])
def test_limits_that_make_no_sense_are_refused(limit: dict[str, float]) -> None:
    with pytest.raises(OptionError, match="is less than 0"):
        plan_campaign([], **limit)  # type: ignore[arg-type]
