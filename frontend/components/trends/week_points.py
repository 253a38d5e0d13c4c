"""A saved week as the page of all weeks shows it: a few numbers, read without loading its customers."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from frontend.components.segments.headline import profit_range
from frontend.utils import format as fmt, palette
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import workspace
from retention.errors import InputError
from retention.scores.arithmetic import share_interval
from run_store import ArmResult, RunSummary, SavedRun

Amount = tuple[float, float, float]
"""A value with the ends of its interval; not a number where it is not known."""
UNKNOWN = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class WeekSizes:
    """What a saved week says of its segments, the share who had bought again by the cutoff, and its profit."""

    sizes: Mapping[str, int]
    colours: Mapping[str, str]
    recovered: Amount
    sources: tuple[str, ...]
    profit_ends: tuple[float, float]


SIZES = Store[WeekSizes](entries=512)
NOTHING = WeekSizes({}, {}, UNKNOWN, (), UNKNOWN[1:])


@dataclass(frozen=True)
class WeekPoint:
    """A week."""

    summary: RunSummary
    found: WeekSizes

    @property
    def days(self) -> str:
        """The seven days."""
        return fmt.days(self.summary.window.start, self.summary.window.end)

    @property
    def expected(self) -> Amount:
        """The profit that was expected when it was analysed."""
        return (math.nan if self.summary.profit is None else self.summary.profit, *self.found.profit_ends)

    @property
    def arms(self) -> tuple[ArmResult, ...]:
        """What each treatment brought."""
        return self.summary.week.results.arms if self.summary.week.results else ()

    def money(self, amount: Amount) -> str:
        """Return money with its interval, in words."""
        return fmt.money_between(amount, self.summary.currency)


def share(amount: Amount) -> str:
    """Return a share with its interval, in words."""
    return fmt.between(amount, lambda part: fmt.percent(part, 1))


def lift(amount: Amount) -> str:
    """Return a lift with its interval, in words."""
    return fmt.between(amount, fmt.percent_change)


def points(summaries: Iterable[RunSummary]) -> list[WeekPoint]:
    """Return the weeks, the oldest first; of one that was saved several times the last one saved.

    Args:
        summaries: The newest week first, as `Weeks.listed` has them.
    """
    last = dict[object, RunSummary]()
    for summary in summaries:
        last.setdefault(summary.window, summary)
    return [WeekPoint(each, _found(each)) for each in reversed(last.values())]


def _found(summary: RunSummary) -> WeekSizes:
    # Holding customers out writes the record anew.
    key = key_of(summary.id, summary.erased, summary.week.held_out)
    try:
        return SIZES.get(key, lambda: _read(workspace().open(summary.id)))
    except InputError:
        return NOTHING


def _read(saved: SavedRun) -> WeekSizes:
    table, policy = saved.scores.table, saved.tree.policy
    recovered = UNKNOWN
    if "recovered" in saved.record.customers.names and "Recovered" in table:
        everybody = np.array([table["Size"].sum()])
        part = table["Recovered"].sum() / everybody
        low, high = share_interval(part, everybody)
        recovered = (float(part[0]), float(low[0]), float(high[0]))
    return WeekSizes(
        dict(zip(table["Segment"], table["Size"].astype(int), strict=True)),
        palette.of_segments(policy, table["Segment"]),
        recovered,
        tuple(table["Incremental_Profit_source"].unique()),
        profit_range(saved.partition, saved.scores) or UNKNOWN[1:],
    )
