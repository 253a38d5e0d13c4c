"""Money: intervals cover for few and skewed purchases, and a family of segments claims no money by chance."""

import itertools

import numpy as np
import pandas as pd
import pytest

from retention.experiment.intervals import Pair, p_value
from retention.experiment.money import Worth
from retention.experiment.power import Plan, power, power_of_money
from tests.simulations.money import (
    BASKETS,
    FAMILY_SHARES,
    PURCHASES,
    RATE,
    SEED,
    SHARES,
    compared,
    coverage,
    experiment,
    family,
    spending,
)


def noise(rate: float, times: float) -> float:
    """Return how far a rate of so many experiments may lie from the true one."""
    return 3.3 * float(np.sqrt(rate * (1 - rate) / times))


def check(rows: pd.DataFrame, times: int) -> None:
    for row in rows.to_dict("records"):
        slack = noise(0.035, times * row["given"])
        assert row["too hopeful"] <= 0.035 + slack, row
        assert row["too gloomy"] <= 0.035 + slack, row
        assert 1 - row["too hopeful"] - row["too gloomy"] >= 0.93 - noise(0.07, times * row["given"]), row


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lognormal 1", "cdnow"])
def test_the_interval_of_money_covers(kind: str) -> None:
    for purchases, share in itertools.product((5, 20), (0.1, 0.5)):
        check(pd.DataFrame(coverage(kind, purchases, share, 1_000, SEED)), 1_000)


@pytest.mark.slow
def test_a_family_of_segments_claims_no_money_by_chance() -> None:
    found = family("lognormal 1", 0.1, 400, SEED)
    for name in ("revenue", "pays", "loses", "wrong loss"):
        assert float(str(found[name])) <= 0.05 + noise(0.05, 400), found


@pytest.mark.slow
def test_the_power_of_the_corrected_test_is_that_of_experiments() -> None:
    rng = np.random.default_rng(SEED)
    plan = Plan(10_000, RATE, 0.3, 0.05 / 8, spread=(np.exp(0.25) - 1) ** 0.5, contact=0.003, discount=0.05)
    treated, control = experiment("lognormal .5", 3_000 * RATE, 0.3, (1.5, 1.0), 3_000, rng)
    found = p_value(Pair(treated.count, treated.n, control.count, control.n)) < plan.alpha
    assert power(plan, 0.5) == pytest.approx(found.mean(), abs=0.03)
    money = (spending(treated, control).judge().p < plan.alpha).mean()
    assert money - 0.06 < power_of_money(plan, 0.5) < money + 0.02
    profit = spending(treated, control).judge(Worth(1.0, plan.discount, plan.contact))
    paid = (profit.p < plan.alpha) & (profit.value > 0) & (found > 0)
    assert paid.mean() - 0.06 < power_of_money(plan, 0.5, pays=True) < paid.mean() + 0.02


@pytest.mark.slow
def test_welch_and_its_corrections_miss_on_the_hopeful_side() -> None:
    found = compared("lognormal 1", 20, 0.1, 1_000, SEED)
    for name in ("Welch", "Hall", "Johnson", "bootstrap-t"):
        assert float(str(found[name]).partition(" ")[0]) > 4, found
    assert float(str(found["score, both arms"]).partition(" ")[0]) < 3.5 + 100 * noise(0.035, 1_000), found


@pytest.mark.proof
@pytest.mark.parametrize("kind", BASKETS)
def test_the_interval_of_money_covers_everywhere(kind: str) -> None:
    for purchases, share in itertools.product(PURCHASES, SHARES):
        check(pd.DataFrame(coverage(kind, purchases, share, 10_000, SEED)), 10_000)


@pytest.mark.proof
@pytest.mark.parametrize("kind", BASKETS)
def test_families_of_segments_claim_no_money_by_chance(kind: str) -> None:
    for share in FAMILY_SHARES:
        found = family(kind, share, 10_000, SEED)
        for name in ("revenue", "pays", "loses", "wrong loss"):
            assert float(str(found[name])) <= 0.05 + noise(0.05, 10_000), found
