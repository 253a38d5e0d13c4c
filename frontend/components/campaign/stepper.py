"""The page Campaign: its four steps; the open one stands in the address, and nothing is computed for the others."""

from collections.abc import Callable

import streamlit as st

from frontend.components.campaign import audiences, choose, hold_out, results
from frontend.state import AppState, Result, preset, value_of

KEY = "step"
"""Name of the parameter in the address."""
PROMISE = "Whom to contact within a budget, who is held out, the files to send, and what came of it."
STEPS: dict[str, Callable[[Result, AppState], None]] = {
    "Choose": choose.show,
    "Hold out": hold_out.show,
    "Files": audiences.show,
    "Results": results.show,
}


def show(result: Result, state: AppState, *, first: str = "Choose") -> None:
    """Draw the steps, and what the open one holds; `first` is open where the address names none."""
    if KEY not in st.query_params and value_of(KEY) is None:
        preset(KEY, first)
    step = st.segmented_control(
        "Step",
        list(STEPS),
        required=True,
        key=KEY,
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )
    STEPS[str(step)](result, state)
