"""Shopify checkouts: the export of abandoned ones, and rows of the interface.

A row of the interface says two things: the checkout that was begun, and, where it was completed, the purchase.
Whether that came in time is decided later, by the recovery window.
"""

import numpy as np
import pandas as pd

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, people_of
from data_ingestion.formats.nested import pieces
from data_ingestion.formats.shopify.export import CHECKOUTS, FIELDS, TIME_NEEDED, reader
from data_ingestion.formats.shopify.rows import CONTENT, PERSON, PERSONAL, prepared, row_tests
from data_ingestion.formats.shopify.states import money
from retention.activity.activity import Event
from retention.customers.reasons import Reason

_NEVER = np.iinfo(np.int64).min


def _normalise(records: Records) -> Normalised:
    records, changed = prepared(records)
    total = money(records)
    verdict = judged(len(records.frame), *row_tests(records), (total < 0, "total", Reason.PRICE_NOT_POSITIVE))
    begun, completed = records.micros("time"), records.micros("completed")
    bought = verdict.keep & (completed != _NEVER)
    known = {
        "customer": records.column("customer"),
        "email": records.column("email"),
        "value": total,
        "items": pieces(records.column("lines")),
    }
    checkouts = {"time": begun, "event": np.full(len(begun), Event.CHECKOUT, dtype=np.int8)}
    # Clocks differ, and a purchase cannot come before the checkout that it completes.
    purchases = {
        "time": np.maximum(begun, completed),
        "event": np.full(len(begun), Event.PURCHASE, dtype=np.int8),
        "order": records.column("number"),
    }
    made = [entries(verdict.keep, known | checkouts), entries(bought, known | purchases)]
    counts = {
        "completed": int(bought.sum()),
        "completed_before_it_began": int((bought & (completed < begun)).sum()),
        "money_unknown": int((verdict.keep & np.isnan(total)).sum()),
        "money_zero": int((verdict.keep & (total == 0)).sum()),
        "cleaned_ids": int((verdict.keep & changed).sum()),
    }
    both = pd.concat(made, ignore_index=True)
    return Normalised(verdict, both, people_of(records, verdict.keep, PERSONAL, begun), counts)


SHOPIFY_CHECKOUTS = Format(
    name=CHECKOUTS,
    title="Shopify abandoned checkouts",
    fields=FIELDS,
    normalise=reader(CHECKOUTS),
    kind="checkout line",
)
"""The export; its columns are those of orders, so it is found by what stands in them."""

SHOPIFY_CHECKOUT_ROWS = Format(
    name="shopify_checkout_rows",
    title="Shopify checkouts (API)",
    fields=(
        *CONTENT,
        Field("completed", ("completed_at",), required=True, utc=True),
        Field("token", ("token", "abandoned_checkout_url"), required=True),
        Field("time", ("created_at",), needed=TIME_NEEDED, utc=True),
        *PERSON,
    ),
    normalise=_normalise,
    kind="checkout",
)
