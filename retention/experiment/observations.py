"""Results of an experiment, customer by customer, and what is left of them per group and arm: counts and moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from retention.errors import ContractError, OptionError, Setting, ensure

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CONVERTED, REVENUE, COVARIATE = range(3)
"""Places of the measures in the moments of a tally."""

ROUNDING = 1e-12
"""Part of a sum of squares below which a variance is nothing but rounding."""

EVERYONE = "all treatments"


@dataclass(frozen=True)
class Observations:
    """What happened to each customer of an experiment, by the arm it was assigned to.

    Args:
        arms: Labels; the first is the control.
        arm: Place of each customer's arm in `arms`, shape (n,).
        converted: Whether the customer converted, shape (n,).
        revenue: Money, without missing values, shape (n,); None: not known.
        covariate: A number known before the experiment, shape (n,), without missing values; None: not known.
        groups: Labels of the groups; empty: no groups.
        group: Place of each customer's group in `groups`, shape (n,).
        guardrails: Other numbers of each customer that must not get worse, by name, shape (n,) each.
    """

    arms: tuple[str, ...]
    arm: npt.NDArray[np.integer]
    converted: npt.NDArray[np.bool_]
    revenue: Floats | None = None
    covariate: Floats | None = None
    groups: tuple[str, ...] = ()
    group: npt.NDArray[np.integer] | None = None
    guardrails: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.arms) < 2:
            raise ContractError("there is only one arm", hint="A lift needs a control and a treatment")
        given = [self.arm, self.converted, self.revenue, self.covariate, self.group]
        given += self.guardrails.values()
        ensure(len({len(part) for part in given if part is not None}) == 1, "one entry per customer")
        ensure(_within(self.arm, len(self.arms)), "arms are places in the list of arms")
        ensure(self.group is None or _within(self.group, len(self.groups)), "groups are places in their list")
        for part in (self.revenue, self.covariate, *self.guardrails.values()):
            ensure(part is None or bool(np.isfinite(part).all()), "money and covariate are finite")

    def pooled(self) -> "Observations":
        """Return the same customers with all treatments as one."""
        return replace(self, arms=(self.arms[0], EVERYONE), arm=np.minimum(self.arm, 1))

    def capped(self, quantile: float) -> tuple["Observations", float]:
        """Return the same customers with no revenue above a quantile of all purchases together, and that amount."""
        if not 0.5 <= quantile < 1:
            raise OptionError(
                f"{quantile:g} is not a quantile to cap at", where=Setting.CAP, hint="0.99 caps the highest hundredth"
            )
        if self.revenue is None or not (self.revenue > 0).any():
            return self, float("nan")
        most = float(np.quantile(self.revenue[self.revenue > 0], quantile))
        return replace(self, revenue=np.minimum(self.revenue, most)), most

    def ungrouped(self) -> "Observations":
        """Return the same customers without groups."""
        return replace(self, groups=(), group=None)


def _within(codes: npt.NDArray[np.integer], count: int) -> bool:
    return not len(codes) or bool(codes.min() >= 0 and codes.max() < count)


@dataclass(frozen=True)
class Tally:
    """Counts and moments per group (G; 1 without groups) and arm (A).

    Args:
        arms: Labels; the first is the control.
        groups: Labels; empty: the one row is everybody.
        n: Customers, shape (G, A).
        converted: Conversions, shape (G, A).
        mean: Means of the measures, shape (G, A, 3); NaN for a measure that is not there or an empty cell.
        covariance: Their sample covariances, shape (G, A, 3, 3); NaN with fewer than two customers.
        spent: Customers who spent something, and the sums of their money, its square and cube, shape (G, A, 4).
    """

    arms: tuple[str, ...]
    groups: tuple[str, ...]
    n: Integers
    converted: Integers
    mean: Floats
    covariance: Floats
    spent: Floats

    def has(self, measure: int) -> bool:
        """Return whether a measure is there."""
        return not bool(np.isnan(self.mean[..., measure]).all())


def tally(observations: Observations) -> Tally:
    """Return the counts and moments of an experiment; one pass over the customers per measure.

    >>> seen = Observations(("control", "mail"), np.array([0, 1, 1]), np.array([False, True, False]))
    >>> tally(seen).n.tolist(), tally(seen).converted.tolist()
    ([[1, 2]], [[0, 1]])
    """
    arms, groups = len(observations.arms), max(1, len(observations.groups))
    cell = observations.arm.astype(np.int64)
    if observations.group is not None:
        cell = cell + observations.group.astype(np.int64) * arms
    n = np.bincount(cell, minlength=groups * arms)
    measures = [observations.converted.astype(np.float64), observations.revenue, observations.covariate]
    mean, covariance = _moments(cell, n, measures)
    converted = np.bincount(cell[observations.converted], minlength=groups * arms)
    ensure(int(n.sum()) == len(cell), "customers of the cells = customers")
    ensure(bool((converted <= n).all()), "conversions are customers")
    shape = (groups, arms)
    return Tally(
        observations.arms,
        observations.groups,
        n.reshape(shape),
        converted.reshape(shape),
        mean.reshape(*shape, 3),
        covariance.reshape(*shape, 3, 3),
        _spent(cell, observations.revenue, len(n)).reshape(*shape, 4),
    )


def _spent(cell: Integers, revenue: Floats | None, cells: int) -> Floats:
    """Return buyers per cell, and the sums of their money to the powers 1 to 3."""
    if revenue is None:
        return np.full((cells, 4), np.nan)
    bought = np.flatnonzero(revenue)
    where, money = cell[bought], revenue[bought]
    powers = (np.ones(len(money)), money, money**2, money**3)
    return np.stack([np.bincount(where, power, minlength=cells) for power in powers], axis=-1)


def _moments(cell: Integers, n: Integers, measures: Sequence[Floats | None]) -> tuple[Floats, Floats]:
    """Return means and covariances of the measures per cell."""
    covariance, count = np.full((len(n), len(measures), len(measures)), np.nan), n.astype(np.float64)
    values = [np.full(len(cell), np.nan) if measure is None else measure for measure in measures]
    # Squares of numbers far from 0 lose their digits, so all are taken from the overall mean.
    centers = np.array([value.mean() if len(value) else 0.0 for value in values])
    centred = [value - center for value, center in zip(values, centers, strict=True)]
    sums = [np.bincount(cell, value, minlength=len(n)) for value in centred]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.stack(sums, axis=1) / count[:, None] + centers
        for i, j in combinations_with_replacement(range(len(measures)), 2):
            raw = np.bincount(cell, centred[i] * centred[j], minlength=len(n))
            product = raw - sums[i] * sums[j] / count
            if i == j:
                # What is left of equal values is rounding, not variation.
                product[product < ROUNDING * raw] = 0
            covariance[:, i, j] = covariance[:, j, i] = np.where(n > 1, product / (count - 1), np.nan)
    return mean, covariance
