"""CDNOW order history: one row an order; columns separated by blanks, in the sample without a header.

Rules: exact repeats are two orders of one day, so they stay and are counted. An order of zero money is an order
(a gift or a voucher paid it), so it stays, with a value of zero; one below zero is a return, no order.
"""

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, people_of, repeated
from data_ingestion.formats.order_history import TIME_NEEDED
from retention.activity.activity import Event
from retention.customers.reasons import Reason

SAMPLE_HEADER = ("customer_id", "sample_id", "date", "number_of_cds", "dollar_value")
"""What the columns of the sample hold, which has no header."""


def _normalise(records: Records) -> Normalised:
    frame = records.frame
    units, money, time = records.numbers("quantity"), records.numbers("total"), records.micros("time")
    verdict = judged(
        len(frame),
        (frame["customer"].isna().to_numpy(), "customer", Reason.MISSING_USER_ID),
        (frame["time"].isna().to_numpy(), "time", Reason.MISSING_DATE),
        (~(units > 0), "quantity", Reason.QUANTITY_NOT_POSITIVE),
        (~(money >= 0), "total", Reason.PRICE_NOT_POSITIVE),
    )
    made = entries(
        verdict.keep,
        {
            "customer": frame["customer"],
            "time": time,
            "event": np.full(len(frame), Event.PURCHASE, dtype=np.int8),
            "value": money,
            "items": units,
        },
    )
    counts = {
        "zero_amount": int((verdict.keep & (money == 0)).sum()),
        "exact_repeats": int(repeated(frame).sum()),
    }
    people = people_of(records, verdict.keep, (), time)
    named = frame["customer"].nunique()
    return Normalised(verdict, made, people, counts, gross=float(np.nansum(money)), named=named)


CDNOW = Format(
    name="cdnow",
    title="CDNOW order history",
    fields=(
        Field("customer", ("customer_id",), required=True),
        Field("time", ("date",), needed=TIME_NEEDED),
        Field("quantity", ("number_of_cds",), required=True),
        Field("total", ("dollar_value",), required=True),
    ),
    normalise=_normalise,
    kind="order",
)
