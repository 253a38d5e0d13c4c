"""Colours: one per segment on every page, one per kind of source; readable on light and on dark."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from outputs.report.colours import *  # noqa: F403 - pages take all colours from here

Badge = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]

LINES = ("#50667c", "#9db2c8")
"""The line of a curve that is no segment's, on light and on dark pages."""
SHARES = ("#9dc0ee", "#2f5f9f")
"""A share of 1 on light and on dark pages; text of the page can be read on it."""

SOURCES: dict[str, Badge] = {
    "measured": "green",
    "modelled": "blue",
    "heuristic": "violet",
    "measured + assumed": "yellow",
    "assumed": "orange",
}


@dataclass(frozen=True)
class Surface:
    """Colours of a theme for what Streamlit does not colour itself."""

    background: str
    panel: str
    text: str
    muted: str
    line: str


ON_PRIMARY_DARK = "#0b111a"
"""Words on the dark theme's main colour, which is light."""
LIGHT = Surface("#ffffff", "#f4f6f9", "#0c131e", "#5b6778", "#b9c3d0")
DARK = Surface("#0f1620", "#182231", "#e8edf4", "#9aa7b8", "#45556b")


def is_dark() -> bool:
    """Return whether the page is dark; light until the browser has said."""
    return bool(st.context.theme.type == "dark")


def surface(dark: bool) -> Surface:
    """Return the colours of a theme."""
    return DARK if dark else LIGHT


def faded(colour: str, opacity: float) -> str:
    """Return a colour that lets through what is below it.

    >>> faded("#ff0010", 0.2)
    'rgba(255,0,16,0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
