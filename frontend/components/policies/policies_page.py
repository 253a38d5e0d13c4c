"""The page of policies: all of them, what the segments of one mean, and what is sent to them."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from analysis import Run
from analysis.comparison import PolicyChange
from frontend.components.policies import changes, drafts, kept_policy, texts_editor, tree_editor, tree_picture
from frontend.components.settings import options_form
from frontend.state import AppState, preset, preset_unless
from frontend.utils import format as fmt, pieces, places, policies, primary
from frontend.utils.pieces import LASTING
from frontend.utils.workspace import preferences
from retention.errors import InputError
from retention.policy.policy import Policy

CHOICE = "policies-choice"
PLACE = "policies"
TAB = "policy-tabs"
TABS = ("Segments", "Tree", "What changes")


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
            **LASTING,
        )
    policy = known[name]
    draft, run = drafts.edited(policy, state.drafts), state.result.run if state.result else None
    with right:
        pieces.heading(fmt.plain(policy.title), fmt.plain(policy.description))
        if run is not None:
            st.caption(fmt.plain(f"The week on screen used {policies.told(run.policy.name, run.policy_hash)}."))
        parts: tuple[Callable[[], None], ...] = (
            lambda: texts_editor.show(policy, draft, state),
            lambda: _tree(policy, draft, state),
            lambda: changes.show(state.result, draft, policy, _others(known, run)),
        )
        for tab, draw in zip(st.tabs(TABS, key=TAB, on_change="rerun"), parts, strict=True):
            if tab.open:
                with tab:
                    draw()
        with st.container(horizontal=True):
            _ways_back(policy, state)
            if name in kept:
                icon, act = ":material/save:", {"on_click": _save, "args": (policy, state)}
                primary.button("Save changes", icon, key="policy-save", enabled=draft != policy, **act)
                kept_policy.delete(policy, state)
        key, kept_as = f"policy-{policy.name}", partial(_choose, policy, state)
        kept_policy.save_as(
            draft, state, key=key, place=PLACE, kept=kept_as, current=lambda: drafts.edited(policy, state.drafts)
        )


def _tree(policy: Policy, draft: Policy, state: AppState) -> None:
    change = changes.of_week(state.result, policy, draft)
    if isinstance(change, InputError):
        pieces.problem(change, kind="warning")
    currency = state.result.run.currency if state.result else ""
    if isinstance(change, PolicyChange):
        tree_picture.show(draft, change, currency)
    with st.expander("The tree in words", expanded=not isinstance(change, PolicyChange)):
        tree_editor.outline(draft, changes.numbers(change, draft, currency))
    tree_editor.show(policy, draft, state)


def _others(known: Mapping[str, Policy], run: Run | None) -> dict[str, Policy]:
    """Return the policies to compare with: all that are known, and that of the week where it is none of them."""
    if run is None or policies.is_as_used(run.policy.name, run.policy_hash):
        return {**known}
    return {**known, f"{run.policy.name}, as the week used it": run.policy}


def _ways_back(policy: Policy, state: AppState) -> None:
    """Draw the buttons that take edits back: the last one, and all of a policy."""
    own = any(draft.origin == policy.name for draft in state.drafts)
    for label, icon, every in (("Undo", ":material/undo:", False), ("Reset", ":material/restart_alt:", True)):
        key = f"texts-{label.lower()}"
        st.button(label, icon=icon, key=key, disabled=not own, on_click=_back, args=(policy, state, every))


def _back(policy: Policy, state: AppState, every: bool) -> None:
    state.drafts = drafts.taken_back(state.drafts, policy.name, every=every)


def open_policy(name: str) -> None:
    """Lead to a policy."""
    preset(CHOICE, name)
    places.go(places.POLICIES)


def edit_texts(policy: Policy, segment: str) -> None:
    """Lead to the texts of a segment."""
    known = policies.known()
    if policy.name in known:
        preset(CHOICE, policy.name)
        preset(TAB, TABS[0])
        texts_editor.open_at(known[policy.name], segment)
    places.go(places.POLICIES)


def _about(policy: Policy, kept: bool) -> str:
    count = fmt.counted(len(policy.segments), "segment")
    return f"{fmt.plain(policy.title)} \u00b7 {count} \u00b7 {'kept here' if kept else 'shipped'}"


def _save(policy: Policy, state: AppState) -> None:
    # What was typed just before the click is in the drafts, and was not when the page was drawn.
    draft = drafts.edited(policy, state.drafts)
    kept_policy.keep(draft, state, PLACE, partial(_choose, policy, state), instead=True)


def _choose(old: Policy, state: AppState, new: Policy) -> None:
    """Show what was kept; the edits are in it."""
    state.drafts = drafts.taken_back(state.drafts, old.name, every=True)
    preset(CHOICE, new.name)
