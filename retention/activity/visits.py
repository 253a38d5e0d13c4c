"""How often a customer came by in the 30 days before the abandonment."""

from retention.activity.activity import NONE, Activity
from retention.activity.recent import Recent
from retention.activity.tallies import Counts, distinct, runs

LOOK_BACK = 30 * 86_400_000_000
"""Microseconds before the abandonment in which visits count."""
QUIET = 30 * 60_000_000
"""Microseconds without an entry that end a visit, where entries carry no code of a visit."""


def visits(activity: Activity, near: Recent, groups: int) -> Counts:
    """Return the number of visits of each abandoner with an entry in (t - 30 days, t].

    Entries of one visit code are one visit. Of the entries without a code, those with gaps under 30 minutes are one.

    Args:
        activity: The activity.
        near: Its entries of at least the last 30 days before each abandonment.
        groups: Number of abandoners.
    """
    visit = activity.visit[near.position]
    seen = near.age < LOOK_BACK
    coded, without = seen & (visit != NONE), near.where(seen & (visit == NONE))
    return distinct(near.group[coded], visit[coded], groups) + runs(without.group, without.age, QUIET, groups)
