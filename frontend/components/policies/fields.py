"""Fields of a draft: each shows what the draft holds, and below it why what was entered cannot be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from frontend.components.policies import drafts
from frontend.state import AppState, preset, value_of
from frontend.utils import pieces
from retention.errors import InputError
from retention.policy.policy import Policy


@dataclass(frozen=True)
class Fields:
    """Where fields belong: to the draft of a policy, and to a part of it.

    Args:
        state: Of the session.
        policy: What the draft is of.
        key: What the keys of the widgets begin with.
        typed: Whether each letter is sent.
    """

    state: AppState
    policy: Policy
    key: str
    typed: bool = False

    def draw(
        self,
        kind: Callable[..., object],
        label: str,
        value: str | int,
        edit: Callable[[Policy, Any], Policy],
        **look: Any,
    ) -> None:
        """Draw a field with what the draft holds; `edit` returns the draft with what was entered."""
        key = f"{self.key}-{look.pop('name', label)}"
        shown = value_of(key)
        # What was refused stays to be corrected, and a blank that is typed between two words stays in the field.
        refused = isinstance(self.state.outcomes.get(key), InputError)
        # The browser knows an option by its words, which an edit may have changed, so it is told what is chosen.
        same = kind is not st.selectbox and (shown.strip() if isinstance(shown, str) else shown) == value
        if not (refused or same):
            preset(key, value)
        kind(label, key=key, on_change=self._take, args=(key, edit), **look)
        pieces.outcome(self.state, key)

    def button(self, label: str, edit: Callable[[Policy], Policy]) -> None:
        """Draw a button that edits the draft."""
        key = f"{self.key}-{label}"
        st.button(label, key=key, on_click=drafts.change, args=(self.state, self.policy, key, edit))
        pieces.outcome(self.state, key)

    def _take(self, key: str, edit: Callable[[Policy, Any], Policy]) -> None:
        entered = value_of(key)
        if entered is not None:
            drafts.change(self.state, self.policy, key, lambda now: edit(now, entered), typed=self.typed)
