"""Google Analytics 4: rows of the export to a warehouse, flattened; one row an event.

A customer is the `user_id`; a row without one belongs to the user whose id stands beside the same device in
other rows, if that is one user only, else to the device. Events that are no step of a purchase, such as
`page_view` or `scroll`, are visits. A refund is dated, and a purchase stays what it was until then, so refunds
are put aside and the purchase stays.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.base import Field, Format, Mask, Normalised, Records, entries, judged, people_of
from data_ingestion.formats.json_cells import pieces, session_ids
from data_ingestion.formats.words import words
from retention.activity.activity import Event
from retention.customers.reasons import Reason

STEPS: dict[str, Event] = {
    "view-item": Event.VIEW,
    "view-cart": Event.VIEW,
    "add-to-cart": Event.CART,
    "remove-from-cart": Event.REMOVE,
    "begin-checkout": Event.CHECKOUT,
    "add-shipping-info": Event.CHECKOUT,
    "add-payment-info": Event.CHECKOUT,
    "purchase": Event.PURCHASE,
    "ecommerce-purchase": Event.PURCHASE,
    "in-app-purchase": Event.PURCHASE,
}
REFUND = "refund"
NOT_SET = ("(not set)", "(none)", "(other)")


def _normalise(records: Records) -> Normalised:
    names = words(records.column("event"))
    customer, by_device = _customers(records)
    people = replace(records, frame=records.frame.assign(customer=customer))
    verdict = judged(
        len(names),
        (people.lacks("customer"), "customer", Reason.MISSING_USER_ID),
        (records.lacks("time"), "time", Reason.MISSING_DATE),
        ((names == "").to_numpy(), "event", Reason.UNKNOWN_EVENT),
        (records.frame.duplicated().to_numpy(), "", Reason.DUPLICATE),
        ((names == REFUND).to_numpy(), "event", Reason.REFUND),
    )
    codes = names.map(STEPS).fillna(Event.VIEW).to_numpy().astype(np.int8)
    value, dollars = _value(records, codes)
    order = records.column("order").where(~records.column("order").isin(NOT_SET), None)
    items, visit = _items(records, codes), _visits(records)
    steps = entries(people, verdict.keep, codes, value=value, items=items, visit=visit, order=order)
    counts = verdict.counts(
        customer_by_device=by_device,
        other_events=~names.isin(STEPS),
        without_session=visit.isna(),
        money_unknown=(codes != Event.VIEW) & np.isnan(value),
    )
    if dollars:
        known = ~np.isnan(value)
        people.frame["currency"] = pd.Series("USD", index=people.frame.index, dtype="str").where(known, None)
    return Normalised(verdict, steps, people_of(people, verdict.keep, ("currency",)), counts)


def _customers(records: Records) -> tuple["pd.Series[Any]", Mask]:
    """Return the customer of each row, and where that is a device of nobody known."""
    user, device = records.column("customer"), records.column("device")
    pairs = pd.DataFrame({"user": user, "device": device}).dropna().drop_duplicates()
    # A device of several users is shared, so nobody can tell whose its other rows are.
    single = pairs.drop_duplicates("device", keep=False).set_index("device")["user"]
    customer = user.combine_first(device.map(single)).combine_first(device).astype("str")
    by_device = user.isna() & device.notna() & ~device.isin(single.index)
    return customer, by_device.to_numpy()


def _value(records: Records, codes: NDArray[np.int8]) -> tuple[NDArray[np.float64], bool]:
    """Return the money of each event, NaN where it is not above zero, and whether it is in US dollars.

    Dollars are taken where the file has them at all, because then carts and purchases are in one currency.
    """
    dollars = "total" in records.frame or "price" in records.frame
    revenue = records.numbers("total" if dollars else "subtotal")
    stated = records.numbers("price")
    value = np.where((codes == Event.PURCHASE) & (revenue > 0), revenue, stated)
    return np.where(value > 0, value, np.nan), dollars


def _items(records: Records, codes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the pieces of each event; an item put in or taken out without a quantity is one piece."""
    quantity = records.numbers("quantity")
    quantity = np.where(quantity > 0, quantity, pieces(records.column("lines")))
    single = (codes == Event.CART) | (codes == Event.REMOVE)
    return np.where(single & ~(quantity > 0), 1.0, np.where(quantity > 0, quantity, np.nan))


def _visits(records: Records) -> "pd.Series[Any]":
    """Return the visit of each event; Google numbers visits per device."""
    visit = records.column("visit").combine_first(session_ids(records.column("params"))).astype("str")
    return visit.str.cat(records.column("device").fillna(""), sep=" ")


GA4 = Format(
    name="ga4",
    title="Google Analytics 4 export",
    fields=(
        Field("event", ("event_name", "name"), required=True),
        Field("device", ("user_pseudo_id",), required=True),
        Field(
            "time",
            ("event_timestamp", "timestamp"),
            needed="Without the time of each event nobody can tell what came before what; a date alone is too coarse",
            utc=True,
        ),
        Field("customer", ("user_id",)),
        Field("visit", ("param_ga_session_id", "ga_session_id", "event_params.ga_session_id")),
        Field("params", ("event_params",)),
        Field("total", ("ecommerce.purchase_revenue_in_usd", "ecommerce_purchase_revenue_in_usd")),
        Field("subtotal", ("ecommerce.purchase_revenue", "ecommerce_purchase_revenue")),
        Field("price", ("event_value_in_usd", "value_in_usd")),
        Field("quantity", ("ecommerce.total_item_quantity", "ecommerce_total_item_quantity")),
        Field("order", ("ecommerce.transaction_id", "ecommerce_transaction_id", "transaction_id")),
        Field("lines", ("items",)),
        # These two are read for one thing: two events of one moment differ in them, and are not taken for one sent
        # twice.
        Field("number", ("batch_event_index", "_fivetran_id")),
        Field("token", ("event_bundle_sequence_id", "bundle_sequence_id")),
    ),
    normalise=_normalise,
    kind="event",
)
