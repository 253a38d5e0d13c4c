"""Money per customer, treated against control: an interval that holds for few, skewed purchases and unequal arms.

A score interval. For a difference that may be true, the rates of buying are moved to fit it, and the distance of what
was seen is measured in the errors that those rates give: so a control with few purchases is not taken to be as
certain as it looks (P. A. R. Koopman, Biometrics 40, 1984, for rates). What a purchase is worth, its spread and its
skewness are taken from both arms; each arm counts for its own level the more, the more purchases it has. The skewness
of the distance is taken out as a gamma distribution has it (E. B. Wilson and M. M. Hilferty, PNAS 17, 1931).
How it was chosen among nine others is told in docs/experiments.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr

from retention.experiment.intervals import halved

Floats = npt.NDArray[np.float64]

FEWEST = 5
"""Purchases that each arm needs: with fewer, simulated intervals miss too often on one side."""
OWN = 10.0
"""Purchases at which the worth of an arm's purchases counts as much as that of both arms together."""
_TAIL = 2.0
"""Weight of the noise of the second moment, whose size the skewness of the purchases tells."""
_CRITICAL = float(ndtri(0.975))

_EDGE = 1 - 1e-12


@dataclass(frozen=True)
class Worth:
    """What a purchase is worth to the shop: a share of its money, less a fixed amount.

    Args:
        share: Such as the margin.
        off: Such as a discount, of the treated only.
        each: Money off for every treated customer, bought or not, such as the cost of a contact.
    """

    share: float = 1.0
    off: float = 0.0
    each: float = 0.0


@dataclass(frozen=True)
class MoneyGaps:
    """Differences per customer with their 95 % intervals, shape (k,); NaN where there are too few purchases.

    Args:
        value: Treated minus control; always there where both arms have customers.
        p: Two-sided probability of so large a difference by chance; below .05 where 0 is outside the interval.
    """

    value: Floats
    low: Floats
    high: Floats
    p: Floats
    error: Floats


@dataclass(frozen=True)
class Spending:
    """What customers spent: k comparisons of two arms (treated, control), each in one stratum or several (s).

    Args:
        n: Customers, shape (k, s, 2).
        converted: Those who count as buyers for the discount, shape (k, s, 2).
        sums: How many spent something, and sums of their money, its square and cube, shape (k, s, 2, 4).
        weight: Of each stratum, shape (k, s); the sum over strata is 1.
    """

    n: Floats
    converted: Floats
    sums: Floats
    weight: Floats

    def judge(self, worth: Worth | None = None, *, critical: float = _CRITICAL) -> MoneyGaps:
        """Return the differences of worth per customer; `critical` is the normal quantile of the intervals.

        >>> sums = np.array([[[[60, 1800, 72000, 3.5e6], [40, 1200, 48000, 2.3e6]]]])
        >>> seen = Spending(np.full((1, 1, 2), 1000.0), sums[..., 0], sums, np.ones((1, 1)))
        >>> gap = seen.judge()
        >>> f"{gap.value[0]:.2f} ({gap.low[0]:.2f} to {gap.high[0]:.2f}), p = {gap.p[0]:.2f}"
        '0.60 (-0.16 to 1.38), p = 0.12'
        """
        worth = worth or Worth()
        with np.errstate(divide="ignore", invalid="ignore"):
            score = _Score(self, worth)
            value = score.seen - worth.each
            low, high = (score.difference(score.shift_at(critical * side)) - worth.each for side in (1, -1))
            p = 2 * ndtr(-np.abs(score(score.shift_to(np.full(len(value), worth.each)))))
            known = np.where(score.enough, 1.0, np.nan)
            return MoneyGaps(value, low * known, high * known, p * known, score.error() * known)

    def baskets(self) -> tuple[Floats, Floats]:
        """Return by how much purchases of the treated are larger, and the p of no difference (pooled t-test)."""
        count, total, square = np.moveaxis(self.sums[..., :3], -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = total[..., 0] / count[..., 0] - total[..., 1] / count[..., 1]
            df = (count.sum(axis=(1, 2)) - 2 * count.shape[1])[:, None]
            within = np.maximum(square - total**2 / count, 0).sum(axis=(1, 2))[:, None] / df
            # Strata count by what they tell, as all are asked the same question.
            inverse = 1 / (within * (1 / count).sum(axis=-1))
            mean, error = (inverse * gap).sum(axis=1) / inverse.sum(axis=1), inverse.sum(axis=1) ** -0.5
            return mean, 2 * stdtr(df[:, 0], -np.abs(mean / error))

    def ratios(self) -> tuple[Floats, Floats]:
        """Return the limits of treated over control money per customer; NaN with too few purchases.

        It holds 1 exactly where the interval of the difference holds 0.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.full(len(self.n), 30.0)
            low = halved(-reach, reach, lambda log: _ratio_distance(self, log) > _CRITICAL)
            high = halved(-reach, reach, lambda log: _ratio_distance(self, log) > -_CRITICAL)
            known = np.where(_Score(self, Worth()).enough, 1.0, np.nan)
            return np.exp(low) * known, np.exp(high) * known


class _Score:
    """How far the seen difference is from one that may be true, by the shift of the rates that fits it."""

    def __init__(self, spending: Spending, worth: Worth, over: Floats | None = None) -> None:
        n, (count, *sums) = spending.n, np.moveaxis(spending.sums, -1, 0)
        sign = spending.weight[..., None] * np.array([1.0, -1.0])
        # For a ratio the control counts as often as the ratio says.
        self.sign = sign if over is None else sign * np.stack([np.ones_like(over), over], axis=-1)[:, None, :]
        self.n, self.count = np.where(n > 0, n, np.nan), count
        self.share = worth.share
        mean, square, cube = _purchase(count, sums)
        # In strata where nobody of an arm bought, half a purchase stands for what is not known for certain.
        self.rate = np.where(count > 0, count, 0.5 * (n.shape[1] > 1)) / self.n
        self.mean = mean
        off = worth.off * np.array([1.0, 0.0])
        a = worth.share
        self.moments = (
            a * mean - off,
            a**2 * square - 2 * a * off * mean + off**2,
            a**3 * cube - 3 * a**2 * off * square + 3 * a * off**2 * mean - off**3,
        )
        money = a * sums[0] / self.n - off * spending.converted / self.n
        self.seen = (self.sign * money).sum(axis=(1, 2))
        bought = count.sum(axis=1)
        # Where an arm gave back as much as it took in, nothing can be said about the worth of a purchase.
        self.enough = (
            (bought >= FEWEST).all(axis=1) & (sums[0] >= 0).all(axis=(1, 2)) & (sums[0].sum(axis=1) > 0).all(axis=1)
        )
        # What few purchases tell of the spread is itself uncertain: the error is widened by so much.
        skewness = (cube**2 / square**3).max(axis=(1, 2))
        self.widening = (1 + _TAIL * skewness / bought.sum(axis=1)) ** 0.5, widened(bought) ** 0.5

    def _rates(self, shift: Floats) -> Floats:
        return np.asarray(self.rate / (1 + shift[:, None, None] * self.sign * self.mean / self.n))

    def difference(self, shift: Floats) -> Floats:
        """Return the difference that the shifted rates make."""
        moved = (self.sign * (self._rates(shift) - self.rate) * self.mean).sum(axis=(1, 2))
        return np.asarray(self.seen + self.share * moved)

    def _spread(self, shift: Floats) -> tuple[Floats, Floats]:
        """Return variance and third moment of the difference under the shifted rates."""
        p, (one, two, three) = np.minimum(self._rates(shift), 1), self.moments
        second = self.sign**2 * (p * two - (p * one) ** 2) / self.n
        third = self.sign**3 * (p * three - 3 * p**2 * one * two + 2 * (p * one) ** 3) / self.n**2
        return np.maximum(second.sum(axis=(1, 2)), 1e-300), third.sum(axis=(1, 2))

    def __call__(self, shift: Floats) -> Floats:
        """Return the distance in standard errors, its skewness taken out."""
        variance, third = self._spread(shift)
        z = (self.seen - self.difference(shift)) / np.sqrt(variance) / self.widening[0]
        return np.asarray(_symmetric(z, third / variance**1.5) / self.widening[1])

    def error(self) -> Floats:
        """Return the standard error at the rates that were seen."""
        variance, _ = self._spread(np.zeros(len(self.seen)))
        return np.asarray(np.sqrt(variance) * self.widening[0] * self.widening[1])

    def _ends(self) -> tuple[Floats, Floats]:
        """Return the shifts between which every rate stays above 0."""
        step = self.n / (self.sign * self.mean)
        low = np.where(step > 0, -step, -np.inf).max(axis=(1, 2), initial=-np.inf)
        return low, np.where(step < 0, -step, np.inf).min(axis=(1, 2), initial=np.inf)

    def _found(self, below: Callable[[Floats], npt.NDArray[np.bool_]]) -> Floats:
        low, high = self._ends()
        return halved(low * _EDGE, high * _EDGE, below)

    def shift_at(self, distance: float) -> Floats:
        """Return the shift at which the seen difference is so far away."""
        return self._found(lambda shift: self(shift) < distance)

    def shift_to(self, difference: Floats) -> Floats:
        """Return the shift that makes a difference."""
        return self._found(lambda shift: self.difference(shift) > difference)


def _ratio_distance(spending: Spending, log: Floats) -> Floats:
    """Return the distance by the logarithm of a ratio of money per customer."""
    ratio = np.exp(log)
    score = _Score(spending, Worth(), ratio)
    if spending.n.shape[1] > 1:
        return score(score.shift_to(np.zeros_like(log)))
    (m1, m0), (j1, j0) = (np.moveaxis(part[:, 0], -1, 0) for part in (score.rate * score.mean, score.mean / score.n))
    return score((m1 - ratio * m0) / (ratio * (m1 * j0 + m0 * j1)))


def widened(purchases: Floats) -> Floats:
    """Return the factor of the variance for what purchases of two arms (last axis) cannot tell of their spread."""
    rare = (1 / purchases).sum(axis=-1)
    return np.asarray(1 + rare**0.5 + rare)


def _purchase(count: Floats, sums: list[Floats]) -> tuple[Floats, Floats, Floats]:
    both = count.sum(axis=-1, keepdims=True)
    everywhere = sums[0].sum(axis=(-2, -1), keepdims=True) / count.sum(axis=(-2, -1), keepdims=True)
    mean = np.where(both > 0, sums[0].sum(axis=-1, keepdims=True) / both, everywhere)
    own = np.where(count > 0, sums[0] / count, mean)
    # An arm's level is drawn to that of both arms, the more the fewer purchases it has; the shape is that of both.
    level = mean * np.maximum(own / mean, 0) ** (count / (count + OWN))
    shape = [
        np.where(both > 0, (part / level**power).sum(axis=-1, keepdims=True) / both, 1.0)
        for part, power in zip(sums[1:], (2, 3), strict=True)
    ]
    return own, shape[0] * level**2, shape[1] * level**3


def _symmetric(z: Floats, skewness: Floats) -> Floats:
    """Return a distance of a skewed sum as that of a normal one."""
    g = np.where(np.abs(skewness) < 1e-6, 1e-6, skewness)
    return np.asarray(6 / g * (np.cbrt(np.maximum(1 + g * z / 2, 1e-9)) - 1) + g / 6)
