import json
import re

import numpy as np
import pytest

from retention.experiment.lift import Costs
from retention.experiment.observations import Observations
from retention.experiment.policy_value import areas, policy_values
from tests.real_data import DATA, whole
from tools.uplift_reference import cases

GROUPS = ("gains", "loses", "small")


def drawn(seed: int = 1, size: int = 6_000) -> Observations:
    """Return customers of whom one segment gains .2 conversions by the treatment and another loses .1."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, size=size, p=[0.5, 0.45, 0.05])
    arm = (rng.random(size) < 0.6).astype(np.int64)
    rate = 0.3 + arm * np.array([0.2, -0.1, 0.0])[group]
    return Observations(("control", "mail"), arm, rng.random(size) < rate, groups=GROUPS, group=group)


def test_areas_of_untied_scores_are_those_of_causalml() -> None:
    reference = json.loads((DATA / "uplift" / "causalml.json").read_text(encoding="utf-8"))["values"]
    seen = dict(cases(whole("hillstrom/hillstrom.csv.gz", "that areas are those of another program")))
    assert set(seen) == set(reference)
    for name, frame in seen.items():
        ordered = frame.sort_values("score", ascending=False)
        treated, outcome = ordered["w"].to_numpy(), ordered["y"].to_numpy()
        sizes = np.stack([1 - treated, treated])
        auuc, qini = areas(sizes, sizes * outcome)
        assert float(auuc) * len(ordered) == pytest.approx(reference[name]["auuc"], abs=1e-6, rel=1e-9), name
        assert float(qini) * treated.sum() == pytest.approx(reference[name]["qini"], abs=1e-6, rel=1e-9), name


def test_tied_customers_count_as_the_mean_of_all_their_orders() -> None:
    rng = np.random.default_rng(2)
    treated, outcome = np.arange(600) % 2.0, rng.random(600)
    blocks = np.repeat([0, 1, 2], 200)
    sizes = np.stack([np.bincount(blocks, 1 - treated), np.bincount(blocks, treated)]).astype(np.float64)
    sums = np.stack([np.bincount(blocks, outcome * (1 - treated)), np.bincount(blocks, outcome * treated)]).astype(
        float
    )
    orders = []
    for _ in range(300):
        order = np.concatenate([rng.permutation(200) + 200 * block for block in range(3)])
        arms = np.stack([1 - treated[order], treated[order]])
        orders.append([float(each) for each in areas(arms, arms * outcome[order])])
    assert [float(each) for each in areas(sizes, sums)] == pytest.approx(np.mean(orders, axis=0), abs=2e-3)


def test_the_segment_that_gains_is_chosen_and_its_value_is_found() -> None:
    (value,) = policy_values(drawn(), None)
    assert (value.measure, value.segments[0]) == ("conversions", "gains")
    assert "loses" not in value.segments
    assert value.against_none.low < 0.5 * 0.2 < value.against_none.high
    assert value.against_all.low < 0.45 * 0.1 < value.against_all.high
    assert value.qini.low > 0
    assert value.words.startswith("treating gains")


def test_the_order_of_the_rows_changes_nothing() -> None:
    one = drawn()
    order = np.random.default_rng(3).permutation(len(one.arm))
    assert one.group is not None
    other = Observations(one.arms, one.arm[order], one.converted[order], groups=GROUPS, group=one.group[order])
    assert policy_values(one, None) == policy_values(other, None)


def test_a_contact_that_costs_more_than_it_brings_is_recommended_nowhere() -> None:
    one = drawn()
    revenue = 10 * one.converted.astype(np.float64)
    money = Observations(one.arms, one.arm, one.converted, revenue, groups=GROUPS, group=one.group)
    (value,) = policy_values(money, Costs(0.5, contact_cost=4.0))
    assert (value.measure, value.segments, value.share) == ("profit", (), 0)
    assert value.against_none.value == 0
    assert value.against_all.low > 0


def test_money_is_said_in_its_currency() -> None:
    one = drawn()
    money = Observations(
        one.arms, one.arm, one.converted, 10 * one.converted.astype(float), groups=GROUPS, group=one.group
    )
    told = [policy_values(money, Costs(0.5), currency=currency)[0].words for currency in ("EUR", "")]
    assert re.search(r"brings \+\u20ac0\.\d\d \(\+\u20ac0\.\d\d to \+\u20ac0\.\d\d\) profit per customer", told[0])
    assert re.search(r"brings \+0\.\d+ \(.* profit per customer", told[1])
    (counted,) = policy_values(one, None, currency="EUR")
    assert "\u20ac" not in counted.words


def test_few_conversions_give_no_number() -> None:
    (value,) = policy_values(drawn(size=90), None)
    assert np.isnan(value.against_none.value)
    assert "too few conversions" in value.words


def test_a_segment_with_an_empty_arm_is_left_out() -> None:
    one = drawn()
    assert one.group is not None
    keep = (one.group != 2) | (one.arm == 1)
    left = Observations(one.arms, one.arm[keep], one.converted[keep], groups=GROUPS, group=one.group[keep])
    (value,) = policy_values(left, None)
    assert value.customers == int((one.group != 2).sum())


@pytest.mark.slow
def test_intervals_hold_what_the_chosen_segments_are_worth() -> None:
    held = np.zeros(2)
    for seed in range(400):
        rng = np.random.default_rng([61, seed])
        group = rng.choice(3, size=8_000, p=[0.5, 0.3, 0.2])
        arm = (rng.random(8_000) < 0.9).astype(np.int64)
        rate = 0.1 + arm * np.array([0.05, -0.04, 0.0])[group]
        bought = rng.random(8_000) < rate
        revenue = np.where(bought, rng.lognormal(0, 0.6, 8_000), 0.0)
        (value,) = policy_values(Observations(("c", "t"), arm, bought, revenue, groups=GROUPS, group=group), None)
        effect = np.array([0.05, -0.04, 0.0]) * np.exp(0.18) * np.array([0.5, 0.3, 0.2])
        # What is claimed is the value of what the folds chose.
        chosen = np.array([value.chosen[name] for name in GROUPS])
        truth = np.array([effect @ chosen, effect @ (chosen - 1)])
        for place, each in enumerate((value.against_none, value.against_all)):
            held[place] += each.low <= truth[place] <= each.high
    assert (held / 400 > 0.9).all()
