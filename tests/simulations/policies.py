"""Experiments whose segments gain, lose or are left cold, and what a choice of them is truly worth."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SHARES = np.array([0.5, 0.3, 0.2])
BASELINE, SIGMA = 0.1, 0.6
EFFECTS = {"none": (0.0, 0.0, 0.0), "one": (0.02, 0.02, 0.02), "mixed": (0.05, -0.04, 0.0)}
"""Percentage points by segment."""


@dataclass(frozen=True)
class Cell:
    """A kind of experiment.

    Args:
        held_out: Share of the control.
        money: Whether the outcome is money, lognormal with `SIGMA`, or conversions.
        effects: Which of `EFFECTS`.
    """

    held_out: float
    money: bool
    effects: str

    @property
    def worth(self) -> float:
        """What a conversion is worth on average."""
        return float(np.exp(SIGMA**2 / 2)) if self.money else 1.0

    @property
    def means(self) -> Floats:
        """Mean outcome by segment and arm, shape (3, 2)."""
        return self.worth * (BASELINE + np.outer(EFFECTS[self.effects], [0.0, 1.0]))


CELLS = tuple(
    Cell(held_out, money, effects) for held_out in (0.1, 0.5) for money in (False, True) for effects in EFFECTS
)


@dataclass(frozen=True)
class Drawn:
    """An experiment, shape (customers,) each."""

    group: Integers
    arm: Integers
    bought: npt.NDArray[np.bool_]
    revenue: Floats


def draw(cell: Cell, experiments: int, seed: int, customers: int = 8_000) -> Iterator[Drawn]:
    """Yield drawn experiments of a kind."""
    rng = np.random.default_rng([seed, CELLS.index(cell)])
    for _ in range(experiments):
        group = rng.choice(3, size=customers, p=SHARES)
        arm = (rng.random(customers) >= cell.held_out).astype(np.int64)
        bought = rng.random(customers) < cell.means[group, arm] / cell.worth
        yield Drawn(group, arm, bought, np.where(bought, rng.lognormal(0, SIGMA, customers), 0.0))


def true_areas(sizes: Floats, means: Floats) -> tuple[float, float]:
    """Return AUUC and Qini of blocks of customers in their order, by the definition, customer by customer.

    Args:
        sizes: Controls and treated per block, shape (2, blocks).
        means: Their true mean outcomes.
    """
    ends = np.append(0, sizes.sum(axis=0).cumsum()).astype(np.int64)
    n, total = (np.cumsum(part, axis=1) for part in (sizes, sizes * means))
    both = int(np.argmax((n > 0).all(axis=0)))
    uplift = (total[1] / np.maximum(n[1], 1) - total[0] / np.maximum(n[0], 1)) * ends[1:]
    qini = total[1] - total[0] * n[1] / np.maximum(n[0], 1)
    at = np.append(0, ends[1 + both :])
    k = np.arange(ends[-1] + 1)
    curves = [np.interp(k, at, np.append(0, curve[both:])) for curve in (uplift, qini)]
    line = curves[1][-1] * k / k[-1]
    return float(curves[0].mean() / k[-1]), float((curves[1] - line).mean() / n[1, -1])
