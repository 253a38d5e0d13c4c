"""What an experiment can show in each segment of a run, before anything is sent."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import Run
from retention.customers.reach import Reach, unreached
from retention.errors import OptionError, ensure
from retention.experiment.arms import Experiment
from retention.experiment.power import ALPHA, POWER, Plan, outlook, outlook_words
from retention.partition.fitted import Segmentation

WISHED_LIFT = 0.2
"""A relative lift that a good win-back campaign may have: one fifth more."""


@dataclass(frozen=True)
class Design:
    """Who is held out of what, and what can be learnt.

    Args:
        experiment: Arms and shares.
        counts: Customers who could be reached without the experiment, by segment (rows, in the order of the tree) and
            arm (columns, control first).
        table: One row per segment, in the order to contact: Segment, Customers, Control, Treated (of the smallest
            treatment), Baseline, Baseline_source, Power (of the wished lift, in the test that is corrected for all
            segments and treatments), Power_of_money (of as much more revenue; NaN: no baskets are known), Power_to_pay
            (that it is shown to pay), Detectable_lift (infinite: none), Customers_needed, Share_needed, Words.
    """

    experiment: Experiment
    reach: Reach
    counts: pd.DataFrame
    table: pd.DataFrame
    lift: float
    wanted: float


def design(run: Run, *, lift: float = WISHED_LIFT, wanted: float = POWER) -> Design:
    """Return the design of a run's experiment.

    Raises:
        OptionError: The run has no experiment, or a number makes no sense.
    """
    if run.experiment is None or run.arms is None:
        raise OptionError("the period has no experiment", hint="Name one, so that a control group is held out")
    arms, segments = run.experiment.arms, run.segmentation.tree.names
    counts = sum((_counts(part, len(arms)) for part in run.in_parts()), np.zeros((len(segments), len(arms)), np.int64))
    # A segment with an empty arm is not tested, so the others are not corrected for it.
    tests = max(1, int(((counts[:, :1] > 0) & (counts[:, 1:] > 0)).sum()))
    money = _money(run)
    rows = [_row(run, name, counts[at], money[at], tests, (lift, wanted)) for at, name in enumerate(segments)]
    table = pd.DataFrame(rows)
    order = run.scores.recommended["Segment"]
    table = table.set_index("Segment").reindex(order).reset_index()
    by_arm = pd.DataFrame(counts, index=list(segments), columns=list(arms))
    return Design(run.experiment, run.reach, by_arm, table, lift, wanted)


def _counts(part: Run, arms: int) -> NDArray[np.int64]:
    """Return the customers of a part by segment and arm."""
    # Nothing that is sent can win those who cannot be reached, so they belong to neither side of the comparison.
    segmentation, able = part.segmentation, np.equal(unreached(part.segmentation.customers), 0)
    drawn = np.zeros(0) if part.arms is None else part.arms.codes
    crossed, cells = (segmentation.codes.astype(np.intp) * arms + drawn)[able], len(segmentation.tree.segments) * arms
    counts = np.bincount(crossed, minlength=cells).reshape(-1, arms)
    ensure(int(counts.sum()) == int(able.sum()), "customers of all arms = those who can be reached or are held out")
    return counts


def common_experiment(runs: Sequence[Run]) -> Experiment:
    """Return the experiment that all runs have, which then is one campaign.

    Raises:
        OptionError: A run has none or another one, or segments have arms that do not last.
    """
    first = runs[0].experiment
    if first is None or any(run.experiment is None for run in runs):
        raise OptionError("the period has no experiment", hint="Hold out a control group first")
    if any(run.experiment != first for run in runs):
        raise OptionError(
            "the periods are not of one campaign: name, salt or shares of their experiments differ",
            hint="Measure them one by one",
        )
    if len(runs) > 1 and first.segment_shares:
        raise OptionError(
            "segments have shares of their own, so a customer who changes segments may change arms",
            hint="Measure the periods one by one",
        )
    return first


def baseline_of(run: Run, segment: str) -> tuple[float, str]:
    """Return the conversion rate without contact that a segment is expected to have, and its source."""
    table = run.scores.table
    (row,) = table[table["Segment"] == segment].to_dict("records")
    return float(row["Baseline"]), str(row["Baseline_source"])


def _money(run: Run) -> NDArray[np.float64]:
    """Return `spread`, `contact` and `discount` of each segment's plan, shape (segments, 3); NaN where not known."""
    assumed, segments = run.scores.assumptions, len(run.segmentation.tree.segments)
    size, mean, squares = np.zeros((3, segments))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for part in run.segmentation.in_parts():
            count, middle, variance = _baskets(part, segments)
            # The sums of two parts as T. F. Chan, G. H. Golub and R. J. LeVeque add them (1979).
            gap = np.where(size > 0, middle - mean, 0.0)
            squares += variance * np.maximum(count - 1, 0) + gap**2 * size * count / np.maximum(size + count, 1)
            mean = np.where(size > 0, mean + gap * count / np.maximum(size + count, 1), middle)
            size += count
        mean = np.where(size > 0, mean, np.nan)
        spread = np.sqrt(squares / np.where(size > 1, size - 1, np.nan))
        worth = (assumed.margin or math.nan) * mean
        return np.column_stack([spread / mean, assumed.contact_cost / worth, assumed.discount / worth])


def _baskets(part: Segmentation, segments: int) -> tuple[NDArray[np.float64], ...]:
    """Return count, mean and variance of the known baskets of each segment."""
    customers = part.customers
    basket = pd.Series(np.nan, index=customers.index)
    for name in ("cart_value", "avg_order_value"):
        basket = basket.fillna(customers[name]) if name in customers else basket
    moments = basket.where(basket > 0).groupby(part.codes).agg(["count", "mean", "var"])
    return tuple(moments.reindex(range(segments)).fillna(0.0).to_numpy(dtype=np.float64).T)


def _row(
    run: Run, segment: str, counts: NDArray[np.int64], money: NDArray[np.float64], tests: int, wish: tuple[float, float]
) -> dict[str, object]:
    """Return what one segment can show of the smallest treatment against the control, one of so many tests."""
    lift, wanted = wish
    control, treated = int(counts[0]), int(counts[1:].min())
    baseline, source = baseline_of(run, segment)
    arms = {"Control": control, "Treated": treated}
    row: dict[str, object] = {"Segment": segment, "Customers": int(counts.sum()), **arms}
    row |= {"Baseline": baseline, "Baseline_source": source}
    row |= dict.fromkeys(("Power", "Power_of_money", "Power_to_pay", "Customers_needed", "Share_needed"), math.nan)
    row["Detectable_lift"] = math.inf
    if not control or not treated:
        return row | {"Words": "One of its arms is empty: it can show nothing."}
    if not 0 < baseline < 1 or baseline * (1 + lift) > 1:
        return row | {"Words": "Without a baseline between 0 and 1 nothing can be said."}
    plan = Plan(control + treated, baseline, control / (control + treated), ALPHA / tests, *map(float, money))
    shown = outlook(plan, lift, wanted=wanted)
    figures = {name.capitalize(): value for name, value in asdict(shown).items() if name.capitalize() in row}
    return row | figures | arms | {"Words": outlook_words(lift, shown, wanted=wanted)}
