"""Activity -> customers at a cutoff: one row per abandoner, with nothing that was not known at the abandonment.

The rules are the section "From activity to customers" of docs/data.md. Nothing at or after the cutoff changes a row,
but for `came_back`, which is an outcome; nothing depends on the order of the entries.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.abandonment import NEVER, Abandoners, CartMoments, Mask, Rows, Times, moments
from retention.activity.activity import NONE, NOT_YET, Activity, Event
from retention.activity.recent import LOOK_BACK, carts, recent, visits
from retention.activity.tallies import Floats, Groups, Integers, distinct, total
from retention.customers.derive import contract_first, engagement, profitability
from retention.errors import OptionError, PeriodError, ensure
from retention.period import zone

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class FeatureRules:
    """How long a cart may wait, and how long its customer may take to come back.

    Args:
        recovery: A cart entry followed by a purchase within this time is not abandoned; more than 0.
        outcome: A purchase within this time after the cutoff is what is predicted and measured; 0 or more.

    Raises:
        OptionError: A time is out of its bounds.
    """

    recovery: timedelta = timedelta(hours=24)
    outcome: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        longest = timedelta(days=3650)
        if not timedelta() < self.recovery <= longest:
            raise OptionError(f"a recovery window of {self.recovery} is not possible", hint="Give more than 0 hours")
        if not timedelta() <= self.outcome <= longest:
            raise OptionError(f"an outcome window of {self.outcome} is not possible", hint="Give 0 days or more")

    @property
    def wait(self) -> int:
        """The recovery window in microseconds."""
        return self.recovery // _MICROSECOND

    @property
    def follow_up(self) -> int:
        """The outcome window in microseconds."""
        return self.outcome // _MICROSECOND


DEFAULT_RULES = FeatureRules()
CAME_BACK = "came_back"
"""Column with what became after the cutoff of those who had not bought again by then; missing for the others."""


@dataclass(frozen=True)
class _Bought:
    """The orders of each abandoner before the abandonment.

    Args:
        first: Time of the first purchase in microseconds, or `NEVER`, shape (a,).
        last: Time of the last one, shape (a,).
        orders: Number of orders; NaN where no file tells of any purchase, shape (a,).
        spent: Money of all of them; NaN where there is none with a known value, shape (a,).
        mean: Mean value of the orders with a known value, at least 0; NaN where there is none, shape (a,).
    """

    first: Times
    last: Times
    orders: Floats
    spent: Floats
    mean: Floats


@dataclass(frozen=True)
class CustomersAt:
    """The customers who abandoned a cart before a cutoff.

    Args:
        customers: One row per abandoner, in the order of `people`: the contract's columns, then what else `people`
            holds, and `came_back`. Times are in the shop's zone, money is that of the entries, `recovered` and
            `came_back` are nullable booleans.
        row: Row of each of them in `people`, ascending, shape (a,).
        counts: What became of whom: `customers` = `no_cart` + `bought_in_time` + `pending` + `abandoners`; `entries`,
            of which `entries_after_cutoff`; `purchases_without_cart`: purchase entries before the cutoff of
            customers without an earlier cart entry.
    """

    customers: pd.DataFrame
    row: Rows
    counts: dict[str, int]


def customers_at(
    activity: Activity,
    cutoff: int,
    *,
    timezone: str,
    rules: FeatureRules = DEFAULT_RULES,
    known_until: int | None = None,
) -> CustomersAt:
    """Return the customers with an abandoned cart before a cutoff, as they were when they abandoned it.

    Args:
        activity: What customers did, in any order.
        cutoff: Microseconds since 1970-01-01 UTC; what happened then or later is not known yet.
        timezone: The shop's zone.
        rules: The recovery and the outcome window.
        known_until: Microseconds up to which the activity is known; None: up to its last entry.

    Raises:
        PeriodError: The zone is not known.

    >>> day = 86_400_000_000
    >>> log = Activity(
    ...     customer=np.array([0, 1, 1], dtype=np.int32),
    ...     time=np.array([0, 0, 60_000_000]),
    ...     event=np.array([Event.CART, Event.CART, Event.PURCHASE], dtype=np.int8),
    ...     value=np.array([25.0, 10.0, 10.0]),
    ...     items=np.ones(3),
    ...     visit=np.full(3, -1, dtype=np.int32),
    ...     order=np.full(3, -1, dtype=np.int32),
    ...     people=pd.DataFrame({"user_id": ["anna", "ben"]}),
    ... )
    >>> found = customers_at(log, 7 * day, timezone="UTC")
    >>> found.customers[["user_id", "cart_value", "recovered"]].to_dict("records")
    [{'user_id': 'anna', 'cart_value': 25.0, 'recovered': False}]
    >>> found.counts["bought_in_time"]
    1
    """
    zone(timezone)
    known = moments(activity, cutoff)
    left = known.left(rules.wait)
    # A cart whose recovery window is still open at the cutoff is left out: that no purchase is known by then says
    # nothing.
    who = Abandoners.of(known.last(left & (known.time <= cutoff - rules.wait), len(activity.people)))
    bought = _bought_before(activity, known, who, counted=activity.span.purchase < cutoff)
    recovered, came_back = _outcomes(activity, who, (cutoff, cutoff + rules.follow_up), known_until)
    columns: dict[str, Any] = {
        "cart_abandoned_date": _local(who.times, timezone),
        "last_order_date": _local(bought.last, timezone),
        "first_order_date": _local(bought.first, timezone),
        **_columns(activity, who, bought, rules.wait),
        "recovered": recovered,
    }
    counts = _counts(known, left, who)
    counts |= {"entries": len(activity), "entries_after_cutoff": int((activity.time >= cutoff).sum())}
    traits = {name: trait.known_at(who.at) for name, trait in activity.traits.items()}
    people = activity.people.assign(**traits).take(who.row).reset_index(drop=True)
    # What the activity tells wins.
    customers = contract_first(people.assign(**columns)).assign(**{CAME_BACK: came_back})
    return CustomersAt(customers, who.row, counts)


@dataclass(frozen=True)
class CartsLeft:
    """Carts and checkouts until the activity ends, those not bought in time, and when the last was abandoned; adds."""

    carts: int
    left: int
    last: int

    def __add__(self, other: "CartsLeft") -> "CartsLeft":
        return CartsLeft(self.carts + other.carts, self.left + other.left, max(self.last, other.last))

    def last_of(self, rules: FeatureRules) -> int:
        """Return the time (microseconds) of the last cart entry whose recovery window closed without a purchase.

        Raises:
            PeriodError: There is none.
        """
        if self.last != NEVER:
            return self.last
        raise PeriodError(
            f"no cart was left for {rules.recovery / timedelta(hours=1):g} hours without a purchase: of "
            f"{self.carts:,} carts and checkouts {self.carts - self.left:,} were bought in "
            f"time, and {self.left:,} may still be bought when the input ends",
            hint="Give more of the log: earlier weeks, or what happened later",
        )


def carts_left(activity: Activity, rules: FeatureRules) -> CartsLeft:
    """Return what became of the carts, as far as the whole activity tells."""
    known = moments(activity, activity.span.last + 1)
    left = known.left(rules.wait)
    abandoned = known.time[left & (known.time <= activity.span.last - rules.wait)]
    return CartsLeft(int((~known.purchase).sum()), int(left.sum()), int(abandoned.max(initial=NEVER)))


def _columns(activity: Activity, who: Abandoners, bought: _Bought, wait: int) -> dict[str, Floats]:
    """Return the numbers that follow from the activity up to the abandonment, each of shape (a,)."""
    # One pass serves both: visits look back 30 days, and carts as far as a recovery window.
    near = recent(activity, who, max(LOOK_BACK, wait))
    # A cart begins after the last purchase, and at most one recovery window back. An entry at the very time of the
    # purchase was bought with it, so it is left out.
    age = np.where(bought.last == NEVER, wait, np.minimum(who.times - bought.last, wait))
    value, items = carts(activity, near, age)
    sessions = visits(activity, near, len(who)).astype(np.float64)
    mean = _finite(bought.mean)
    return {
        "avg_order_value": mean,
        "order_count": bought.orders,
        "total_spent": _finite(np.maximum(bought.spent, 0.0)),
        "cart_value": _finite(value),
        "sessions_last_30d": sessions,
        "num_cart_items": items,
        "engagement_score": engagement(sessions, items),
        "profitability_score": profitability(mean),
    }


def _finite(money: Floats) -> Floats:
    """Return money with what adds up to more than the largest number, which no shop has, as missing."""
    return np.where(np.isinf(money), np.nan, money)


def _local(times: Times, timezone: str) -> pd.DatetimeIndex:
    """Return times in the shop's zone, missing where they are `NEVER`."""
    return pd.DatetimeIndex(times.view("datetime64[us]")).tz_localize("UTC").tz_convert(zone(timezone))


def _outcomes(
    activity: Activity, who: Abandoners, follow_up: tuple[int, int], known_until: int | None
) -> tuple[pd.arrays.BooleanArray, pd.arrays.BooleanArray]:
    """Return whether each abandoner bought again before the follow-up, and whether the others did during it.

    The first is missing where no purchase before it is told of, the second where none at all is, or the activity ends
    before the follow-up does.
    """
    start, end = follow_up
    bought = activity.event == Event.PURCHASE
    recovered = _bought_between(activity, bought & (activity.time < start), who)
    during = bought & (activity.time >= start) & (activity.time < end)
    until = activity.span.last + 1 if known_until is None else known_until
    unknown = recovered | np.bool_(until < end or activity.span.purchase == NOT_YET)
    silent = np.full(len(who), activity.span.purchase >= start)
    came_back = _bought_between(activity, during, who) & ~unknown
    return pd.arrays.BooleanArray(recovered, silent), pd.arrays.BooleanArray(came_back, unknown)


def _bought_between(activity: Activity, purchases: Mask, who: Abandoners) -> Mask:
    """Return which abandoners have one of some purchases after their abandonment, shape (a,)."""
    customer = activity.customer[purchases]
    # Nothing known was bought within the recovery window, so a purchase from the abandonment on came after it.
    later = (who.at[customer] != NEVER) & (activity.time[purchases] >= who.at[customer])
    bought = np.zeros(len(who.at), dtype=np.bool_)
    bought[customer[later]] = True
    return bought[who.row]


def _counts(known: CartMoments, left: Mask, who: Abandoners) -> dict[str, int]:
    size = len(who.at)
    first_cart = known.first(~known.purchase, size)
    abandoner, cart, waiting = who.at != NEVER, first_cart != NEVER, known.last(left, size) != NEVER
    parts = {
        "no_cart": int((~cart).sum()),
        "bought_in_time": int((cart & ~waiting).sum()),
        "pending": int((waiting & ~abandoner).sum()),
        "abandoners": int(abandoner.sum()),
    }
    ensure(size == sum(parts.values()), "customers = no_cart + bought_in_time + pending + abandoners")
    cart_before = first_cart[known.customer]
    alone = known.purchase & ((cart_before == NEVER) | (cart_before > known.time))
    return {"customers": size, **parts, "purchases_without_cart": int(alone.sum())}


def _bought_before(activity: Activity, known: CartMoments, who: Abandoners, *, counted: bool) -> _Bought:
    """Return the orders of the abandoners, from their purchases before the abandonment; `known` has those in time.

    Orders are counted only where purchases of anybody are told of.
    """
    # Customers without an abandonment have `NEVER` as its time, which no purchase is before.
    before = known.purchase & (known.time < who.at[known.customer])
    position = known.position[before]
    group = who.group[known.customer[before]]
    value, order = activity.value[position], activity.order[position]
    valued = ~np.isnan(value)
    orders, with_value = (
        _number_of_orders(order, group, len(who)),
        _number_of_orders(order[valued], group[valued], len(who)),
    )
    spent, _ = total(group, value, len(who))
    # Orders of unknown value are no part of the mean; divided by all orders it would take their value for 0.
    mean = np.divide(np.maximum(spent, 0.0), with_value, out=np.full(len(who), np.nan), where=with_value > 0)
    spent[with_value == 0] = np.nan
    first, last = known.first(before, len(who.at)), known.last(before, len(who.at))
    return _Bought(first[who.row], last[who.row], np.where(counted, orders, np.nan), spent, mean)


def _number_of_orders(order: NDArray[np.int32], group: Groups, groups: int) -> Integers:
    """Return the number of orders of each group; a line without an order code is an order of its own."""
    coded = order != NONE
    return distinct(group[coded], order[coded], groups) + np.bincount(group[~coded], minlength=groups)
