"""OTTO sessions: JSON lines with a session and its clicks, carts and orders, without prices.

Rules: a session is one customer and one visit, because nothing else is known about who it was; exact repeats are
the same event sent twice; several articles ordered at one time are lines of one order.
"""

from dataclasses import replace

import pandas as pd

from data_ingestion.formats.base import Field, Format, Normalised, Records
from data_ingestion.formats.event_logs import event_log

WORDS = {"clicks": "VIEW", "carts": "CART", "orders": "PURCHASE"}


def _normalise(records: Records) -> Normalised:
    session = records.column("customer")
    moment = pd.Series(records.micros("time")).astype("str")
    frame = records.frame.assign(visit=session, order=session.str.cat(moment, sep=" "))
    return event_log(replace(records, frame=frame), WORDS)


OTTO = Format(
    name="otto",
    title="OTTO sessions",
    fields=(
        Field("customer", ("session",), required=True),
        Field("item", ("aid",), required=True),
        Field("time", ("ts",), required=True),
        Field("event", ("type",), required=True),
    ),
    normalise=_normalise,
    kind="event",
    across=(),
)
