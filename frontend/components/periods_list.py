"""The saved periods as a table; the chosen one opens its card."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from frontend.components import pieces
from frontend.utils import format as fmt
from frontend.utils.workspace import titles
from run_store import RunSummary

TABLE, CHOICE = "periods", "period"
ROW = 38


def show(periods: Sequence[RunSummary], timezone: str) -> RunSummary:
    """Draw the table of at least one period and return the chosen one; times of saving are in the zone."""
    names, known = titles(periods), {period.id: period for period in periods}
    ids = list(known)
    pieces.choice_of_row(
        _columns(periods, timezone),
        ids,
        choice=CHOICE,
        key=TABLE,
        row_height=ROW,
        alt="Saved periods, the last saved first; selecting a row opens its card",
    )
    chosen: str = st.selectbox("Period in detail", ids, format_func=names.__getitem__, key=CHOICE)
    return known[chosen]


def amount(value: float | None, currency: str) -> str:
    """Return an amount that may not be known."""
    return fmt.UNKNOWN if value is None else fmt.money(value, currency)


def saved(period: RunSummary, timezone: str) -> str:
    """Return when a period was saved."""
    return fmt.moment(period.saved_at.astimezone(ZoneInfo(timezone)))


def _columns(periods: Sequence[RunSummary], timezone: str) -> dict[str, pieces.Column]:
    c = st.column_config
    profit = c.TextColumn(alignment="right", width=105, help="As assumed when it was saved; not measured.")
    moments = c.TextColumn(width=135, help=f"In the time zone {timezone}.")
    weeks = [fmt.days(period.window.start, period.window.end) for period in periods]
    at_stake = [amount(period.at_stake, period.currency) for period in periods]
    return {
        "Name": ([period.name for period in periods], c.TextColumn(pinned=True, width=165)),
        "Week": (weeks, c.TextColumn(width=120)),
        "Policy": ([period.policy for period in periods], c.TextColumn(width=105)),
        "Customers": ([period.rows for period in periods], c.NumberColumn(format="localized", width=82)),
        "Value at stake": (at_stake, c.TextColumn(alignment="right", width=100)),
        "Expected profit": ([amount(period.profit, period.currency) for period in periods], profit),
        "Saved": ([saved(period, timezone) for period in periods], moments),
    }
