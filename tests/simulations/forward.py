"""Experiments whose counts feed the next scores, and the truth of their segments; shares no code with the product."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

SIZES = np.array([696, 464, 348, 279, 186, 162, 116, 70])
"""2,321 customers in eight segments."""
LIFT, LIFT_ERROR = 0.15, 0.15 / 1.959963984540054
"""Of the shipped policies: 95 % of the lifts lie between 0 and .30."""
SCATTER = 100
"""Concentration of the baselines of segments around their level."""


@dataclass(frozen=True)
class Cell:
    """A kind of experiment.

    Args:
        held_out: Share of the control.
        baseline: Level of the baselines; the policy assumes .08.
        own: Share of the variance of lifts that is a segment's own; the rest is common to all.
    """

    held_out: float
    baseline: float
    own: float


CELLS = tuple(
    Cell(held_out, baseline, own) for held_out in (0.1, 0.5) for baseline in (0.03, 0.08) for own in (0.0, 0.5, 1.0)
)


@dataclass(frozen=True)
class Drawn:
    """An experiment, shape (segments,) each: what was counted, and what is true."""

    treated: Counts
    treated_converted: Counts
    control: Counts
    control_converted: Counts
    baseline: Floats
    lift: Floats


def draw(cell: Cell, experiments: int, seed: int) -> Iterator[Drawn]:
    """Yield drawn experiments of a kind, their segments drawn from the prior."""
    rng, k = np.random.default_rng(seed), len(SIZES)
    for _ in range(experiments):
        z = np.sqrt(1 - cell.own) * rng.standard_normal() + np.sqrt(cell.own) * rng.standard_normal(k)
        lift = np.maximum(LIFT + LIFT_ERROR * z, -1)
        baseline = rng.beta(SCATTER * cell.baseline, SCATTER * (1 - cell.baseline), k)
        control = rng.binomial(SIZES, cell.held_out)
        treated = SIZES - control
        bought = rng.binomial(treated, np.minimum(baseline * (1 + lift), 1)), rng.binomial(control, baseline)
        yield Drawn(treated, bought[0], control, bought[1], baseline, lift)
