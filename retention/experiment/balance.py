"""Arms that are alike before anything is sent: of many salts, the one under which they differ least.

The distance is that of K. L. Morgan and D. B. Rubin (Annals of Statistics 40, 2012): the Mahalanobis distance of the
differences between control and treatments, squared. Under an average salt it is about the number of covariates.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import ensure
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
        before: Distance under the salt that was there before.
        after: Distance under the salt that was kept.
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
    """Customers who are to be split into arms.

    Args:
        user_ids: Identifiers as text, none missing, shape (n,).
        codes: Place of each customer's segment, shape (n,).
        segments: Names of the segments.
        covariates: What is known of each customer before the experiment, a column of numbers each, NaN for unknown.
    """

    user_ids: pd.Series
    codes: npt.NDArray[np.integer]
    segments: tuple[str, ...]
    covariates: pd.DataFrame

    def deviations(self) -> Floats:
        """Return how far each customer is from its segment's mean, in standard deviations within segments."""
        values = self.covariates.to_numpy(dtype=np.float64)
        centred = values - self.covariates.groupby(self.codes).transform("mean").to_numpy(dtype=np.float64)
        # A customer without a value gets the mean of the segment, which is no deviation.
        centred = np.nan_to_num(centred)
        spread = np.sqrt((centred**2).mean(axis=0)) if len(centred) else np.ones(values.shape[1])
        # What is left of equal values is rounding, not variation.
        constant = spread <= 1e-9 * np.abs(np.nan_to_num(values)).max(axis=0, initial=0)
        return np.where(constant, 0.0, centred / np.where(constant, 1.0, spread))


def balance_arms(
    cohort: Cohort, experiment: Experiment, *, seed: int = 0, choose: bool = True
) -> tuple[Experiment, Balance]:
    """Return the experiment with the salt whose arms are most alike, and how alike they are.

    All treatments count as one. Differences are taken within segments and pooled, each segment by the information
    in it, so the sizes of the segments' arms are left to chance as they were.
    """
    deviations, size = cohort.deviations(), len(cohort.codes)
    tries = min(MOST_SALTS, MOST_HASHES // max(1, size)) if choose and size and deviations.any() else 1
    drawn = np.random.default_rng(seed).integers(2**63, size=max(0, tries - 1))
    salts = [experiment.salt, *(f"{number:016x}" for number in drawn)]
    covariance = deviations.T @ deviations / max(1, size)
    metric = np.linalg.pinv(covariance, hermitian=True).astype(np.float64)
    names = pd.Series(cohort.segments, dtype="str").take(cohort.codes)
    found = np.empty(len(salts))
    for place, control in enumerate(held_out(cohort.user_ids, experiment, names, salts)):
        split = _Split.of(cohort, deviations, control, metric)
        found[place] = split.distances[0]
        if not place:
            first = best = split
        best = split if split.distances[0] < best.distances[0] else best
    ensure(best.distances[0] == found.min(), "the arms that are shown are those of the salt that is kept")
    imputed = {str(name): int(count) for name, count in cohort.covariates.isna().sum().items()}
    balance = Balance(found[0], found.min(), float(found.mean()), len(salts), imputed, _table(cohort, first, best))
    return replace(experiment, salt=salts[int(found.argmin())]), balance


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
    def of(cls, cohort: Cohort, deviations: Floats, control: npt.NDArray[np.bool_], metric: Floats) -> "_Split":
        segments = len(cohort.segments)
        codes, values = cohort.codes[control], deviations[control]
        held = np.bincount(codes, minlength=segments)
        whole = np.bincount(cohort.codes, minlength=segments)
        # Deviations of a segment sum to 0. So the control's sum alone tells the difference of the means, it is the
        # sum x whole / (held x treated); and with the weights held x treated / whole the pooled difference is the
        # sum of the sums over the sum of the weights.
        each = [np.bincount(codes, value, minlength=segments) for value in values.T]
        sums = np.array(each, dtype=np.float64).reshape(-1, segments).T
        weights = held * (whole - held) / np.maximum(whole, 1)
        sums, weights = np.vstack([sums.sum(axis=0), sums]), np.append(weights.sum(), weights)
        squares = np.einsum("gi,ij,gj->g", sums, metric, sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            differences = np.where(weights[:, None] > 0, sums / weights[:, None], np.nan)
            return cls(np.where(weights > 0, squares / weights, np.inf), differences)


def _table(cohort: Cohort, first: _Split, best: _Split) -> pd.DataFrame:
    differences = pd.DataFrame(best.differences, columns=cohort.covariates.columns)
    names = pd.Series([EVERYONE, *cohort.segments], dtype="str", name="Segment")
    return pd.concat([names, differences], axis=1).assign(Before=first.distances, After=best.distances)


def balance_words(balance: Balance) -> str:
    """Return how alike the arms are, in words."""
    if not balance.covariates:
        return "Balance of the arms: nothing is known of the customers that it could be judged by."
    what = f"in {', '.join(balance.covariates)}: Mahalanobis distance within segments"
    chance = f"about {len(balance.covariates)} by chance"
    if balance.salts > 1:
        said = (
            f"Balance of the arms {what} {balance.after:.3f} under the best of {balance.salts:,} salts; it was "
            f"{balance.before:.3f} under the usual one, and {balance.average:.3f} on average."
        )
    else:
        said = f"Balance of the arms {what} {balance.after:.3f}, {chance}; no other salt was tried."
    blank = [f"{count:,} in {name}" for name, count in balance.imputed.items() if count]
    return said + (f" Missing values count as the mean of the segment: {', '.join(blank)}." if blank else "")
