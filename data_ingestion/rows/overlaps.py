"""What several files of one shop say twice: overlapping exports, and one purchase told by several sources."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.activity import Event
from retention.wording import counted

Mask = NDArray[np.bool_]

TRUST: tuple[str, ...] = ("shopify_orders", "shopify_order_rows", "woocommerce", "shopify_checkout_rows", "ga4")
"""Layouts that tell of whole purchases, those that know most about one first."""

CHECKOUTS: tuple[str, ...] = ("shopify_checkouts", "shopify_orders", "woocommerce", "shopify_checkout_rows")
"""Layouts that tell of whole checkouts."""

NEAR = 3_600_000_000
"""Microseconds within which two sources that tell of a customer's purchase mean the same one: an hour."""


@dataclass(frozen=True)
class SourceEntries:
    """The entries of one file.

    Args:
        name: The file.
        layout: Name of its format.
        entries: `time, event, order` and more.
        customer: Code of the customer of each entry, shape (n,).
    """

    name: str
    layout: str
    entries: pd.DataFrame
    customer: NDArray[np.int32]


def told_once(files: Sequence[SourceEntries]) -> list[Mask]:
    """Return which entries of each file count.

    - An order (by its name, customer and time) that an earlier file of the same layout has, too, counts once.
    - A checkout of a customer at a time that an earlier file has, too, counts once.
    - A customer's purchases within an hour of each other in sources of different layouts are one purchase; that
      of the layout which comes first in `TRUST` counts.
    """
    keep = [np.ones(len(file.entries), dtype=np.bool_) for file in files]
    table = _table(files)
    if table["file"].nunique() > 1:
        table = table[~_overlapping(table)]
        table = table[~_same_purchase(table)]
        for place, file in enumerate(files):
            if file.layout in (*TRUST, *CHECKOUTS):
                keep[place] = np.isin(np.arange(len(file.entries)), table.loc[table["file"] == place, "entry"])
    return keep


def again_words(name: str, entries: int) -> str:
    """Say how many entries of a file do not count."""
    return f"{name}: checkouts or purchases that are also in another file: {entries:,}; they count once"


def equal_lines(files: Sequence[SourceEntries]) -> dict[tuple[int, int], int]:
    """Return how many lines of each log or order history an earlier file of its layout has, too, by their places.

    A line is a part of something, and equal ones may be two articles, so nobody can tell which of them to leave out.
    """
    return {
        (place, before): _in_both(file, other)
        for place, file in enumerate(files)
        for before, other in enumerate(files[:place])
        if file.layout == other.layout and file.layout not in (*TRUST, *CHECKOUTS)
    }


def equal_words(name: str, other: str, equal: int, entries: int) -> str:
    """Say how many lines of a file are also in another."""
    return (
        f"{name}: {equal:,} of its {counted(entries, 'line')} also in {other}, with "
        "equal customer, time, event and money; if the files overlap, these count twice: give each day once"
    )


def _in_both(one: SourceEntries, other: SourceEntries) -> int:
    """Return how many entries of a file another has, too; only the time that both cover is looked at."""
    start = max(one.entries["time"].min(), other.entries["time"].min())
    end = min(one.entries["time"].max(), other.entries["time"].max())
    near, known = (_keys(file, start, end) for file in (one, other))
    return len(near.merge(known.drop_duplicates()))


def _keys(file: SourceEntries, start: int, end: int) -> pd.DataFrame:
    compared = [name for name in ("time", "event", "value", "items", "order") if name in file.entries]
    return file.entries[compared].assign(customer=file.customer)[file.entries["time"].between(start, end)]


def _table(files: Sequence[SourceEntries]) -> pd.DataFrame:
    """Return the entries of the files that tell of whole checkouts or purchases."""
    parts = [
        pd.DataFrame(
            {
                "file": place,
                "entry": np.arange(len(file.entries)),
                "layout": file.layout,
                "customer": file.customer,
                "time": file.entries["time"].to_numpy(),
                "event": file.entries["event"].to_numpy(),
                "order": file.entries["order"].to_numpy(dtype=object),
            }
        )
        for place, file in enumerate(files)
        if file.layout in (*TRUST, *CHECKOUTS)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"file": []})


def _overlapping(table: pd.DataFrame) -> Mask:
    """Return the entries that an earlier file has, too."""
    checkout = (table["event"] == Event.CHECKOUT) & table["layout"].isin(CHECKOUTS)
    purchase = (table["event"] == Event.PURCHASE) & table["order"].notna()
    # Names of orders mean the same within one layout only, so purchases are compared there. Checkouts have none, and
    # are compared across layouts by customer and time.
    key = table[["customer", "time", "event"]].assign(
        layout=table["layout"].where(purchase, ""), order=table["order"].where(purchase, "")
    )
    first = table["file"].groupby([key[name] for name in key]).transform("min")
    return ((checkout | purchase) & (table["file"] > first)).to_numpy()


def _same_purchase(table: pd.DataFrame) -> Mask:
    """Return the purchases that a layout of more trust tells of within an hour."""
    bought = table[table["event"] == Event.PURCHASE].sort_values("time", kind="stable")
    known, again = bought[:0], list[int]()
    for layout in TRUST:
        own = bought[bought["layout"] == layout]
        if len(known) and len(own):
            near = _near(own, known)
            again.extend(own.index[near])
            own = own[~near]
        known = pd.concat([known, own]).sort_values("time", kind="stable")
    return table.index.isin(again)


def _near(own: pd.DataFrame, known: pd.DataFrame) -> Mask:
    """Return which purchases have a known one of their customer within an hour; both in order of time."""
    other = known[["customer", "time"]].assign(found=True)
    merged = pd.merge_asof(
        own[["customer", "time"]], other, on="time", by="customer", direction="nearest", tolerance=NEAR
    )
    return merged["found"].notna().to_numpy()
