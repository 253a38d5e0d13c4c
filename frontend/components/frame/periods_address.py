"""The run in the page's address: a reload, the back button and a link that somebody sent open it again."""

import streamlit as st

from frontend.state import AppState, preset
from frontend.utils import runs
from retention.errors import InputError

KEY = "run"
"""Name of the parameter in the address; the field is bound to it, so it lasts from page to page."""


def show(state: AppState) -> None:
    """Draw the field that holds the address's run, and bring the state in line with it."""
    # Before the field is drawn: Streamlit refuses to set a widget afterwards.
    if state.next_address is not None:
        preset(KEY, state.next_address)
        state.next_address = None
    with st.expander("Link to this analysis", icon=":material/link:"):
        st.caption(
            "The address of this page leads back to the analysis. Anyone who may open this dashboard and has the "
            "address can see it, customers included."
            if state.result is not None and state.result.run_id
            else "After an analysis the address of the page leads back to it."
        )
        run_id = st.text_input("Run", key=KEY, bind="query-params", disabled=True, placeholder="None yet") or ""
    # The address leads and the state follows: a link, the back button and a reload change the field alone. What this
    # session has just saved stands in `address` already, so it is not opened a second time from the disk.
    if run_id != state.address:
        state.address = run_id
        _open(state, run_id)
    elif state.result is not None:
        _refresh(state)


def _open(state: AppState, run_id: str) -> None:
    state.result, state.unsaved, state.failure = None, None, None
    if run_id:
        try:
            with st.spinner("Opening the analysis"):
                state.result = runs.opened(run_id)
        except InputError as error:
            state.failure = error


def _refresh(state: AppState) -> None:
    if state.result is None:
        return
    try:
        state.result = runs.refreshed(state.result)
    except InputError as error:
        state.result, state.failure = None, error
