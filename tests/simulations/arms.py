"""Weeks without any effect, whose arms are drawn at random under many salts, beside the arms that balancing keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.experiment.arms import Experiment

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SEGMENTS = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class Week:
    """Customers, their segments, what is known before (the first column is what CUPED takes), and an outcome."""

    codes: npt.NDArray[np.int64]
    covariates: pd.DataFrame
    outcome: Floats


def synthetic(customers: int, explained: float, rng: np.random.Generator) -> Week:
    """Return a week whose covariates explain a share of the outcome; two of them cut the segments."""
    common = rng.normal(size=(customers, 1))
    latent = 0.5 * common + rng.normal(size=(customers, 4))
    index = latent.sum(axis=1)
    index = (index - index.mean()) / index.std()
    outcome = np.sqrt(explained) * index + np.sqrt(1 - explained) * rng.normal(size=customers)
    cut_by = latent[:, 0] + latent[:, 1]
    codes = np.searchsorted(np.quantile(cut_by, [0.2, 0.4, 0.6, 0.8]), cut_by)
    return Week(codes, pd.DataFrame(latent, columns=["value", "engagement", "recency", "orders"]), outcome)


def hillstrom(path: Path, outcome: str) -> Week:
    """Return the customers of the e-mail experiment who got none, so that no arm has any effect."""
    table = pd.read_csv(path)
    table = table[table["segment"] == "No E-Mail"].reset_index(drop=True)
    covariates = table[["history", "newbie", "recency"]].assign(orders=table["mens"] + table["womens"])
    codes = np.searchsorted(np.quantile(table["history"], [0.2, 0.4, 0.6, 0.8]), table["history"])
    return Week(codes, covariates.astype(np.float64), table[outcome].to_numpy(dtype=np.float64))


def drawn(customers: int, share: float, salt: str) -> Mask:
    """Return who is held out by chance alone; one draw for each salt."""
    return np.random.default_rng(int(salt, 16)).random(customers) < share


def draws(user_ids: pd.Series, experiment: Experiment, segments: pd.Series, salts: Sequence[str]) -> Iterator[Mask]:
    """Yield the draw of each salt; it stands for the hash, which would cost 20 times as much."""
    assert len(segments) == len(user_ids)
    return (drawn(len(user_ids), experiment.shares_of("")[0], salt) for salt in salts)
