"""Layouts of no particular vendor: event logs, orders, checkouts and lists of people, read through a mapping.

Each is a template: its headers are spellings that say without doubt what a column holds. A column mapping makes a
format of it that reads the headers of one shop.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.base import (
    Field,
    Format,
    Mask,
    Normalised,
    Records,
    entries,
    judged,
    nobody,
    people_of,
    undated,
)
from data_ingestion.formats.event_logs import event_log
from data_ingestion.formats.order_history import TIME_NEEDED
from data_ingestion.formats.order_states import (
    CANCELLED,
    PURCHASE,
    REFUNDED,
    SILENT,
    UNFINISHED,
    UNKNOWN,
    order_states,
    state_of,
)
from data_ingestion.formats.words import SPELLINGS, coded, shown_words, squeezed
from retention.activity.activity import Event
from retention.customers.consent import HEADERS
from retention.customers.phone import HEADERS as PHONES
from retention.customers.reasons import Reason

WORDS: dict[str, str] = {squeezed(word): event for event, words in SPELLINGS["events"].items() for word in words}
"""Words for what happened that say so without doubt, as `squeezed` compares them."""
_CHECKOUTS: dict[str, str] = {word: state for state, words in SPELLINGS["checkouts"].items() for word in words}
"""What a list of checkouts says of one, beside the states of orders."""

PERSONAL = ("phone", "first_name", "last_name", "country", "zip", "region", "archetype", "email_consent", "currency")
"""Columns of the contract that describe a person."""
_HEADERS: dict[str, dict[str, list[str]]] = SPELLINGS["headers"]
_ANY: dict[str, Sequence[str]] = {**_HEADERS["any"], "phone": PHONES, "email_consent": HEADERS}
CUSTOMER_NAMES, EMAIL_NAMES, ORDER_NAMES = (tuple(_ANY[name]) for name in ("customer", "email", "order"))


def events(records: Records, words: Mapping[str, str] = WORDS) -> Normalised:
    """Return what the rows of an event log say.

    Rules: a price of zero or less is no money known; exact repeats are the same event sent twice where the rows
    name a product, else they may be two products and stay.
    """
    price, quantity, total = (records.numbers(name) for name in ("price", "quantity", "total"))
    pieces = np.where(quantity > 0, quantity, 1.0)
    total = np.where(_repeats_total(records, np.ones(len(total), dtype=np.bool_)), np.nan, total)
    # A row that repeats its order's total has no money of its own.
    price = np.where(np.isnan(total) & ~np.isnan(records.numbers("total")), np.nan, price)
    value = np.where(total > 0, total, np.where(price > 0, price * pieces, np.nan))
    return event_log(records, words, value=value, items=pieces, people=PERSONAL, drop_repeats="item" in records.frame)


def orders(records: Records, words: Mapping[str, str] | None = None) -> Normalised:
    """Return what the rows of an order history say: an order a row, or a line of an order a row.

    Rules: cancelled, failed and refunded orders are no purchases; nor are lines with a quantity or price of zero
    or less. An order of zero money is one. Exact repeats stay and are counted.

    Raises:
        ContractError: A word for the state of an order is not known.
    """
    states = order_states(records.column("status"), words or {}, records.name)
    quantity, price, total = (records.numbers(name) for name in ("quantity", "price", "total"))
    priced = "total" in records.frame
    # The total of an order that has several rows would count more than once.
    lines = "price" in records.frame and not (priced and records.column("order").dropna().is_unique)
    money = price * np.where(np.isnan(quantity), 1.0, quantity) if lines else total
    verdict = judged(
        len(records.frame),
        *undated(records),
        *_by_state(records, states),
        (quantity <= 0, "quantity", Reason.QUANTITY_NOT_POSITIVE),
        # With "not" in front, so that a missing price or total fails as well.
        (~(price > 0) if lines else priced & ~(total >= 0), "price" if lines else "total", Reason.PRICE_NOT_POSITIVE),
    )
    again = _repeats_total(records, verdict.keep) & (not lines)
    money = np.where(again, np.nan, money)
    bought = entries(records, verdict.keep, Event.PURCHASE, value=money, items=quantity)
    silent = (states == SILENT) & ("status" in records.frame)
    counts = verdict.counts(zero_amount=money == 0, without_status=silent, total_repeated=again) | {
        "exact_repeats": int(records.frame.duplicated().sum())
    }
    people = people_of(records, verdict.keep, PERSONAL)
    return Normalised(verdict, bought, people, counts, gross=float(np.nansum(money)))


def checkouts(records: Records) -> Normalised:
    """Return what the rows of a list of checkouts say: a row is a checkout, and an order if it was completed.

    Rules: money below zero is not known; a checkout that stands there again is left out; one whose state is a sale or
    a recovery was bought, at the latest when it was begun where no other time is told.
    """
    sold, unknown = _sold(records.column("status"), state_of)
    bought, strange, own = _bought(records)
    sold, unknown = sold | bought | records.says("still_open", False), [*unknown, *strange]
    total, quantity = records.numbers("total"), records.numbers("quantity")
    money = np.where(total >= 0, total, np.nan)
    # Missing numbers count as equal here, so those that are known are asked for as well.
    again = records.column("order").duplicated().to_numpy() & ~records.lacks("order")
    if _of_several(records, again):
        again[:] = False
        own += (f"{records.name}: customers share numbers of checkouts, so no row is left out as a repetition",)
    verdict = judged(len(records.frame), *undated(records), (again, "order", Reason.REPEATED_ORDER))
    begun = entries(records, verdict.keep, Event.CHECKOUT, value=money, items=quantity)
    timed = ~records.lacks("completed")
    completed, late = (
        verdict.keep & (timed | sold),
        np.where(timed, records.micros("completed"), records.micros("time")),
    )
    purchases = entries(records, completed, Event.PURCHASE, time=late, value=money, items=quantity)
    counts = verdict.counts(completed=completed, price_not_positive=total < 0)
    people = people_of(records, verdict.keep, PERSONAL)
    notice = f"{records.name}: checkouts in states that are not known count as abandoned: {', '.join(unknown)}"
    notices = ((notice,) if unknown else ()) + own
    return Normalised(verdict, pd.concat([begun, purchases], ignore_index=True), people, counts, notices)


def _bought(records: Records) -> tuple[Mask, list[str], tuple[str, ...]]:
    """Return which checkouts have an order's number or a yes, which words nobody knows, and what is left out."""
    cells = records.column("bought")
    numbered = cells.fillna("").str.contains(r"[0-9]{2}|[2-9]").to_numpy(dtype=np.bool_)
    if numbered.all() and "order" not in records.frame:
        notice = f"{records.name}: every checkout has a number in the column for its order, which is taken for its own"
        return np.zeros(len(cells), dtype=np.bool_), [], (notice,) if len(cells) else ()
    sold, unknown = _sold(
        cells.mask(numbered, "yes"), lambda word: state_of(word) if any(map(str.isalnum, word)) else SILENT
    )
    return sold, unknown, ()


def _sold(states: "pd.Series[str]", known: Callable[[str], str]) -> tuple[Mask, list[str]]:
    """Return which states of checkouts are a sale or a recovery, and which words nobody knows."""
    meanings, rows = coded(states, _CHECKOUTS, known)
    unknown = shown_words({word: rows[word] for word, meaning in meanings.items() if meaning == UNKNOWN})
    return states.fillna("").map(meanings).eq(PURCHASE).to_numpy(dtype=np.bool_), unknown


def people(records: Records) -> Normalised:
    """Return what the rows of a list of customers say about persons; they did nothing.

    Rules: exact repeats are the same person.
    """
    rows = len(records.frame)
    repeats = records.frame.duplicated().to_numpy()
    verdict = judged(rows, *nobody(records), (repeats, "", Reason.DUPLICATE))
    # Before everything that is dated: what an order or an event says of a person is newer and holds.
    never = np.zeros(rows, dtype=np.int64)
    nothing = entries(records, np.zeros(rows, dtype=np.bool_), Event.VIEW)
    return Normalised(verdict, nothing, people_of(records, verdict.keep, PERSONAL, never))


def _by_state(records: Records, states: NDArray[np.str_]) -> tuple[tuple[Mask, str, Reason], ...]:
    # Where the total is not known, or is 0, no refund can be told to be of the whole.
    # Some systems write what was paid back with a minus.
    back, total = np.abs(records.numbers("refunded")), records.numbers("total")
    paid_back = back >= np.where(total > 0, total, np.inf)
    return (
        ((states == CANCELLED) | ~records.lacks("cancelled"), "status", Reason.CANCELLATION),
        ((states == REFUNDED) | paid_back, "status", Reason.REFUND),
        (states == UNFINISHED, "status", Reason.NOT_AN_ORDER),
    )


def _of_several(records: Records, again: Mask) -> bool:
    """Return whether most rows that repeat a number are of others than its first row: it is a page's or a shop's."""
    names = [name for name in ("customer", "email", "phone") if name in records.frame]
    if not again.any() or not names:
        return False
    person = records.frame[names].bfill(axis=1).iloc[:, 0].astype("str").str.strip().str.casefold()
    number = records.column("order")
    firsts = number.map(person.set_axis(number)[~number.duplicated().to_numpy()])
    return bool(2 * ((firsts != person) & person.notna()).to_numpy()[again].sum() >= again.sum())


def _repeats_total(records: Records, keep: Mask) -> Mask:
    """Return which rows repeat the total of their order that an earlier row has, shape (n,).

    Where all rows of every order have one total, it is the order's; where they differ, each is its line's.
    """
    again = np.zeros(len(records.frame), dtype=np.bool_)
    rows = np.flatnonzero(keep & ~records.lacks("order") & (records.numbers("total") > 0))
    names = [name for name in ("order", "customer", "email", "event") if name in records.frame]
    table = records.frame[names].take(rows).reset_index(drop=True)
    repeated = table.duplicated().to_numpy()
    if not repeated.any():
        return again
    totals = table.assign(total=records.numbers("total")[rows])
    if (totals.duplicated().to_numpy() == repeated).all():
        again[rows] = repeated
    return again


def _fields(template: str, columns: str, required: Collection[str], **needed: str) -> tuple[Field, ...]:
    """Return the fields of a template, by the headers that are its own or anybody's, and those of a person."""
    headers = {**_ANY, **_HEADERS.get(template, {})}
    return tuple(
        Field(name, tuple(headers[name]), name in required, needed=needed.get(name, ""))
        for name in (*columns.split(), "email", *PERSONAL)
    )


EVENTS = Format(
    name="events",
    title="event log",
    fields=_fields(
        "events", "customer time clock event item price quantity total visit order", {"customer", "time", "event"}
    ),
    normalise=events,
    kind="event",
    across=(("order", "total"),),
)

ORDERS = Format(
    name="orders",
    title="order history",
    fields=_fields(
        "orders",
        "customer time clock order total price quantity item cancelled refunded status",
        {"customer"},
        time=TIME_NEEDED,
    ),
    normalise=orders,
    kind="order",
    across=(("status",), ("order", "total"), ("price", "total")),
)

CHECKOUTS = Format(
    name="checkouts",
    title="list of checkouts",
    fields=_fields(
        "checkouts", "customer time clock order total quantity completed bought still_open status", {"customer", "time"}
    ),
    normalise=checkouts,
    kind="checkout",
)

PEOPLE = Format(
    name="people",
    title="list of customers",
    fields=_fields("people", "customer", {"customer"}),
    normalise=people,
    kind="person",
)

GENERIC: tuple[Format, ...] = (EVENTS, CHECKOUTS, ORDERS, PEOPLE)
"""Templates, those first that need more to be taken for what they are."""
