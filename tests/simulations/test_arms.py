"""Arms that were balanced: ten times as alike, and tests that raise no more false alarms than promised."""

from collections.abc import Iterator
from functools import partial
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.stats import binom, ttest_ind

from retention.experiment import balance
from retention.experiment.arms import Experiment
from retention.experiment.balance import Cohort, balance_arms
from retention.experiment.lift import lift_table
from retention.experiment.observations import Observations
from tests.real_data import whole
from tests.simulations.arms import SEGMENTS, Week, drawn, draws, hillstrom, synthetic

SHORT, LONG = 40, 1_000
SEED = 51


@pytest.fixture(autouse=True)
def _by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "held_out", draws)


def judged(week: Week, control: npt.NDArray[np.bool_]) -> tuple[float, bool, bool]:
    """Return the difference, and whether the test, plain and after CUPED, alarms."""
    arm, before = (~control).astype(np.int64), week.covariates.iloc[:, 0].to_numpy()
    seen = Observations(("control", "mail"), arm, np.zeros(len(arm), dtype=np.bool_), week.outcome, before)
    adjusted = float(lift_table(seen, None)["adjusted_difference"].iloc[0])
    value, apart = (float(each[~control].mean() - each[control].mean()) for each in (week.outcome, before))
    # Outcomes below 0 have no interval of money; the slope is the product's, the test of Welch the library's.
    left = week.outcome - (value - adjusted) / apart * before
    plain, cuped = (ttest_ind(each[~control], each[control], equal_var=False) for each in (week.outcome, left))
    return value, plain.pvalue < 0.05, cuped.pvalue < 0.05


def simulated(weeks: Iterator[Week], share: float, replicates: int) -> "pd.Series[float]":
    """Return the imbalance, the variance of null differences against that of plain draws, and the alarms."""
    rows = []
    for place, week in zip(range(replicates), weeks, strict=False):
        size = len(week.codes)
        ids = pd.Series(np.arange(size), dtype="str")
        usual = Experiment("a", {"control": share, "mail": 1 - share}, salt=f"{SEED}{place:08}")
        customers = Cohort(ids, week.codes, SEGMENTS, week.covariates)
        kept, found = balance_arms(partial(repeat, customers, 1), usual, seed=place)
        plain, balanced = (judged(week, drawn(size, share, each.salt)) for each in (usual, kept))
        rows.append([found.average, found.after, *plain, *balanced])
    columns = ["average", "after", "plain", "plain alarm", "plain cuped", "value", "alarm", "cuped"]
    table = pd.DataFrame(np.array(rows, dtype=np.float64), columns=columns)
    means = table.drop(columns=["plain", "value"]).mean()
    means["imbalance"] = means["after"] / means["average"]
    means["variance"] = table["value"].var() / table["plain"].var()
    return means


def check(found: "pd.Series[float]", replicates: int) -> None:
    print(found.round(4).to_dict())  # noqa: T201 - the table of the documentation
    most = binom.ppf(0.9995, replicates, 0.05) / replicates
    assert found["imbalance"] <= 0.1
    assert found[["alarm", "cuped"]].max() <= most


def weeks_of(explained: float) -> Iterator[Week]:
    rng = np.random.default_rng([SEED, int(100 * explained)])
    return (synthetic(2_000, explained, rng) for _ in repeat(None))


@pytest.mark.slow
@pytest.mark.parametrize("explained", [0.1, 0.3, 0.6])
def test_balanced_weeks_are_alike_and_raise_no_more_alarms(explained: float) -> None:
    check(simulated(weeks_of(explained), 0.5, SHORT), SHORT)


@pytest.mark.proof
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("explained", [0.1, 0.3, 0.6])
def test_balanced_weeks_are_alike_and_raise_no_more_alarms_at_length(explained: float, share: float) -> None:
    check(simulated(weeks_of(explained), share, LONG), LONG)


@pytest.mark.proof
@pytest.mark.parametrize("outcome", ["visit", "spend"])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_customers_who_were_never_mailed_can_be_balanced(outcome: str, share: float) -> None:
    week = hillstrom(whole("hillstrom/hillstrom.csv.gz", "how far balancing gets on real customers"), outcome)
    check(simulated(repeat(week), share, LONG // 2), LONG // 2)
