"""The top of a page: what it is, what was just done, and the way to a first week where there is none."""

import streamlit as st

from frontend.state import AppState, Result, current
from frontend.utils import format as fmt, pieces, places, primary


def show(title: str, *, promise: str = "") -> Result | None:
    """Draw the top of a page and return the run to show.

    Where there is none, a page that promises something shows the way to a first one.
    """
    state = current()
    # In a container, so that a message that comes or goes moves nothing below it: what moves is drawn anew, closed.
    with st.container():
        _top(title, state)
    if state.result is None and promise:
        empty(state, promise)
    return state.result


def _top(title: str, state: AppState) -> None:
    st.title(title, anchor=False)
    result = state.result
    if result is not None:
        parts = [result.run.policy.title, result.source, result.run.window.timezone]
        st.caption("  \u00b7  ".join(fmt.plain(part) for part in parts if part))
    if state.notice:
        st.success(state.notice, icon=":material/check:")
        state.notice = ""
    if state.failure is not None:
        pieces.problem(state.failure, after="Nothing was changed.")


def empty(state: AppState, promise: str) -> None:
    """Draw the way to a first result; `promise` is what there will be."""
    with pieces.framed("No analysis yet", promise):
        about = "Draws 10,000 synthetic customers and analyses their last full week."
        if primary.button("Show me with synthetic customers", ":material/science:", key="demo", help=about):
            state.demo = True
            places.go(places.FORM)
