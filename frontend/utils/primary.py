"""The look of a page's main button: its words can be read on it in both themes."""

from typing import Any, Literal, TypedDict

import streamlit as st

from frontend.utils import palette


class Look(TypedDict):
    """What a button takes for its look."""

    label: str
    icon: str | None
    type: Literal["primary", "tertiary"]


def look(text: str, icon: str | None = None, *, enabled: bool = True) -> Look:
    """Return the look of a main button.

    Streamlit paints the words of a main button white. The dark theme's main colour is light, so that selected
    words and sliders' values can be read in it; words on it are dark therefore.
    """
    if not palette.is_dark() or not enabled:
        return Look(label=text, icon=icon, type="primary")
    words = f"{icon} {text}" if icon else text
    return Look(label=f':color[{words}]{{foreground="{palette.ON_PRIMARY_DARK}"}}', icon=None, type="primary")


def button(text: str, icon: str | None = None, *, key: str, enabled: bool = True, **more: Any) -> bool:
    """Draw a main button and return whether it was pressed; `more` goes to `st.button`."""
    return st.button(**look(text, icon, enabled=enabled), disabled=not enabled, key=key, **more)
