"""REES46 event logs: one row an event, several carts and purchases a session.

Rules: exact repeats are the same event sent twice, so the first stays; a price of zero or less is no money
known; a session may be missing, a customer or a time may not.
"""

from dataclasses import replace

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records
from data_ingestion.formats.event_logs import event_log

WORDS = {"view": "VIEW", "cart": "CART", "remove_from_cart": "REMOVE", "purchase": "PURCHASE"}


def _normalise(records: Records) -> Normalised:
    price = records.numbers("price")
    log = event_log(records, WORDS, value=np.where(price > 0, price, np.nan))
    worthless = int((log.verdict.keep & (price <= 0)).sum())
    return replace(log, counts={"price_not_positive": worthless, **log.counts})


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
    across=(),
)
