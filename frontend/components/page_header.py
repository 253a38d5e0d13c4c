"""The top of a page: what it is, which run it shows, and why the last run stopped."""

import streamlit as st

from frontend.components import periods_saving, pieces
from frontend.state import AppState, Result
from frontend.utils import format as fmt


def show(title: str, state: AppState) -> Result | None:
    """Draw the top of the page and return the run to show, if there is one."""
    # In a container, so that a message that comes or goes moves nothing below it: what moves is drawn anew, closed.
    with st.container():
        return _show(title, state)


def _show(title: str, state: AppState) -> Result | None:
    st.title(title, anchor=False)
    result = state.result
    if result is not None:
        window = result.run.window
        days = fmt.days(window.start, window.end)
        parts = [result.name, days, window.timezone, result.run.policy.title, result.source]
        st.caption("  \u00b7  ".join(fmt.plain(part) for part in parts if part))
        periods_saving.show(state, result)
    if state.notice:
        st.success(state.notice, icon=":material/check:")
        state.notice = ""
    if state.failure is not None:
        kept = "The result below is the previous one." if result is not None else "Nothing was changed."
        pieces.problem(state.failure, after=kept)
    return result
