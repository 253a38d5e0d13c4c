"""Retailrocket event logs: views, additions to the cart and transactions, at milliseconds, without prices.

Rules: exact repeats are the same event sent twice, so the first stays; money is not known.
"""

from functools import partial

from data_ingestion.formats.base import Field, Format
from data_ingestion.formats.event_logs import event_log

WORDS = {"view": "VIEW", "addtocart": "CART", "transaction": "PURCHASE"}


RETAILROCKET = Format(
    name="retailrocket",
    title="Retailrocket event log",
    fields=(
        Field("time", ("timestamp",), required=True),
        Field("customer", ("visitorid",), required=True),
        Field("event", ("event",), required=True),
        Field("item", ("itemid",), required=True),
        Field("order", ("transactionid",)),
    ),
    normalise=partial(event_log, words=WORDS),
    kind="event",
    across=(),
)
