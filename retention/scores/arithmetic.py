"""The arithmetic of scores: intervals, the weighted total, simulated means, ranks.

Arrays in, arrays out; a missing number is NaN. Nothing here knows customers, segments or policies.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from retention.policy.policy import Weights
from retention.scores.measures import MEASURES

Floats = npt.NDArray[np.float64]
ScoreSource = Literal["measured", "modelled", "heuristic", "measured + assumed", "assumed"]

WEAKNESS: tuple[ScoreSource, ...] = ("measured", "modelled", "heuristic", "measured + assumed", "assumed")
"""How a number can come about, the strongest first."""

LEVEL = 0.95
Z95 = 1.959963984540054
Stated = tuple[float, float, float]
"""A value with the lower and the upper end of its 95 % interval."""


@dataclass(frozen=True)
class Spread:
    """How far modelled rates were from what came, beyond chance.

    Args:
        over: Overdispersion r: what comes has the variance p (1 - p) (1 / n + r).
    """

    over: float
    windows: int

    def error(self, share: Floats, count: npt.NDArray[np.int64]) -> Floats:
        """Return the standard error of the share that will come of so many customers, for a normal interval."""
        # Few windows leave the overdispersion uncertain, which Student's quantile makes up for.
        factor = float(stdtrit(self.windows, (1 + LEVEL) / 2) / ndtri((1 + LEVEL) / 2))
        known = np.where(count > 0, count, np.nan)
        return np.asarray(factor * np.sqrt(share * (1 - share) * (1 / known + self.over)))


def weight_vector(weights: Weights) -> Floats:
    """Return the weights in the order of `MEASURES`, shape (6,), the largest scaled to 1.

    >>> weight_vector(Weights(conv_pot=2, lift=1, size=0, profitability=0, strategic_fit=0)).tolist()
    [1.0, 0.5, 0.0, 0.0, 0.0, 0.0]
    """
    vector = np.array([getattr(weights, measure.weight) for measure in MEASURES.values()])
    return np.asarray(vector / vector.max())


def contributions(measures: npt.ArrayLike, weights: Weights) -> Floats:
    """Return what each measure adds to the total; the last axis sums to `overall`.

    Args:
        measures: Shape (..., 6), in the order of `MEASURES`, each clipped to 0-1 here; NaN for null. The
            weights of the measures that are there keep their proportions and sum to 1.
        weights: Only their proportions matter.

    Returns:
        The same shape; 0 for a null measure, NaN throughout where no measure with a weight is there.
    """
    values = np.asarray(measures, dtype=np.float64)
    # A measure that is not known is neither 0 nor 1: its weight goes to the others in proportion.
    known = ~np.isnan(values)
    weight = np.where(known, weight_vector(weights), 0.0)
    whole = weight.sum(axis=-1, keepdims=True)
    share = np.divide(weight, whole, out=np.full_like(weight, np.nan), where=whole > 0)
    return np.asarray(share * np.where(known, np.clip(values, 0, 1), 0.0))


def overall(measures: npt.ArrayLike, weights: Weights) -> Floats:
    """Return the weighted total of measures, from 0 to 1; NaN where no measure with a weight is there.

    Args:
        measures: Shape (..., 6), in the order of `MEASURES`; NaN for null, whose weight the others share.
        weights: Only their proportions matter.

    >>> round(float(overall([0.28, 0.43, 0.55, 0.63, 1.00, np.nan], Weights())), 2)
    0.5
    """
    return np.asarray(np.clip(contributions(measures, weights).sum(axis=-1), 0, 1))


def size_norm(sizes: npt.ArrayLike) -> Floats:
    """Return sizes between the smallest (0) and the largest (1); 1 for all where none differ.

    >>> size_norm([100, 300, 200]).tolist(), size_norm([7]).tolist()
    ([0.0, 1.0, 0.5], [1.0])
    """
    n = np.asarray(sizes, dtype=np.float64)
    span = n.max() - n.min()
    return (n - n.min()) / span if span > 0 else np.ones_like(n)


def mean_interval(mean: Floats, variance: Floats, count: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the 95 % t interval of means on 0-1, clipped to 0-1.

    Args:
        mean: Means, shape (n,).
        variance: Squared standard errors, shape (n,).
        count: Observations, shape (n,); with fewer than two the interval is NaN.
    """
    enough = count > 1
    t = stdtrit(np.where(enough, count - 1, 1), (1 + LEVEL) / 2)
    half = np.where(enough, t * np.sqrt(variance), np.nan)
    return np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)


def prediction_interval(share: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of the shares that will come, shape (n,) each."""
    half = float(ndtri((1 + LEVEL) / 2)) * error
    return np.clip(share - half, 0, 1), np.clip(share + half, 0, 1)


def share_interval(share: Floats, count: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the 95 % Wilson interval of shares.

    Args:
        share: Shares from 0 to 1, shape (n,).
        count: Observations, shape (n,); with none the interval is NaN.

    >>> low, high = share_interval(np.array([1.0]), np.array([10]))
    >>> round(float(low[0]), 3), float(high[0])
    (0.722, 1.0)
    """
    z = float(ndtri((1 + LEVEL) / 2))
    n = np.where(count > 0, count, np.nan)
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At shares of 0 and 1 the formula gives the share itself but for rounding.
    return np.clip(np.minimum(center - half, share), 0, 1), np.clip(np.maximum(center + half, share), 0, 1)


def simulate_means(mean: Floats, covariance: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Return draws of means from their multivariate normal, shape (draws, M).

    A NaN mean stays NaN, and covariances that are not known or too large for a number count as 0, so that a mean
    of one customer is held at its value. Those of different pairs of customers may fit no distribution; then
    the nearest correlations that do are taken, at the same standard errors.

    Args:
        mean: Shape (M,).
        covariance: Covariance of the means, shape (M, M).
        rng: Source of randomness.
        draws: How many.
    """
    known = np.isfinite(np.diagonal(covariance))
    filled = np.where(np.isfinite(covariance) & np.outer(known, known), covariance, 0.0)
    error = np.sqrt(np.diagonal(filled))
    scale = np.where(error > 0, error, 1.0)
    values, vectors = np.linalg.eigh(filled / np.outer(scale, scale))
    # The symmetric root does not depend on the sign or order that the eigenvectors come in.
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    length = np.sqrt((root * root).sum(axis=1))
    root *= np.divide(error, length, out=np.zeros_like(error), where=length > 0)[:, None]
    return np.asarray(mean + rng.standard_normal((draws, len(mean))) @ root.T)


def at_deviation(stated: Stated, z: npt.ArrayLike) -> Floats:
    """Return numbers so many standard deviations from a stated value, whose ends hold 95 %; each side has its own.

    >>> at_deviation((0.1, 0.0, 0.5), [-1.959963984540054, 0, 1.959963984540054]).tolist()
    [0.0, 0.1, 0.5]
    """
    value, low, high = stated
    z = np.asarray(z, dtype=np.float64)
    return np.asarray(value + z / Z95 * np.where(z < 0, value - low, high - value))


def generator_for(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one name: the same wherever the name stands, another for each seed.

    >>> bool(generator_for(1, "VIP").random() == generator_for(1, "VIP").random())
    True
    """
    digest = hashlib.sha256(f"{seed}|{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def draw_interval(draws: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the central 95 % of draws, widened to hold the value.

    Args:
        draws: Shape (draws, n); a column of NaN gives NaN.
        value: Point estimates, shape (n,), which a skewed simulation may leave outside.
    """
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.minimum(low, value), np.maximum(high, value)


def rank_spread(draws: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Return the 90 % interval of ranks and the probability of being best.

    Equal totals share the ranks that they fill, and share being best.

    Args:
        draws: Simulated totals, shape (draws, n); NaN ranks last.

    Returns:
        Lowest and highest rank from 1, and P(best), which sums to 1; shape (n,) each.
    """
    # Ranks are counted within each draw, because the totals of one draw hang together; a rank of means would not.
    totals = np.nan_to_num(draws, nan=-np.inf)
    above = np.column_stack([(totals > one[:, None]).sum(axis=1) for one in totals.T])
    reach = np.column_stack([(totals >= one[:, None]).sum(axis=1) for one in totals.T])
    low = np.quantile(above + 1, 0.05, axis=0, method="lower")
    high = np.quantile(reach, 0.95, axis=0, method="higher")
    first = above == 0
    best = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    return low.astype(np.int64), high.astype(np.int64), best
