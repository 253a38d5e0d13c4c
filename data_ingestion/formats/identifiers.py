"""Identifiers as spreadsheets and interfaces decorate them -> as they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from data_ingestion.formats.base import Mask, Records
from retention.customers.keys import Contacts, shared_by_rounding, with_contacts
from retention.customers.normalise import emails, text_column
from retention.customers.phone import phones_of
from retention.wording import counted

ADDRESSES: dict[str, tuple[str, ...]] = {
    "phone": ("billing_phone", "shipping_phone"),
    "country": ("shipping_country",),
    "zip": ("shipping_zip",),
    "region": ("shipping_region",),
    "first_name": ("shipping_first_name",),
    "last_name": ("shipping_last_name",),
}
"""Columns of a person -> where else they may stand, the best first."""

_RESOURCE = r"^gid://shopify/\w+/"


def plain(records: Records, names: Sequence[str]) -> tuple[Records, Mask]:
    """Return records whose identifiers can be compared, and which rows were changed.

    Spreadsheets put an apostrophe before what would become a number (`'00123`), and Shopify's interface writes
    `gid://shopify/Customer/123` for `123`. Both are taken off.

    Args:
        records: Rows of a file.
        names: Columns of text to look at; those that the file does not have are passed over.
    """
    changed = np.zeros(len(records.frame), dtype=np.bool_)
    frame = records.frame.copy(deep=False)
    for name in names:
        if name not in records.frame:
            continue
        before = records.frame[name]
        text = before.str.removeprefix("'").str.replace(_RESOURCE, "", regex=True)
        text = text.where(text.str.strip() != "", None)
        frame[name] = text
        changed |= (before.notna() & (text.isna() | (text != before))).to_numpy(dtype=np.bool_)
    return replace(records, frame=frame), changed


def known(records: Records, region: str, contacts: Contacts | None = None) -> tuple[Records, tuple[str, ...]]:
    """Return records with what their customers are known by where it is looked for, and what a person should know.

    Phone, country and the like are those of the invoice, where blank those of the delivery; an id that is an address
    or a number stands as that, too; and a customer with neither id nor address is known by the number in E.164.

    Args:
        records: Rows of a file.
        region: ISO 3166 code of the shop's country, by which national phone numbers are read; empty for none.
        contacts: What the ids of all are besides ids, none of them rounded, where these are rows of some customers.
    """
    records, warnings = _addressed(records), tuple[str, ...]()
    frame = with_contacts(records.frame, "customer", contacts)
    shared = shared_by_rounding(frame, "customer", None if contacts is None else False)
    if shared.any():
        frame = frame.assign(customer=frame["customer"].mask(shared, None))
        what = f"{counted(int(shared.sum()), 'row')} of different people with one id, such as 0 or a rounded one"
        instead = "they count by e-mail address or phone number, and without one they are set aside"
        warnings = (f"{records.name}: {what}; {instead}",)
    phone = text_column(frame, "phone")
    alone = pc.and_(phone.is_valid(), text_column(frame, "customer").is_null())
    if pc.any(alone, min_count=0).as_py():
        alone = pc.and_(alone, emails(text_column(frame, "email")).is_null())
        some = frame[alone.to_numpy(zero_copy_only=False)]
        numbers = pc.coalesce(phones_of(some, region), text_column(some, "phone"))
        frame = frame.assign(phone=pd.array(pc.replace_with_mask(phone, alone, numbers), dtype="str"))
    return replace(records, frame=frame), warnings


def _addressed(records: Records) -> Records:
    frame = records.frame.copy(deep=False)
    for name, others in ADDRESSES.items():
        for other in others:
            if other in frame:
                frame[name] = frame[name].combine_first(frame[other]) if name in frame else frame[other]
    return replace(records, frame=frame)
