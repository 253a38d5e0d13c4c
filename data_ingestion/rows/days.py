"""Sources that give days beside sources that give times: a day cannot be compared with an hour, so days are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.rows.overlaps import SourceEntries
from retention.activity.activity import Event
from retention.period import zone
from retention.wording import counted

CARTS = (Event.CART, Event.CHECKOUT)
Times = NDArray[np.int64]


def by_days(
    sources: Sequence[SourceEntries], days_only: Sequence[bool], timezone: str
) -> tuple[list[SourceEntries], dict[int, int]]:
    """Return sources whose entries without an hour stand where the others have that day's, and how many, by source.

    - A purchase is moved from the midnight of its day to the customer's last cart or purchase of that day.
    - A cart that was not bought on its day is moved to the end of it where the customer bought on the next.

    Args:
        sources: What each source says, by customer.
        days_only: Whether a source gives days.
        timezone: The shop's zone.
    """
    if all(days_only) or not any(days_only):
        return list(sources), {}
    timed = pd.concat(
        [_moments(source, timezone) for source, days in zip(sources, days_only, strict=True) if not days],
        ignore_index=True,
    )
    bought = timed[timed["event"] == Event.PURCHASE]
    result, moved = list[SourceEntries](), dict[int, int]()
    for place, (source, days) in enumerate(zip(sources, days_only, strict=True)):
        if not days or not len(source.entries):
            result.append(source)
            continue
        own = _moments(source, timezone)
        times = _purchases(own, timed).combine_first(_carts(own, bought, timezone))
        entries = source.entries.copy(deep=False)
        entries["time"] = entries["time"].where(
            ~entries.index.isin(times.index), times.reindex(entries.index, fill_value=0)
        )
        result.append(replace(source, entries=entries))
        moved[place] = len(times)
    return result, moved


def day_words(name: str, moved: int) -> str:
    """Say that a source gives days, and how many of its rows stand elsewhere for that."""
    return (
        f"{name}: it gives days without times, so its rows are compared with the others by calendar day; "
        f"{counted(moved, 'row', 'is', 'are')} of the day of a cart or a purchase, and count as one with it"
    )


def _moments(source: SourceEntries, timezone: str) -> pd.DataFrame:
    """Return `customer, time, event, day` of carts and purchases, by their row among the entries."""
    entries = source.entries[["time", "event"]].assign(customer=source.customer)
    moments = entries[entries["event"].isin((*CARTS, Event.PURCHASE))]
    return moments.assign(day=_local(moments["time"], timezone).dt.tz_localize(None).dt.normalize())


def _local(times: "pd.Series[int]", timezone: str) -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(times, unit="us", utc=True).dt.tz_convert(zone(timezone))


def _purchases(own: pd.DataFrame, timed: pd.DataFrame) -> "pd.Series[int]":
    """Return the times of the purchases of whose day the customer's hours are known, by row."""
    last = timed.groupby(["customer", "day"])["time"].max().rename("known").reset_index()
    bought = own[own["event"] == Event.PURCHASE].reset_index(names="row")
    purchases = bought.merge(last, on=["customer", "day"])
    return purchases.set_index("row")["known"]


def _carts(own: pd.DataFrame, bought: pd.DataFrame, timezone: str) -> "pd.Series[int]":
    """Return the last moment of the day of the carts that were bought the day after, by row."""
    carts = own[own["event"].isin(CARTS)].reset_index(names="row")
    days = bought[["customer", "day"]].drop_duplicates()
    same = carts.merge(days, on=["customer", "day"])["row"]
    tomorrow = carts.assign(day=carts["day"] + pd.Timedelta(days=1)).merge(days, on=["customer", "day"])
    late = tomorrow[~tomorrow["row"].isin(same)].set_index("row")
    # Where a clock skips midnight the day begins later, and its eve ends there.
    ends = late["day"].dt.tz_localize(zone(timezone), ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC")
    return pd.Series(ends.dt.tz_localize(None).astype("datetime64[us]").astype("int64") - 1)
