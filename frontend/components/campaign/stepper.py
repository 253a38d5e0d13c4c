"""The page Campaign: its four steps; the open one stands in the address, and nothing is computed for the others."""

from collections.abc import Callable

import streamlit as st

from frontend.components.campaign import audiences, choose, hold_out, results, week
from frontend.components.campaign.week import STEP
from frontend.state import AppState, Result, preset, value_of
from frontend.utils import format as fmt
from run_store import WeekState

STEPS: dict[str, Callable[[Result, AppState], None]] = {
    "Choose": choose.show,
    "Hold out": hold_out.show,
    "Files": audiences.show,
    "Results": results.show,
}
PROMISE = "Whom to contact within a budget, who is held out, the files to send, and what came of it."


def show(result: Result, state: AppState) -> None:
    """Draw the steps, and what the open one holds: where the address names none, the first that was not taken yet."""
    known = week.state_of(result)
    if STEP not in st.query_params:
        # Streamlit leaves the first one out of the address, which the browser's back button then leads to.
        first = state.steps.setdefault(result.run_id, value_of(STEP) or _first_open(known))
        if value_of(STEP) is None:
            preset(STEP, first)
    step = st.segmented_control(
        "Step",
        list(STEPS),
        required=True,
        key=STEP,
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )
    if step is None:
        # The back button has taken it out of the address.
        st.rerun()
    if words := week.told(known):
        st.caption(fmt.plain(fmt.sentence("  \u00b7  ".join(words))))
    STEPS[step](result, state)


def _first_open(known: WeekState) -> str:
    taken = (known.choice, known.held_out, known.files or known.sent)
    return next((name for name, done in zip(STEPS, taken, strict=False) if not done), "Results")
