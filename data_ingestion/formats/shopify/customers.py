"""Shopify's list of customers: who they are and whether they agreed to e-mail; no activity.

`Total Spent` and `Total Orders` are as of the export, so for an abandonment before it they would look ahead.
They are read past; the order history gives what was known at the time.
"""

import numpy as np

from data_ingestion.formats.base import Field, Format, Normalised, Records, entries, judged, nobody, people_of
from data_ingestion.formats.identifiers import plain
from retention.activity.activity import Event
from retention.customers.consent import HEADERS
from retention.customers.reasons import Reason

PERSONAL = ("first_name", "last_name", "country", "zip", "region", "email_consent", "currency")

_LATEST = np.iinfo(np.int64).max
"""The list tells what holds at the export, so it comes after everything that is dated."""


def _normalise(records: Records) -> Normalised:
    records, changed = plain(records, ("customer", "email", "phone", "zip"))
    frame = records.frame
    verdict = judged(
        len(frame),
        *nobody(records),
        (frame.duplicated().to_numpy(), "", Reason.DUPLICATE),
    )
    time = np.full(len(frame), _LATEST, dtype=np.int64)
    again = frame["customer"].notna() & frame.duplicated("customer")
    counts = verdict.counts(cleaned_ids=changed, without_email=records.lacks("email"), repeated_customer=again)
    nothing = entries(records, np.zeros(len(frame), dtype=np.bool_), Event.VIEW)
    return Normalised(verdict, nothing, people_of(records, verdict.keep, PERSONAL, time), counts)


SHOPIFY_CUSTOMERS = Format(
    name="shopify_customers",
    title="Shopify customers",
    fields=(
        Field("customer", ("Customer ID", "id"), required=True),
        Field("email", ("Email",), required=True),
        Field("spent_so_far", ("Total Spent", "total_spent", "amount_spent_amount"), required=True),
        Field("orders_so_far", ("Total Orders", "orders_count", "number_of_orders"), required=True),
        Field("email_consent", HEADERS),
        Field("phone", ("Phone", "Default Address Phone")),
        Field("first_name", ("First Name", "first_name")),
        Field("last_name", ("Last Name", "last_name")),
        Field("country", ("Default Address Country Code", "Country Code", "Default Address Country", "Country")),
        Field("zip", ("Default Address Zip", "Zip")),
        Field("region", ("Default Address Province Code", "Province Code", "Default Address Province", "Province")),
        Field("currency", ("currency",)),
    ),
    normalise=_normalise,
    kind="customer",
)
