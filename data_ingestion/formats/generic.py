"""Layouts of no particular vendor: event logs, orders, checkouts and lists of people, read through a mapping.

Each is a template: its headers are spellings that say without doubt what a column holds. A column mapping makes a
format of it that reads the headers of one shop.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.base import Field, Format, Mask, Normalised, Records, entries, judged, nobody, people_of
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
from data_ingestion.formats.words import coded, shown_words, squeezed
from retention.activity.activity import Event
from retention.customers.consent import HEADERS
from retention.customers.phone import HEADERS as PHONES
from retention.customers.reasons import Reason

_SPELLINGS = {
    "VIEW": (
        "view,views,viewed,click,clicks,page view,page viewed,product view,product viewed,view item,view product,"
        "view content,detail,angesehen,vu,consulte,visto,visualizzato,bekeken"
    ),
    "CART": (
        "cart,carts,add to cart,added to cart,cart add,add cart,product added,add to basket,added to basket,"
        "add to bag,basket,warenkorb,in den warenkorb,in den warenkorb gelegt,ajout panier,ajout au panier,"
        "ajoute au panier,panier,anadir al carrito,anadido al carrito,agregar al carrito,carrito,aggiungi al carrello,"
        "aggiunto al carrello,carrello,in winkelwagen,toegevoegd aan winkelwagen,winkelwagen,carrinho"
    ),
    "REMOVE": (
        "remove from cart,removed from cart,cart remove,product removed,remove,remove from basket,"
        "aus dem warenkorb entfernt,retire du panier,eliminado del carrito,rimosso dal carrello,"
        "verwijderd uit winkelwagen"
    ),
    "CHECKOUT": (
        "checkout,begin checkout,checkout started,start checkout,started checkout,checkout start,initiate checkout,"
        "initiated checkout,kasse,zur kasse,passage en caisse,caisse,iniciar compra,afrekenen"
    ),
    "PURCHASE": (
        "purchase,purchases,purchased,order,orders,order placed,placed order,order completed,transaction,buy,bought,"
        "sale,"
        "kauf,gekauft,bestellung,bestellt,achat,achete,commande,compra,comprado,pedido,acquisto,acquistato,ordine,"
        "aankoop,gekocht,bestelling,besteld"
    ),
}

WORDS: dict[str, str] = {squeezed(word): event for event, words in _SPELLINGS.items() for word in words.split(",")}
"""Words for what happened that say so without doubt, as `squeezed` compares them."""

PERSONAL = ("phone", "first_name", "last_name", "country", "zip", "region", "archetype", "email_consent", "currency")
"""Columns of the contract that describe a person."""

CUSTOMER_NAMES = (
    *("user_id", "user", "customer_id", "customer", "client_id", "visitor_id", "shopper_id", "account_id", "member_id"),
    *("buyer_id", "cust_id", "customer_number", "customer_no", "kundennummer", "kunden_id", "klantnummer"),
    *("buyer", "buyer_user_id", "buyer_username", "effective_user_id"),
)
EMAIL_NAMES = ("email", "e-mail", "email_address", "customer_email", "user_email", "e_mail_address")
_VISIT = ("session_id", "session", "user_session", "visit_id", "visit", "session_key")
_ITEM = ("product_id", "item_id", "sku", "article_id", "product", "item", "stock_code", "product_code", "variant_id")
_CLOCK = ("time", "time_of_day", "order_time", "purchase_time", "time_created", "created_time", "sale_time")
_PRICE = ("price", "unit_price", "item_price", "product_price")
_QUANTITY = ("quantity", "qty", "units", "item_quantity")
ORDER_NAMES = ("order_id", "order_number", "order_no", "invoice_id", "invoice_number", "invoice_no", "transaction_id")

_BOUGHT = (
    *("purchased", "is_purchased", "bought", "ordered", "is_ordered", "order_placed", "recovered", "is_recovered"),
    *("converted", "is_converted", "recovered_order", "recovered_order_id", "recovery_order_id", "id_order"),
    *(
        "gekauft",
        "bestellt",
        "wiedergewonnen",
        "acheté",
        "commandé",
        "récupéré",
        "comprado",
        "recuperado",
        "recuperato",
    ),
)

_STILL_OPEN = ("is_abandoned", "still_abandoned", "not_purchased", "not_recovered", "not_converted", "unrecovered")

_COMPLETED = (
    *("completed_at", "recovered_at", "converted_at", "order_completed_at", "purchased_at", "ordered_at"),
    *("conversion_date", "recovered_date", "recovery_date", "recovered_on"),
)

_PEOPLE = (
    Field("email", EMAIL_NAMES),
    Field("phone", PHONES),
    Field("first_name", ("first_name", "firstname", "given_name")),
    Field("last_name", ("last_name", "lastname", "surname", "family_name")),
    Field("country", ("country", "country_code", "billing_country", "shipping_country")),
    Field("zip", ("zip", "zip_code", "postal_code", "postcode")),
    Field("region", ("region", "sales_region")),
    Field("archetype", ("archetype", "customer_type")),
    Field("email_consent", HEADERS),
    Field("currency", ("currency", "currency_code")),
)

_SOLD = "yes,true,1,y,ja,oui,sí,sim,recovered,converted,recupere,wiedergewonnen,recuperado,recuperato"
_LEFT = "no,false,0,n,nein,non,não,open,pending,lost,active,normal,sent,new,not recovered,unrecovered"
_CHECKOUTS = dict.fromkeys(_SOLD.split(","), PURCHASE) | dict.fromkeys(_LEFT.split(","), UNFINISHED)
"""What a list of checkouts says of one, beside the states of orders."""

Normalise = Callable[[Records], Normalised]


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
    lines = "price" in records.frame and (not priced or _several_rows(records))
    money = price * np.where(np.isnan(quantity), 1.0, quantity) if lines else total
    verdict = judged(
        len(records.frame),
        *_without_time_or_customer(records),
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


def checkouts(records: Records, words: Mapping[str, str] = WORDS) -> Normalised:  # noqa: ARG001 - one shape for all
    """Return what the rows of a list of checkouts say: a row is a checkout, and an order if it was completed.

    Rules: money below zero is not known; a checkout that stands there again is left out; one whose state is a sale or
    a recovery was bought, at the latest when it was begun where no other time is told.
    """
    sold, unknown = _sold(records.column("status"), state_of)
    bought, strange, own = _bought(records)
    closed = records.column("still_open").eq(False).fillna(False).to_numpy(dtype=np.bool_)
    sold, unknown = sold | bought | closed, [*unknown, *strange]
    total, quantity = records.numbers("total"), records.numbers("quantity")
    money = np.where(total >= 0, total, np.nan)
    # Missing numbers count as equal here, so those that are known are asked for as well.
    again = records.column("order").duplicated().to_numpy() & ~records.lacks("order")
    if _of_several(records, again):
        again[:] = False
        own += (f"{records.name}: the column for numbers of checkouts repeats over customers, so none is left out",)
    verdict = judged(len(records.frame), *_without_time_or_customer(records), (again, "order", Reason.REPEATED_ORDER))
    begun = entries(records, verdict.keep, Event.CHECKOUT, value=money, items=quantity)
    timed = ~records.lacks("completed")
    completed, late = (
        verdict.keep & (timed | sold),
        np.where(timed, records.micros("completed"), records.micros("time")),
    )
    done = entries(records, completed, Event.PURCHASE, time=late, value=money, items=quantity)
    counts = verdict.counts(completed=completed, price_not_positive=total < 0)
    people = people_of(records, verdict.keep, PERSONAL)
    said = f"{records.name}: states of checkouts that are not known are taken for abandoned: {', '.join(unknown)}"
    told = ((said,) if unknown else ()) + own
    return Normalised(verdict, pd.concat([begun, done], ignore_index=True), people, counts, told)


def _bought(records: Records) -> tuple[Mask, list[str], tuple[str, ...]]:
    """Return which checkouts have an order's number or a yes, which words nobody knows, and what is left out."""
    cells = records.column("bought")
    numbered = cells.fillna("").str.contains(r"[0-9]{2}|[2-9]").to_numpy(dtype=np.bool_)
    if numbered.all() and "order" not in records.frame:
        said = f"{records.name}: every checkout has a number in the column for its order, which is taken for its own"
        return np.zeros(len(cells), dtype=np.bool_), [], (said,) if len(cells) else ()
    sold, unknown = _sold(
        cells.mask(numbered, "yes"), lambda word: state_of(word) if any(map(str.isalnum, word)) else SILENT
    )
    return sold, unknown, ()


def _sold(states: "pd.Series[str]", known: Callable[[str], str]) -> tuple[Mask, list[str]]:
    """Return which states of checkouts are a sale or a recovery, and which words nobody knows."""
    meanings, rows = coded(states, _CHECKOUTS, known)
    unknown = shown_words({word: rows[word] for word, meaning in meanings.items() if meaning == UNKNOWN})
    return states.fillna("").map(meanings).eq(PURCHASE).to_numpy(dtype=np.bool_), unknown


def people(records: Records, words: Mapping[str, str] = WORDS) -> Normalised:  # noqa: ARG001 - one shape for all
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


def _without_time_or_customer(records: Records) -> tuple[tuple[Mask, str, Reason], ...]:
    return *nobody(records), (records.lacks("time"), "time", Reason.MISSING_DATE)


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


def _several_rows(records: Records) -> bool:
    """Return whether some order has several rows, so that its total would count more than once."""
    return bool(records.column("order").dropna().duplicated().any())


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


EVENTS = Format(
    name="events",
    title="event log",
    fields=(
        Field("customer", CUSTOMER_NAMES, required=True),
        Field("time", ("event_time", "timestamp", "event_timestamp", "ts", "occurred_at", "event_date"), required=True),
        Field("clock", _CLOCK),
        Field("event", ("event", "event_type", "event_name", "action", "activity"), required=True),
        Field("item", _ITEM),
        Field("price", _PRICE),
        Field("quantity", _QUANTITY),
        Field("total", ("event_value", "revenue", "total")),
        Field("visit", _VISIT),
        Field("order", ORDER_NAMES),
        *_PEOPLE,
    ),
    normalise=events,
    kind="event",
    across=(("order", "total"),),
)

ORDERS = Format(
    name="orders",
    title="order history",
    fields=(
        Field("customer", CUSTOMER_NAMES, required=True),
        Field(
            "time",
            (
                *("order_date", "ordered_at", "order_time", "purchase_date", "purchased_at", "invoice_date"),
                *("transaction_date", "order_created_at", "sale_date", "bestelldatum"),
            ),
            needed=TIME_NEEDED,
        ),
        Field("clock", _CLOCK),
        Field("order", ORDER_NAMES),
        Field(
            "total",
            (
                *("order_total", "order_value", "total_price", "total_amount", "order_amount", "grand_total"),
                *("revenue", "purchase_amount", "sales_amount", "total_spent_on_order"),
            ),
        ),
        Field("price", _PRICE),
        Field("quantity", _QUANTITY),
        Field("item", _ITEM),
        Field("cancelled", ("cancelled_at", "canceled_at", "cancellation_date", "canceled")),
        Field("refunded", ("refunded_amount", "refund_amount", "amount_refunded")),
        Field("status", ("order_status", "status", "financial_status")),
        *_PEOPLE,
    ),
    normalise=orders,
    kind="order",
    across=(("status",), ("order", "total"), ("price", "total")),
)

CHECKOUTS = Format(
    name="checkouts",
    title="list of checkouts",
    fields=(
        Field("customer", CUSTOMER_NAMES, required=True),
        Field(
            "time",
            (
                *("abandoned_at", "checkout_date", "checkout_started_at", "checkout_created_at", "cart_created_at"),
                *("abandoned_date", "cart_abandoned_at", "checkout_time"),
            ),
            required=True,
        ),
        Field("clock", _CLOCK),
        Field("order", ("checkout_id", "cart_id", "checkout_token", "basket_id")),
        Field("total", ("cart_value", "cart_total", "checkout_total", "total_price", "subtotal_price", "basket_value")),
        Field("quantity", ("num_cart_items", "items", "item_count", "cart_items")),
        Field("completed", _COMPLETED),
        Field("bought", (*_BOUGHT, *ORDER_NAMES)),
        Field("still_open", _STILL_OPEN),
        Field("status", ("status", "cart_status", "checkout_status", "recovery_status")),
        *_PEOPLE,
    ),
    normalise=checkouts,
    kind="checkout",
)

PEOPLE = Format(
    name="people",
    title="list of customers",
    fields=(Field("customer", (*CUSTOMER_NAMES, "id"), required=True), *_PEOPLE),
    normalise=people,
    kind="person",
)

GENERIC: tuple[Format, ...] = (EVENTS, CHECKOUTS, ORDERS, PEOPLE)
"""Templates, those first that need more to be taken for what they are."""

_NORMALISERS = {"events": events, "orders": orders, "checkouts": checkouts, "people": people}


def with_words(template: Format, words: Mapping[str, str]) -> Normalise:
    """Return a template's `normalise` with other words for what happened.

    Args:
        template: One of `GENERIC`.
        words: For events: word -> name of an `Event`; for orders: word -> one of `order_states.STATES`.
    """
    return partial(_NORMALISERS[template.name], words=dict(words))
