"""What lay in a cart when it was abandoned."""

import numpy as np
from numpy.typing import NDArray

from retention.abandonment import NEVER, Abandoners, Times
from retention.activity import Activity, Event
from retention.tallies import Floats, total


def carts(activity: Activity, who: Abandoners, after: Times) -> tuple[Floats, Floats]:
    """Return value and number of items of the cart of each abandoner, NaN where nothing that was put in is known.

    A checkout states the whole cart: the last one replaces what came before it or at the same time. Checkout entries
    of the same time are lines of one checkout. Neither result is below 0.

    Args:
        activity: The activity.
        who: The abandoners.
        after: Time after which the cart of each customer began, shape (c,).
    """
    event = activity.event
    position = np.flatnonzero((event == Event.CART) | (event == Event.REMOVE) | (event == Event.CHECKOUT))
    customer, time = activity.customer[position], activity.time[position]
    inside = np.flatnonzero((time <= who.at[customer]) & (time > after[customer]))
    position, customer, time = position[inside], customer[inside], time[inside]
    checkout = event[position] == Event.CHECKOUT
    whole = np.full(len(who.at), NEVER)
    np.maximum.at(whole, customer[checkout], time[checkout])
    inside = np.flatnonzero((time > whole[customer]) | ((time == whole[customer]) & checkout))
    return _contents(activity, position[inside], who)


def _contents(activity: Activity, position: NDArray[np.intp], who: Abandoners) -> tuple[Floats, Floats]:
    """Return value and items of each abandoner from the entries of their carts."""
    group = who.group[activity.customer[position]]
    out = activity.event[position] == Event.REMOVE

    def content(column: Floats) -> Floats:
        amount = column[position]
        added, known = total(group[~out], amount[~out], len(who))
        removed, _ = total(group[out], amount[out], len(who))
        return np.where(known > 0, np.maximum(added - removed, 0.0), np.nan)

    return content(activity.value), content(activity.items)
