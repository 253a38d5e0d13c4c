"""However often one looks, no more than 5 % of experiments without an effect raise an alarm."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binom

from retention.experiment.intervals import Pair, difference_interval, p_value
from retention.experiment.lift import holm
from retention.experiment.looks import information, valid_level, valid_p
from tests.simulations.looks import LOOKS, Cell, Daily, draw

Floats = npt.NDArray[np.float64]

SHORT, LONG = 300, 2_000
SEED = 31

NULL = tuple(
    Cell(customers, held_out, rate, times)
    for customers in (600, 2_321, 20_000)
    for held_out in (0.05, 0.1, 0.5)
    for rate in (0.03, 0.08, 0.3)
    for times in ("lognormal", "exponential", "in waves")
)
MISJUDGED = tuple(Cell(2_321, 0.1, 0.08, planned=planned) for planned in (0.01, 0.3))
LIFTED = tuple(
    Cell(customers, held_out, rate, lift=lift)
    for customers in (2_321, 20_000)
    for held_out in (0.1, 0.5)
    for rate, lift in ((0.08, 0.3), (0.03, 1.0))
)


def looked(cell: Cell, daily: Daily) -> tuple[Floats, Floats]:
    """Return the probability by chance of each look alone, and what it is however often one looks."""
    counts, place = np.unique(
        np.stack([daily.treated, daily.control], axis=-1).reshape(-1, 2), axis=0, return_inverse=True
    )
    control, treated = cell.sizes
    p = p_value(Pair(counts[:, 0], np.full(len(counts), treated), counts[:, 1], np.full(len(counts), control)))
    valid = valid_p(p, information(counts.sum(axis=1) / cell.customers, cell.planned or cell.rate))
    return p[place].reshape(daily.treated.shape), valid[place].reshape(daily.treated.shape)


def alarms(cell: Cell, experiments: int) -> Floats:
    """Return how often there is an alarm: at some look, at the end, at either, at some look that is judged alone."""
    alone, valid = looked(cell, draw(cell, experiments, SEED))
    early, end = (valid < 0.05).any(axis=1), alone[:, -1] < 0.05
    return np.array([each.mean() for each in (early, end, early | end, (alone < 0.05).any(axis=1))])


def family_alarms(experiments: int) -> float:
    """Return how often any of eight segments raises an alarm at some look."""
    cells = [Cell(size, 0.1, rate) for size in (400, 800, 2_000, 5_000) for rate in (0.03, 0.1)]
    valid = [looked(cell, draw(cell, experiments, SEED + place))[1] for place, cell in enumerate(cells)]
    families = np.stack(valid, axis=-1).reshape(-1, len(cells))
    adjusted = np.apply_along_axis(holm, 1, families).reshape(experiments, LOOKS, len(cells))
    return float((adjusted < 0.05).any(axis=(1, 2)).mean())


def followed(cell: Cell, experiments: int) -> Floats:
    """Return what becomes of experiments with an effect.

    Returns:
        How often the interval misses the effect so far at some look, how wide it is at the end in plain intervals,
        how often the effect is clear before the end, and how often the end shows it.
    """
    daily = draw(cell, experiments, SEED)
    alone, valid = looked(cell, daily)
    truth = daily.true_treated - daily.true_control
    limits = {(x1, x0): interval(cell, x1, x0) for x1, x0 in zip(daily.treated.flat, daily.control.flat, strict=True)}
    ends = np.array([limits[key] for key in zip(daily.treated.flat, daily.control.flat, strict=True)])
    low, high = ends.T.reshape(2, experiments, LOOKS)
    missed = ((low > truth + 1e-12) | (truth - 1e-12 > high)).any(axis=1)
    plain_low, plain_high = difference_interval(
        Pair(daily.treated[:, -1], cell.sizes[1], daily.control[:, -1], cell.sizes[0])
    )
    width = np.median((high - low)[:, -1] / (plain_high - plain_low))
    clear = (valid[:, :-1] < 0.05).any(axis=1)
    return np.array([missed.mean(), width, clear.mean(), (alone[:, -1] < 0.05).mean()])


@cache
def interval(cell: Cell, treated: float, control: float) -> tuple[float, float]:
    level = float(valid_level(information((treated + control) / cell.customers, cell.planned or cell.rate)))
    if not level < 1:
        return -1.0, 1.0
    (low,), (high,) = difference_interval(Pair([treated], [cell.sizes[1]], [control], [cell.sizes[0]]), level)
    return float(low), float(high)


def most(experiments: int) -> float:
    """Return the share of alarms that 5 % would exceed in one of 1,000 simulations."""
    return float(binom.ppf(0.999, experiments, 0.05)) / experiments


@pytest.mark.slow
def test_looking_every_day_raises_no_more_alarms_than_promised() -> None:
    for cell in (*NULL[::6], *MISJUDGED):
        early, _, _, naive = alarms(cell, SHORT)
        assert early <= 0.05, cell
        assert naive > early, cell
    assert family_alarms(SHORT) <= 0.05


@pytest.mark.slow
def test_intervals_hold_the_effect_so_far_at_every_look() -> None:
    missed, width, _, _ = followed(LIFTED[0], SHORT)
    assert missed <= most(SHORT)
    assert 1.5 < width < 1.7


@pytest.mark.proof
def test_looking_every_day_raises_no_more_alarms_than_promised_in_any_kind_of_experiment() -> None:
    for cell in (*NULL, *MISJUDGED):
        assert alarms(cell, LONG)[0] <= 0.05, cell
    assert family_alarms(LONG) <= 0.05


@pytest.mark.proof
def test_intervals_hold_the_effect_so_far_in_every_kind_of_experiment() -> None:
    for cell in LIFTED:
        assert followed(cell, LONG)[0] <= 0.05, cell
