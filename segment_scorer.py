"""The scorer: a segmentation in, every measure of every segment out, with its source and its interval.

It reads the cube's statistics and never the customers, so its cost does not depend on their number.
`docs/measures.md` explains each number for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.experiment.beliefs import Belief, beliefs, recoveries_of
from retention.partition.cube import Moments
from retention.partition.fitted import Partition
from retention.partition.sizing import SizeLimits
from retention.partition.tree import Segment
from retention.policy.policy import Assumptions, Campaign, Weights
from retention.scores.arithmetic import (
    WEAKNESS,
    Floats,
    ScoreSource,
    Spread,
    at_deviation,
    contributions,
    draw_interval,
    generator_for,
    mean_interval,
    overall,
    prediction_interval,
    rank_spread,
    share_interval,
    simulate_means,
    size_norm,
    weight_vector,
)
from retention.scores.measured_lift import MeasuredLift
from retention.scores.measures import LIFT, MEASURES, SIZE
from retention.scores.table import in_people, ranked
from retention.scores.terms import BASKET, CONVERSION, REACHABLE

__all__ = ["DRAWS", "NO_CAMPAIGN", "TOO_FEW", "Evidence", "SegmentScores", "composition", "profit_draws", "score"]

DRAWS = 4_000
"""Simulated outcomes behind the intervals of totals and ranks."""
NO_CAMPAIGN = "None: contact was measured to cost more than it brings in."
TOO_FEW = 50
"""Under this many customers a mean says little; the segment is flagged."""


@dataclass(frozen=True)
class Evidence:
    """What scores rest on beside the customers' rows.

    Args:
        derived: Columns of the customers that were derived rather than given by the shop.
        conversion: Where the customers' conversion comes from: `measured` outcomes are rates and get Wilson
            intervals, `modelled` probabilities those of what will come; the `heuristic` is an index with that of a
            mean.
        lifts: What experiments counted, by segment; segments without any keep the assumed lift.
        held_out: Share of the control group among those who could be reached, by segment; `""` is everybody's, for
            segments that are not named.
        spread: How far modelled conversion was from what came in past windows.
    """

    derived: frozenset[str] = frozenset()
    conversion: ScoreSource = "heuristic"
    lifts: tuple[MeasuredLift, ...] = ()
    held_out: Mapping[str, float] = field(default_factory=dict)
    conversion_notes: tuple[str, ...] = ()
    spread: Spread | None = None


@dataclass(frozen=True, eq=False)
class SegmentScores:
    """Every segment with its measures.

    Args:
        table: One row per segment, by Overall_Score descending (ties: the larger, then the name). Columns:
            Segment, Size [customers], the measures [0-1, lift relative], Overall_Score [0-1], Valid,
            Rules_Applied; `_low`, `_high` [95 %] and `_source` of each measure and the total; Rank_low,
            Rank_high [90 %], P_best; Baseline [0-1] and Incremental_Profit [money] with `_low`, `_high`, `_source`;
            Campaign; Reachable [customers], Profit_per_Send with `_low`, `_high` [money], Send_Order; Flags.
    """

    table: pd.DataFrame
    weights: Weights
    assumptions: Assumptions
    evidence: Evidence = field(default_factory=Evidence)

    @cached_property
    def recommended(self) -> pd.DataFrame:
        """The table in the order in which the segments are to be contacted."""
        return self.table.sort_values("Send_Order", ignore_index=True)

    @cached_property
    def stopped(self) -> frozenset[str]:
        """Segments that must not be contacted, for which no campaign is recommended."""
        return frozenset(self.table["Segment"][self.table["Campaign"].eq(NO_CAMPAIGN)])


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
    scorer = _Scorer.of(
        partition, weights or tree.policy.weights, assumptions or tree.policy.assumptions, evidence or Evidence(), seed
    )
    table = scorer.table(partition.wave_counts)
    return SegmentScores(table, scorer.weights, scorer.assumptions, scorer.evidence)


def profit_draws(partition: Partition, scores: SegmentScores, *, seed: int = 0) -> dict[str, Floats]:
    """Return draws of the profit of a contact in money by segment, shape (DRAWS,); NaN where it is not known.

    The draws of all segments belong together. One assumption is the same for all, so a draw takes one baseline for all
    that is assumed, and one lift: drawn anew for each, its uncertainty would average out as if each had been measured.
    """
    assumed = scores.assumptions
    scorer = _Scorer.of(partition, scores.weights, assumed, scores.evidence, seed)
    z = generator_for(seed, "all segments").standard_normal((2, DRAWS, 1))
    shared = at_deviation(assumed.stated_baseline, z[1]).clip(0), at_deviation(assumed.stated_lift, z[0]).clip(-1)
    own = zip(scorer.assumed, shared, scorer.draws, strict=True)
    baskets = np.column_stack([scorer.means(s)[:, BASKET] for s in range(len(scorer.segments))])
    baseline, lift = (np.where(where, one, each) for where, one, each in own)
    profits = scorer.profit(baseline, lift, baskets.clip(0))
    profits[:, scorer.lone(BASKET)] = np.nan
    return {segment.name: each for segment, each in zip(scorer.segments, profits.T, strict=True)}


def _as_predicted(moments: Moments, spread: Spread | None) -> Moments:
    """Return the statistics with the error of what will come in place of that of modelled probabilities."""
    if spread is None:
        return moments
    covariance = moments.covariance.copy()
    share = np.clip(moments.mean[:, CONVERSION], 0, 1)
    covariance[:, CONVERSION, CONVERSION] = spread.error(share, moments.count[:, CONVERSION]) ** 2
    return replace(moments, covariance=covariance)


def composition(scores: SegmentScores) -> pd.DataFrame:
    """Return what each measure adds to the total, in the order to contact: Segment, then one column per measure."""
    table = scores.recommended
    parts = pd.DataFrame(contributions(table[list(MEASURES)].to_numpy(), scores.weights), columns=list(MEASURES))
    parts.insert(0, "Segment", table["Segment"].to_numpy())
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
    seed: int

    @classmethod
    def of(
        cls, partition: Partition, weights: Weights, assumptions: Assumptions, evidence: Evidence, seed: int
    ) -> "_Scorer":
        tree = partition.tree
        moments = _as_predicted(partition.cube.moments(tree.segment_of_cell, len(tree.segments)), evidence.spread)
        return cls(tree.segments, moments, tree.limits, weights, assumptions, evidence, seed)

    @cached_property
    def beliefs(self) -> list[Belief]:
        """Baseline and lift of each segment."""
        names = [segment.name for segment in self.segments]
        rates = np.clip(self.moments.mean[:, CONVERSION], 0, 1), *self.mean_bounds(CONVERSION)
        recoveries = recoveries_of(names, self.evidence.conversion, rates, self.moments.count[:, CONVERSION])
        by_segment = beliefs(recoveries, self.evidence.lifts, self.assumptions, draws=DRAWS, seed=self.seed)
        return [by_segment[name] for name in names]

    @cached_property
    def assumed(self) -> npt.NDArray[np.bool_]:
        """Where nothing but the policy tells of the baseline, and of the lift, shape (2, segments)."""
        return np.array([(each.baseline_source == "assumed", each.lift_source == "assumed") for each in self.beliefs]).T

    @cached_property
    def draws(self) -> tuple[Floats, Floats]:
        """Drawn baselines and the lifts that belong to them, shape (DRAWS, segments) each."""
        of = [belief.of for belief in self.beliefs]
        return np.column_stack([each.baselines for each in of]), np.column_stack([each.lifts for each in of])

    @cached_property
    def lift(self) -> Floats:
        """Lift of each segment with its lower and upper end, shape (3, segments)."""
        return np.array([belief.of.lift for belief in self.beliefs]).T

    @cached_property
    def baseline(self) -> Floats:
        """Baseline of each segment with its lower and upper end, shape (3, segments)."""
        return np.array([belief.of.baseline for belief in self.beliefs]).T

    def table(self, wave_counts: tuple[int, ...]) -> pd.DataFrame:
        """Return the scores, ranked; the order of the columns is that of the files."""
        measures = self.measures(self.moments.mean, self.lift[0], slice(None))
        values = dict(zip(MEASURES, measures.T, strict=True)) | {"Overall_Score": overall(measures, self.weights)}
        profit = self.profit(self.baseline[0], self.lift[0], self.moments.mean[:, BASKET])
        totals, profits = self.simulate()
        bounds = self.bounds()
        # Draws hold the mean of one customer at its value. What rests on it would look certain, and gets no interval.
        bounds["Overall_Score"] = draw_interval(totals, np.where(self.unsure(), np.nan, values["Overall_Score"]))
        low_profit, high_profit = self.profit_bounds(profit, profits)
        rank_low, rank_high, best = rank_spread(totals)
        sources, stop = self.sources(measures), self.stopped(high_profit)
        columns: dict[str, object] = {"Segment": [each.name for each in self.segments], "Size": self.moments.size}
        columns |= values
        columns |= {"Valid": self.valid(wave_counts), "Rules_Applied": [segment.tokens for segment in self.segments]}
        for name, (low, high) in ((name, bounds[name]) for name in values):
            columns |= {f"{name}_low": low, f"{name}_high": high, f"{name}_source": sources[name]}
        columns |= {"Rank_low": rank_low, "Rank_high": rank_high, "P_best": best}
        columns |= dict(zip(("Baseline", "Baseline_low", "Baseline_high"), self.baseline, strict=True))
        columns["Baseline_source"] = [belief.baseline_source for belief in self.beliefs]
        columns |= {"Incremental_Profit": profit, "Incremental_Profit_low": low_profit}
        weaker = [max(each.baseline_source, each.lift_source, key=WEAKNESS.index) for each in self.beliefs]
        columns |= {"Incremental_Profit_high": high_profit, "Incremental_Profit_source": weaker}
        columns["Campaign"] = [
            NO_CAMPAIGN if stopped else campaign_sentence(segment.campaign)
            for segment, stopped in zip(self.segments, stop, strict=True)
        ]
        columns["Flags"] = self.flags(measures, profit, stop)
        return ranked(in_people(pd.DataFrame(columns), self.reachable()))

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
        size = size_norm(self.moments.size)
        # A size is counted, not estimated, so its interval is the size itself.
        bounds = {LIFT.column: (self.lift[1], self.lift[2]), SIZE.column: (size, size)}
        for name, measure in MEASURES.items():
            if measure.term is not None:
                low, high = self.mean_bounds(measure.term)
                scale = self.scale() if measure.scaled else 1.0
                bounds[name] = low * scale, high * scale
        return bounds

    def mean_bounds(self, term: int) -> tuple[Floats, Floats]:
        """Return the interval of the mean of a term: that of a share where each customer is a yes or a no."""
        mean, count = np.clip(self.moments.mean[:, term], 0, 1), self.moments.count[:, term]
        if term == CONVERSION and self.evidence.spread is not None:
            return prediction_interval(mean, self.evidence.spread.error(mean, count))
        # The t interval has no width where everybody is alike; Wilson's keeps some, as the next customer may differ.
        if term == REACHABLE or (term == CONVERSION and self.evidence.conversion != "heuristic"):
            return share_interval(mean, count)
        return mean_interval(mean, self.moments.covariance[:, term, term], count)

    def stopped(self, high: Floats) -> npt.NDArray[np.bool_]:
        """Return where contact is measured to lose money: even the upper end of the profit is below zero."""
        return np.asarray(~self.assumed[1] & (high < 0))

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

    def profit(self, baseline: Floats, lift: Floats, basket: Floats) -> Floats:
        """Return expected incremental profit of contacting one customer of a segment, in money."""
        a = self.assumptions
        # Only those whom contact wins bring money, but everyone contacted costs, and all who redeem get the discount.
        return np.asarray(baseline * lift * basket * a.margin - a.contact_cost - a.discount * a.redemption)

    def profit_bounds(self, profit: Floats, draws: Floats) -> tuple[Floats, Floats]:
        """Return the interval of the profit; it reaches what the stated ends bring of what is assumed."""
        low, high = draw_interval(draws, np.where(self.lone(BASKET), np.nan, profit))
        (baseline, *baselines), (lift, *lifts) = self.baseline, self.lift
        ends = [(self.assumed[1], baseline, end) for end in lifts] + [(self.assumed[0], end, lift) for end in baselines]
        for assumed, base, gain in ends:
            end = np.where(assumed, self.profit(base, gain, self.moments.mean[:, BASKET]), low)
            low, high = np.minimum(low, end), np.maximum(high, end)
        return low, high

    def means(self, s: int) -> Floats:
        """Return simulated means of the terms of a segment, shape (DRAWS, terms)."""
        # A generator for each name: another segment, or another order, leaves the draws of this one as they are.
        rng = generator_for(self.seed, self.segments[s].name)
        return simulate_means(self.moments.mean[s], self.moments.covariance[s], rng, DRAWS)

    def simulate(self) -> tuple[Floats, Floats]:
        """Return simulated totals and profits, shape (DRAWS, segments) each."""
        totals, baskets = (np.empty((DRAWS, len(self.segments))) for _ in range(2))
        drawn, lifts = self.draws
        for s in range(len(self.segments)):
            means = self.means(s)
            totals[:, s] = overall(self.measures(means, lifts[:, s], s), self.weights)
            baskets[:, s] = np.maximum(means[:, BASKET], 0)
        return totals, self.profit(drawn, lifts, baskets)

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

    def sources(self, measures: Floats) -> dict[str, list[ScoreSource]]:
        """Return how each measure and the total came about in each segment; a total is as good as its weakest part."""
        known: dict[str, ScoreSource] = {"Conv_Pot": self.evidence.conversion, SIZE.column: "measured"}
        if "profitability_score" not in self.evidence.derived:
            known["Profitability"] = "measured"
        sources = {name: [known.get(name, "heuristic")] * len(self.segments) for name in MEASURES}
        sources[LIFT.column] = [belief.lift_source for belief in self.beliefs]
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

    def flags(self, measures: Floats, profit: Floats, stop: npt.NDArray[np.bool_]) -> list[str]:
        """Return what a reader should know before trusting a segment's numbers."""
        return ["; ".join(self._flags(s, measures[s], profit[s], bool(stop[s]))) for s in range(len(self.segments))]

    def _flags(self, s: int, measures: Floats, profit: float, stop: bool) -> list[str]:
        value, weighed = dict(zip(MEASURES, measures, strict=True)), self.weighed()
        small = self.moments.size[s] < TOO_FEW
        flags = ["do not contact"] * stop + ["too few"] * bool(small)
        alone = [name for name in weighed if self._count(s, MEASURES[name].term) == 1]
        alone += ["Incremental_Profit"] * (self._count(s, BASKET) == 1)
        flags += [f"one customer: {', '.join(alone)}"] * bool(alone)
        flags += [f"no {name}" for name in weighed if np.isnan(value[name])]
        # In a small segment every measure is thin; one flag says so.
        flags += [f"few {name}" for name in weighed if not small and 1 < self._count(s, MEASURES[name].term) < TOO_FEW]
        return flags + ["no Incremental_Profit"] * bool(np.isnan(profit))

    def _count(self, s: int, term: int | None) -> int:
        """Return of how many of a segment's customers a term is known; 0 where it comes from nobody."""
        return 0 if term is None else int(self.moments.count[s, term])


def campaign_sentence(campaign: Campaign) -> str:
    """Return a campaign in one line: offer, channel, timing."""
    return f"Offer: {campaign.offer}. Channel: {campaign.channel}. Timing: {campaign.timing}."
