"""Which carts were abandoned: cart entries, and the purchases that followed them.

A cart entry at t is *bought in time* if the customer has a purchase in [t, t + recovery]. Otherwise it is *pending*
while the recovery window is open, and then *abandoned*.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.activity.activity import Activity, Event

NEVER = np.iinfo(np.int64).min
"""The time of what did not happen; as a numpy time it is NaT."""

Times = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class CartMoments:
    """Cart entries and purchases before a time, by customer, time (microseconds), purchases last; shape (m,) each."""

    position: NDArray[np.intp]
    customer: NDArray[np.int32]
    time: Times
    purchase: Mask

    def last(self, mask: Mask, customers: int) -> Times:
        """Return the time of each customer's last moment in the mask, `NEVER` where there is none."""
        times = np.full(customers, NEVER)
        # Of several values for one place numpy keeps the last, and the moments are sorted by time.
        times[self.customer[mask]] = self.time[mask]
        return times

    def first(self, mask: Mask, customers: int) -> Times:
        """Return the time of each customer's first moment in the mask, `NEVER` where there is none."""
        times = np.full(customers, NEVER)
        times[self.customer[mask][::-1]] = self.time[mask][::-1]
        return times

    def left(self, recovery: int) -> Mask:
        """Return the cart entries that were not bought in time, with what is known here, shape (m,).

        Args:
            recovery: Microseconds from a cart entry within which a purchase is in time.
        """
        end = len(self.time)
        places = np.where(self.purchase, np.arange(end), end)
        # The place of the next purchase after each moment, whoever made it. As the moments are sorted by customer, a
        # customer whose next purchase is somebody else's has none.
        following = np.minimum.accumulate(places[::-1])[::-1]
        bought = following < end
        following[~bought] = 0
        bought &= self.customer[following] == self.customer
        bought &= self.time[following] - self.time <= recovery
        return ~self.purchase & ~bought


@dataclass(frozen=True)
class Abandoners:
    """The customers with an abandonment, by customer and the other way round.

    Args:
        at: Time of each customer's abandonment in microseconds, or `NEVER`, shape (c,).
        row: The customers who have one, ascending, shape (a,).
        group: Place of each customer in `row`, or -1, shape (c,).
    """

    at: Times
    row: Rows
    group: Rows

    @classmethod
    def of(cls, at: Times) -> "Abandoners":
        """Return the abandoners from each customer's abandonment."""
        row = np.flatnonzero(at != NEVER).astype(np.int32)
        group = np.full(len(at), -1, dtype=np.int32)
        group[row] = np.arange(len(row), dtype=np.int32)
        return cls(at, row, group)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def times(self) -> Times:
        """The time of each abandonment, shape (a,)."""
        return self.at[self.row]


def moments(activity: Activity, before: int) -> CartMoments:
    """Return the cart entries and purchases before a time (microseconds)."""
    event = activity.event
    wanted = (event == Event.CART) | (event == Event.CHECKOUT) | (event == Event.PURCHASE)
    wanted &= activity.time < before
    position = np.flatnonzero(wanted)
    customer, time = activity.customer[position], activity.time[position]
    purchase = event[position] == Event.PURCHASE
    # Purchases come last within a moment, so that one at the very time of a cart entry follows it and is in time.
    order = np.lexsort((purchase, time))
    order = order[_by_code(customer[order])]
    return CartMoments(position[order], customer[order], time[order], purchase[order])


def _by_code(code: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the stable order of codes that are 0 or more.

    Converting coordinates to compressed rows is a counting sort, several times faster than sorting.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - a run of a plain table has no log

    size = len(code)
    places = np.arange(size, dtype=np.int32)
    shape = (int(code.max(initial=-1)) + 1, size)
    rows = csr_array((np.ones(size, dtype=np.int8), (code, places)), shape=shape)
    return np.asarray(rows.indices, dtype=np.int32)
