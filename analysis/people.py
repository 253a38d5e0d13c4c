"""The people behind a run: who is in which arm and can be reached, their scores, and what to know of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_ingestion import Intake
from data_ingestion.cells.currencies import is_currency
from retention.customer_value.year import NEEDED, drawn, value_of_year
from retention.customers.contracts import COLUMNS
from retention.customers.reach import Reach, count_reach, is_recovered
from retention.customers.universe import Universe, late_words
from retention.errors import ensure
from retention.experiment.arms import Experiment, assign
from retention.partition.fitted import Codes, FittedTree, Segmentation
from retention.policy.policy import Assumptions, Weights
from retention.scores.measured_lift import MeasuredLift
from segment_scorer import Evidence, SegmentScores, score

VALUE = ["Value_Year", "Value_Year_low", "Value_Year_high"]
"""Columns of the money of a year per customer who ordered; there where the customers' orders are known."""


def arms_of(experiment: Experiment, part: Segmentation) -> "pd.Categorical[str]":
    """Return the arm of each customer."""
    return assign(part.customers["user_id"], experiment, part.labels())


def reach_of(experiment: Experiment | None, part: Segmentation) -> Reach:
    """Return how many of each segment can be reached."""
    control = None if experiment is None else arms_of(experiment, part).codes == 0
    return count_reach(part.customers, part.codes, len(part.tree.segments), control)


def scored(
    segmentation: Segmentation,
    weights: Weights,
    assumptions: Assumptions | None,
    evidence: Evidence,
    experiment: Experiment | None,
    *,
    before: SegmentScores | None = None,
) -> tuple[Reach, SegmentScores]:
    """Return who can be reached and the scores, which count the same people, and of a saved period the erased ones.

    The money of a year does not depend on whom a campaign is for, so it is that of the scores `before`, if any.
    """
    names = segmentation.tree.names
    reach, recovered = segmentation.summed(partial(_people, experiment), _both)
    evidence = replace(evidence, held_out=reach.held_out(names))
    scores = score(segmentation, weights=weights, assumptions=assumptions, evidence=evidence)
    back = dict(zip(names, recovered.tolist(), strict=True))
    table = scores.table.assign(Recovered=[back[name] for name in scores.table["Segment"]])
    # The cube still counts whose rows were erased.
    erased = int(segmentation.cube.size.sum()) - sum(map(sum, reach.counts))
    ensure(
        0 <= int(table["Reachable"].sum()) - reach.total <= erased,
        "customers who can be reached = those who are scored and were not erased",
    )
    years = _years(segmentation) if before is None else before.table.set_index("Segment").filter(VALUE)
    if len(years.columns):
        ends = years.loc[table["Segment"]].reset_index(drop=True)
        table = pd.concat([table, ends], axis=1).assign(Value_Year_source="modelled")
    return reach, replace(scores, table=table)


_People = tuple[Reach, npt.NDArray[np.int64]]
"""Who of each segment can be reached, and how many have bought again already."""


def _people(experiment: Experiment | None, part: Segmentation) -> _People:
    return reach_of(experiment, part), _recovered(part)


def _both(one: _People, other: _People) -> _People:
    return one[0] + other[0], one[1] + other[1]


def _drawn(sizes: Sequence[int], part: Segmentation) -> list[tuple[pd.DataFrame, Codes]]:
    return [drawn(part.customers, part.codes, sizes)]


def _years(segmentation: Segmentation) -> pd.DataFrame:
    """Return the money of a year by segment, without columns where the customers' orders are not known."""
    names, value = list(segmentation.tree.names), None
    if set(NEEDED) <= set(segmentation.customers.columns):
        sizes = segmentation.sizes
        customers, codes = zip(*segmentation.summed(partial(_drawn, sizes)), strict=True)
        value = value_of_year(pd.concat(customers, ignore_index=True), np.concatenate(codes), len(names), sizes=sizes)
    return pd.DataFrame(index=names) if value is None else pd.DataFrame(value.T, index=names, columns=VALUE)


def recovered_by_segment(segmentation: Segmentation) -> list[int]:
    """Return how many customers of each segment have bought again already, in the order of the tree."""
    if "recovered" not in segmentation.customers:
        return [0] * len(segmentation.tree.segments)
    return list(map(int, segmentation.summed(_recovered)))


def _recovered(part: Segmentation) -> npt.NDArray[np.int64]:
    back = part.codes[is_recovered(part.customers)]
    return np.bincount(back, minlength=len(part.tree.segments))


@dataclass(frozen=True)
class Seen:
    """What customers tell together; parts add. The currency is empty where they name none."""

    size: int = 0
    recovered: int = 0
    late_orders: int = 0
    currency: str = ""

    @classmethod
    def of(cls, universe: Universe) -> "Seen":
        """Return what a universe, or a part of one, tells."""
        customers = universe.customers
        recovered = int(is_recovered(customers).sum())
        return cls(len(customers), recovered, universe.late_orders, _currency(customers))

    def __add__(self, other: "Seen") -> "Seen":
        size, recovered = self.size + other.size, self.recovered + other.recovered
        return Seen(size, recovered, self.late_orders + other.late_orders, self.currency or other.currency)


def shown_currency(seen: Seen, chosen: str) -> str:
    """Return the currency that money is shown in, or nothing where it has none."""
    return chosen or (seen.currency if is_currency(seen.currency) else "")


def notices(
    intake: Intake, seen: Seen, tree: FittedTree, lifts: tuple[MeasuredLift, ...], notes: tuple[str, ...], currency: str
) -> tuple[str, ...]:
    """Return what a person should know of rows and segments."""
    rows = (*_relabelled(seen.currency, currency), *intake.warnings, *_near_misses(intake))
    customers = (*late_words(seen.late_orders), *_recovered_words(seen), *notes)
    return (*rows, *customers, *_cut_warnings(tree, shown_currency(seen, currency)), *_lift_notes(tree, lifts))


def _recovered_words(seen: Seen) -> tuple[str, ...]:
    """Say how many have bought again already, and which numbers speak of the others."""
    count, size = seen.recovered, seen.size
    if not count:
        return ()
    sentence = (
        f"{count:,} of {size:,} customers are recovered: they have bought again already. They stay in their segments; "
        f"conversion, profit, power and holdouts speak of the other {size - count:,}"
    )
    return (sentence,)


def _near_misses(intake: Intake) -> tuple[str, ...]:
    """Warn of headers that were left out though they almost read like a column of the contract."""
    absent = [name for name in COLUMNS if name not in intake.rows.columns]
    near = [
        (source.name, header, match[0])
        for source in intake.sources
        for header in source.ignored
        if (match := get_close_matches(header.strip().casefold(), absent, n=1, cutoff=0.8))
    ]
    return tuple(f"{file}: the column '{header}' was left out; did you mean '{name}'?" for file, header, name in near)


def _cut_warnings(tree: FittedTree, currency: str) -> tuple[str, ...]:
    # A cut that splits a segment over the maximum has a note as well, but the sizing log tells of it.
    return tuple(cut.words(currency) for cut in tree.thresholds if cut.told() and "splits" not in cut.note)


def _lift_notes(tree: FittedTree, lifts: tuple[MeasuredLift, ...]) -> tuple[str, ...]:
    """Say how old measured lifts are, and which are of segments that this run does not have."""
    used = Counter((lift.experiment, lift.measured_on) for lift in lifts if lift.segment in tree.names)
    dated = [
        f"The lift of {count} of {len(tree.names)} segments was measured by the experiment '{name}' on {day}."
        for (name, day), count in used.items()
    ]
    unknown = list(dict.fromkeys(lift.segment for lift in lifts if lift.segment not in tree.names))
    if unknown:
        dated.append(f"Measured lifts of {', '.join(unknown)} were not used: the run has no such segment.")
    return tuple(dated)


def _relabelled(own: str, chosen: str) -> tuple[str, ...]:
    if own and not chosen and not is_currency(own):
        return ("What the input's column 'currency' holds is not a code of ISO 4217, so money is shown without one.",)
    if not chosen or not own or chosen == own:
        return ()
    return (f"The input's money is in {own}; it is shown as {chosen} and was not converted.",)


def _currency(customers: pd.DataFrame) -> str:
    """Return the input's one currency code, or nothing where it names none."""
    if "currency" not in customers.columns:
        return ""
    codes = customers["currency"].dropna().str.strip().str.upper()
    codes = codes[codes != ""]
    return str(codes.iloc[0]) if len(codes) else ""
