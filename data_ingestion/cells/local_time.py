"""Microseconds as parsed -> times in the shop's zone."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.cells.dates import Micros
from retention.period import zone


def in_zone(micros: Micros, instant: NDArray[np.bool_] | None, timezone: str) -> tuple[pd.DatetimeIndex, int, int]:
    """Return parsed times in a zone: naive ones are local, instants are converted.

    Args:
        micros: Microseconds since 1970-01-01, NaT's bits for missing, shape (n,).
        instant: Which ones are UTC; None: none.
        timezone: IANA name.

    Returns:
        `datetime64[us, zone]`, NaT for missing; how many local times do not exist, because the clock jumps over them
        (they are moved forward); how many exist twice (the first is taken).
    """
    if timezone == "UTC" or (instant is not None and instant.all()):
        # Of integers pandas takes them to be UTC, and makes no copy.
        utc = pd.array(micros, dtype=pd.DatetimeTZDtype("us", zone(timezone)), copy=False)
        return pd.DatetimeIndex(utc, copy=False), 0, 0
    stamps = pd.DatetimeIndex(micros.view("datetime64[us]"))
    naive = stamps if instant is None else pd.DatetimeIndex(stamps.where(~instant))
    local, skipped, repeated = _localized(naive, timezone)
    if instant is not None:
        local = local.where(~instant, stamps.tz_localize("UTC").tz_convert(zone(timezone)))
    return local, skipped, repeated


def _localized(naive: pd.DatetimeIndex, timezone: str) -> tuple[pd.DatetimeIndex, int, int]:
    """Return naive local times in the zone, and how many do not exist or exist twice."""
    codes, moments = pd.factorize(naive)
    distinct = pd.DatetimeIndex(moments)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    first = np.ones(len(distinct), dtype=np.bool_)
    # Read as the first and as the second of two, a time differs only where the clock goes back over it.
    early = distinct.tz_localize(zone(timezone), ambiguous=first, nonexistent="NaT")
    late = distinct.tz_localize(zone(timezone), ambiguous=~first, nonexistent="NaT")
    moved = np.asarray(early.isna()) & np.asarray(distinct.notna())
    twice = np.asarray(early != late) & np.asarray(early.notna())
    # A missing time has the code -1 and so picks the NaT at the end.
    utc = np.append(early.tz_convert("UTC").tz_localize(None).to_numpy(), np.datetime64("NaT", "us"))
    utc[:-1][moved] = _jumps(distinct[moved], timezone)
    utc = utc[codes]
    local = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone(timezone))
    return local, int(counts[moved].sum()), int(counts[twice].sum())


def _jumps(naive: pd.DatetimeIndex, timezone: str) -> NDArray[np.datetime64]:
    """Return for each local time that does not exist the UTC at which the clock jumps over it."""
    # Pandas moves such a time to the full hour, but clocks also jump by half an hour, or from half past.
    day, utc = pd.Timedelta(days=1), naive.tz_localize("UTC")

    def offset(moments: pd.DatetimeIndex) -> pd.TimedeltaIndex:
        return moments.tz_convert(zone(timezone)).tz_localize(None) - moments.tz_localize(None)

    after = offset(utc + day)
    low, high = utc - after, utc - offset(utc - day)
    # The jump is after `low` and not after `high`, which are a day apart at the most.
    while ((high - low) > pd.Timedelta(microseconds=1)).any():
        middle = low + (high - low) // 2
        jumped = offset(middle) == after
        low, high = low.where(jumped, middle), high.where(~jumped, middle)
    return high.tz_localize(None).to_numpy()
