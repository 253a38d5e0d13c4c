"""A draft as a policy: a file for the command line, and a place in the workspace."""

from functools import partial

import streamlit as st

from frontend.components import pieces
from frontend.state import AppState
from frontend.utils import format as fmt
from frontend.utils import trials
from frontend.utils.workspace import workspace
from retention.errors import InputError
from retention.partition.what_if import WhatIf
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_to_yaml

TITLE = "what-if-title"
LONGEST = 100


def show(what_if: WhatIf, draft: trials.Trial, state: AppState) -> None:
    """Draw the form that saves the draft."""
    with pieces.framed("Save as policy"):
        title = st.text_input(
            "Title", value=f"{what_if.policy.name} draft", max_chars=LONGEST, key=TITLE, required=True
        )
        policy = trials.named(draft.policy, title or what_if.policy.title)
        st.caption(
            f"Its name is {fmt.plain(policy.name)}. The command line reads the file: "
            f"`python main.py --input your_data.csv --policy {policy.name}.yaml`"
        )
        with st.container(horizontal=True):
            pieces.download("Download YAML", partial(_yaml, policy), f"{policy.name}.yaml", key="what-if-yaml")
            if st.button("Keep in workspace", icon=":material/bookmark_add:", key="what-if-keep"):
                _keep(policy, state)
        _outcome(policy, state)


def _yaml(policy: Policy) -> bytes:
    return policy_to_yaml(policy).encode()


def _keep(policy: Policy, state: AppState) -> None:
    try:
        workspace().keep_policy(policy)
    except InputError as error:
        state.what_if_kept = error
    else:
        state.what_if_kept = policy.name
        # The picker in the sidebar offers the new policy, so the whole page is drawn anew.
        st.rerun()


def _outcome(policy: Policy, state: AppState) -> None:
    """Say what became of keeping, as long as the title is the same."""
    kept = state.what_if_kept
    if isinstance(kept, InputError):
        pieces.problem(kept)
        state.what_if_kept = ""
    elif kept == policy.name:
        st.success(f"{fmt.plain(policy.title)} is kept; choose it under Policy.", icon=":material/check:")
