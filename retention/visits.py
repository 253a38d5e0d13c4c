"""How often a customer came by in the 30 days before the abandonment."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retention.abandonment import Abandoners
from retention.activity import NONE, Activity
from retention.tallies import Counts, Groups, distinct, runs

LOOK_BACK = 30 * 86_400_000_000
"""Microseconds before the abandonment in which visits count."""
QUIET = 30 * 60_000_000
"""Microseconds without an entry that end a visit, where entries carry no code of a visit."""

_BLOCK = 1 << 17
"""Entries looked at together: their columns fit the processor's cache."""

Block = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]


def visits(activity: Activity, who: Abandoners) -> Counts:
    """Return the number of visits of each abandoner with an entry in (t - 30 days, t], shape (a,).

    Entries of one visit code are one visit. Of the entries without a code, those with gaps under 30 minutes are one.

    Args:
        activity: The activity.
        who: The abandoners, at times t.
    """
    blocks = list(_blocks(activity, who)) or [(_NOBODY, _NOBODY, _NO_TIME)]
    customer, visit, age = (np.concatenate(column) for column in zip(*blocks, strict=True))
    group: Groups = who.group[customer]
    coded = visit != NONE
    counts = distinct(group[coded], visit[coded], len(who))
    if coded.all():
        return counts
    return counts + runs(group[~coded], age[~coded], QUIET, len(who))


_NOBODY = np.empty(0, dtype=np.int32)
_NO_TIME = np.empty(0, dtype=np.uint64)


def _blocks(activity: Activity, who: Abandoners) -> Iterator[Block]:
    """Yield customer, visit and time before t of the entries in (t - 30 days, t]."""
    for start in range(0, len(activity), _BLOCK):
        block = slice(start, start + _BLOCK)
        customer = activity.customer[block]
        # As unsigned numbers, times after t and customers without an abandonment are far above the bound.
        age = (who.at[customer] - activity.time[block]).view(np.uint64)
        inside = np.flatnonzero(age < LOOK_BACK)
        yield customer[inside], activity.visit[block][inside], age[inside]
