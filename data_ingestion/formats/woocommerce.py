"""WooCommerce's Analytics > Orders export: one row an order, the customer by name only.

Orders that wait for money or have failed (`pending`, `on-hold`, `failed`, `checkout-draft`) are checkouts that
came to nothing; `processing` and `completed` are purchases. A row of negative money pays a part of its order
back and is taken off the order.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.base import Field, Format, Mask, Normalised, Records, entries, judged, people_of
from data_ingestion.formats.order_states import STATES, state_of
from data_ingestion.formats.words import words
from retention.activity.activity import Event
from retention.customers.reasons import Reason

CHECKOUT = ("pending", "pending-payment", "on-hold", "failed", "checkout-draft", "draft")
PURCHASE = ("processing", "completed")
OWN = frozenset({*CHECKOUT, *PURCHASE, "cancelled", "refunded", "trash"})
_ALIKE = dict(zip(STATES, ("completed", "cancelled", "refunded", "failed"), strict=True))

WEAK_KEY = (
    "the export has no e-mail and no id of the customer, only names; customers of one name are taken for one person, "
    "and the file cannot be joined to others"
)


def _normalise(records: Records) -> Normalised:
    status = _status(records)
    checkout, purchase = status.isin(CHECKOUT).to_numpy(), status.isin(PURCHASE).to_numpy()
    total = records.numbers("total")
    back = _paid_back(records, purchase, total)
    verdict = judged(len(status), *_tests(records, status, total, back))
    orders = verdict.keep & ~((total < 0) & purchase)
    steps = entries(
        records,
        orders,
        np.where(checkout, Event.CHECKOUT, Event.PURCHASE).astype(np.int8),
        customer=records.column("customer").str.strip(),
        value=total - back,
        items=np.maximum(records.numbers("quantity"), 0),
        order=records.column("order").where(purchase, None),
    )
    counts = verdict.counts(
        unfinished_orders=checkout,
        refunded_in_part=orders & (back > 0),
        refund_rows=~orders,
        money_unknown=orders & np.isnan(total),
        money_zero=orders & (total == 0),
    )
    people = people_of(records, orders, ())
    return Normalised(verdict, steps, people, counts, (f"{records.name}: {WEAK_KEY}",))


def _status(records: Records) -> "pd.Series[str]":
    """Return the state of each order in WooCommerce's own words, where its language or a plugin has others."""
    status = words(records.column("status")).str.removeprefix("wc-")
    known = {word: word if word in OWN else _ALIKE.get(state_of(word), word) for word in status.unique()}
    return status.map(known)


def _paid_back(records: Records, purchase: Mask, total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the money that rows of negative money take off each row's order."""
    order = records.column("order")
    taken = pd.Series(np.where(purchase & (total < 0), -total, 0.0))
    summed: pd.Series[float] = taken.groupby(order.to_numpy(dtype=object)).sum()
    back = order.map(summed).fillna(0).to_numpy(dtype=np.float64)
    return np.where(purchase & (total >= 0), back, 0.0)


def _tests(
    records: Records, status: "pd.Series[str]", total: NDArray[np.float64], back: NDArray[np.float64]
) -> tuple[tuple[Mask, str, Reason], ...]:
    frame, order = records.frame, records.column("order")
    known = status.isin([*CHECKOUT, *PURCHASE]).to_numpy()
    whole = (back > 0) & (back >= total)
    bought = order.where((total >= 0) & known & ~whole, None).dropna()
    kept_order = order.isin(bought).to_numpy()
    again = order.notna().to_numpy() & (total >= 0) & frame.assign(sign=total < 0).duplicated(["order", "sign"])
    return (
        (frame.duplicated().to_numpy(), "", Reason.DUPLICATE),
        (records.lacks("customer"), "customer", Reason.MISSING_USER_ID),
        (records.lacks("time"), "time", Reason.MISSING_DATE),
        ((status == "cancelled").to_numpy(), "status", Reason.CANCELLATION),
        ((status == "refunded").to_numpy() | whole, "status", Reason.REFUND),
        ((status == "trash").to_numpy(), "status", Reason.NOT_AN_ORDER),
        (~known, "status", Reason.UNKNOWN_EVENT),
        ((total < 0) & ~kept_order, "total", Reason.REFUND),
        (again.to_numpy(), "order", Reason.REPEATED_ORDER),
    )


WOOCOMMERCE = Format(
    name="woocommerce",
    title="WooCommerce orders (Analytics export)",
    fields=(
        Field("order", ("Order #",), required=True),
        Field("status", ("Status",), required=True),
        Field("customer", ("Customer",), required=True),
        Field("total", ("Net Sales", "N. Revenue (formatted)"), required=True),
        Field("time", ("Date",), needed="Without the date of each order nobody can tell what came before what"),
        Field("quantity", ("Items sold",)),
        Field("title", ("Product(s)",)),
    ),
    normalise=_normalise,
    kind="order",
)
