"""The saved periods as a table; the chosen one opens its card."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from frontend import state
from frontend.utils import format as fmt
from frontend.utils.workspace import titles
from run_store import RunSummary

TABLE, CHOICE = "periods", "period"
ROW = 38


def show(periods: Sequence[RunSummary], timezone: str) -> RunSummary:
    """Draw the table and return the chosen period.

    Args:
        periods: At least one.
        timezone: Zone of the times of saving.
    """
    names, known = titles(periods), {period.id: period for period in periods}
    ids = list(known)
    # The box below holds the choice; the table only mirrors it, and a click goes through `_choose`. A period that was
    # deleted since it was chosen has no row, so the choice is set right before the row is looked up.
    state.preset_unless(CHOICE, ids, ids[0])
    state.select_row(TABLE, ids.index(state.value_of(CHOICE)))
    c = st.column_config
    st.dataframe(
        _rows(periods, timezone),
        hide_index=True,
        key=TABLE,
        on_select=lambda: _choose(ids),
        selection_mode="single-row",
        row_height=ROW,
        height="content",
        column_config={
            "Name": c.TextColumn(pinned=True, width=165),
            "Week": c.TextColumn(width=120),
            "Policy": c.TextColumn(width=105),
            "Customers": c.NumberColumn(format="localized", width=82),
            "Value at stake": c.TextColumn(alignment="right", width=100),
            "Expected profit": c.TextColumn(
                alignment="right", width=105, help="As assumed when it was saved; not measured."
            ),
            "Saved": c.TextColumn(width=135, help=f"In the time zone {timezone}."),
        },
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


def _choose(ids: Sequence[str]) -> None:
    row = state.selected_row(TABLE)
    if row is not None and row < len(ids):
        state.preset(CHOICE, ids[row])


def _rows(periods: Sequence[RunSummary], timezone: str) -> dict[str, list[str] | list[int]]:
    return {
        "Name": [period.name for period in periods],
        "Week": [fmt.days(period.window.start, period.window.end) for period in periods],
        "Policy": [period.policy for period in periods],
        "Customers": [period.rows for period in periods],
        "Value at stake": [amount(period.at_stake, period.currency) for period in periods],
        "Expected profit": [amount(period.profit, period.currency) for period in periods],
        "Saved": [saved(period, timezone) for period in periods],
    }
