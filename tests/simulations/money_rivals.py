"""Other ways to judge a difference of money per customer; each returns distances from no difference, as of a normal."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import ndtri, stdtr

from retention.experiment.money import FEWEST

Floats = npt.NDArray[np.float64]

CRITICAL = float(ndtri(0.975))
RESAMPLES, RESAMPLED = 399, 400
"""Resamples of an experiment, and experiments, of the ways that need every purchase."""


class Moments(NamedTuple):
    """Of one arm of many experiments: customers, purchases, mean, variance and third central moment of money."""

    n: int
    bought: Floats
    mean: Floats
    variance: Floats
    third: Floats
    per_purchase: Floats


def moments(n: int, sums: Floats) -> Moments:
    """Return the moments of an arm."""
    count, total, square, cube = sums.T
    mean = total / n
    return Moments(
        n, count, mean, (square - n * mean**2) / (n - 1), cube / n - 3 * mean * square / n + 2 * mean**3, total / count
    )


def _parts(one: Moments, none: Moments) -> tuple[Floats, Floats, Floats]:
    """Return t, its degrees of freedom and the skewness of the difference."""
    v1, v0 = one.variance / one.n, none.variance / none.n
    error = np.sqrt(v1 + v0)
    df = (v1 + v0) ** 2 / (v1**2 / (one.n - 1) + v0**2 / (none.n - 1))
    return (one.mean - none.mean) / error, df, (one.third / one.n**2 - none.third / none.n**2) / error**3


def _welch(one: Moments, none: Moments) -> Floats:
    t, df, _ = _parts(one, none)
    return np.asarray(ndtri(np.clip(stdtr(df, t), 1e-300, 1 - 1e-16)))


def _hall(one: Moments, none: Moments) -> Floats:
    t, _, g = _parts(one, none)
    return np.asarray(t + g * t**2 / 3 + g**2 * t**3 / 27 + g / 6)


def _johnson(one: Moments, none: Moments) -> Floats:
    t, _, g = _parts(one, none)
    return np.asarray(t + g / 6 + g * t**2 / 3)


def _pooled(one: Moments, none: Moments) -> Floats:
    n = one.n + none.n
    mean = (one.n * one.mean + none.n * none.mean) / n
    squares = sum((arm.n - 1) * arm.variance + arm.n * arm.mean**2 for arm in (one, none))
    variance = (squares - n * mean**2) / (n - 1)
    return np.asarray((one.mean - none.mean) / np.sqrt(variance * (1 / one.n + 1 / none.n)))


def _log(one: Moments, none: Moments) -> Floats:
    errors = [arm.variance / arm.n / arm.mean**2 for arm in (one, none)]
    return np.asarray(np.log(one.mean / none.mean) / np.sqrt(errors[0] + errors[1]))


def _decomposed(one: Moments, none: Moments) -> Floats:
    """Rate and basket by themselves: the log of the ratio of rates by the score, and of the baskets by Welch."""
    p = (one.bought + none.bought) / (one.n + none.n)
    rates = (1 - p) / p * (1 / one.n + 1 / none.n)
    spreads = [
        ((arm.variance * (arm.n - 1) + arm.n * arm.mean**2) / arm.bought / arm.per_purchase**2 - 1) / arm.bought
        for arm in (one, none)
    ]
    return np.asarray(np.log(one.mean / none.mean) / np.sqrt(rates + spreads[0] + spreads[1]))


WAYS: dict[str, Callable[[Moments, Moments], Floats]] = {
    "Welch": _welch,
    "Hall": _hall,
    "Johnson": _johnson,
    "null-pooled": _pooled,
    "log scale": _log,
    "rate x basket": _decomposed,
}


def resampled(kind: str, n1: int, n0: int, rate: float, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return the tails of the bootstrap-t and of the empirical likelihood, which need every purchase."""
    from tests.simulations.money import baskets  # noqa: PLC0415

    signs: dict[str, list[int]] = {"bootstrap-t": [], "empirical likelihood": []}
    for _ in range(RESAMPLED):
        x1, x0 = rng.binomial(n1, rate), rng.binomial(n0, rate)
        if min(x1, x0) < FEWEST:
            continue
        one, none = baskets(kind, x1, rng), baskets(kind, x0, rng)
        gap = one.sum() / n1 - none.sum() / n0
        signs["bootstrap-t"].append(_bootstrap_t(one, n1, none, n0, rng))
        beyond = _likelihood(one, n1, none, n0) > CRITICAL**2
        signs["empirical likelihood"].append(int(np.sign(gap)) if beyond else 0)
    return {name: (float(np.mean(np.equal(s, 1))), float(np.mean(np.equal(s, -1)))) for name, s in signs.items()}


def _drawn(money: Floats, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return means and squared errors of resamples of an arm."""
    count = rng.binomial(n, len(money) / n, RESAMPLES)
    picked = money[rng.integers(0, len(money), count.sum())]
    ends = np.cumsum(count)
    sums = [np.concatenate(([0.0], np.cumsum(picked**power))) for power in (1, 2)]
    total, square = (part[ends] - part[ends - count] for part in sums)
    return total / n, (square / n - (total / n) ** 2) / n


def _bootstrap_t(one: Floats, n1: int, none: Floats, n0: int, rng: np.random.Generator) -> int:
    """Return 1 where the interval lies above no difference, -1 below, 0 around it."""
    means, errors = zip(_drawn(one, n1, rng), _drawn(none, n0, rng), strict=True)
    gap = one.sum() / n1 - none.sum() / n0
    own = sum(((m**2).sum() / n - (m.sum() / n) ** 2) / n for m, n in ((one, n1), (none, n0)))
    t = (means[0] - means[1] - gap) / np.sqrt(errors[0] + errors[1])
    low, high = np.quantile(t[np.isfinite(t)], [0.025, 0.975])
    return int(gap - high * np.sqrt(own) > 0) - int(gap - low * np.sqrt(own) < 0)


def _likelihood(one: Floats, n1: int, none: Floats, n0: int) -> float:
    """Return twice the log of the empirical likelihood ratio of equal means (A. B. Owen, Biometrika 75, 1988)."""
    ends = sorted((one.sum() / n1, none.sum() / n0))
    found = minimize_scalar(
        lambda mean: _one_sample(one, n1, mean) + _one_sample(none, n0, mean),
        bounds=(ends[0], ends[1] + 1e-12),
        method="bounded",
    )
    return float(found.fun)


def _one_sample(money: Floats, n: int, mean: float) -> float:
    away, zeros = money - mean, n - len(money)
    # The multiplier keeps every weight between 0 and 1.
    low, high = (1 / n - 1) / away.max(), (1 - 1 / n) / mean
    for _ in range(50):
        middle = (low + high) / 2
        slope = (away / (1 + middle * away)).sum() - zeros * mean / (1 - middle * mean)
        low, high = (middle, high) if slope > 0 else (low, middle)
    return float(2 * (np.log1p(middle * away).sum() + zeros * np.log1p(-middle * mean)))
