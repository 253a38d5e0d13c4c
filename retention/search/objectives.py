"""What a leaf is worth, from its sums, and how small or large it may be.

An objective names the statistics that it needs; every other number about a leaf follows from these sums.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeafLimits:
    """How small and how large a leaf may be.

    Args:
        minimum: Fewest customers.
        maximum: Most customers; None: any number.
        per_arm: Fewest customers of each arm of an experiment.
        toll: What is taken off the worth of each leaf, so that only a split that brings more than it is made.
    """

    minimum: int = 1
    maximum: int | None = None
    per_arm: int = 0
    toll: float = 0.0


@dataclass(frozen=True)
class Objective(ABC):
    """What a tree is searched for: the greatest sum of the worth of its leaves."""

    limits: LeafLimits

    @abstractmethod
    def worth(self, sums: Floats) -> Floats:
        """Return the worth of leaves, from their sums of shape (K, ...)."""

    @abstractmethod
    def sizes(self, sums: Floats) -> Floats:
        """Return the customers of leaves, and of each arm where there are arms, shape (1 or arms, ...)."""

    def allowed(self, sums: Floats) -> Floats:
        """Return the worth of leaves less the toll, minus infinity for those beyond the limits."""
        sizes = self.sizes(sums)
        n = sizes[0] if len(sizes) == 1 else sizes.sum(axis=0)
        refused = n < max(1, self.limits.minimum)
        if self.limits.maximum is not None:
            refused |= n > self.limits.maximum
        if self.limits.per_arm and len(sizes) > 1:
            for arm in sizes:
                refused |= arm < self.limits.per_arm
        worth = np.asarray(self.worth(sums) - self.limits.toll)
        np.copyto(worth, -np.inf, where=refused)
        return worth


@dataclass(frozen=True)
class ValueSpread(Objective):
    """Between-leaf spread of a value: the sum of n times the squared distance of the mean from that of everybody.

    Sums: customers, customers whose value is known, and their values as whole numbers about the overall mean.
    """

    def worth(self, sums: Floats) -> Floats:
        """Return n times the squared mean; 0 where no value is known."""
        return np.asarray(sums[2] * sums[2] / np.maximum(sums[1], 1.0))

    def sizes(self, sums: Floats) -> Floats:
        """Return the customers."""
        return sums[:1]


@dataclass(frozen=True)
class ArmProfit(Objective):
    """Profit of the best arm in each leaf, over that of the control everywhere.

    Sums: customers (of each arm, control first, where `arms` is above 1), then, for each treatment, the estimated gain
    over the control as whole numbers.

    Args:
        arms: How many sums are counts.
        price: By treatment, what is taken off the gain for each customer, in the unit of the gains.
    """

    arms: int = 1
    price: tuple[float, ...] = ()

    def worth(self, sums: Floats) -> Floats:
        """Return the gain of the best arm less its price; 0 for the control."""
        gains = sums[self.arms :]
        if any(self.price):
            gains = gains - np.multiply.outer(np.array(self.price), sums[: self.arms].sum(axis=0))
        return np.asarray(gains.max(axis=0, initial=0.0))

    def sizes(self, sums: Floats) -> Floats:
        """Return the customers, of each arm where they are counted by arm."""
        return sums[: self.arms]
