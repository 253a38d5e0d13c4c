"""The policies that were kept in the workspace: what they are called, and how to remove one."""

from functools import partial

import streamlit as st

from frontend.components import pieces
from frontend.state import AppState, forget
from frontend.utils import format as fmt
from frontend.utils import policies
from frontend.utils.workspace import workspace
from retention.policy.policy import Policy


def show(state: AppState) -> None:
    """Draw the list; nothing where no policy was kept."""
    kept = policies.kept()
    if not kept:
        return
    st.subheader("Policies of the workspace", anchor=False)
    st.caption("Kept on the page What if. The command line takes them by name: `--policy NAME`.")
    for name, policy in kept.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{fmt.plain(policy.title)}**  \n{fmt.plain(name)}", width="stretch")
            if st.button("Delete", icon=":material/delete:", key=f"policy-delete-{name}"):
                _confirm(state, policy)


def _confirm(state: AppState, policy: Policy) -> None:
    pieces.ask_before_deleting(
        "policy",
        f"**{fmt.plain(policy.title)}** is removed from the workspace for good, for everyone who uses it. Periods that "
        "were analysed with it stay as they are and keep their own copy.",
        key="policy-delete",
        delete=partial(_delete, state, policy),
    )


def _delete(state: AppState, policy: Policy) -> None:
    if state.attempt(partial(workspace().remove_policy, policy), f"Deleted {fmt.plain(policy.title)}."):
        # The pickers of policies start anew without it.
        forget("option-policy")
