"""Experiments looked at day by day, their purchases drawn one by one; shares no code with the product."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = Literal["lognormal", "exponential", "in waves"]

LOOKS = 30
"""One look each day."""


@dataclass(frozen=True)
class Cell:
    """A kind of experiment.

    Args:
        customers: Of both arms.
        held_out: Share of the control.
        rate: Share of the control's customers who buy within the outcome days.
        times: How their purchases come in.
        lift: Relative lift of the treatment.
        planned: The rate that was expected; the rate itself where that was right.
    """

    customers: int
    held_out: float
    rate: float
    times: Times = "lognormal"
    lift: float = 0.0
    planned: float = 0.0

    @property
    def sizes(self) -> tuple[int, int]:
        """Customers of control and treatment."""
        control = round(self.customers * self.held_out)
        return control, self.customers - control


@dataclass(frozen=True)
class Daily:
    """Purchases up to the end of each day, shape (experiments, looks), and the true shares, shape (looks,)."""

    control: Floats
    treated: Floats
    true_control: Floats
    true_treated: Floats


def draw(cell: Cell, experiments: int, seed: int) -> Daily:
    """Return drawn experiments of a kind."""
    rng = np.random.default_rng(seed)
    arms, truths = [], []
    for size, rate in zip(cell.sizes, (cell.rate, cell.rate * (1 + cell.lift)), strict=True):
        buyers = rng.binomial(size, rate, size=experiments)
        whose = np.repeat(np.arange(experiments), buyers)
        days = np.ceil(_within(rng, cell.times, len(whose))).astype(np.int64).clip(1, LOOKS)
        table = np.bincount(whose * LOOKS + days - 1, minlength=experiments * LOOKS).reshape(experiments, LOOKS)
        arms.append(table.cumsum(axis=1).astype(np.float64))
        # Many more purchases than any experiment has say how large a part of them is there by each day.
        many = np.ceil(_within(rng, cell.times, 200_000)).clip(1, LOOKS)
        truths.append(rate * np.searchsorted(np.sort(many), np.arange(1, LOOKS + 1), side="right") / len(many))
    return Daily(arms[0], arms[1], truths[0], truths[1])


def _within(rng: np.random.Generator, times: Times, count: int) -> Floats:
    """Return times to purchase in days, all within the outcome days."""
    if times == "in waves":
        # Purchases of two reminders and of the last day.
        return rng.choice([1.0, 8.0, 30.0], p=[0.5, 0.3, 0.2], size=count)
    uniform = rng.random(count)
    if times == "exponential":
        return np.asarray(-7 * np.log1p(-uniform * -np.expm1(-LOOKS / 7)))
    drawn = np.exp(np.log(4) + 1.2 * rng.standard_normal(count))
    late = drawn > LOOKS
    while late.any():
        drawn[late] = np.exp(np.log(4) + 1.2 * rng.standard_normal(int(late.sum())))
        late = drawn > LOOKS
    return np.asarray(drawn)
