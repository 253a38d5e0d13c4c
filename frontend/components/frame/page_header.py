"""The top of a page: what it is, what was just done, and the way to a first week where there is none."""

import streamlit as st

from frontend.state import AppState, Result, current
from frontend.utils import format as fmt, pieces, places, primary


def show(title: str, state: AppState) -> None:
    """Draw the top of a page."""
    # In a container, so that a message that comes or goes moves nothing below it: what moves is drawn anew, closed.
    with st.container():
        st.title(title, anchor=False)
        if state.result is not None:
            run = state.result.run
            parts = [run.policy.title, state.result.source, run.window.timezone]
            st.caption("  \u00b7  ".join(fmt.plain(part) for part in parts if part))
        if state.notice:
            st.success(state.notice, icon=":material/check:")
            state.notice = ""
        if state.failure is not None:
            pieces.problem(state.failure, after="Nothing was changed.")


def week(promise: str) -> Result | None:
    """Return the week to show; where there is none, draw what the page promises and the way to a first one."""
    state = current()
    if state.result is not None:
        return state.result
    with pieces.framed("No analysis yet", promise):
        about = "Draws 10,000 synthetic customers and analyses their last full week."
        if primary.button("Show me with synthetic customers", ":material/science:", key="demo", help=about):
            state.demo = True
            places.go(places.FORM)
    return None
