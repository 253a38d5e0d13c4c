"""REES46 event logs: one row an event, several carts and purchases a session.

Rules: exact repeats are the same event sent twice, so the first stays; a price of zero or less is no money
known; a session may be missing, a customer or a time may not.
"""

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, people_of, repeated
from data_ingestion.formats.words import event_codes
from retention.customers.reasons import Reason

WORDS = {"view": "VIEW", "cart": "CART", "remove_from_cart": "REMOVE", "purchase": "PURCHASE"}


def _normalise(records: Records) -> Normalised:
    frame = records.frame
    codes, known = event_codes(records.column("event"), WORDS)
    verdict = judged(
        len(frame),
        (frame["customer"].isna().to_numpy(), "customer", Reason.MISSING_USER_ID),
        (frame["time"].isna().to_numpy(), "time", Reason.MISSING_DATE),
        (~known, "event", Reason.UNKNOWN_EVENT),
        (repeated(frame), "", Reason.DUPLICATE),
    )
    price = records.numbers("price")
    time = records.micros("time")
    made = entries(
        verdict.keep,
        {
            "customer": frame["customer"],
            "time": time,
            "event": codes,
            "value": np.where(price > 0, price, np.nan),
            "items": np.ones(len(frame)),
            "visit": records.column("visit"),
        },
    )
    counts = {
        "price_not_positive": int((verdict.keep & (price <= 0)).sum()),
        "without_session": int((verdict.keep & records.column("visit").isna().to_numpy()).sum()),
    }
    return Normalised(verdict, made, people_of(records, verdict.keep, (), time), counts)


REES46 = Format(
    name="rees46",
    title="REES46 event log",
    fields=(
        Field("time", ("event_time",), required=True),
        Field("event", ("event_type",), required=True),
        Field("item", ("product_id",), required=True),
        Field("price", ("price",), required=True),
        Field("customer", ("user_id",), required=True),
        Field("visit", ("user_session",), required=True),
        Field("title", ("category_id",)),
    ),
    normalise=_normalise,
    kind="event",
)
