"""Shopify orders: the export, rows of the interface, and lists of order lines, which alone say too little."""

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, people_of
from data_ingestion.formats.json_cells import pieces
from data_ingestion.formats.shopify.export import FIELDS, ORDERS, TIME_NEEDED, normalise
from data_ingestion.formats.shopify.rows import CONTENT, PERSON, PERSONAL, prepared, row_tests
from data_ingestion.formats.shopify.states import order_states
from retention.activity.activity import Event


def _normalise(records: Records) -> Normalised:
    records, changed = prepared(records)
    states = order_states(records, np.ones(len(records.frame), dtype=np.bool_))
    verdict = judged(len(records.frame), *row_tests(records), *states.tests)
    items, numbers = pieces(records.column("lines")), records.column("number")
    orders = entries(records, verdict.keep, Event.PURCHASE, value=states.value, items=items, order=numbers)
    counts = verdict.counts(**states.noticed, cleaned_ids=changed)
    return Normalised(verdict, orders, people_of(records, verdict.keep, PERSONAL), counts)


SHOPIFY_ORDERS = Format(
    name=ORDERS,
    title="Shopify orders",
    fields=FIELDS,
    normalise=normalise,
    kind="order line",
)

SHOPIFY_ORDER_ROWS = Format(
    name="shopify_order_rows",
    title="Shopify orders (API)",
    fields=(
        *CONTENT,
        Field("status", ("financial_status", "display_financial_status"), required=True),
        Field("time", ("created_at",), needed=TIME_NEEDED, utc=True),
        Field("cancelled", ("cancelled_at",), utc=True),
        Field("refunded", ("total_refunded", "total_refunded_set_shop_amount")),
        Field("test", ("test",)),
        *PERSON,
    ),
    normalise=_normalise,
    kind="order",
)

_LINES_REFUSED = (
    "The lines name neither the customer nor the time of their order; give the list of orders "
    "(with id, created_at, total_price and customer_id or email), and of checkouts, instead"
)

SHOPIFY_ORDER_LINES = Format(
    name="shopify_order_lines",
    title="Shopify order lines",
    fields=(
        Field("order", ("order_id",), required=True),
        Field("number", ("id",), required=True),
        Field("item", ("variant_id",), required=True),
        Field("quantity", ("quantity",), required=True),
        Field("status", ("fulfillable_quantity", "unfulfilled_quantity"), required=True),
    ),
    normalise=None,
    kind="order line",
    refused=_LINES_REFUSED,
)
"""Recognised to be refused with a message that says what to bring."""
