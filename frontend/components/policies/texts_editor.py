"""The segments of a policy, each with its campaign texts to edit."""

from functools import partial

import streamlit as st

from frontend.components.policies import drafts
from frontend.components.policies.fields import Fields
from frontend.state import AppState, preset
from frontend.utils import format as fmt, palette
from retention.policy import edits
from retention.policy.policy import Campaign, Policy


def show(policy: Policy, draft: Policy, state: AppState) -> None:
    """Draw the segments of a policy's draft with their texts."""
    before, now, ways = drafts.campaigns(policy), drafts.campaigns(draft), drafts.ways(draft)
    colours = palette.of_segments(draft, list(now))
    for place, (name, campaign) in enumerate(now.items()):
        label = f':color[\u25a0]{{foreground="{colours[name]}"}} **{fmt.plain(name)}** {fmt.plain(ways[name])}'
        segment = st.expander(label, key=_opener(place), on_change="rerun")
        if segment.open:
            with segment:
                _fields(policy, name, campaign, place, state)
    changed = [name for name, campaign in now.items() if campaign != before.get(name)]
    if changed:
        st.caption(f"Changed and not kept yet: {fmt.plain(', '.join(changed))}")


def open_at(policy: Policy, segment: str) -> None:
    """Have a segment's texts open when the policy is drawn next."""
    for place, name in enumerate(drafts.campaigns(policy)):
        preset(_opener(place), name == segment)


def _opener(place: int) -> str:
    return f"texts-{place}"


def _fields(policy: Policy, segment: str, campaign: Campaign, place: int, state: AppState) -> None:
    of = Fields(state, policy, f"text-{policy.name}-{place}", typed=True)
    look = {"max_chars": drafts.LONGEST, "required": True, "live": True}
    for field, label in drafts.FIELDS.items():
        of.draw(st.text_input, label, getattr(campaign, field), partial(_with_text, segment, field), name=field, **look)


def _with_text(segment: str, field: str, draft: Policy, text: str) -> Policy:
    # The browser sends no empty field; whoever sends one changes nothing.
    return edits.with_text(draft, segment, field, text) if text.strip() else draft
