"""Customers of one week as Parquet, of any number: a million that were drawn, again and again under new ids."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from data_generation import generate

END = date(2025, 9, 30)
COLUMNS = (
    "cart_abandoned_date",
    "last_order_date",
    "avg_order_value",
    "sessions_last_30d",
    "num_cart_items",
    "engagement_score",
    "profitability_score",
)
DRAWN = 1_000_000
GROUP = 65_536


def write_customers(size: int, target: Path) -> None:
    """Write so many customers, their ids in order."""
    drawn = pa.Table.from_pandas(
        generate(min(size, DRAWN), end=END, days=7).customers[list(COLUMNS)], preserve_index=False
    )
    with parquet.ParquetWriter(target, _with_ids(drawn, 0).schema, compression="zstd") as writer:
        for start in range(0, size, DRAWN):
            writer.write_table(_with_ids(drawn.slice(0, min(DRAWN, size - start)), start), row_group_size=GROUP)


def _with_ids(customers: pa.Table, start: int) -> pa.Table:
    ids = pa.array(np.arange(start, start + customers.num_rows) + 1_000_000_001).cast(pa.string())
    return customers.add_column(0, "user_id", ids)
