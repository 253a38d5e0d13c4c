"""Outcomes that a campaign must not make worse: unsubscribes, refunds, margin, each with a non-inferiority bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from retention.errors import OptionError, Setting
from retention.experiment.intervals import LEVEL, Pair, difference_interval
from retention.experiment.lift import spending_of
from retention.experiment.observations import Observations, tally
from retention.experiment.words import Estimate, money, points

Floats = npt.NDArray[np.float64]
Status = Literal["kept", "broken", "not shown", "too few"]

OF_RATE, OF_AMOUNT = 0.005, 0.05
"""What is allowed unless it is stated: half a percentage point of customers, or 5 % of the control's amount."""
_WORDS: Mapping[Status, str] = {
    "kept": "kept: at most {bound} is allowed",
    "broken": "broken: {bound} is allowed",
    "not shown": "neither shown to be kept nor broken: {bound} is allowed",
    "too few": "too few cases to judge",
}


@dataclass(frozen=True)
class Guardrail:
    """An outcome and how much worse it may get.

    Args:
        margin: Allowed change per customer: above 0 it may rise by so much, below 0 fall by so much, as a margin may.
            None: the usual one for outcomes that must not rise.
        relative: Whether the margin is a share of the control's mean.
    """

    name: str
    margin: float | None = None
    relative: bool = False

    def __post_init__(self) -> None:
        if self.margin is not None and not 0 < abs(self.margin) < float("inf"):
            raise OptionError(
                f"{self.margin:g} is not a bound for '{self.name}'",
                where=Setting.GUARDRAIL,
                hint="0.005 is half a percentage point more; below 0 it is how far something may fall",
            )


@dataclass(frozen=True)
class Guarded:
    """What one treatment did to one guardrail.

    Args:
        change: Treated minus control per customer, with an interval for all guardrails and treatments together.
        allowed: The bound, in the same unit.
        status: `kept` where the interval ends before the bound, `broken` where it shows that things got worse and
            does not, `too few` without an interval.
    """

    name: str
    arm: str
    change: Estimate
    allowed: float
    status: Status
    words: str


def parse_guardrail(text: str) -> Guardrail:
    """Return a guardrail that is written as `name`, `name=margin` or `name=share%`.

    >>> parse_guardrail("refunds=5%"), parse_guardrail("unsubscribed").margin
    (Guardrail(name='refunds', margin=0.05, relative=True), None)
    """
    name, equals, margin = text.rpartition("=")
    if not equals:
        return Guardrail(text.strip())
    share = margin.strip().endswith("%")
    try:
        value = float(margin.strip().removesuffix("%"))
    except ValueError:
        raise OptionError(
            f"'{margin}' is not a number", where=Setting.GUARDRAIL, hint=f"Write {name}=0.005 or {name}=5%"
        ) from None
    return Guardrail(name.strip(), value / 100 if share else value, share)


def guarded(observations: Observations, guardrails: Sequence[Guardrail]) -> tuple[Guarded, ...]:
    """Return what each treatment did to each guardrail; the chance of any false alarm is shared out."""
    treatments = observations.arms[1:]
    level = 1 - (1 - LEVEL) / max(1, len(guardrails) * len(treatments))
    return tuple(
        change
        for each in guardrails
        for change in _of_one(observations, each, observations.guardrails[each.name], level)
    )


def _of_one(observations: Observations, guardrail: Guardrail, values: Floats, level: float) -> list[Guarded]:
    rate = bool(np.isin(values, (0, 1)).all())
    cells = tally(replace(observations, converted=values > 0, revenue=values, covariate=None))
    mean, n = cells.mean[0, :, 1], cells.n[0]
    if rate:
        low, high = difference_interval(Pair(cells.converted[0, 1:], n[1:], cells.converted[0, 0], n[0]), level)
    else:
        gaps = spending_of(cells).judge(critical=float(ndtri((1 + level) / 2)))
        low, high = gaps.low, gaps.high
    allowed = _allowed(guardrail, float(mean[0]), rate=rate)
    changes = [Estimate(*map(float, ends)) for ends in zip(mean[1:] - mean[0], low, high, strict=True)]
    return [
        _finding(guardrail.name, arm, change, allowed, rate=rate)
        for arm, change in zip(observations.arms[1:], changes, strict=True)
    ]


def _allowed(guardrail: Guardrail, control: float, *, rate: bool) -> float:
    if guardrail.margin is None:
        return OF_RATE if rate else OF_AMOUNT * abs(control)
    return guardrail.margin * (abs(control) if guardrail.relative else 1)


def _finding(name: str, arm: str, change: Estimate, allowed: float, *, rate: bool) -> Guarded:
    worst, best = (change.high, change.low) if allowed >= 0 else (-change.low, -change.high)
    status: Status = "not shown"
    if not change.known:
        status = "too few"
    elif worst <= abs(allowed):
        status = "kept"
    elif best > 0:
        status = "broken"
    shown = points(change) if rate else money(change)
    bound = f"{100 * allowed:+.2f} points" if rate else f"{allowed:+,.2f}"
    return Guarded(name, arm, change, allowed, status, f"{name} {shown}, {_WORDS[status].format(bound=bound)}")
