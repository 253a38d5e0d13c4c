import numpy as np
import pandas as pd
import pytest

from retention.experiment import balance
from retention.experiment.arms import Experiment, assign
from retention.experiment.balance import Cohort, balance_arms, balance_words

HALVES = Experiment("autumn", {"control": 0.5, "mail": 0.5})
SEGMENTS = ("first", "second")


def cohort(size: int = 400, *, blank: int = 0) -> Cohort:
    rng = np.random.default_rng(3)
    codes = rng.integers(2, size=size)
    value = rng.lognormal(size=size) + 5 * codes
    value[:blank] = np.nan
    covariates = pd.DataFrame({"value": value, "visits": rng.poisson(3, size).astype(np.float64), "same": 1.0})
    return Cohort(pd.Series([f"u{i}" for i in range(size)], dtype="str"), codes, SEGMENTS, covariates)


def by_hand(customers: Cohort, experiment: Experiment) -> float:
    """Return the distance by the definition: differences of means, their weights, and the pooled covariance."""
    control = np.asarray(assign(customers.user_ids, experiment).codes) == 0
    values = customers.covariates[["value", "visits"]].to_numpy()
    gaps, weights, within = [], [], np.zeros((2, 2))
    for code in range(2):
        inside = customers.codes == code
        held, treated = values[inside & control], values[inside & ~control]
        gaps.append(held.mean(axis=0) - treated.mean(axis=0))
        weights.append(1 / (1 / len(held) + 1 / len(treated)))
        centred = values[inside] - values[inside].mean(axis=0)
        within += centred.T @ centred / len(values)
    gap = np.average(gaps, axis=0, weights=weights)
    return float(gap @ np.linalg.inv(within) @ gap * sum(weights))


def test_the_distance_is_that_of_the_pooled_differences_within_segments() -> None:
    customers = cohort()
    kept, found = balance_arms(lambda: [customers], HALVES)
    assert found.before == pytest.approx(by_hand(customers, HALVES))
    assert found.after == pytest.approx(by_hand(customers, kept))
    assert (found.salts, found.table["After"][0]) == (1_000, found.after)


def test_the_salt_that_is_kept_balances_and_follows_from_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "MOST_SALTS", 200)
    kept, found = balance_arms(lambda: [cohort()], HALVES, seed=1)
    assert found.after < found.average / 10
    assert balance_arms(lambda: [cohort()], HALVES, seed=1)[0] == kept
    assert balance_arms(lambda: [cohort()], HALVES, seed=2)[0].salt != kept.salt
    assert kept.shares == HALVES.shares


def test_a_salt_that_is_not_to_be_chosen_stays() -> None:
    kept, found = balance_arms(lambda: [cohort()], HALVES, choose=False)
    assert kept == HALVES
    assert found.salts == 1
    assert "no other salt was tried" in balance_words(found)


def test_few_hashes_try_few_salts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "MOST_HASHES", 1_999)
    assert balance_arms(lambda: [cohort()], HALVES)[1].salts == 4


def test_missing_values_count_as_the_mean_of_their_segment_and_are_told() -> None:
    customers = cohort(blank=30)
    found = balance_arms(lambda: [customers], HALVES, choose=False)[1]
    means = customers.covariates.groupby(customers.codes)["value"].transform("mean")
    filled = customers.covariates.assign(value=customers.covariates["value"].fillna(means))
    full = Cohort(customers.user_ids, customers.codes, SEGMENTS, filled)
    assert found.before == pytest.approx(balance_arms(lambda: [full], HALVES, choose=False)[1].before)
    assert "mean of the segment: 30 in value." in balance_words(found)


def test_segments_may_have_shares_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "MOST_SALTS", 100)
    customers = cohort()
    asked = Experiment("autumn", HALVES.shares, {"second": {"control": 0.1, "mail": 0.9}})
    kept, found = balance_arms(lambda: [customers], asked)
    names = pd.Series(SEGMENTS, dtype="str").take(customers.codes).reset_index(drop=True)
    held = np.asarray(assign(customers.user_ids, kept, names).codes) == 0
    gap = [customers.covariates["visits"][(customers.codes == 1) & one].mean() for one in (held, ~held)]
    variances = customers.covariates.groupby(customers.codes)["visits"].var(ddof=0).to_numpy()
    spread = np.sqrt(np.average(variances, weights=np.bincount(customers.codes)))
    assert found.table["visits"][2] == pytest.approx((gap[0] - gap[1]) / spread)


@pytest.mark.parametrize("size", [0, 1])
def test_too_few_customers_are_no_fault(size: int) -> None:
    kept, found = balance_arms(lambda: [cohort(size)], HALVES)
    assert kept == HALVES
    assert np.isinf(found.after)


def test_without_covariates_nothing_is_chosen() -> None:
    customers = cohort()
    bare = Cohort(customers.user_ids, customers.codes, SEGMENTS, pd.DataFrame(index=range(400)))
    kept, found = balance_arms(lambda: [bare], HALVES)
    assert kept == HALVES
    assert balance_words(found).endswith("could be judged by.")
