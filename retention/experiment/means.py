"""Means of two arms compared by Welch's test, with what a covariate explains taken out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics import Mean

from retention.experiment.observations import COVARIATE, ROUNDING

Floats = npt.NDArray[np.float64]


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
