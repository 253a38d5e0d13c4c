"""Baseline and lift of each segment of a run, with their source: measured, learned with the assumption, or assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from retention.experiment.hierarchy import Counts, Learned, SegmentCounts, learn
from retention.policy.policy import Assumptions
from retention.scores.arithmetic import ScoreSource, Stated, at_deviation, generator_for
from retention.scores.measured_lift import MeasuredLift

Floats = npt.NDArray[np.float64]

HALF_LIFE = 365
"""Days after which the counts of an experiment weigh half of those of the last one."""
LITTLE_ASSUMED = 0.1
"""Up to this part of its knowledge a lift that rests on the assumption is called measured."""


@dataclass(frozen=True)
class Recovery:
    """What a run itself knows of a segment's conversion without contact: the share, with its 95 % interval."""

    source: ScoreSource
    rate: Stated
    customers: int


def recoveries_of(
    names: Sequence[str], source: ScoreSource, rates: tuple[Floats, Floats, Floats], customers: npt.NDArray[np.int64]
) -> dict[str, Recovery | None]:
    """Return what a run knows of each segment's conversion, None where that is no rate or not known.

    Args:
        names: Of the segments.
        source: Where the rates come from; the heuristic is an index and no rate.
        rates: Shares with their lower and upper ends, shape (segments,) each.
        customers: Of how many customers they are known.
    """
    known = {
        name: Recovery(source, (float(rate), float(low), float(high)), int(count))
        for name, rate, low, high, count in zip(names, *rates, customers, strict=True)
        if source != "heuristic" and not np.isnan([rate, low, high]).any()
    }
    return {name: known.get(name) for name in names}


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed of a segment."""

    of: Learned
    baseline_source: ScoreSource
    lift_source: ScoreSource


def beliefs(
    recoveries: Mapping[str, Recovery | None],
    lifts: Sequence[MeasuredLift],
    assumed: Assumptions,
    *,
    draws: int,
    seed: int,
) -> dict[str, Belief]:
    """Return what is believed of each segment."""
    counts = _counts(lifts, recoveries)
    measured = tuple(
        SegmentCounts(name, _expected(recoveries[name], assumed.stated_baseline[0]), each)
        for name, each in counts.items()
    )
    learned = learn(measured, assumed.stated_lift, draws=draws, seed=seed) if measured else {}
    by_segment = dict[str, Belief]()
    for name, recovery in recoveries.items():
        rng, own = generator_for(seed, f"belief|{name}"), learned.get(name)
        belief = _assumed(recovery, assumed, rng, draws)
        tested = any(each.customers for each in counts.get(name, ()))
        by_segment[name] = belief if own is None else _with_learned(belief, own, tested=tested)
    return by_segment


def _counts(lifts: Sequence[MeasuredLift], recoveries: Mapping[str, Recovery | None]) -> dict[str, tuple[Counts, ...]]:
    """Return what was counted in each segment, the last count last: nothing for those without any."""
    last = max((lift.measured_on for lift in lifts), default=date.min)
    by_segment: dict[str, list[Counts]] = {name: [] for name in recoveries}
    for lift in sorted(lifts, key=lambda each: (each.measured_on, each.experiment)):
        if lift.segment in by_segment:
            weight = 0.5 ** ((last - lift.measured_on).days / HALF_LIFE)
            by_segment[lift.segment].append(
                Counts(
                    weight * lift.converted,
                    weight * lift.customers,
                    weight * lift.control_converted,
                    weight * lift.control_customers,
                )
            )
    for name, recovery in recoveries.items():
        # Who came back unasked in the run itself is a group without contact, and the one that the run is about.
        if recovery is not None and recovery.source == "measured":
            by_segment[name].append(Counts(0, 0, recovery.rate[0] * recovery.customers, recovery.customers))
    return {name: tuple(each) for name, each in by_segment.items() if each}


def _expected(recovery: Recovery | None, assumed: float) -> float:
    """Return around which baseline a segment's own is looked for: what a model says, or what is assumed."""
    modelled = recovery is not None and recovery.source == "modelled"
    return min(max(recovery.rate[0] if recovery is not None and modelled else assumed, 1e-4), 1 - 1e-4)


def _assumed(recovery: Recovery | None, assumed: Assumptions, rng: np.random.Generator, draws: int) -> Belief:
    """Return what is believed as long as no experiment measured the segment."""
    known = recovery or Recovery("assumed", assumed.stated_baseline, 0)
    baselines = np.clip(at_deviation(known.rate, rng.standard_normal(draws)), 0, 1)
    # Below -1 fewer than nobody would buy.
    lifts = np.maximum(at_deviation(assumed.stated_lift, rng.standard_normal(draws)), -1)
    return Belief(Learned(known.rate, assumed.stated_lift, 1.0, baselines, lifts), known.source, "assumed")


def _with_learned(belief: Belief, learned: Learned, *, tested: bool) -> Belief:
    """Return a belief with what measurements taught; where no treatment was tested they taught the baseline only."""
    if not tested:
        return replace(belief, of=replace(belief.of, baseline=learned.baseline, baselines=learned.baselines))
    source: ScoreSource = "measured" if learned.assumed <= LITTLE_ASSUMED else "measured + assumed"
    return Belief(learned, belief.baseline_source if belief.baseline_source == "measured" else source, source)
