"""The yardstick in Polars: customers as Parquet to assignments, one file a segment and scores, streaming.

python by_polars.py INPUT.parquet FOLDER START END: nothing is checked, accounted for, proved or read back.
"""

import sys
from datetime import date
from pathlib import Path

import polars as pl


def main(source: str, target: str, start: str, end: str) -> None:
    """Write the files."""
    folder = Path(target)
    folder.mkdir()
    value, engaged = pl.col("avg_order_value"), pl.col("engagement_score") > 0.5
    day = pl.col("cart_abandoned_date").dt.date()
    carts = pl.scan_parquet(source).filter(day.is_between(date.fromisoformat(start), date.fromisoformat(end)))
    cuts = carts.select(low=value.quantile(0.2, "linear"), high=value.quantile(0.8, "linear"))
    low, high = cuts.collect(engine="streaming").row(0)
    segment = (
        pl.when((value > high) & engaged)
        .then(pl.lit("High_Engaged"))
        .when(value > high)
        .then(pl.lit("High"))
        .when((value > low) & engaged)
        .then(pl.lit("Mid_Engaged"))
        .when(value > low)
        .then(pl.lit("Mid"))
        .otherwise(pl.lit("Low"))
    )
    customers = carts.with_columns(Segment=segment)
    customers.sink_parquet(folder / "segment_assignments.parquet", engine="streaming")
    customers.sink_parquet(pl.PartitionBy(folder / "segments", key="Segment"), mkdir=True, engine="streaming")
    scores = customers.group_by("Segment").agg(
        pl.len().alias("Size"),
        pl.col("engagement_score").mean().alias("Conv_Pot"),
        pl.col("profitability_score").mean().alias("Profitability"),
        value.mean().alias("Basket"),
    )
    scores.sort("Conv_Pot", descending=True).collect(engine="streaming").write_csv(folder / "segment_scores.csv")


if __name__ == "__main__":
    main(*sys.argv[1:])
