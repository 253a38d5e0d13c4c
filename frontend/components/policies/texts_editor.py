"""The segments of a policy, each with its campaign texts to edit; the tree itself stands still."""

import streamlit as st

from frontend.components.policies import texts
from frontend.state import AppState, TextEdit, preset, value_of
from frontend.utils import format as fmt
from frontend.utils import palette
from retention.policy.policy import Campaign, Policy


def show(policy: Policy, draft: Policy, state: AppState) -> None:
    """Draw the segments of a policy with the texts of its draft."""
    before, now, ways = texts.campaigns(policy), texts.campaigns(draft), texts.ways(policy)
    colours = palette.of_segments(policy, list(before))
    for place, (name, campaign) in enumerate(now.items()):
        label = f':color[\u25a0]{{foreground="{colours[name]}"}} **{fmt.plain(name)}** {fmt.plain(ways[name])}'
        segment = st.expander(label, key=_opener(place), on_change="rerun")
        if segment.open:
            with segment:
                _fields(policy.name, name, campaign, place, state)
    changed = [name for name, campaign in now.items() if campaign != before[name]]
    if changed:
        st.caption(f"Changed and not kept yet: {fmt.plain(', '.join(changed))}")


def ways_back(policy: Policy, state: AppState) -> None:
    """Draw the buttons that take edits back: the last one, and all of a policy."""
    own = any(edit.policy == policy.name for edit in state.edits)
    for label, icon, act in (("Undo", ":material/undo:", _undo), ("Reset", ":material/restart_alt:", _reset)):
        key = f"texts-{label.lower()}"
        st.button(label, icon=icon, key=key, disabled=not own, on_click=act, args=(policy, state))


def open_at(policy: Policy, segment: str) -> None:
    """Have a segment's texts open when the policy is drawn next."""
    for place, name in enumerate(texts.campaigns(policy)):
        preset(_opener(place), name == segment)


def _opener(place: int) -> str:
    return f"texts-{place}"


def _key(policy: str, place: int, field: str) -> str:
    return f"text-{policy}-{place}-{field}"


def _fields(policy: str, segment: str, campaign: Campaign, place: int, state: AppState) -> None:
    for field, label in texts.FIELDS.items():
        key = _key(policy, place, field)
        if value_of(key) is None:
            preset(key, getattr(campaign, field))
        st.text_input(
            label,
            max_chars=texts.LONGEST,
            key=key,
            required=True,
            live=True,
            on_change=_typed,
            args=(state, TextEdit(policy, segment, field, ""), key),
        )


def _typed(state: AppState, edit: TextEdit, key: str) -> None:
    text = value_of(key)
    # The browser sends no empty field; whoever sends one changes nothing.
    if text and text.strip():
        state.edits = texts.added(state.edits, TextEdit(edit.policy, edit.segment, edit.field, text))


def _undo(policy: Policy, state: AppState) -> None:
    own = [edit for edit in state.edits if edit.policy == policy.name]
    state.edits = tuple(edit for edit in state.edits if edit is not own[-1])
    _drawn_anew(policy, state)


def _reset(policy: Policy, state: AppState) -> None:
    state.edits = tuple(edit for edit in state.edits if edit.policy != policy.name)
    _drawn_anew(policy, state)


def _drawn_anew(policy: Policy, state: AppState) -> None:
    """Let the fields that were drawn show the draft again."""
    for place, campaign in enumerate(texts.campaigns(texts.edited(policy, state.edits)).values()):
        for field in texts.FIELDS:
            if value_of(key := _key(policy.name, place, field)) is not None:
                preset(key, getattr(campaign, field))
