"""What a customer had bought before the abandonment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.activity.abandonment import Abandoners, CartMoments, Times
from retention.activity.activity import NONE, Activity
from retention.activity.tallies import Counts, Floats, Groups, distinct, total


@dataclass(frozen=True)
class Bought:
    """The orders of each abandoner before the abandonment.

    Args:
        first: Time of the first purchase in microseconds, or `NEVER`, shape (a,).
        last: Time of the last one, shape (a,).
        orders: Number of orders, shape (a,).
        spent: Money of all of them; NaN where there are orders and none has a known value, shape (a,).
        mean: Mean value of the orders with a known value, at least 0; NaN where there is none, shape (a,).
    """

    first: Times
    last: Times
    orders: Counts
    spent: Floats
    mean: Floats


def bought_before(activity: Activity, known: CartMoments, who: Abandoners) -> Bought:
    """Return the orders of the abandoners, from their purchases before the abandonment.

    Args:
        activity: The activity.
        known: Its purchases before the cutoff.
        who: The abandoners.
    """
    # Customers without an abandonment have `NEVER` as its time, which no purchase is before.
    before = known.purchase & (known.time < who.at[known.customer])
    position = known.position[before]
    group = who.group[known.customer[before]]
    value, order = activity.value[position], activity.order[position]
    valued = ~np.isnan(value)
    orders, with_value = _orders(order, group, len(who)), _orders(order[valued], group[valued], len(who))
    spent, _ = total(group, value, len(who))
    # Orders of unknown value are no part of the mean; divided by all orders it would take their value for 0.
    mean = np.divide(np.maximum(spent, 0.0), with_value, out=np.full(len(who), np.nan), where=with_value > 0)
    spent[(with_value == 0) & (orders > 0)] = np.nan
    first, last = known.first(before, len(who.at)), known.last(before, len(who.at))
    return Bought(first[who.row], last[who.row], orders, spent, mean)


def _orders(order: NDArray[np.int32], group: Groups, groups: int) -> Counts:
    """Return the number of orders of each group; a line without an order code is an order of its own."""
    coded = order != NONE
    return distinct(group[coded], order[coded], groups) + np.bincount(group[~coded], minlength=groups)
