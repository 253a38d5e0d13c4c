"""Experiments to test with: small ones written down, large ones drawn."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from retention.experiment.observations import Observations

HILLSTROM = Path(__file__).resolve().parents[4] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"
EMAILS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")


def counts(*arms: tuple[int, int], labels: tuple[str, ...] = ("control", "mail", "letter")) -> Observations:
    """Return an experiment with the given conversions and customers per arm."""
    arm = np.repeat(np.arange(len(arms)), [n for _, n in arms])
    converted = np.concatenate([np.arange(n) < x for x, n in arms])
    return Observations(labels[: len(arms)], arm, converted)


def hillstrom(outcome: str = "conversion", by: str | None = None) -> Observations:
    """Return the Hillstrom e-mail experiment, or skip where the file is not there."""
    if not HILLSTROM.exists():
        pytest.skip("the Hillstrom experiment is not in ../shared/data")
    table = pd.read_csv(HILLSTROM)
    group, groups = pd.factorize(table[by]) if by else (None, ())
    return Observations(
        EMAILS,
        table["segment"].map(EMAILS.index).to_numpy(),
        table[outcome].eq(1).to_numpy(),
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
