"""The scorer: a segmentation in, every measure of every segment out, with its source and its interval.

It reads the cube's statistics and never the customers, so its cost does not depend on their number.
`docs/measures.md` explains each number for people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.partition.cube import Moments
from retention.partition.fitted import Partition
from retention.partition.sizing import Limits
from retention.partition.tree import Segment
from retention.policy.policy import Assumptions, Campaign, Weights
from retention.scores.arithmetic import (
    MEASURES,
    WEAKNESS,
    Floats,
    Source,
    contributions,
    draw_interval,
    generator_for,
    mean_interval,
    overall,
    rank_spread,
    share_interval,
    simulate_lift,
    simulate_means,
    size_norm,
    weight_vector,
)
from retention.scores.measured_lift import MeasuredLift
from retention.scores.measures import BASKET, CONVERSION, FIT, PROFITABILITY, REACHABLE

__all__ = ["DRAWS", "TOO_FEW", "Evidence", "SegmentScores", "composition", "score"]

DRAWS = 4_000
"""Simulated outcomes behind the intervals of totals and ranks."""
NO_CAMPAIGN = "None: contact is measured to cost more than it brings."
TOO_FEW = 50
"""Under this many customers a mean says little; the segment is flagged."""

_MEAN_OF = {"Conv_Pot": CONVERSION, "Profitability": PROFITABILITY, "Strategic_Fit": FIT}
"""Measures that are plain means of a customer's term."""
_ESTIMATED_FROM = {**_MEAN_OF, "Campaign_Efficiency": REACHABLE}
"""Measures that are estimated from customers, and from which term."""


@dataclass(frozen=True)
class Evidence:
    """What scores rest on beside the customers' rows.

    Args:
        derived: Columns of the customers that were derived rather than given by the shop.
        conversion: Where the customers' conversion comes from: `measured` outcomes or `modelled` probabilities
            are rates and get Wilson intervals; the `heuristic` is an index with the interval of a mean.
        lifts: What experiments measured, by segment; segments without one keep the assumed lift and baseline.
    """

    derived: frozenset[str] = frozenset()
    conversion: Source = "heuristic"
    lifts: tuple[MeasuredLift, ...] = ()


@dataclass(frozen=True, eq=False)
class SegmentScores:
    """Every segment with its measures.

    Args:
        table: One row per segment, by Overall_Score descending (ties: the larger, then the name). Columns:
            Segment, Size [customers], the measures [0-1, lift relative], Overall_Score [0-1], Valid,
            Rules_Applied; `_low`, `_high` [95 %] and `_source` of each measure and the total; Rank_low,
            Rank_high [90 %], P_best; Incremental_Profit with `_low`, `_high`, `_source` [money]; Campaign; Flags.
        weights: Weights of the total.
        assumptions: Numbers that nobody measured.
        evidence: What the numbers rest on beside the customers' rows.
    """

    table: pd.DataFrame
    weights: Weights
    assumptions: Assumptions
    evidence: Evidence = field(default_factory=Evidence)


def score(
    partition: Partition,
    *,
    weights: Weights | None = None,
    assumptions: Assumptions | None = None,
    seed: int = 0,
    evidence: Evidence | None = None,
) -> SegmentScores:
    """Score the segments of a universe.

    Args:
        partition: What `segmentation_engine.assign` returned, or a draft of it.
        weights: Weights that replace the policy's.
        assumptions: Assumptions that replace the policy's.
        seed: Of the simulation behind ranks and the intervals of totals.
        evidence: What is known beside the customers' rows.
    """
    tree = partition.tree
    scorer = _Scorer(
        segments=tree.segments,
        moments=partition.cube.moments(tree.segment_of_cell, len(tree.segments)),
        limits=tree.limits,
        weights=weights or tree.policy.weights,
        assumptions=assumptions or tree.policy.assumptions,
        evidence=evidence or Evidence(),
    )
    table = scorer.table(partition.wave_counts, seed)
    return SegmentScores(table, scorer.weights, scorer.assumptions, scorer.evidence)


def composition(scores: SegmentScores) -> pd.DataFrame:
    """Return what each measure adds to the total: Segment, then one column per measure; a row sums to Overall_Score."""
    parts = pd.DataFrame(contributions(scores.table[list(MEASURES)].to_numpy(), scores.weights), columns=list(MEASURES))
    parts.insert(0, "Segment", scores.table["Segment"].to_numpy())
    return parts


@dataclass(frozen=True)
class _Scorer:
    """One scoring: statistics per segment in the order of the tree, and what they are weighed with."""

    segments: tuple[Segment, ...]
    moments: Moments
    limits: Limits
    weights: Weights
    assumptions: Assumptions
    evidence: Evidence

    @cached_property
    def lifts(self) -> dict[str, MeasuredLift]:
        """Measured lifts by segment."""
        return {lift.segment: lift for lift in self.evidence.lifts}

    def table(self, wave_counts: tuple[int, ...], seed: int) -> pd.DataFrame:
        names = [segment.name for segment in self.segments]
        columns: dict[str, object] = {"Segment": names, "Size": self.moments.size}
        values, bounds = self.measures(), self.bounds()
        measures = np.column_stack([values[name] for name in MEASURES])
        values["Overall_Score"] = overall(measures, self.weights)
        profit = self.profit(self.moments.mean[:, BASKET], values["Lift_vs_Control"])
        totals, profits = self.simulate(seed)
        bounds["Overall_Score"] = draw_interval(totals, np.where(self.unsure(), np.nan, values["Overall_Score"]))
        bounds["Incremental_Profit"] = draw_interval(profits, np.where(self.lone(BASKET), np.nan, profit))
        low, high, best = rank_spread(totals)
        columns |= values
        columns |= {"Valid": self.valid(wave_counts), "Rules_Applied": [segment.tokens for segment in self.segments]}
        for name in values:
            sources = self.sources(name, measures)
            columns |= {f"{name}_low": bounds[name][0], f"{name}_high": bounds[name][1], f"{name}_source": sources}
        columns |= {"Rank_low": low, "Rank_high": high, "P_best": best, "Incremental_Profit": profit}
        columns["Incremental_Profit_low"], columns["Incremental_Profit_high"] = bounds["Incremental_Profit"]
        columns["Incremental_Profit_source"] = self.lift_sources()
        stop = self.stopped(bounds["Incremental_Profit"][1])
        columns["Campaign"] = [
            NO_CAMPAIGN if stopped else campaign_sentence(segment.campaign)
            for segment, stopped in zip(self.segments, stop, strict=True)
        ]
        columns["Flags"] = self.flags(measures, profit, stop)
        return _ranked(pd.DataFrame(columns))

    def measures(self) -> dict[str, Floats]:
        """Return the value of each measure, shape (segments,), in the order of `MEASURES`."""
        means = {name: np.clip(self.moments.mean[:, term], 0, 1) for name, term in _MEAN_OF.items()}
        reach = np.clip(self.moments.mean[:, REACHABLE], 0, 1) * self.scale()
        lift = self.per_segment(lambda known: known.lift, self.assumptions.lift.value)
        own = {"Lift_vs_Control": lift, "Size_norm": size_norm(self.moments.size), "Campaign_Efficiency": reach}
        return {name: (means | own)[name] for name in MEASURES}

    def bounds(self) -> dict[str, tuple[Floats, Floats]]:
        """Return the interval of each measure."""
        m, size, lift = self.moments, size_norm(self.moments.size), self.assumptions.lift
        found = {
            name: mean_interval(np.clip(m.mean[:, term], 0, 1), m.covariance[:, term, term], m.count[:, term])
            for name, term in _MEAN_OF.items()
        }
        low, high = share_interval(np.clip(m.mean[:, REACHABLE], 0, 1), m.count[:, REACHABLE])
        found["Campaign_Efficiency"] = low * self.scale(), high * self.scale()
        if self.evidence.conversion != "heuristic":
            found["Conv_Pot"] = share_interval(np.clip(m.mean[:, CONVERSION], 0, 1), m.count[:, CONVERSION])
        low, high = self.per_segment(lambda one: one.low, lift.low), self.per_segment(lambda one: one.high, lift.high)
        found["Lift_vs_Control"] = low, high
        found["Size_norm"] = size, size
        return found

    def per_segment(self, measured: Callable[[MeasuredLift], float], assumed: float) -> Floats:
        """Return a number of each segment: measured where an experiment was, else assumed."""
        known = [self.lifts.get(segment.name) for segment in self.segments]
        return np.array([assumed if lift is None else measured(lift) for lift in known])

    def lift_draws(self, segment: str, rng: np.random.Generator) -> Floats:
        """Return draws of a segment's lift: from its measured interval, else from the assumed range."""
        known = self.lifts.get(segment)
        if known is None:
            return simulate_lift(self.assumptions.lift, rng, DRAWS)
        return np.maximum(known.lift + known.error * rng.standard_normal(DRAWS), -1.0)

    def lift_sources(self) -> list[Source]:
        """Return how the lift of each segment came about."""
        return ["measured" if segment.name in self.lifts else "assumed" for segment in self.segments]

    def stopped(self, high: Floats) -> list[bool]:
        """Return where contact is measured to lose money: even the upper end of the profit is below zero."""
        return [segment.name in self.lifts and bool(top < 0) for segment, top in zip(self.segments, high, strict=True)]

    def scale(self) -> Floats:
        """Return how much of the effective minimum each segment has, at most 1."""
        return np.minimum(1.0, self.moments.size / self.limits.minimum)

    def profit(self, basket: Floats, lift: Floats | float) -> Floats:
        """Return expected incremental profit in money, of all customers of a segment together."""
        a = self.assumptions
        baseline = self.per_segment(lambda known: known.baseline, a.baseline_conversion)
        gained = baseline * lift * basket * a.margin - a.contact_cost
        return self.moments.size * (gained - a.discount * a.redemption)

    def simulate(self, seed: int) -> tuple[Floats, Floats]:
        """Return simulated totals and profits, shape (DRAWS, segments) each."""
        measures = np.empty((DRAWS, len(self.segments), len(MEASURES)))
        baskets = np.empty((DRAWS, len(self.segments)))
        sizes, scale = size_norm(self.moments.size), self.scale()
        for s, segment in enumerate(self.segments):
            rng = generator_for(seed, segment.name)
            means = simulate_means(self.moments.mean[s], self.moments.covariance[s], rng, DRAWS)
            lift = self.lift_draws(segment.name, rng)
            size, reach = np.full(DRAWS, sizes[s]), np.clip(means[:, REACHABLE], 0, 1) * scale[s]
            shown = {"Lift_vs_Control": lift, "Size_norm": size, "Campaign_Efficiency": reach}
            shown |= {name: means[:, term] for name, term in _MEAN_OF.items()}
            measures[:, s] = np.column_stack([shown[name] for name in MEASURES])
            baskets[:, s] = np.maximum(means[:, BASKET], 0)
        lifts = measures[:, :, MEASURES.index("Lift_vs_Control")]
        return overall(measures, self.weights), self.profit(baskets, lifts)

    def lone(self, term: int) -> npt.NDArray[np.bool_]:
        """Return where a term has a mean of unknown precision, as that of one customer."""
        return np.asarray(~np.isnan(self.moments.mean[:, term]) & np.isnan(self.moments.covariance[:, term, term]))

    def unsure(self) -> npt.NDArray[np.bool_]:
        """Return where the total rests on such a mean."""
        weight = dict(zip(MEASURES, weight_vector(self.weights), strict=True))
        lone = [self.lone(term) for name, term in _ESTIMATED_FROM.items() if weight[name] > 0]
        return np.any(lone, axis=0) if lone else np.zeros(len(self.segments), dtype=bool)

    def valid(self, wave_counts: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Return whether a segment has the minimum and each of its waves at most the maximum."""
        largest = np.ceil(self.moments.size / np.asarray(wave_counts))
        return np.asarray((self.moments.size >= self.limits.minimum) & (largest <= self.limits.maximum))

    def sources(self, name: str, measures: Floats) -> list[str]:
        """Return how a measure, or the total, came about in each segment."""
        profitability: Source = "heuristic" if "profitability_score" in self.evidence.derived else "measured"
        own: dict[str, Source] = {"Profitability": profitability, "Size_norm": "measured"}
        own["Conv_Pot"] = self.evidence.conversion
        every = len(self.segments)
        by_term = {term: [own.get(term, "heuristic")] * every for term in MEASURES}
        by_term["Lift_vs_Control"] = self.lift_sources()
        if name in MEASURES:
            return list(by_term[name])
        rank = np.array([[WEAKNESS.index(by_term[term][s]) for term in MEASURES] for s in range(every)])
        used = (weight_vector(self.weights) > 0) & ~np.isnan(measures)
        return [WEAKNESS[int(rank[s][row].max(initial=0))] for s, row in enumerate(used)]

    def flags(self, measures: Floats, profit: Floats, stop: Sequence[bool]) -> list[str]:
        """Return what a reader should know before trusting a segment's numbers."""
        found = [self._flags(s, measures[s], bool(np.isnan(profit[s]))) for s in range(len(self.segments))]
        return ["; ".join(["do not contact"] * stop[s] + flags) for s, flags in enumerate(found)]

    def _flags(self, s: int, values: Floats, no_profit: bool) -> list[str]:
        weight = weight_vector(self.weights)
        weighed = [(name, value) for name, value, w in zip(MEASURES, values, weight, strict=True) if w > 0]
        small = self.moments.size[s] < TOO_FEW
        thin = [] if small else [f"few {name}" for name, _ in weighed if self._is_thin(s, name)]
        null = [f"no {name}" for name, value in weighed if np.isnan(value)]
        return ["too few"] * bool(small) + null + thin + ["no Incremental_Profit"] * no_profit

    def _is_thin(self, s: int, name: str) -> bool:
        """Return whether a measure rests on few of a segment's customers."""
        return name in _ESTIMATED_FROM and 0 < self.moments.count[s, _ESTIMATED_FROM[name]] < TOO_FEW


def campaign_sentence(campaign: Campaign) -> str:
    """Return a campaign in one line: offer, channel, timing."""
    return f"Offer: {campaign.offer}. Channel: {campaign.channel}. Timing: {campaign.timing}."


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by total, the place of each inside its rank interval."""
    ranked = table.sort_values(["Overall_Score", "Size", "Segment"], ascending=[False, False, True], ignore_index=True)
    place = np.arange(1, len(ranked) + 1)
    ranked["Rank_low"] = np.minimum(ranked["Rank_low"], place)
    ranked["Rank_high"] = np.maximum(ranked["Rank_high"], place)
    return ranked
