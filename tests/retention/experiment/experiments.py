"""Experiments to test with: small ones written down, large ones drawn."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.experiment.observations import Observations
from tests.mailing import ARMS, mailing
from tests.real_data import whole

HILLSTROM = {
    "visit": ((2_262, 21_306), (3_894, 21_307), (3_238, 21_387)),
    "conversion": ((122, 21_306), (267, 21_307), (189, 21_387)),
}
"""Hillstrom's e-mail experiment: who visited and who bought, of how many, for each of `ARMS`."""


def counts(*arms: tuple[int, int], labels: tuple[str, ...] = ("control", "mail", "letter")) -> Observations:
    """Return an experiment with the given conversions and customers per arm."""
    arm = np.repeat(np.arange(len(arms)), [n for _, n in arms])
    converted = np.concatenate([np.arange(n) < x for x, n in arms])
    return Observations(labels[: len(arms)], arm, converted)


def hillstrom_counts(outcome: str = "conversion") -> Observations:
    """Return the published counts of Hillstrom's e-mail experiment."""
    return counts(*HILLSTROM[outcome], labels=ARMS)


def hillstrom(by: str | None = None) -> Observations:
    """Return all of Hillstrom's e-mail experiment, or skip where the file is not there."""
    path = whole("hillstrom/hillstrom.csv.gz", "what Hillstrom's customers spent, and by which channel")
    return _mailed(pd.read_csv(path), by)


def of_mailing(by: str | None = None) -> Observations:
    """Return a drawn experiment in the same form."""
    return _mailed(mailing(30_000), by)


def _mailed(table: pd.DataFrame, by: str | None) -> Observations:
    group, groups = pd.factorize(table[by]) if by else (None, ())
    return Observations(
        ARMS,
        table["segment"].map(ARMS.index).to_numpy(),
        table["conversion"].eq(1).to_numpy(),
        table["spend"].to_numpy(dtype=np.float64),
        table["history"].to_numpy(dtype=np.float64),
        tuple(map(str, groups)),
        group,
    )


def drawn(
    rng: np.random.Generator, n: npt.ArrayLike, rates: npt.ArrayLike, revenue: float | None = None
) -> Observations:
    """Return a drawn experiment of groups (rows) and arms (columns), revenue log-normal around a median."""
    sizes, rate = np.asarray(n), np.asarray(rates)
    groups, arms = sizes.shape
    cell = np.repeat(np.arange(sizes.size), sizes.ravel())
    converted = rng.random(len(cell)) < rate.ravel()[cell]
    money = None if revenue is None else np.where(converted, np.round(revenue * rng.lognormal(0, 0.6, len(cell)), 2), 0)
    return Observations(
        ("control", "mail", "letter")[:arms],
        cell % arms,
        converted,
        money,
        groups=tuple(f"group {g}" for g in range(groups)),
        group=cell // arms,
    )
