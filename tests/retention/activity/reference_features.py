"""One customer at a cutoff, in plain Python: slow, obvious, and what the fast code must equal."""

from collections.abc import Sequence
from itertools import pairwise
from math import isnan, nan
from typing import NamedTuple

from retention.activity.activity import NONE, Event

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE


class Entry(NamedTuple):
    """One line of activity; times in microseconds."""

    customer: int
    time: int
    event: Event
    value: float = nan
    items: float = nan
    visit: int = NONE
    order: int = NONE


class Features(NamedTuple):
    """What is known of an abandoner; NaN and None where it is not known."""

    abandoned: int
    cart_value: float
    num_cart_items: float
    sessions_last_30d: int
    last_order: int | None
    first_order: int | None
    order_count: int
    total_spent: float
    avg_order_value: float
    recovered: bool | None
    came_back: bool | None


def reference(
    entries: Sequence[Entry], cutoff: int, told: tuple[int, bool], recovery: int = DAY, outcome: int = 7 * DAY
) -> str | Features:
    """Return the features of the customer of the entries, or why there is no abandonment.

    `told`: up to when the log knows who bought, and whether it tells of any purchase before the cutoff.
    """
    known = [e for e in entries if e.time < cutoff]
    carts = [e for e in known if e.event in (Event.CART, Event.CHECKOUT)]
    bought = [e for e in known if e.event == Event.PURCHASE]
    left = [c.time for c in carts if not any(c.time <= p.time <= c.time + recovery for p in bought)]
    abandoned = [t for t in left if t + recovery <= cutoff]
    if not abandoned:
        return "no_cart" if not carts else "pending" if left else "bought_in_time"
    t = max(abandoned)
    before = [p for p in bought if p.time < t]
    value, items = cart_at(known, t, max([t - recovery, *(p.time for p in before)]))
    recovered = any(p.time > t for p in bought)
    after = any(e.event == Event.PURCHASE and cutoff <= e.time < cutoff + outcome for e in entries)
    last, some = told
    return Features(
        t,
        value,
        items,
        sessions([e for e in known if t - 30 * DAY < e.time <= t]),
        max((p.time for p in before), default=None),
        min((p.time for p in before), default=None),
        *orders(before),
        recovered=recovered if some else None,
        came_back=None if recovered or last + 1 < cutoff + outcome else after,
    )


def cart_at(known: Sequence[Entry], t: int, after: int) -> tuple[float, float]:
    """Return value and items of the cart at t, from what happened later than `after`."""
    inside = [e for e in known if after < e.time <= t and e.event in (Event.CART, Event.REMOVE, Event.CHECKOUT)]
    whole = max((e.time for e in inside if e.event == Event.CHECKOUT), default=None)
    if whole is not None:
        inside = [e for e in inside if e.time > whole or (e.time == whole and e.event == Event.CHECKOUT)]
    put_in = [e for e in inside if e.event != Event.REMOVE]
    taken_out = [e for e in inside if e.event == Event.REMOVE]
    value = total([e.value for e in put_in], [e.value for e in taken_out])
    return value, total([e.items for e in put_in], [e.items for e in taken_out])


def total(plus: Sequence[float], minus: Sequence[float] = ()) -> float:
    """Return the sum of what is known, at least 0; NaN where nothing added is known."""
    if all(isnan(x) for x in plus):
        return nan
    return max(0.0, sum(x for x in plus if not isnan(x)) - sum(x for x in minus if not isnan(x)))


def sessions(entries: Sequence[Entry]) -> int:
    """Return the number of visits, of which those without a code end after 30 quiet minutes."""
    without = sorted(e.time for e in entries if e.visit == NONE)
    gaps = sum(b - a >= 30 * MINUTE for a, b in pairwise(without))
    return len({e.visit for e in entries if e.visit != NONE}) + (gaps + 1 if without else 0)


def orders(lines: Sequence[Entry]) -> tuple[int, float, float]:
    """Return the number of orders, the money spent, and the mean value of the orders that have a known value."""
    order_of = [("order", e.order) if e.order != NONE else ("line", i) for i, e in enumerate(lines)]
    values = {o: [e.value for e, other in zip(lines, order_of, strict=True) if other == o] for o in set(order_of)}
    sums = [sum(x for x in v if not isnan(x)) for v in values.values() if not all(isnan(x) for x in v)]
    return len(values), max(0.0, sum(sums)) if sums else nan, max(0.0, sum(sums) / len(sums)) if sums else nan
