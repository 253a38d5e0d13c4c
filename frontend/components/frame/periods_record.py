"""Saving the run on screen: every one is kept for its address, and a name lists it among the saved periods."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from frontend.state import AppState, Result, forget, value_of
from frontend.utils import format as fmt, primary
from frontend.utils.workspace import workspace
from retention.errors import InputError

NAME = "save-name"


def keep(state: AppState, result: Result, save: Callable[[], Result]) -> Result:
    """Return a fresh result as it is saved; where the disk refuses, the result stays and the state says why."""
    before = state.result
    # The same order again gives the same run; it keeps its identifier, its name and its link.
    if before is not None and before.key == result.key and before.run_id:
        state.unsaved = None
        return before
    try:
        kept = save()
    except InputError as error:
        # Emptied, as the address would still lead to the run before, which is not on screen any more.
        state.unsaved, state.address, state.next_address = error, "", ""
        return result
    # Both: with the next address alone, the next drawing would take it for a link and open the run anew.
    state.unsaved, state.address, state.next_address = None, kept.run_id, kept.run_id
    return kept


def show(state: AppState, result: Result) -> None:
    """Draw the way to give the week a name, for one that has none."""
    if not result.run_id or result.name:
        return
    with st.popover("Save week", icon=":material/bookmark_add:"), st.form("save-form", border=False):
        window = result.run.window
        st.text_input(
            "Name", key=NAME, placeholder=f"Week of {fmt.day(window.start)}", max_chars=200, help="Need not be unique."
        )
        st.form_submit_button(**primary.look("Save"), on_click=_name, args=(state, result))
        st.caption("It is listed for everyone who may open this dashboard. Without a name it is kept for a week.")


def _name(state: AppState, result: Result) -> None:
    window = result.run.window
    name = str(value_of(NAME) or "").strip() or f"Week of {fmt.day(window.start)}".replace(fmt.SPACE, " ")
    if state.attempt(partial(workspace().rename, result.run_id, name), f"Saved as {fmt.plain(name)}."):
        forget(NAME)
