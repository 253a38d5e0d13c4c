"""The page of policies: all of them, what the segments of one mean, and what is sent to them."""

import streamlit as st

from frontend.components.policies import keeping, texts, texts_editor
from frontend.components.settings import options_form
from frontend.state import AppState, preset, preset_unless
from frontend.utils import format as fmt
from frontend.utils import pieces, places, policies, primary
from frontend.utils.workspace import preferences
from retention.policy.policy import Policy

CHOICE = "policies-choice"
PLACE = "policies"


def show(state: AppState) -> None:
    """Draw the page."""
    known, kept = policies.known(), policies.kept()
    options_form.refused_policies()
    usual = preferences()[0].policy
    preset_unless(CHOICE, list(known), usual if usual in known else next(iter(known)))
    left, right = st.columns((2, 5), gap="large")
    with left:
        name = st.radio(
            "Policy",
            list(known),
            key=CHOICE,
            captions=[_about(policy, name in kept) for name, policy in known.items()],
            persist_state="session",
        )
    policy = known[name]
    draft = texts.edited(policy, state.edits)
    with right:
        pieces.heading(fmt.plain(policy.title), fmt.plain(policy.description))
        texts_editor.show(policy, draft, state)
        with st.container(horizontal=True):
            texts_editor.ways_back(policy, state)
            if name in kept:
                _kept(policy, draft, state)
        keeping.save_as(draft, state, key=f"policy-{name}", place=PLACE, kept=lambda new: _choose(new, policy, state))


def edit_texts(policy: Policy, segment: str) -> None:
    """Lead to the texts of a segment."""
    known = policies.known()
    if policy.name in known:
        preset(CHOICE, policy.name)
        texts_editor.open_at(known[policy.name], segment)
    places.go(places.POLICIES)


def _about(policy: Policy, kept: bool) -> str:
    count = fmt.counted(len(policy.segments), "segment")
    return f"{fmt.plain(policy.title)} \u00b7 {count} \u00b7 {'kept here' if kept else 'shipped'}"


def _kept(policy: Policy, draft: Policy, state: AppState) -> None:
    """Draw what can be done with a policy of the workspace."""
    st.button(
        **primary.look("Save texts", ":material/save:", enabled=draft != policy),
        disabled=draft == policy,
        key="policy-save",
        on_click=keeping.keep,
        args=(draft, state, PLACE, lambda new: _choose(new, policy, state)),
        kwargs={"instead": True},
    )
    keeping.delete(policy, state)


def _choose(new: Policy, old: Policy, state: AppState) -> None:
    """Show what was kept; the edits are in it."""
    state.edits = tuple(edit for edit in state.edits if edit.policy != old.name)
    preset(CHOICE, new.name)
