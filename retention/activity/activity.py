"""What customers did, as columns: the one form that every event log and order history is brought into.

One entry is one line of activity: a view, an item put into a cart or taken out, a checkout that was begun, a
line of a purchase. Customers, visits and orders are small integers, so ten million entries fit in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.errors import ensure

NONE = -1
"""Code of an entry without a visit or an order."""


class Event(IntEnum):
    """What happened."""

    VIEW = 0
    CART = 1
    REMOVE = 2
    CHECKOUT = 3
    PURCHASE = 4


@dataclass(frozen=True)
class Trait:
    """What a text column says of customers, and since when; a customer may have several values over time.

    Args:
        customer: Row of the customer in `people`, int32, shape (k,).
        time: Since when, in microseconds since 1970-01-01 UTC, int64, shape (k,).
        value: The value, none missing, shape (k,).
    """

    customer: NDArray[np.int32]
    time: NDArray[np.int64]
    value: "pd.Series[str]"

    def known_at(self, times: NDArray[np.int64]) -> "pd.Series[str]":
        """Return each customer's last value up to a time of their own, missing where there is none yet.

        Args:
            times: Microseconds, one per row of `people`, shape (c,).
        """
        known = np.flatnonzero(self.time <= times[self.customer])
        # Of equal times the greater value, so that nothing depends on the order of the rows.
        frame = pd.DataFrame(
            {"customer": self.customer[known], "time": self.time[known], "value": self.value.take(known).to_numpy()}
        ).sort_values(["customer", "time", "value"])
        last = frame.drop_duplicates("customer", keep="last").set_index("customer")["value"].astype("str")
        return last.reindex(range(len(times))).reset_index(drop=True)


NOT_YET = np.iinfo(np.int64).max
"""The time of what never happened."""


@dataclass(frozen=True)
class Span:
    """When something is told of first and last, and of carts and purchases first, in microseconds; spans add."""

    first: int = NOT_YET
    last: int = -NOT_YET
    cart: int = NOT_YET
    purchase: int = NOT_YET

    def __add__(self, other: "Span") -> "Span":
        first, last = min(self.first, other.first), max(self.last, other.last)
        return Span(first, last, min(self.cart, other.cart), min(self.purchase, other.purchase))


@dataclass(frozen=True)
class Activity:
    """The activity of c customers in n entries, in any order.

    Args:
        customer: Row of the customer in `people`, int32, shape (n,).
        time: Microseconds since 1970-01-01 UTC, int64, shape (n,).
        event: Codes of `Event`, int8, shape (n,).
        value: Money of the entry (price times quantity, of all its items); NaN where it is not known, shape (n,).
        items: How many items it is about; NaN where it is not known, shape (n,).
        visit: Code of the visit (session) it belongs to, or `NONE`, int32, shape (n,).
        order: Code of the order that a purchase is a line of, or `NONE`: then it is an order of its own, shape (n,).
        people: One row per customer, RangeIndex: `user_id` (text, distinct) and the contract's other columns that
            are not features, such as `email` and `email_consent`, as they were known last.
        traits: Columns that a policy may split on, such as `country`, with their times.
        of_all: The span of the activity of all customers, where these are some of them.
    """

    customer: NDArray[np.int32]
    time: NDArray[np.int64]
    event: NDArray[np.int8]
    value: NDArray[np.float64]
    items: NDArray[np.float64]
    visit: NDArray[np.int32]
    order: NDArray[np.int32]
    people: pd.DataFrame
    traits: Mapping[str, Trait] = field(default_factory=dict)
    of_all: Span | None = None

    def __post_init__(self) -> None:
        columns = (self.time, self.event, self.value, self.items, self.visit, self.order)
        ensure(all(len(column) == len(self.customer) for column in columns), "columns of one length")
        known = not len(self.customer) or (self.customer.min() >= 0 and self.customer.max() < len(self.people))
        ensure(bool(known), "every entry has a customer")

    def __len__(self) -> int:
        return len(self.customer)

    def with_carts_before(self, end: int, decided: int | None = None) -> "Activity":
        """Return the same activity with cart entries from a time on as mere views: they are of another period.

        Args:
            end: Microseconds since 1970-01-01 UTC.
            decided: Entries after this time stay: nobody knows yet of what period they are. None: none.
        """
        until = np.iinfo(np.int64).max if decided is None else decided
        later = (self.time >= end) & (self.time <= until) & np.isin(self.event, (Event.CART, Event.CHECKOUT))
        if not later.any():
            return self
        return replace(self, event=np.where(later, np.int8(Event.VIEW), self.event))

    def where(self, mask: NDArray[np.bool_]) -> "Activity":
        """Return some of the entries, of the same customers."""
        names = ("customer", "time", "event", "value", "items", "visit", "order")
        return self if mask.all() else replace(self, **{name: getattr(self, name)[mask] for name in names})

    @cached_property
    def span(self) -> Span:
        """The span of the activity of all customers."""
        if self.of_all is not None or not len(self):
            return self.of_all or Span()
        carts = (self.event == Event.CART) | (self.event == Event.CHECKOUT)
        first = [int(self.time[mask].min(initial=NOT_YET)) for mask in (carts, self.event == Event.PURCHASE)]
        return Span(int(self.time.min()), self.last, *first)

    @property
    def last(self) -> int:
        """Time of the last entry of any customer, in microseconds; what came later is not known."""
        return int(self.time.max()) if self.of_all is None else self.of_all.last
