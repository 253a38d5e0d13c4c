"""The layout of Shopify's exports of orders and of abandoned checkouts: several rows each, one a line item.

Money, status and addresses stand on the first row only; `Name`, `Email` and `Created at` repeat. Both exports
have the same columns. A record is an abandoned checkout if its status and its payment are blank and its name is
`#` and its number, or if no record of the file has a status or a payment; else it is an order.
"""

import numpy as np

from data_ingestion.formats.base import Field, Mask, Normalised, Records, entries, judged, nobody, optional, people_of
from data_ingestion.formats.identifiers import plain
from data_ingestion.formats.lines import Lines, group_lines
from data_ingestion.formats.shopify.states import money, order_states
from data_ingestion.formats.words import words
from retention.activity.activity import Event
from retention.customers.reasons import Reason

ORDERS, CHECKOUTS = "shopify_orders", "shopify_checkouts"

TIME_NEEDED = (
    "Without the time of each order or checkout nobody can tell what came before an abandonment and what after it; "
    "export the file again with that column"
)

FIELDS: tuple[Field, ...] = (
    Field("order", ("Name",), required=True),
    Field("email", ("Email",), required=True),
    Field("status", ("Financial Status",), required=True),
    Field("time", ("Created at",), needed=TIME_NEEDED),
    *optional(paid="Paid at", cancelled="Cancelled at", total="Total", subtotal="Subtotal"),
    *optional(refunded="Refunded Amount", quantity="Lineitem quantity", title="Lineitem name", number="Id"),
    *optional(customer="Customer ID", email_consent="Accepts Marketing", currency="Currency", phone="Phone"),
    *optional(billing_phone="Billing Phone", shipping_phone="Shipping Phone"),
    *optional(country="Billing Country", shipping_country="Shipping Country"),
    *optional(zip="Billing Zip", shipping_zip="Shipping Zip"),
    *optional(region="Billing Province", shipping_region="Shipping Province"),
)

PERSONAL = ("email_consent", "currency", "country", "zip", "region")
OWN = ("email", "status", "time", "cancelled", "total", "subtotal", "refunded", "number")


def normalise(records: Records, all_checkouts: bool = False) -> Normalised:
    """Return what the rows say; each record is judged by its content, unless every one is to be a checkout."""
    records, changed = plain(records, ("order", "number", "customer", "email", "phone", "zip"))
    lines = group_lines(records.frame, "order", _starts(records), OWN)
    checkouts = lines.is_head & (all_checkouts | _are_checkouts(records, lines))
    states = order_states(records, lines.is_head & ~checkouts)
    unclear = lines.is_head & ~checkouts & ~_has_state(records)
    verdict = judged(
        len(records.frame),
        (lines.head < 0, "order", Reason.INCOMPLETE_ORDER),
        (lines.repeated, "order", Reason.REPEATED_ORDER),
        *((lines.of_orders(mask), column, reason) for mask, column, reason in nobody(records)),
        (lines.of_orders(records.lacks("time")), "time", Reason.MISSING_DATE),
        (lines.of_orders(unclear), "status", Reason.UNKNOWN_EVENT),
        *((lines.of_orders(mask), column, reason) for mask, column, reason in states.tests),
    )
    heads = verdict.keep & lines.is_head
    steps = entries(
        records,
        heads,
        np.where(checkouts, Event.CHECKOUT, Event.PURCHASE).astype(np.int8),
        value=states.value,
        # A quantity of zero or less adds nothing.
        items=lines.sums(np.maximum(records.numbers("quantity"), 0)),
        order=records.column("order").where(~checkouts, None),
    )
    counts = verdict.counts(
        **{name: lines.is_head & mask for name, mask in states.noticed.items()},
        line_rows=~lines.is_head,
        filled_down=lines.filled,
        quantity_not_positive=records.numbers("quantity") <= 0,
        cleaned_ids=changed,
    )
    layout = CHECKOUTS if checkouts.any() and not (lines.is_head & ~checkouts).any() else ORDERS
    return Normalised(verdict, steps, people_of(records, heads, PERSONAL), counts, layout=layout)


def _starts(records: Records) -> Mask:
    """Return the rows with an order's own values."""
    return records.column("number").notna().to_numpy() | ~np.isnan(money(records))


def _has_state(records: Records) -> Mask:
    stated = words(records.column("status")) != ""
    return np.asarray(stated.to_numpy() | records.column("paid").notna().to_numpy())


def _are_checkouts(records: Records, lines: Lines) -> Mask:
    """Return which records are abandoned checkouts, for their first rows."""
    stated = _has_state(records)
    if not (stated & lines.is_head).any():
        return np.ones(len(stated), dtype=np.bool_)
    numbered = "#" + records.column("number").str.strip() == records.column("order").str.strip()
    return ~stated & numbered.fillna(False).to_numpy(dtype=np.bool_)
