"""UCI Online Retail and files like it: one row an order line, cancellations as invoices that start with C.

Rules: a line without a customer, a cancellation, and a line whose quantity or price is zero or less is no
purchase. Exact repeats are real order lines (the same article scanned twice), so they stay and are counted.
"""

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records
from data_ingestion.formats.order_history import TIME_NEEDED, order_history
from retention.customers.reasons import Reason


def _normalise(records: Records) -> Normalised:
    quantity, price = records.numbers("quantity"), records.numbers("price")
    cancelled = records.column("order").str.strip().str.upper().str.startswith("C", na=False).to_numpy(dtype=np.bool_)
    tests = (
        (cancelled, "order", Reason.CANCELLATION),
        # A quantity or price that is missing fails the comparison, too.
        (~(quantity > 0), "quantity", Reason.QUANTITY_NOT_POSITIVE),
        (~(price > 0), "price", Reason.PRICE_NOT_POSITIVE),
    )
    counts = {"without_customer": int(records.lacks("customer").sum()), "cancellations": int(cancelled.sum())}
    return order_history(records, price * quantity, tests, counts=counts, people=("country",))


ONLINE_RETAIL = Format(
    name="online_retail",
    title="Online Retail order lines",
    fields=(
        Field("order", ("InvoiceNo", "Invoice"), required=True),
        Field("item", ("StockCode",), required=True),
        Field("title", ("Description",)),
        Field("quantity", ("Quantity",), required=True),
        Field("time", ("InvoiceDate",), needed=TIME_NEEDED),
        Field("price", ("UnitPrice", "Price"), required=True),
        Field("customer", ("CustomerID", "Customer ID"), required=True),
        Field("country", ("Country",)),
    ),
    normalise=_normalise,
    kind="order line",
    across=(),
)
