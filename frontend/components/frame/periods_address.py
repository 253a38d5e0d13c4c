"""The run in the page's address: a reload, the back button and a link that somebody sent open it again."""

import streamlit as st

from frontend.state import AppState, Result, preset
from frontend.utils import runs
from frontend.utils.workspace import weeks
from retention.errors import InputError

KEY = "run"
"""Name of the parameter in the address; the field is bound to it, so it lasts from page to page."""


def show(state: AppState) -> None:
    """Draw the field that holds the address's run, and bring the state in line with it."""
    # Before the field is drawn: Streamlit refuses to set a widget afterwards.
    if state.next_address is not None:
        preset(KEY, state.next_address)
        state.next_address = None
    # Drawn, because only a widget keeps a parameter in the address from page to page; the style sheet hides it.
    run_id = st.text_input("Run", key=KEY, bind="query-params", disabled=True, label_visibility="collapsed") or ""
    # The address leads and the state follows: a link, the back button and a reload change the field alone. What this
    # session has just saved stands in `address` already, so it is not opened a second time from the disk.
    if run_id != state.address:
        state.address = run_id
        _open(state, run_id)
    elif state.result is not None:
        _refresh(state, state.result)


def _open(state: AppState, run_id: str) -> None:
    """Open a run; an address that names none leads to the last week."""
    state.result, state.unsaved, state.failure = None, None, None
    run_id = run_id or next((week.id for week in weeks()), "")
    if run_id:
        try:
            with st.spinner("Opening the analysis"):
                state.result = runs.opened(run_id)
        except InputError as error:
            state.failure = error


def _refresh(state: AppState, shown: Result) -> None:
    try:
        state.result = runs.refreshed(shown)
    except InputError as error:
        state.result, state.failure = None, error
