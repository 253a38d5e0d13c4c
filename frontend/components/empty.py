"""What a page shows before the first run."""

import streamlit as st

from frontend.components import pieces, primary
from frontend.state import AppState

STEPS = (
    (":material/event:", "Pick seven days", "Any week; one click takes the last full one."),
    (":material/group:", "Add customers", "Generate some, or upload carts, an event log, or checkouts and orders."),
    (":material/play_arrow:", "Run the analysis", "Every abandoner lands in exactly one scored segment."),
)


def show(state: AppState, *, promise: str) -> None:
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
