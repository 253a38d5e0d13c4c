"""Customers out of activity: against what an analyst would write in plain pandas, and in SQL on DuckDB."""

from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.activity_logs import DAY, START, activity
from benchmarks.activity_rivals import by_duckdb, by_pandas, frame_of
from benchmarks.harness import Row, at_most, peak_of, seconds, single
from retention.activity.activity import Activity
from retention.activity.features import CustomersAt, customers_at

ENTRIES, CUSTOMERS = 10_000_000, 1_000_000
CUTOFF = START + 50 * DAY
RUNS = 3

OURS = {
    "abandoned": "cart_abandoned_date",
    "last": "last_order_date",
    "mean": "avg_order_value",
    "cart_value": "cart_value",
    "cart_items": "num_cart_items",
    "sessions": "sessions_last_30d",
    "engagement": "engagement_score",
    "profitability": "profitability_score",
    "recovered": "recovered",
    "came_back": "came_back",
    "orders": "order_count",
    "spent": "total_spent",
}


def run(entries: int = ENTRIES, customers: int = CUSTOMERS) -> list[Row]:
    """Return the rows of the features."""
    log = activity(entries, customers=customers)
    frame = frame_of(log)
    found = compared(log)
    times = [
        (
            seconds(lambda: _ours(log)),
            seconds(lambda: by_duckdb(frame, CUTOFF)),
            seconds(lambda: by_pandas(frame, CUTOFF)),
        )
        for _ in range(RUNS)
    ]
    ours, duck, pandas = (median(column) for column in zip(*times, strict=True))
    note = f"{ours:.3g} s against {duck:.3g} s of DuckDB and {pandas:.3g} s of pandas; equal results"
    title = f"{entries:,} entries to {len(found.row):,} of {customers:,} customers"
    extra = peak_of(lambda: _ours(log)) / 2**30
    return [
        at_most(f"{title}, against the faster of DuckDB and pandas", [(a, min(b, c)) for a, b, c in times], 1.3, note),
        single(f"{title}: extra memory", "GB", extra, 1.5),
    ]


def compared(log: Activity) -> CustomersAt:
    """Return our customers; stop unless SQL and pandas say the same of the same ones."""
    ours, frame = _ours(log), frame_of(log)
    _same(ours, by_duckdb(frame, CUTOFF))
    _same(ours, by_pandas(frame, CUTOFF))
    return ours


def _ours(log: Activity) -> CustomersAt:
    return customers_at(log, CUTOFF, timezone="UTC")


def _same(found: CustomersAt, other: pd.DataFrame) -> None:
    """Stop unless both say the same of the same customers."""
    assert np.array_equal(found.row, other.index.to_numpy())
    for theirs, ours in OURS.items():
        assert np.allclose(_numbers(found.customers[ours]), _numbers(other[theirs]), rtol=1e-9, equal_nan=True), ours


def _numbers(column: "pd.Series[Any]") -> np.ndarray:
    """Return a column as floats: times as microseconds, flags as 0 and 1, NaN where missing."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        micros = column.dt.tz_convert(None).to_numpy()
        return np.where(np.isnat(micros), np.nan, micros.view(np.int64))
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
