"""Identifiers as spreadsheets and interfaces decorate them -> as they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data_ingestion.formats.base import Mask, Records

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


def addressed(records: Records) -> Records:
    """Return records whose phone, country and the like are those of the invoice, where blank those of the delivery."""
    frame = records.frame.copy(deep=False)
    for name, others in ADDRESSES.items():
        for other in others:
            if other in frame:
                frame[name] = frame[name].combine_first(frame[other]) if name in frame else frame[other]
    return replace(records, frame=frame)
