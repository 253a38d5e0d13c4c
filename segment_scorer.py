"""The scorer: a segmentation in, every measure of every segment out, with its source and its interval.

It reads the cube's statistics and never the customers, so its cost does not depend on their number.
`docs/measures.md` explains each number for people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.partition.cube import Moments
from retention.partition.fitted import Partition
from retention.partition.sizing import SizeLimits
from retention.partition.tree import Segment
from retention.policy.policy import Assumptions, Campaign, Weights
from retention.scores.arithmetic import (
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
from retention.scores.measures import LIFT, MEASURES, SIZE
from retention.scores.terms import BASKET, CONVERSION, REACHABLE

__all__ = ["DRAWS", "TOO_FEW", "Evidence", "SegmentScores", "composition", "score"]

DRAWS = 4_000
"""Simulated outcomes behind the intervals of totals and ranks."""
PROFITS = ("Incremental_Profit", "Incremental_Profit_low", "Incremental_Profit_high")
NO_CAMPAIGN = "None: contact was measured to cost more than it brings in."
TOO_FEW = 50
"""Under this many customers a mean says little; the segment is flagged."""


@dataclass(frozen=True)
class Evidence:
    """What scores rest on beside the customers' rows.

    Args:
        derived: Columns of the customers that were derived rather than given by the shop.
        conversion: Where the customers' conversion comes from: `measured` outcomes or `modelled` probabilities
            are rates and get Wilson intervals; the `heuristic` is an index with the interval of a mean.
        lifts: What experiments measured, by segment; segments without one keep the assumed lift and baseline.
        held_out: Share of the control group among those who could be reached, by segment; `""` is everybody's, for
            segments that are not named.
        conversion_notes: How the conversion came about, for people.
    """

    derived: frozenset[str] = frozenset()
    conversion: Source = "heuristic"
    lifts: tuple[MeasuredLift, ...] = ()
    held_out: Mapping[str, float] = field(default_factory=dict)
    conversion_notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SegmentScores:
    """Every segment with its measures.

    Args:
        table: One row per segment, by Overall_Score descending (ties: the larger, then the name). Columns:
            Segment, Size [customers], the measures [0-1, lift relative], Overall_Score [0-1], Valid,
            Rules_Applied; `_low`, `_high` [95 %] and `_source` of each measure and the total; Rank_low,
            Rank_high [90 %], P_best; Incremental_Profit with `_low`, `_high`, `_source` [money]; Campaign; Reachable
            [customers], Profit_per_Send with `_low`, `_high` [money], Send_Order; Flags.
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
    limits: SizeLimits
    weights: Weights
    assumptions: Assumptions
    evidence: Evidence

    @cached_property
    def lifts(self) -> dict[str, MeasuredLift]:
        """Measured lifts by segment."""
        return {lift.segment: lift for lift in self.evidence.lifts}

    def table(self, wave_counts: tuple[int, ...], seed: int) -> pd.DataFrame:
        """Return the scores, ranked; the order of the columns is that of the files."""
        lift = self.per_segment(lambda known: known.lift, self.assumptions.lift.value)
        measures = self.measures(self.moments.mean, lift, slice(None))
        values = dict(zip(MEASURES, measures.T, strict=True)) | {"Overall_Score": overall(measures, self.weights)}
        profit = self.profit(self.moments.mean[:, BASKET], lift)
        totals, profits = self.simulate(seed)
        bounds = self.bounds()
        # Draws hold the mean of one customer at its value. What rests on it would look certain, and gets no interval.
        bounds["Overall_Score"] = draw_interval(totals, np.where(self.unsure(), np.nan, values["Overall_Score"]))
        low_profit, high_profit = draw_interval(profits, np.where(self.lone(BASKET), np.nan, profit))
        rank_low, rank_high, best = rank_spread(totals)
        sources, stop = self.sources(measures), self.stopped(high_profit)
        columns: dict[str, object] = {"Segment": [each.name for each in self.segments], "Size": self.moments.size}
        columns |= values
        columns |= {"Valid": self.valid(wave_counts), "Rules_Applied": [segment.tokens for segment in self.segments]}
        for name, (low, high) in ((name, bounds[name]) for name in values):
            columns |= {f"{name}_low": low, f"{name}_high": high, f"{name}_source": sources[name]}
        columns |= {"Rank_low": rank_low, "Rank_high": rank_high, "P_best": best, "Incremental_Profit": profit}
        columns |= {"Incremental_Profit_low": low_profit, "Incremental_Profit_high": high_profit}
        columns["Incremental_Profit_source"] = sources[LIFT.column]
        columns["Campaign"] = [
            NO_CAMPAIGN if stopped else campaign_sentence(segment.campaign)
            for segment, stopped in zip(self.segments, stop, strict=True)
        ]
        columns["Flags"] = self.flags(measures, profit, stop)
        return _ranked(in_people(pd.DataFrame(columns), self.reachable()))

    def measures(self, means: Floats, lift: Floats, segments: slice | int) -> Floats:
        """Return the measures of some segments, or of draws of one, in the order of `MEASURES`, shape (n, 6).

        Args:
            means: Means of the terms, shape (n, terms).
            lift: Lift, shape (n,).
            segments: Which segments the rows are of.
        """
        size = np.broadcast_to(size_norm(self.moments.size)[segments], lift.shape)
        columns = {LIFT.column: lift, SIZE.column: size}
        for name, measure in MEASURES.items():
            if measure.term is not None:
                # Draws of a mean near 0 or 1 can fall outside, where no mean of such terms lies.
                mean = np.clip(means[:, measure.term], 0, 1)
                columns[name] = mean * self.scale()[segments] if measure.scaled else mean
        return np.column_stack([columns[name] for name in MEASURES])

    def bounds(self) -> dict[str, tuple[Floats, Floats]]:
        """Return the interval of each measure."""
        size, lift = size_norm(self.moments.size), self.assumptions.lift
        low, high = (self.per_segment(lambda one: one.low, lift.low), self.per_segment(lambda one: one.high, lift.high))
        # A size is counted, not estimated, so its interval is the size itself.
        bounds = {LIFT.column: (low, high), SIZE.column: (size, size)}
        for name, measure in MEASURES.items():
            if measure.term is not None:
                low, high = self.mean_bounds(measure.term)
                scale = self.scale() if measure.scaled else 1.0
                bounds[name] = low * scale, high * scale
        return bounds

    def mean_bounds(self, term: int) -> tuple[Floats, Floats]:
        """Return the interval of the mean of a term: that of a share where each customer is a yes or a no."""
        mean, count = np.clip(self.moments.mean[:, term], 0, 1), self.moments.count[:, term]
        # The t interval has no width where everybody is alike; Wilson's keeps some, as the next customer may differ.
        if term == REACHABLE or (term == CONVERSION and self.evidence.conversion != "heuristic"):
            return share_interval(mean, count)
        return mean_interval(mean, self.moments.covariance[:, term, term], count)

    def per_segment(self, measured: Callable[[MeasuredLift], float], assumed: float) -> Floats:
        """Return a number of each segment: measured where an experiment was, else assumed."""
        known = [self.lifts.get(segment.name) for segment in self.segments]
        return np.array([assumed if lift is None else measured(lift) for lift in known])

    def lift_draws(self, segment: str, rng: np.random.Generator) -> Floats:
        """Return draws of a segment's lift: from its measured interval, else from the assumed range."""
        known = self.lifts.get(segment)
        if known is None:
            return simulate_lift(self.assumptions.lift, rng, DRAWS)
        # Below -1 fewer than nobody would buy.
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

    def reachable(self) -> npt.NDArray[np.int64]:
        """Return how many customers of each segment can be reached and are not held out."""
        share, held = self.moments.mean[:, REACHABLE], self.evidence.held_out
        out = [held.get(segment.name, held.get("", 0.0)) for segment in self.segments]
        # Taken from the size: a period of an older program knows of nobody's reach where it had no contact column.
        known = self.moments.size - np.rint(self.moments.count[:, REACHABLE] * np.nan_to_num(1 - share))
        return np.asarray(known - np.rint(known * np.array(out)), dtype=np.int64)

    def profit(self, basket: Floats, lift: Floats | float) -> Floats:
        """Return expected incremental profit of contacting one customer of a segment, in money."""
        a = self.assumptions
        baseline = self.per_segment(lambda known: known.baseline, a.baseline_conversion)
        # Only those whom contact wins bring money, but everyone contacted costs, and all who redeem get the discount.
        return np.asarray(baseline * lift * basket * a.margin - a.contact_cost - a.discount * a.redemption)

    def simulate(self, seed: int) -> tuple[Floats, Floats]:
        """Return simulated totals and profits, shape (DRAWS, segments) each."""
        totals, baskets, lifts = (np.empty((DRAWS, len(self.segments))) for _ in range(3))
        for s, segment in enumerate(self.segments):
            # A generator for each name: another segment, or another order, leaves the draws of this one as they are.
            rng = generator_for(seed, segment.name)
            means = simulate_means(self.moments.mean[s], self.moments.covariance[s], rng, DRAWS)
            lifts[:, s] = self.lift_draws(segment.name, rng)
            totals[:, s] = overall(self.measures(means, lifts[:, s], s), self.weights)
            baskets[:, s] = np.maximum(means[:, BASKET], 0)
        return totals, self.profit(baskets, lifts)

    def lone(self, term: int) -> npt.NDArray[np.bool_]:
        """Return where a term has a mean of unknown precision, as that of one customer."""
        return np.asarray(~np.isnan(self.moments.mean[:, term]) & np.isnan(self.moments.covariance[:, term, term]))

    def unsure(self) -> npt.NDArray[np.bool_]:
        """Return where the total rests on such a mean."""
        terms = {MEASURES[name].term for name in self.weighed()}
        lone = [self.lone(term) for term in terms if term is not None]
        return np.any(lone, axis=0) if lone else np.zeros(len(self.segments), dtype=bool)

    def weighed(self) -> list[str]:
        """Return the measures that have a weight."""
        return [name for name, weight in zip(MEASURES, weight_vector(self.weights), strict=True) if weight > 0]

    def valid(self, wave_counts: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Return whether a segment has the minimum and each of its waves at most the maximum."""
        largest = np.ceil(self.moments.size / np.asarray(wave_counts))
        return np.asarray((self.moments.size >= self.limits.minimum) & (largest <= self.limits.maximum))

    def sources(self, measures: Floats) -> dict[str, list[Source]]:
        """Return how each measure and the total came about in each segment; a total is as good as its weakest part."""
        known: dict[str, Source] = {"Conv_Pot": self.evidence.conversion, SIZE.column: "measured"}
        if "profitability_score" not in self.evidence.derived:
            known["Profitability"] = "measured"
        sources = {name: [known.get(name, "heuristic")] * len(self.segments) for name in MEASURES}
        sources[LIFT.column] = self.lift_sources()
        weighed = self.weighed()
        places = list(MEASURES)
        sources["Overall_Score"] = [
            max(
                (sources[name][s] for name in weighed if not np.isnan(row[places.index(name)])),
                key=WEAKNESS.index,
                default="measured",
            )
            for s, row in enumerate(measures)
        ]
        return sources

    def flags(self, measures: Floats, profit: Floats, stop: Sequence[bool]) -> list[str]:
        """Return what a reader should know before trusting a segment's numbers."""
        return ["; ".join(self._flags(s, measures[s], profit[s], stop[s])) for s in range(len(self.segments))]

    def _flags(self, s: int, measures: Floats, profit: float, stop: bool) -> list[str]:
        value, weighed = dict(zip(MEASURES, measures, strict=True)), self.weighed()
        small = self.moments.size[s] < TOO_FEW
        flags = ["do not contact"] * stop + ["too few"] * bool(small)
        flags += [f"no {name}" for name in weighed if np.isnan(value[name])]
        # In a small segment every measure is thin; one flag says so.
        flags += [f"few {name}" for name in weighed if not small and self._is_thin(s, MEASURES[name].term)]
        return flags + ["no Incremental_Profit"] * bool(np.isnan(profit))

    def _is_thin(self, s: int, term: int | None) -> bool:
        """Return whether a term is known of few of a segment's customers."""
        return term is not None and 0 < self.moments.count[s, term] < TOO_FEW


def campaign_sentence(campaign: Campaign) -> str:
    """Return a campaign in one line: offer, channel, timing."""
    return f"Offer: {campaign.offer}. Channel: {campaign.channel}. Timing: {campaign.timing}."


def in_people(table: pd.DataFrame, reachable: npt.NDArray[np.integer]) -> pd.DataFrame:
    """Return scores whose Incremental_Profit is that of one contact as scores of all who can be reached.

    Args:
        table: Scores, Incremental_Profit with `_low` and `_high` per contact.
        reachable: Customers of each row's segment who can be reached.

    Returns:
        The same with Incremental_Profit of all of them, and after Campaign: Reachable, Profit_per_Send with `_low`
        and `_high`, which is missing where nobody can be reached, and Send_Order from 1 by Profit_per_Send.
    """
    table, added = table.copy(), {"Reachable": reachable}
    for name in PROFITS:
        each = table[name].to_numpy(dtype=np.float64)
        table[name] = reachable * each
        added[name.replace("Incremental_Profit", "Profit_per_Send")] = np.where(reachable > 0, each, np.nan)
    worth = np.nan_to_num(added["Profit_per_Send"], nan=-np.inf)
    added["Send_Order"] = np.empty(len(table), dtype=np.int64)
    added["Send_Order"][np.lexsort((table["Segment"].to_numpy(), -reachable, -worth))] = np.arange(1, len(table) + 1)
    for place, (name, values) in enumerate(added.items(), start=list(table).index("Campaign") + 1):
        table.insert(place, name, values)
    return table


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by total, the place of each inside its rank interval."""
    ranked = table.sort_values(["Overall_Score", "Size", "Segment"], ascending=[False, False, True], ignore_index=True)
    place = np.arange(1, len(ranked) + 1)
    ranked["Rank_low"] = np.minimum(ranked["Rank_low"], place)
    ranked["Rank_high"] = np.maximum(ranked["Rank_high"], place)
    return ranked
