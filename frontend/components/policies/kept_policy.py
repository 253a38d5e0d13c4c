"""A policy is kept in the workspace under a name, replaced, or deleted."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from frontend.state import AppState, forget, value_of
from frontend.utils import format as fmt, pieces, trials
from frontend.utils.workspace import workspace
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_to_yaml

LONGEST = 100


def save_as(
    policy: Policy,
    state: AppState,
    *,
    key: str,
    place: str,
    kept: Callable[[Policy], None] | None = None,
    current: Callable[[], Policy] | None = None,
) -> None:
    """Draw the form that keeps a draft under a title of its own, as it is at the click; what was kept is then told."""

    def keep_titled() -> None:
        # What was typed just before the click comes with it, after the page was drawn.
        now = policy if current is None else current()
        keep(trials.named(now, value_of(f"{key}-title") or f"{now.name} draft"), state, place, kept)

    with pieces.framed("Save as policy"):
        start = f"{policy.name} draft"
        title = st.text_input("Title", value=start, max_chars=LONGEST, key=f"{key}-title", required=True, live=True)
        named = trials.named(policy, title or start)
        st.caption(
            f"Its name is {fmt.plain(named.name)}. Kept in the workspace, it can be chosen under Policy from then on; "
            "the file is for elsewhere."
        )
        with st.container(horizontal=True):
            pieces.download("Download YAML", policy_to_yaml(named).encode, f"{named.name}.yaml", key=f"{key}-yaml")
            icon = ":material/bookmark_add:"
            st.button("Keep in workspace", icon=icon, key=f"{key}-keep", on_click=keep_titled)
        pieces.outcome(state, place)


def keep(
    policy: Policy, state: AppState, place: str, kept: Callable[[Policy], None] | None, *, instead: bool = False
) -> None:
    """Keep a policy, in place of the one of its name if that is wanted, and have it said at a place of the page."""
    done = f"{policy.title} is kept; choose it under Policy."
    if state.attempt_at(place, lambda: workspace().keep_policy(policy, instead=instead), done) and kept is not None:
        kept(policy)


def delete(policy: Policy, state: AppState) -> None:
    """Draw the button that deletes a kept policy, which asks first."""
    if st.button("Delete", icon=":material/delete:", key="policy-delete"):
        pieces.ask_before_deleting(
            "policy",
            f"**{fmt.plain(policy.title)}** is removed from the workspace for good, for everyone who uses it. Weeks "
            "that were analysed with it stay as they are and keep their own copy.",
            key="policy-delete",
            delete=partial(_delete, state, policy),
        )


def _delete(state: AppState, policy: Policy) -> None:
    if state.attempt(partial(workspace().remove_policy, policy), f"Deleted {fmt.plain(policy.title)}."):
        # The pickers of policies start anew without it.
        forget("option-policy")
