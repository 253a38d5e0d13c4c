"""The entries shortly before each abandonment, found in one pass over the activity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.activity.abandonment import Abandoners
from retention.activity.activity import Activity
from retention.activity.tallies import Groups

_BLOCK = 1 << 16
"""Entries looked at together: their columns fit the processor's cache."""


@dataclass(frozen=True)
class Recent:
    """Entries in (t - span, t], where t is the abandonment of their customer, in the order of the activity.

    Args:
        position: Position of the entry in the activity, shape (m,).
        group: Place of its customer among the abandoners, shape (m,).
        age: Microseconds from the entry to t, 0 or more, shape (m,).
    """

    position: NDArray[np.intp]
    group: Groups
    age: NDArray[np.int64]

    def where(self, mask: NDArray[np.bool_]) -> "Recent":
        """Return the entries of a mask of shape (m,)."""
        chosen = np.flatnonzero(mask)
        return Recent(self.position[chosen], self.group[chosen], self.age[chosen])


def recent(activity: Activity, who: Abandoners, span: int) -> Recent:
    """Return the entries of the abandoners in (t - span, t].

    Args:
        activity: The activity.
        who: The abandoners, at times t.
        span: Microseconds.
    """
    positions, ages = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.int64)]
    for start in range(0, len(activity), _BLOCK):
        block = slice(start, start + _BLOCK)
        age = who.at[activity.customer[block]] - activity.time[block]
        # As unsigned numbers, times after t and customers without an abandonment are far above the span.
        inside = np.flatnonzero(age.view(np.uint64) < span)
        positions.append(inside + start)
        ages.append(age[inside])
    position = np.concatenate(positions)
    return Recent(position, who.group[activity.customer[position]], np.concatenate(ages))
