"""One customer out of every saved run, after the identifier was typed twice."""

import streamlit as st

from frontend.components import pieces, primary
from frontend.state import AppState, forget
from frontend.utils import format as fmt
from frontend.utils.store import forget_customers
from frontend.utils.workspace import workspace
from retention.errors import InputError

ID, AGAIN = "erase-id", "erase-again"


def show(state: AppState) -> None:
    """Draw the form."""
    with st.expander("Erase a customer", icon=":material/person_remove:", key="erase-form"):
        st.caption(
            "Removes one customer from every saved analysis, those without a name included. Sizes, scores and counts "
            "stay as they were. Exported and downloaded files, and uploads in pages that are open, are not changed."
        )
        user_id = st.text_input("User id", key=ID, autocomplete="off", help="Exactly as in the customer table.") or ""
        analyses = _count(user_id) if user_id else 0
        if not user_id or not analyses:
            return
        again = st.text_input("Type the id once more to confirm", key=AGAIN, autocomplete="off")
        st.button(
            **primary.look("Erase for good", ":material/person_remove:", enabled=again == user_id),
            key="erase",
            disabled=again != user_id,
            on_click=_erase,
            args=(state, user_id),
        )


def _count(user_id: str) -> int:
    try:
        analyses = workspace().count_with(user_id)
    except InputError as error:
        pieces.problem(error)
        return 0
    if analyses:
        st.markdown(f"This customer is in **{_analyses(analyses)}**.")
    else:
        st.markdown("No saved analysis holds a customer with this id.")
    return analyses


def _erase(state: AppState, user_id: str) -> None:
    try:
        touched = workspace().erase(user_id)
    except InputError as error:
        state.failure = error
        return
    # What is in memory would show them until the server starts anew.
    forget_customers()
    state.succeed(f"Erased one customer from {_analyses(touched)}.")
    forget(ID, AGAIN)


def _analyses(number: int) -> str:
    return f"{fmt.count(number)} saved {'analysis' if number == 1 else 'analyses'}"
