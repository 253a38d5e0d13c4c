"""What lay in a cart when it was abandoned."""

import numpy as np
from numpy.typing import NDArray

from retention.activity.activity import Activity, Event
from retention.activity.recent import Recent
from retention.activity.tallies import Floats, total


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
    stated = age.copy()
    np.minimum.at(stated, near.group[checkout], near.age[checkout])
    whole = stated[near.group]
    return _contents(activity, near.where((near.age < whole) | ((near.age == whole) & checkout)), len(age))


def _contents(activity: Activity, inside: Recent, groups: int) -> tuple[Floats, Floats]:
    """Return value and items of each cart from its entries."""
    out = activity.event[inside.position] == Event.REMOVE

    def content(column: Floats) -> Floats:
        amount = column[inside.position]
        added, known = total(inside.group[~out], amount[~out], groups)
        removed, _ = total(inside.group[out], amount[out], groups)
        return np.where(known > 0, np.maximum(added - removed, 0.0), np.nan)

    return content(activity.value), content(activity.items)
