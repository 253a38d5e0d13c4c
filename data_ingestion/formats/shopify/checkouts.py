"""Shopify checkouts: the export of abandoned ones, and rows of the interface.

A row of the interface says two things: the checkout that was begun, and, where it was completed, the purchase.
Whether that came in time is decided later, by the recovery window.
"""

from functools import partial

import numpy as np
import pandas as pd

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, people_of
from data_ingestion.formats.json_cells import pieces
from data_ingestion.formats.shopify.export import CHECKOUTS, FIELDS, TIME_NEEDED, normalise
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
    known = partial(entries, records, value=total, items=pieces(records.column("lines")))
    checkouts = known(verdict.keep, Event.CHECKOUT)
    # Clocks differ, and a purchase cannot come before the checkout that it completes.
    late = np.maximum(begun, completed)
    purchases = known(bought, Event.PURCHASE, time=late, order=records.column("number"))
    counts = verdict.counts(
        completed=bought,
        completed_before_it_began=bought & (completed < begun),
        money_unknown=np.isnan(total),
        money_zero=total == 0,
        cleaned_ids=changed,
    )
    both = pd.concat([checkouts, purchases], ignore_index=True)
    return Normalised(verdict, both, people_of(records, verdict.keep, PERSONAL), counts)


SHOPIFY_CHECKOUTS = Format(
    name=CHECKOUTS,
    title="Shopify abandoned checkouts",
    fields=FIELDS,
    normalise=partial(normalise, all_checkouts=True),
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
