"""A saved period as the source of a new analysis: the same customers under another policy or other sizes."""

import streamlit as st

from frontend.state import SavedPeriod, preset_unless
from frontend.utils import format as fmt
from frontend.utils import messages, workspace

KEY = "source-period"


def show() -> SavedPeriod | None:
    """Draw the choice and return the period, if there is one."""
    found = workspace.listed()
    if found.problem is not None:
        st.error(messages.details(found.problem), title=messages.title(found.problem))
        return None
    if not found.periods:
        st.caption("Nothing is saved yet: run an analysis and choose **Save period** at the top of its page.")
        return None
    titles, periods = workspace.titles(found.periods), {period.id: period for period in found.periods}
    preset_unless(KEY, list(periods), found.periods[0].id)
    period = periods[st.selectbox("Period", list(periods), format_func=titles.__getitem__, key=KEY)]
    days = fmt.days(period.window.start, period.window.end)
    st.caption(
        f"{fmt.counted(period.rows, 'customer')} of {days}, {fmt.plain(period.window.timezone)}. "
        "They are analysed again with the policy and the options below; the week above does not apply."
    )
    return SavedPeriod(period.id, period.name, period.window)
