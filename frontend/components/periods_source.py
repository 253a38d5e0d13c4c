"""A saved period as the source of a new analysis: the same customers under another policy or other sizes."""

import streamlit as st

from frontend.components import pieces
from frontend.state import SavedPeriod, preset_unless
from frontend.utils import format as fmt
from frontend.utils.workspace import periods, titles

KEY = "source-period"


def show() -> SavedPeriod | None:
    """Draw the choice and return the period, if there is one."""
    saved, problem = periods()
    if problem is not None:
        pieces.problem(problem)
        return None
    if not saved:
        st.caption("Nothing is saved yet: run an analysis and choose **Save period** at the top of its page.")
        return None
    titles_by_id, of_id = titles(saved), {period.id: period for period in saved}
    preset_unless(KEY, list(of_id), saved[0].id)
    period = of_id[st.selectbox("Period", list(of_id), format_func=titles_by_id.__getitem__, key=KEY)]
    days = fmt.days(period.window.start, period.window.end)
    st.caption(
        f"{fmt.counted(period.rows, 'customer')} of {days}, {fmt.plain(period.window.timezone)}. "
        "They are analysed again with the policy and the options below; the week above does not apply."
    )
    return SavedPeriod(period.id, period.name, period.window)
