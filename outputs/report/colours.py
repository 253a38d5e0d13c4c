"""Colours: one per segment of a policy, and quieter ones for all else; the same in the report and on every page."""

from collections.abc import Iterable

from retention.policy.policy import Policy, leaf_names
from retention.scores.measures import MEASURES

SEGMENTS = (
    "#2774d3",
    "#108180",
    "#ab630d",
    "#865bd7",
    "#ce4068",
    "#448239",
    "#bf542e",
    "#217e9b",
    "#a8559b",
    "#7c781a",
    "#5570c4",
    "#2d8560",
)
"""White text on each, and each against the dark page, keeps a contrast of WCAG AA."""
NOBODYS = "#68768b"
"""Of what is no segment of the policy: those who fit none, and the boxes of the tree that are no end."""
QUIET = ("#50667c", "#837257", "#4b6c5d", "#846b81", "#7e5d55", "#557c83", "#626749", "#74708e")
"""Of measures, regions and other groups; legible as those of segments are."""
OF_MEASURES = dict(zip(MEASURES, QUIET, strict=False))
"""By column of the scores."""


def of_segments(policy: Policy, names: Iterable[str]) -> dict[str, str]:
    """Return the colour of each segment, by its place in the policy; parts of one too large have its colour."""
    own = {name: SEGMENTS[place % len(SEGMENTS)] for place, name in enumerate(leaf_names(policy.tree))}

    def colour(name: str) -> str:
        while name and name not in own:
            name = name.rpartition(", ")[0]
        return own.get(name, NOBODYS)

    return {name: colour(name) for name in names}
