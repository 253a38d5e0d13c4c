"""Arms that are alike before anything is sent: of many salts, the one under which they differ least.

The distance is that of K. L. Morgan and D. B. Rubin (Annals of Statistics 40, 2012): the Mahalanobis distance of the
differences between control and treatments, squared. Under an average salt it is about the number of covariates.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.experiment.arms import Experiment, held_out

Floats = npt.NDArray[np.float64]

MOST_HASHES = 5_000_000
"""Hashes that a search may cost: a few seconds."""
MOST_SALTS = 1_000
EVERYONE = "all segments"


@dataclass(frozen=True)
class Balance:
    """How alike control and treatments are in what is known before.

    Args:
        average: Mean distance of the salts that were tried.
        salts: Salts that were tried; 1: the one that was there, because nothing was to be chosen.
        imputed: By covariate, customers without a value, who count with the mean of their segment.
        table: First all segments together, then each one: Segment; by covariate the mean of the control less that of
            the treatments, in standard deviations within segments (NaN: an arm is empty); Before and After, the
            distances (infinite: an arm is empty).
    """

    before: float
    after: float
    average: float
    salts: int
    imputed: dict[str, int]
    table: pd.DataFrame

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of what was balanced."""
        return tuple(self.imputed)


@dataclass(frozen=True)
class Cohort:
    """Customers who are to be split into arms, or a part of them.

    Args:
        user_ids: Identifiers as text, none missing, shape (n,).
        codes: Place of each customer's segment, shape (n,).
        covariates: What is known of each customer before the experiment, a column of numbers each, NaN for unknown.
    """

    user_ids: pd.Series
    codes: npt.NDArray[np.integer]
    segments: tuple[str, ...]
    covariates: pd.DataFrame

    @property
    def values(self) -> Floats:
        """The covariates, shape (n, covariates)."""
        return self.covariates.to_numpy(dtype=np.float64)

    def summed(self, values: Floats, among: npt.NDArray[np.bool_] | slice = slice(None)) -> Floats:
        """Return the sums of a column each over some customers of each segment, shape (segments, columns)."""
        codes, each = self.codes[among], values[among].T
        sums = [np.bincount(codes, column, minlength=len(self.segments)) for column in each]
        return np.array(sums, dtype=np.float64).reshape(-1, len(self.segments)).T

    def sizes(self, among: npt.NDArray[np.bool_] | slice = slice(None)) -> npt.NDArray[np.int64]:
        """Return how many of some customers each segment has."""
        return np.bincount(self.codes[among], minlength=len(self.segments))


Cohorts = Callable[[], Iterable[Cohort]]
"""Returns the customers part by part, each time it is called; one part at least."""


def balance_arms(
    parts: Cohorts, experiment: Experiment, *, seed: int = 0, choose: bool = True
) -> tuple[Experiment, Balance]:
    """Return the experiment with the salt whose arms are most alike, and how alike they are.

    All treatments count as one. Differences are taken within segments and pooled, each segment by the information
    in it, so the sizes of the segments' arms are left to chance as they were.
    """
    known = _Known.of(parts)
    size = int(known.whole.sum())
    tries = min(MOST_SALTS, MOST_HASHES // max(1, size)) if choose and size and known.spread.any() else 1
    drawn = np.random.default_rng(seed).integers(2**63, size=max(0, tries - 1))
    salts = [experiment.salt, *(f"{number:016x}" for number in drawn)]
    held = np.zeros((len(salts), len(known.segments)), dtype=np.int64)
    sums = np.zeros((len(salts), len(known.segments), len(known.imputed)))
    for part in parts():
        deviations, names = known.deviations(part), pd.Series(part.segments, dtype="str").take(part.codes)
        for place, control in enumerate(held_out(part.user_ids, experiment, names, salts)):
            held[place] += part.sizes(control)
            sums[place] += part.summed(deviations, control)
    splits = [_Split.of(known, each, total) for each, total in zip(held, sums, strict=True)]
    distances = np.array([split.distances[0] for split in splits])
    best = int(distances.argmin())
    table = _table(known, splits[0], splits[best])
    balance = Balance(distances[0], distances[best], float(distances.mean()), len(salts), known.imputed, table)
    return replace(experiment, salt=salts[best]), balance


@dataclass(frozen=True)
class _Known:
    """What the covariates of all customers are like.

    Args:
        segments: Names of the segments.
        whole: Customers of each.
        imputed: As `Balance` has it.
        means: By segment and covariate; NaN where none is known.
        spread: Standard deviation within segments of each covariate; 0 where all values are equal.
        metric: What differences of all covariates are weighed by.
    """

    segments: tuple[str, ...]
    whole: npt.NDArray[np.int64]
    imputed: dict[str, int]
    means: Floats
    spread: Floats
    metric: Floats

    @classmethod
    def of(cls, parts: Cohorts) -> "_Known":
        first = next(iter(parts()))
        names = [str(name) for name in first.covariates]
        shape = (len(first.segments), len(names))
        whole, sums, counts = np.zeros(shape[0], dtype=np.int64), np.zeros(shape), np.zeros(shape)
        most, cross = np.zeros(shape[1]), np.zeros((shape[1], shape[1]))
        for part in parts():
            values = part.values
            whole += part.sizes()
            sums += part.summed(np.nan_to_num(values))
            counts += part.summed(np.isfinite(values).astype(np.float64))
            most = np.maximum(most, np.abs(np.nan_to_num(values)).max(axis=0, initial=0))
        with np.errstate(invalid="ignore"):
            means = sums / counts
        for part in parts():
            centred = np.nan_to_num(part.values - means[part.codes])
            cross += centred.T @ centred
        size = int(whole.sum())
        cross = cross / max(1, size)
        spread = np.sqrt(np.diagonal(cross)) if size else np.ones(shape[1])
        # What is left of equal values is rounding, not variation.
        spread = np.where(spread <= 1e-9 * most, 0.0, spread)
        scale = np.where(spread > 0, spread, np.inf)
        metric = np.linalg.pinv(cross / np.outer(scale, scale), hermitian=True).astype(np.float64)
        missing = size - counts.sum(axis=0)
        return cls(
            first.segments, whole, dict(zip(names, missing.astype(int).tolist(), strict=True)), means, spread, metric
        )

    def deviations(self, part: Cohort) -> Floats:
        """Return how far each customer is from its segment's mean, in standard deviations within segments."""
        # A customer without a value gets the mean of the segment, which is no deviation.
        centred = np.nan_to_num(part.values - self.means[part.codes])
        return np.asarray(centred / np.where(self.spread > 0, self.spread, np.inf))


@dataclass(frozen=True)
class _Split:
    """Control against treatments under one salt, all segments together and then each.

    Args:
        distances: Shape (segments + 1,); infinite where an arm is empty.
        differences: Shape (segments + 1, covariates); NaN where an arm is empty.
    """

    distances: Floats
    differences: Floats

    @classmethod
    def of(cls, known: _Known, held: npt.NDArray[np.int64], sums: Floats) -> "_Split":
        # Deviations of a segment sum to 0. So the control's sum alone tells the difference of the means, it is the
        # sum x whole / (held x treated); and with the weights held x treated / whole the pooled difference is the
        # sum of the sums over the sum of the weights.
        weights = held * (known.whole - held) / np.maximum(known.whole, 1)
        sums, weights = np.vstack([sums.sum(axis=0), sums]), np.append(weights.sum(), weights)
        squares = np.einsum("gi,ij,gj->g", sums, known.metric, sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            differences = np.where(weights[:, None] > 0, sums / weights[:, None], np.nan)
            return cls(np.where(weights > 0, squares / weights, np.inf), differences)


def _table(known: _Known, first: _Split, best: _Split) -> pd.DataFrame:
    differences = pd.DataFrame(best.differences, columns=list(known.imputed))
    names = pd.Series([EVERYONE, *known.segments], dtype="str", name="Segment")
    return pd.concat([names, differences], axis=1).assign(Before=first.distances, After=best.distances)


def balance_words(balance: Balance) -> str:
    """Return how alike the arms are, in words."""
    if not balance.covariates:
        return "Balance of the arms: nothing is known of the customers that it could be judged by."
    what = f"in {', '.join(balance.covariates)}: Mahalanobis distance within segments"
    chance = f"about {len(balance.covariates)} by chance"
    if balance.salts > 1:
        sentence = (
            f"Balance of the arms {what} {balance.after:.3f} under the best of {balance.salts:,} salts; it was "
            f"{balance.before:.3f} under the usual one, and {balance.average:.3f} on average."
        )
    else:
        sentence = f"Balance of the arms {what} {balance.after:.3f}, {chance}; no other salt was tried."
    blank = [f"{count:,} in {name}" for name, count in balance.imputed.items() if count]
    return sentence + (f" Missing values count as the mean of the segment: {', '.join(blank)}." if blank else "")
