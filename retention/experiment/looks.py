"""Looks at an experiment before its outcome days are over: tests and intervals that hold however often one looks.

Everybody is contacted on one day and purchases come in over the next, so what grows from look to look is not the
customers but what is known of them. Without an effect the difference of two rates so far, divided by the share that has
not bought yet, moves like a random walk whose variance grows with rate / (1 - rate). Against such a walk a mixture of
all effects, weighted by a normal curve, is a bet that is fair at each step, so it is ever won twentyfold in at most one
experiment of twenty: H. Robbins, Annals of Mathematical Statistics 41 (1970); S. R. Howard, A. Ramdas, J. McAuliffe and
J. Sekhon, Annals of Statistics 49 (2021).
"""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from retention.experiment.intervals import LEVEL

Floats = npt.NDArray[np.float64]

MIXTURE = 0.1217735
"""Variance of the null over that of the mixture, which makes the interval at the planned end as narrow as it can be."""


def information(rate: npt.ArrayLike, planned: npt.ArrayLike) -> Floats:
    """Return how much is known, as a share of what will be known if the planned rate is reached.

    Args:
        rate: Conversions of both arms so far over customers of both arms.
        planned: The rate that was expected at the end, before anything was sent.
    """
    now, end = np.asarray(rate, dtype=np.float64), np.asarray(planned, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(now / (1 - now) / (end / (1 - end)))


def valid_p(p: npt.ArrayLike, known: npt.ArrayLike) -> Floats:
    """Return probabilities by chance that hold however often one looks; NaN where there is no test.

    Args:
        p: Probabilities by chance of this look alone, two-sided.
        known: The `information` of this look.

    >>> valid_p([0.05, 0.0001], [1.0, 0.5]).round(3).tolist()
    [0.548, 0.005]
    """
    squared, share = ndtri(np.asarray(p, dtype=np.float64) / 2) ** 2, np.asarray(known, dtype=np.float64)
    grown = share / MIXTURE
    with np.errstate(invalid="ignore"):
        odds = np.sqrt(1 + grown) * np.exp(-squared / 2 * grown / (1 + grown))
    return np.asarray(np.minimum(odds, 1))


def valid_level(known: npt.ArrayLike, level: float = LEVEL) -> Floats:
    """Return the level that an interval of one look needs, so that all looks together miss no more than one would.

    >>> valid_level([0.1, 1.0]).round(5).tolist()
    [0.99987, 0.9976]
    """
    grown = np.asarray(known, dtype=np.float64) / MIXTURE
    with np.errstate(divide="ignore"):
        reach = np.sqrt((1 + 1 / grown) * (2 * np.log(1 / (1 - level)) + np.log1p(grown)))
    return np.asarray(1 - 2 * ndtr(-reach))
