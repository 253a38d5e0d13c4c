"""Money per customer, treated against control: Welch's interval, the same with a covariate, and a bootstrap."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics import Mean

from retention.experiment.observations import COVARIATE, ROUNDING, Observations

Floats = npt.NDArray[np.float64]

RESAMPLES = 1_000
MOST_BUYERS = 2_000
"""With more buyers in two arms a mean is as good as normal, and the bootstrap would repeat Welch's interval."""


@dataclass(frozen=True)
class Gap:
    """Difference of two means with its 95 % interval.

    Args:
        value: Treated minus control.
        low: Lower limit; NaN with fewer than two customers in an arm, or where nothing varies.
        high: Upper limit.
        p: Two-sided probability of so large a difference by chance.
        error: Standard error.
    """

    value: float
    low: float
    high: float
    p: float
    error: float


@dataclass(frozen=True)
class Sample:
    """One arm: customers, means of a value and of the covariate, and their covariances, shape (2,) and (2, 2)."""

    n: int
    mean: Floats
    covariance: Floats

    @property
    def spread(self) -> float:
        """Squared standard error of the mean value."""
        return float(self.covariance[0, 0]) / self.n


def welch(treated: Sample, control: Sample, *, adjusted: bool = False) -> Gap:
    """Return the difference of two means without assuming equal variances.

    Args:
        treated: The treatment's moments.
        control: The control's.
        adjusted: Take out what the covariate explains (CUPED: Deng, Xu, Kohavi and Walker 2013).

    >>> one = np.array([[4.0, 0.0], [0.0, 0.0]])
    >>> gap = welch(Sample(50, np.array([3.0, 0.0]), one), Sample(50, np.array([2.0, 0.0]), one))
    >>> f"{gap.value:.2f} [{gap.low:.2f}, {gap.high:.2f}]"
    '1.00 [0.21, 1.79]'
    """
    if treated.n < 2 or control.n < 2 or not treated.spread + control.spread > 0:
        value = float(treated.mean[0] - control.mean[0]) if treated.n and control.n else float("nan")
        return Gap(value, *[float("nan")] * 4)
    # The library also gives the ratio of the means, and fails where a mean is near 0; a shift changes no difference.
    shift = max(treated.covariance[0, 0], control.covariance[0, 0]) ** 0.5 - min(treated.mean[0], control.mean[0])
    # The slope of the covariate is one for both arms together, as theta in Deng et al.
    metric = Mean("value", covariate="covariate" if adjusted else None, confidence_level=0.95, use_t=True)
    found = metric.analyze_aggregates(_aggregates(control, shift), _aggregates(treated, shift))
    value = float(found.effect_size)
    statistic = float(found.statistic)
    # The library tells the difference in standard errors, but not the error. From a difference of 0 it cannot be worked
    # out, so there it is that of the plain means.
    error = abs(value / statistic) if statistic else float((treated.spread + control.spread) ** 0.5)
    return Gap(value, float(found.effect_size_ci_lower), float(found.effect_size_ci_upper), float(found.pvalue), error)


def _aggregates(sample: Sample, shift: float) -> Aggregates:
    names = ("value", "covariate")
    covariate = np.nan_to_num(np.array([sample.mean[1], sample.covariance[1, 1], sample.covariance[0, 1]]))
    return Aggregates(
        count_=sample.n,
        mean_=dict(zip(names, (float(sample.mean[0]) + shift, float(covariate[0])), strict=True)),
        var_=dict(zip(names, (float(sample.covariance[0, 0]), float(covariate[1])), strict=True)),
        cov_={names: float(covariate[2])},
    )


def sample_of(n: int, mean: Floats, covariance: Floats, weights: Floats) -> Sample:
    """Return the moments of a weighted sum of conversion and revenue, beside those of the covariate.

    Args:
        n: Customers of the cell.
        mean: Means of the measures of a tally, shape (3,).
        covariance: Their covariances, shape (3, 3).
        weights: Of each measure in the value, shape (3,); a measure of weight 0 may be missing.
    """
    take = np.zeros((2, 3))
    take[0] = weights
    take[1, COVARIATE] = 1.0
    known = np.nan_to_num(covariance)
    moments = take @ known @ take.T
    # Two measures can cancel out, as when the discount is the margin of every sale. What rounding leaves then must not
    # count as variance, or the interval would be next to nothing wide.
    if moments[0, 0] < ROUNDING * (take[0] ** 2 @ np.diagonal(known)):
        moments[0, 0] = 0
    return Sample(n, take @ np.nan_to_num(mean), moments)


def bootstrap_intervals(observations: Observations, seed: int) -> tuple[Floats, Floats]:
    """Return the bootstrap interval of the revenue difference per group and treatment, shape (G, A - 1) each.

    The 95 % percentile interval of `RESAMPLES` resamples; NaN above `MOST_BUYERS` and for empty arms.
    """
    arms, groups = len(observations.arms), max(1, len(observations.groups))
    low, high = np.full((groups, arms - 1), np.nan), np.full((groups, arms - 1), np.nan)
    if observations.revenue is None:
        return low, high
    cells = list(_cells(observations, observations.revenue))
    for group in range(groups):
        sizes, buyers = zip(*cells[group * arms : (group + 1) * arms], strict=True)
        drawn: dict[int, Floats] = {}
        for arm in range(1, arms):
            few = len(buyers[arm]) + len(buyers[0]) <= MOST_BUYERS
            if not (few and sizes[arm] > 1 and sizes[0] > 1):
                continue
            # Each arm has a generator of its own, so its draws do not depend on which other arms there are. The control
            # is drawn once for all treatments.
            for one in {0, arm} - drawn.keys():
                rng = np.random.default_rng([seed, group, one])
                drawn[one] = _resampled_means(sizes[one], buyers[one], rng)
            low[group, arm - 1], high[group, arm - 1] = np.quantile(drawn[arm] - drawn[0], [0.025, 0.975])
    return low, high


def _cells(observations: Observations, revenue: Floats) -> Iterator[tuple[int, Floats]]:
    """Yield the customers and the revenues that are not 0 of each group and arm."""
    arms, groups = len(observations.arms), max(1, len(observations.groups))
    cell = observations.arm.astype(np.int64)
    if observations.group is not None:
        cell = cell + observations.group.astype(np.int64) * arms
    sizes = np.bincount(cell, minlength=arms * groups)
    spent = np.flatnonzero(revenue)
    # By money within the cell, so that the order of the rows changes no draw.
    order = spent[np.lexsort((revenue[spent], cell[spent]))]
    ends = np.cumsum(np.bincount(cell[spent], minlength=arms * groups))
    for place, end in enumerate(ends):
        yield int(sizes[place]), revenue[order[(ends[place - 1] if place else 0) : end]]


def _resampled_means(size: int, buyers: Floats, rng: np.random.Generator) -> Floats:
    """Return means of resamples: how many buyers a resample holds, then which ones."""
    if not len(buyers):
        return np.zeros(RESAMPLES)
    # Customers who spent nothing are all alike. So drawing from everybody with replacement (B. Efron, Annals of
    # Statistics 7, 1979) is drawing a binomial number of buyers and then these, with far fewer draws.
    counts = rng.binomial(size, len(buyers) / size, RESAMPLES)
    picked = buyers[rng.integers(0, len(buyers), counts.sum())]
    totals = np.concatenate(([0.0], np.cumsum(picked)))
    ends = np.cumsum(counts)
    return np.asarray((totals[ends] - totals[ends - counts]) / size)
