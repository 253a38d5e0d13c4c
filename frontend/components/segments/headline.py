"""The four numbers on top of the summary, and how they were a week before."""

import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from analysis.headline import Headline, headline_of
from frontend.state import Result
from frontend.utils import format as fmt, palette, pieces
from frontend.utils.store import Store
from frontend.utils.workspace import week_before
from retention.partition.fitted import Partition
from retention.scores.arithmetic import draw_interval
from run_store import RunSummary
from segment_scorer import SegmentScores, profit_draws

HEADLINES = Store[Headline](entries=64)
PROFIT_RANGES = Store[str](entries=64)


def show(result: Result, *, change: bool = False) -> None:
    """Draw the headline numbers, each with what it rests on and its change where the week before is saved.

    With `change` one number says it, in place of the proof that everyone is assigned.
    """
    before = week_before(result)
    _numbers(result, before, change=change)
    if words := PROFIT_RANGES.get(result.key, lambda: _range_words(result)):
        st.caption(words)
    pieces.reach(result.run.reach)
    if before is not None:
        days = fmt.days(before.window.start, before.window.end)
        st.caption(f"Changes are against {days}, saved as {fmt.plain(before.name)}.")


def _numbers(result: Result, week: RunSummary | None, *, change: bool) -> None:
    numbers, currency = HEADLINES.get(result.key, lambda: headline_of(result.run)), result.run.currency
    before = None if change else week
    money = before if before is not None and before.currency == currency else None
    # A change of what is assumed is no change of the week.
    same = money if money is not None and money.policy_hash == result.run.policy_hash else None
    with pieces.numbers(3 if change and week is None else 4):
        pieces.number(
            "Abandoners",
            fmt.count(numbers.abandoners),
            f"in {fmt.counted(result.run.accounting.read, 'row')}",
            "Customers who abandoned a cart in the window, each counted once.",
            change=_change(numbers.abandoners, before.universe if before else None, lambda size: fmt.count(int(size))),
        )
        _at_stake(numbers, currency, money)
        if change and week is not None:
            _changed(numbers, week, currency)
        pieces.number(
            "Expected profit",
            fmt.money(numbers.profit, currency),
            ", ".join(numbers.profit_sources),
            "Incremental profit expected from contacting everybody who can be reached, after contact cost. It rests on "
            "the policy's assumptions about baseline conversion, lift and margin until an experiment measures them.",
            colour=palette.SOURCES[numbers.profit_sources[0]],
            change=_change(numbers.profit, same.profit if same else None, lambda sum_: fmt.money(sum_, currency)),
        )
        if not change:
            pieces.number(
                "Assigned",
                fmt.percent(numbers.assigned / numbers.abandoners),
                f"{fmt.count(numbers.assigned)} of {fmt.count(numbers.abandoners)}",
                "Share of the abandoners who are in exactly one segment.",
            )


def _changed(numbers: Headline, week: RunSummary, currency: str) -> None:
    people = _change(numbers.abandoners, week.universe, lambda size: fmt.count(int(size)))
    stake, before = numbers.at_stake, week.at_stake if week.currency == currency else None
    money = "" if stake is None else _change(stake, before, lambda sum_: fmt.money(sum_, currency))
    about = "How many more or fewer abandoners there are than in the week before, as it was saved."
    pieces.number("Change to last week", people, f"at stake {money}" if money else "abandoners", about)


def _range_words(result: Result) -> str:
    """Return how far the expected profit may lie from its value; nothing where that cannot be told."""
    ends = profit_range(result.run.segmentation, result.run.scores)
    if ends is None:
        return ""
    low, high = (fmt.plain(fmt.money(value, result.run.currency)) for value in ends)
    return (
        f"Expected profit: {low} to {high} in 95\u00a0% of the cases that {_lift_words(result)} "
        "and the spread of the carts allow."
    )


def _lift_words(result: Result) -> str:
    lift = result.run.scores.assumptions.lift
    assumed = f"the assumed lift ({fmt.percent(lift.low)} to {fmt.percent(lift.high)}, the same for all segments)"
    unknown = result.run.scores.table["Lift_vs_Control_source"].eq("assumed")
    if unknown.all():
        return assumed
    return f"the measured lifts, {assumed}" if unknown.any() else "the measured lifts"


def _at_stake(numbers: Headline, currency: str, before: RunSummary | None) -> None:
    known = numbers.abandoners - numbers.without_value
    if numbers.at_stake is None or not known:
        pieces.number("Value at stake", fmt.UNKNOWN.capitalize(), "no cart values", "The sum of the abandoned carts.")
        return
    missing = f" {fmt.counted(numbers.without_value, 'cart')} without a known value." if numbers.without_value else ""
    each = f"{fmt.money(numbers.at_stake / known, currency)} per cart"
    change = _change(numbers.at_stake, before.at_stake if before else None, lambda sum_: fmt.money(sum_, currency))
    whole = fmt.money(numbers.at_stake, currency)
    pieces.number("Value at stake", whole, each, f"The sum of the abandoned carts.{missing}", change=change)


def _change(now: float, before: float | None, words: Callable[[float], str]) -> str:
    """Return how much a number grew, in its unit and in percent; nothing where one of both is not known."""
    if before is None or math.isnan(now):
        return ""
    share = f" ({fmt.percent_change((now - before) / abs(before))})" if before else ""
    return f"{fmt.change(now - before, words)}{share}"


def profit_range(partition: Partition, scores: SegmentScores) -> tuple[float, float] | None:
    """Return the central 95 % of simulated totals in money, or None where a segment's part cannot be simulated."""
    draws, table = profit_draws(partition, scores), scores.table.set_index("Segment")
    known = table[table["Incremental_Profit"].notna()]
    parts = [draws[str(name)] * people for name, people in known["Reachable"].items()]
    totals = np.sum(parts, axis=0)
    if not parts or np.isnan(totals).any():
        return None
    low, high = draw_interval(totals[:, None], np.array([known["Incremental_Profit"].sum()]))
    return float(low[0]), float(high[0])
