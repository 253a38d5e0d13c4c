"""UCI Online Retail and files like it: one row an order line, cancellations as invoices that start with C.

Rules: a line without a customer, a cancellation, and a line whose quantity or price is zero or less is no
purchase. Exact repeats are real order lines (the same article scanned twice), so they stay and are counted.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.formats.base import Field, Format, Mask, Normalised, Records, entries, judged, people_of, repeated
from data_ingestion.formats.order_history import TIME_NEEDED
from retention.activity.activity import Event
from retention.customers.reasons import Reason


def _normalise(records: Records) -> Normalised:
    frame = records.frame
    quantity, price, time = records.numbers("quantity"), records.numbers("price"), records.micros("time")
    nobody = frame["customer"].isna().to_numpy()
    cancelled = _cancelled(records)
    verdict = judged(
        len(frame),
        (nobody, "customer", Reason.MISSING_USER_ID),
        (frame["time"].isna().to_numpy(), "time", Reason.MISSING_DATE),
        (cancelled, "order", Reason.CANCELLATION),
        # A quantity or price that is missing fails the comparison, too.
        (~(quantity > 0), "quantity", Reason.QUANTITY_NOT_POSITIVE),
        (~(price > 0), "price", Reason.PRICE_NOT_POSITIVE),
    )
    value = price * quantity
    made = entries(
        verdict.keep,
        {
            "customer": frame["customer"],
            "time": time,
            "event": np.full(len(frame), Event.PURCHASE, dtype=np.int8),
            "value": value,
            "items": quantity,
            "order": records.column("order"),
        },
    )
    counts = {
        "without_customer": int(nobody.sum()),
        "cancellations": int(cancelled.sum()),
        "exact_repeats": int(repeated(frame).sum()),
    }
    people = people_of(records, verdict.keep, ("country",), time)
    named = frame["customer"].nunique()
    return Normalised(verdict, made, people, counts, gross=float(np.nansum(value)), named=named)


def _cancelled(records: Records) -> Mask:
    invoices = pc.utf8_upper(pc.utf8_trim_whitespace(pa.array(records.column("order"), pa.large_string())))
    return np.asarray(pc.starts_with(invoices, "C").fill_null(False).to_numpy(zero_copy_only=False))


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
)
