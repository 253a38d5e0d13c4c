"""The policies that were kept in the workspace: what they are called, and how to remove one."""

import streamlit as st

from frontend.components import primary
from frontend.state import AppState, forget
from frontend.utils import format as fmt
from frontend.utils import loaders
from retention.errors import InputError
from retention.policy.policy import Policy


def show(state: AppState) -> None:
    """Draw the list; nothing where no policy was kept."""
    found = loaders.own_policies()
    if not found:
        return
    st.subheader("Policies of the workspace", anchor=False)
    st.caption("Kept on the page What if. The command line takes them by name: `--policy NAME`.")
    for name, policy in found.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{fmt.plain(policy.title)}**  \n{fmt.plain(name)}", width="stretch")
            if st.button("Delete", icon=":material/delete:", key=f"policy-delete-{name}"):
                _confirm(state, policy)


@st.dialog("Delete this policy?", icon=":material/delete:")
def _confirm(state: AppState, policy: Policy) -> None:
    st.markdown(
        f"**{fmt.plain(policy.title)}** is removed from the workspace for good, for everyone who uses it. Periods that "
        "were analysed with it stay as they are and keep their own copy."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="policy-keep"):
            st.rerun()
        if st.button(
            **primary.look("Delete for good", ":material/delete:"),
            key="policy-delete-yes",
            on_click=_delete,
            args=(state, policy),
        ):
            st.rerun()


def _delete(state: AppState, policy: Policy) -> None:
    try:
        loaders.workspace().remove_policy(policy)
    except InputError as error:
        state.failure = error
        return
    state.failure, state.notice = None, f"Deleted {fmt.plain(policy.title)}."
    # The pickers of policies start anew without it.
    forget("option-policy")
