"""Colours: one per segment on every page, one per kind of source; readable on light and on dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Badge = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]

SEGMENTS = (
    "#2774d3",
    "#108180",
    "#ab630d",
    "#865bd7",
    "#ce4068",
    "#448239",
    "#68768b",
    "#bf542e",
    "#217e9b",
    "#a8559b",
    "#7c781a",
    "#5570c4",
)
"""White text on each, and each against the dark page, keeps a contrast of WCAG AA; a name keeps its colour in a run."""

MEASURES = ("#2774d3", "#108180", "#865bd7", "#ab630d", "#ce4068", "#68768b")
SCALE = ((0.0, "#a9c8f0"), (0.5, "#4484d1"), (1.0, "#123a73"))
SCALE_DARK = ((0.0, "#27476f"), (0.5, "#4b8bdc"), (1.0, "#cfe2f9"))

SOURCES: dict[str, Badge] = {"measured": "green", "modelled": "blue", "heuristic": "violet", "assumed": "orange"}


@dataclass(frozen=True)
class Surface:
    """Colours of a theme for what Streamlit does not colour itself."""

    background: str
    panel: str
    text: str
    muted: str
    line: str


LIGHT = Surface("#ffffff", "#f4f6f9", "#16202e", "#5b6778", "#b9c3d0")
DARK = Surface("#0f1620", "#182231", "#e8edf4", "#9aa7b8", "#45556b")


def surface(dark: bool) -> Surface:
    """Return the colours of a theme."""
    return DARK if dark else LIGHT


def of_segments(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of each segment, by its place in the tree.

    >>> of_segments(["VIP", "Dormant"])["Dormant"]
    '#108180'
    """
    return {name: SEGMENTS[place % len(SEGMENTS)] for place, name in enumerate(names)}


def scale(dark: bool) -> list[list[float | str]]:
    """Return the colour scale of scores, from low to high."""
    return [[share, colour] for share, colour in (SCALE_DARK if dark else SCALE)]
