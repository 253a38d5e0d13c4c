"""Colours: one per segment and one per measure, the same in the report and on every page."""

from collections.abc import Sequence

from retention.scores.measures import MEASURES

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

OF_MEASURES = dict(
    zip(MEASURES, ("#2774d3", "#108180", "#865bd7", "#ab630d", "#ce4068", "#68768b"), strict=True),
)
"""By column of the scores."""


def of_segments(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of each segment, by its place in the tree.

    >>> of_segments(["VIP", "Dormant"])["Dormant"]
    '#108180'
    """
    return {name: SEGMENTS[place % len(SEGMENTS)] for place, name in enumerate(names)}
