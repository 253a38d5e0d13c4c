"""Many groups measured at once: how far they differ in truth, and each one's effect in the light of the others.

The groups' true effects are taken as normal around a common mean. How far they spread is not known, so every
spread counts with its likelihood: empirical Bayes with the uncertainty of the prior carried into the intervals
(A. Gelman et al., Bayesian Data Analysis, section 5.4; C. N. Morris, JASA 78, 1983).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
SPREADS = 160
"""Spreads of the true effects that are tried."""
_WIDEST = 4.0
"""Times the spread that is seen, up to which spreads are tried: what lies beyond has next to no likelihood."""
_HALVINGS = 45
"""Halvings of an interval of 18 widths: what is left, 18 / 2**45, is below the rounding of any report."""


@dataclass(frozen=True)
class Shrunk:
    """Effects drawn towards their common mean.

    Args:
        value: Posterior means, shape (k,).
        low: Lower limits of the 95 % intervals.
        high: Upper limits.
        mean: The common mean.
        spread: Standard deviation of the true effects between groups.
    """

    value: Floats
    low: Floats
    high: Floats
    mean: float
    spread: float


@dataclass(frozen=True)
class Heterogeneity:
    """Whether groups differ by more than chance (Cochran's Q).

    Args:
        q: The statistic.
        df: Groups measured, less one.
        p: Its probability by chance; NaN with fewer than two groups.
    """

    q: float
    df: int
    p: float


def heterogeneity(value: Floats, error: Floats) -> Heterogeneity:
    """Return the test of one common effect.

    >>> heterogeneity(np.array([1.0, 1.2, 5.0]), np.array([0.5, 0.5, 0.5])).p < 0.001
    True
    """
    known = _known(value, error)
    if known.sum() < 2:
        return Heterogeneity(float("nan"), 0, float("nan"))
    # The same Q as `combine_effects` of statsmodels, without its iterations: those cost 40 times as much.
    weight = 1 / error[known] ** 2
    common = (weight * value[known]).sum() / weight.sum()
    q = float((weight * (value[known] - common) ** 2).sum())
    df = int(known.sum()) - 1
    return Heterogeneity(q, df, float(chdtrc(df, q)))


def shrink(value: npt.ArrayLike, error: npt.ArrayLike) -> Shrunk:
    """Return effects drawn towards their mean, the more the less certain they are by themselves.

    Args:
        value: Measured effects, shape (k,); NaN where a group has none: it gets what the others suggest.
        error: Their standard errors, above 0, shape (k,).

    Returns:
        One measured group stays as it is; without any all is NaN.

    >>> shrink([1.0, 2.0, 9.0], [1.0, 1.0, 1.0]).value.round(1).tolist()
    [1.1, 2.1, 8.8]
    """
    y, s = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64)
    known = _known(y, s)
    if known.sum() < 2:
        half = np.where(known, 1.959963984540054 * s, np.nan)
        alone = np.where(known, y, np.nan)
        center = float(alone[known][0]) if known.any() else float("nan")
        return Shrunk(alone, alone - half, alone + half, center, float("nan"))
    spreads = _spreads(y[known], s[known])
    weight, mean, variance = _mean_given_spread(y[known], s[known], spreads)
    centers, widths = _posterior(y, np.where(known, s, np.inf), spreads, mean, variance)
    low, high = (_quantile(q, weight, centers, widths) for q in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Shrunk(weight @ centers, low, high, float(weight @ mean), float(weight @ spreads))


def _known(value: Floats, error: Floats) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isfinite(value) & np.isfinite(error) & (error > 0))


def _spreads(y: Floats, s: Floats) -> Floats:
    """Return the spreads to try, evenly from 0 on, as far as the data could suggest, shape (SPREADS,)."""
    most = _WIDEST * max(float(y.std()), float(np.median(s)))
    # Middles of equal steps, so a plain sum over them is the integral, and no spread is 0: there a width would be, too.
    return (np.arange(SPREADS) + 0.5) / SPREADS * most


def _mean_given_spread(y: Floats, s: Floats, spreads: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the probability of each spread, and the common mean with its variance under it."""
    total = s**2 + spreads[:, None] ** 2
    variance = 1 / (1 / total).sum(axis=1)
    mean = variance * (y / total).sum(axis=1)
    # Minus twice the log likelihood of a spread, the common mean integrated out (Gelman et al., formula 5.21).
    fit = ((y - mean[:, None]) ** 2 / total).sum(axis=1) + np.log(total).sum(axis=1) - np.log(variance)
    # The best fit is taken off first: the exponential of the plain value would be 0 for every spread.
    weight = np.exp(-0.5 * (fit - fit.min()))
    return weight / weight.sum(), mean, variance


def _posterior(y: Floats, s: Floats, spreads: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each group's effect under each spread, shape (SPREADS, k)."""
    # How much a group counts for itself: next to nothing where groups hardly differ, all where they differ widely. A
    # group that was not measured has an infinite error, so it gets the common mean.
    own = spreads[:, None] ** 2 / (spreads[:, None] ** 2 + s**2)
    centers = own * np.nan_to_num(y) + (1 - own) * mean[:, None]
    within = (1 - own) * spreads[:, None] ** 2
    widths = np.sqrt(within + (1 - own) ** 2 * variance[:, None])
    # A group that is all but certain beside the others keeps a hair of width, to divide by.
    return centers, np.maximum(widths, 1e-9 * spreads[-1])


def _quantile(q: float, weight: Floats, centers: Floats, widths: Floats) -> Floats:
    """Return a quantile of each group's mixture of normals, shape (k,)."""
    # A mixture has no closed form for its quantiles; all of its mass but 1e-18 lies within 9 widths of its centers.
    low, high = (centers - 9 * widths).min(axis=0), (centers + 9 * widths).max(axis=0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = weight @ ndtr((middle - centers) / widths) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
