"""The seven days to analyse."""

from datetime import date, timedelta

import streamlit as st

from frontend import state
from frontend.utils import format as fmt
from retention.period import Window

KEY = "period-first-day"
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


def show(today: date, timezone: str, last_day: date | None) -> Window:
    """Draw the picker and return the window.

    `last_day` is the last day with an abandoned cart in the rows that were brought, if there are some.
    """
    suggested = Window.ending(last_day).start if last_day else last_full_week(today)
    # Set in the state and not as the widget's default: the button and `reset` set the state, and Streamlit warns where
    # a widget has both.
    if state.value_of(KEY) is None:
        state.preset(KEY, suggested)
    first: date | None = st.date_input(
        "First of seven days", min_value=EARLIEST, max_value=LATEST, key=KEY, format="YYYY-MM-DD"
    )
    window = Window.starting(first or suggested, timezone)
    st.caption(f"{fmt.days(window.start, window.end)}, both included, {fmt.plain(timezone)}")
    label = "Last seven days of the data" if last_day else "Last full week"
    st.button(label, icon=":material/event:", width="stretch", on_click=state.preset, args=(KEY, suggested))
    return window


def reset(last_day: date) -> None:
    """Set the picker to the seven days that end on a day; before it is drawn."""
    state.preset(KEY, Window.ending(last_day).start)


def last_full_week(today: date) -> date:
    """Return the Monday of the last week that is over.

    >>> last_full_week(date(2025, 9, 10)), last_full_week(date(2025, 9, 8))
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 1))
    """
    return today - timedelta(days=today.weekday() + 7)
