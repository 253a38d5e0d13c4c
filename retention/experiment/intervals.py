"""Two proportions compared: difference and ratio with 95 % intervals, and a test.

Everything works on arrays of counts and gives a number for every pair of counts, zero and all included.
Only an arm without anybody has none: NaN.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
SMALL = 5
"""Below this expected count in any of the four fields the exact test replaces the normal one (Cochran 1954)."""
_REACH = 50.0
"""The ratio is searched for between exp(-50) and exp(50)."""


class Pair(NamedTuple):
    """Conversions and customers of two arms, arrays of one shape each."""

    treated: npt.ArrayLike
    treated_n: npt.ArrayLike
    control: npt.ArrayLike
    control_n: npt.ArrayLike

    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the four as floats of one shape, NaN throughout where an arm has nobody."""
        x1, n1, x0, n0 = (np.array(part, dtype=np.float64) for part in np.broadcast_arrays(*self))
        nobody = (n1 <= 0) | (n0 <= 0)
        for part in (x1, n1, x0, n0):
            part[nobody] = np.nan
        return x1, n1, x0, n0


def difference_interval(pair: Pair, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the interval of treated rate minus control rate, within -1 and 1.

    Newcombe's hybrid of two score intervals: R. G. Newcombe, Interval estimation for the difference between
    independent proportions, Statistics in Medicine 17 (1998), method 10.

    >>> low, high = difference_interval(Pair([89], [8245], [28], [4044]))
    >>> f"{low[0]:.6f} {high[0]:.6f}"
    '0.000203 0.007131'
    """
    x1, n1, x0, n0 = pair.arrays()
    low, high = np.full_like(n1, np.nan), np.full_like(n1, np.nan)
    known = ~np.isnan(n1)
    if known.any():
        # Who only names a guardrail does not wait for what these two load.
        from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415

        low[known], high[known] = confint_proportions_2indep(
            x1[known], n1[known], x0[known], n0[known], method="newcomb", compare="diff", alpha=1 - level
        )
    difference = x1 / n1 - x0 / n0
    # At rates of 0 and 1 rounding may put a limit past the difference itself.
    return np.clip(np.fmin(low, difference), -1, 1), np.clip(np.fmax(high, difference), -1, 1)


def ratio_interval(pair: Pair, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the interval of treated rate over control rate, within 0 and infinity.

    It starts at 0 where nobody treated converted and is open above where nobody in the control did. The score
    interval, found by halving: P. A. R. Koopman, Confidence intervals for the ratio of two binomial
    proportions, Biometrics 40 (1984). It holds 1 exactly when the pooled z-test does not reject.

    >>> low, high = ratio_interval(Pair([89, 0], [8245, 10], [28, 0], [4044, 10]))
    >>> f"{low[0]:.4f} {high[0]:.4f}", (float(low[1]), float(high[1]))
    ('1.0248 2.3732', (0.0, inf))
    """
    counts = pair.arrays()
    critical = float(ndtri((1 + level) / 2))
    low, high = _crossing(counts, critical), _crossing(counts, -critical)
    x1, n1, x0, _ = counts
    low, high = np.where(x1 == 0, 0.0, low), np.where(x0 == 0, np.inf, high)
    unknown = np.isnan(n1)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _crossing(counts: tuple[Floats, Floats, Floats, Floats], target: float) -> Floats:
    """Return the ratio at which the falling score passes a value."""
    ends = np.full_like(counts[0], -_REACH), np.full_like(counts[0], _REACH)
    # From a width of 100 this ends at less than 1e-18, below the rounding of any ratio.
    return np.exp(halved(*ends, lambda log: _score(np.exp(log), *counts) > target, times=70))


def halved(low: Floats, high: Floats, below: Callable[[Floats], npt.NDArray[np.bool_]], *, times: int = 60) -> Floats:
    """Return the places between two ends up to which a condition holds; all are halved at once."""
    for _ in range(times):
        middle = (low + high) / 2
        right = below(middle)
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return np.asarray((low + high) / 2)


def _score(ratio: Floats, x1: Floats, n1: Floats, x0: Floats, n0: Floats) -> Floats:
    """Return the score of a ratio: how far the rates are from it, in standard errors under it."""
    # Koopman: the likeliest control rate p under a ratio is the smaller root of
    # (n0 + n1) ratio p^2 - b p + x0 + x1 = 0.
    b = (n1 + x0) * ratio + x1 + n0
    root = np.sqrt(np.maximum(b * b - 4 * (n0 + n1) * ratio * (x0 + x1), 0))
    # The likeliest control rate if the ratio were so; written so that nothing cancels.
    p0 = 2 * (x0 + x1) / (b + root)
    p1 = np.minimum(ratio * p0, 1)
    variance = p1 * (1 - p1) / n1 + ratio * ratio * p0 * (1 - p0) / n0
    gap = x1 / n1 - ratio * x0 / n0
    with np.errstate(divide="ignore", invalid="ignore"):
        score: Floats = np.nan_to_num(gap / np.sqrt(np.maximum(variance, 0)), nan=0.0, posinf=np.inf, neginf=-np.inf)
    return score


def p_value(pair: Pair) -> Floats:
    """Return the two-sided p of no difference: the pooled z-test, or Fisher's exact test where counts are small.

    >>> p_value(Pair([30, 3], [100, 10], [15, 0], [100, 10])).round(4).tolist()
    [0.0111, 0.2105]
    """
    x1, n1, x0, n0 = pair.arrays()
    rate = (x1 + x0) / (n1 + n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x1 / n1 - x0 / n0) / np.sqrt(rate * (1 - rate) * (1 / n1 + 1 / n0))
    p = np.where(np.isnan(n1), np.nan, 2 * ndtr(-np.abs(np.nan_to_num(z))))
    small = np.argwhere(is_small(pair))
    if len(small):
        from scipy.stats import fisher_exact  # noqa: PLC0415
    for place in small:
        at = tuple(place)
        table = [[x1[at], n1[at] - x1[at]], [x0[at], n0[at] - x0[at]]]
        p[at] = fisher_exact(np.array(table, dtype=np.int64)).pvalue
    return np.minimum(p, 1)


def is_small(pair: Pair) -> npt.NDArray[np.bool_]:
    """Return where the exact test is used."""
    x1, n1, x0, n0 = pair.arrays()
    rate = (x1 + x0) / (n1 + n0)
    # The smallest of the four expected counts is that of the rarer outcome in the smaller arm.
    return np.asarray(np.minimum(n1, n0) * np.minimum(rate, 1 - rate) < SMALL)
