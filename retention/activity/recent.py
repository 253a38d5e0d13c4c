"""The entries shortly before each abandonment, found in one pass, and what they tell.

That is what lay in the cart when it was abandoned, and how often the customer came by in the 30 days before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.activity.abandonment import Abandoners
from retention.activity.activity import NONE, Activity, Event
from retention.activity.tallies import Floats, Groups, Integers, distinct, runs, total

LOOK_BACK = 30 * 86_400_000_000
"""Microseconds before the abandonment in which visits count."""
QUIET = 30 * 60_000_000
"""Microseconds without an entry that end a visit, where entries carry no code of a visit."""
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
    """Return the entries of the abandoners in (t - span, t], where they abandoned at t; the span is in microseconds."""
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


def carts(activity: Activity, near: Recent, age: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return value and number of items of the cart of each abandoner, NaN where nothing that was put in is known.

    A checkout states the whole cart: the last one replaces what came before it or at the same time. Checkout entries
    of the same time are lines of one checkout. Neither result is below 0.

    Args:
        activity: The activity.
        near: Its entries shortly before each abandonment.
        age: Microseconds before the abandonment after which each cart began, shape (a,).
    """
    event = activity.event[near.position]
    near = near.where((event >= Event.CART) & (event <= Event.CHECKOUT) & (near.age < age[near.group]))
    checkout = activity.event[near.position] == Event.CHECKOUT
    # The age of each customer's last checkout. Where there is none it is that of the cart, and all entries are younger.
    stated = age.copy()
    # A customer may have several checkouts, of which plain indexing would keep that of the last row, not the latest.
    np.minimum.at(stated, near.group[checkout], near.age[checkout])
    whole = stated[near.group]
    return _contents(activity, near.where((near.age < whole) | ((near.age == whole) & checkout)), len(age))


def _contents(activity: Activity, inside: Recent, groups: int) -> tuple[Floats, Floats]:
    out = activity.event[inside.position] == Event.REMOVE

    def content(column: Floats) -> Floats:
        amount = column[inside.position]
        added, known = total(inside.group[~out], amount[~out], groups)
        removed, _ = total(inside.group[out], amount[out], groups)
        # What was put in before the cart began may be taken out of it later, which must not leave less than nothing.
        return np.where(known > 0, np.maximum(added - removed, 0.0), np.nan)

    return content(activity.value), content(activity.items)


def visits(activity: Activity, near: Recent, groups: int) -> Integers:
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
