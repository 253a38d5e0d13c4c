"""The top of a page: what it is, which run it shows, and why the last run stopped."""

import streamlit as st

from frontend.components.frame import periods_record
from frontend.state import AppState, Result, current
from frontend.utils import format as fmt
from frontend.utils import pieces, primary

STEPS = (
    (":material/event:", "Pick seven days", "Any week; one click takes the last full one."),
    (":material/group:", "Add customers", "Generate some, or upload carts, an event log, or checkouts and orders."),
    (":material/play_arrow:", "Run the analysis", "Every abandoner lands in exactly one scored segment."),
)


def show(title: str, *, promise: str = "") -> Result | None:
    """Draw the top of a page and return the run to show.

    Where there is none, a page that promises something shows the way to a first one.
    """
    state = current()
    # In a container, so that a message that comes or goes moves nothing below it: what moves is drawn anew, closed.
    with st.container():
        _top(title, state)
    if state.result is None and promise:
        _empty(state, promise=promise)
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


def _empty(state: AppState, *, promise: str) -> None:
    """Draw the way to a first result; `promise` is what the page will show."""
    with pieces.framed("No analysis yet"):
        st.markdown(promise)
        for column, (icon, head, text) in zip(st.columns(3), STEPS, strict=True):
            column.markdown(f"{icon} **{head}**  \n{text}")
        st.caption("The form is in the sidebar under New Analysis Period.")
        st.button(
            **primary.look("Show me with synthetic customers", ":material/science:"),
            key="demo",
            on_click=_ask,
            args=(state,),
            help="Draws 10,000 synthetic customers and analyses the week in the sidebar.",
        )


def _ask(state: AppState) -> None:
    state.demo = True
