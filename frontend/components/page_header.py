"""The top of a page: what it is, which run it shows, and why the last run stopped."""

import streamlit as st

from frontend.components import empty, periods_record, pieces
from frontend.state import AppState, Result
from frontend.utils import format as fmt


def show(title: str, state: AppState, *, promise: str = "") -> Result | None:
    """Draw the top of a page and return the run to show.

    Where there is none, a page that promises something shows the way to a first one.
    """
    # In a container, so that a message that comes or goes moves nothing below it: what moves is drawn anew, closed.
    with st.container():
        _top(title, state)
    if state.result is None and promise:
        empty.show(state, promise=promise)
    return state.result


def _top(title: str, state: AppState) -> None:
    st.title(title, anchor=False)
    result = state.result
    if result is not None:
        window = result.run.window
        days = fmt.days(window.start, window.end)
        parts = [result.name, days, window.timezone, result.run.policy.title, result.source]
        st.caption("  \u00b7  ".join(fmt.plain(part) for part in parts if part))
        periods_record.show(state, result)
    if state.notice:
        st.success(state.notice, icon=":material/check:")
        state.notice = ""
    if state.failure is not None:
        kept = "The result below is the previous one." if result is not None else "Nothing was changed."
        pieces.problem(state.failure, after=kept)
