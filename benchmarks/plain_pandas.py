"""The yardstick of the whole road: the script that an analyst writes with pandas in ten minutes.

It trusts its input, writes the same assignment and segment files, checks nothing and has no intervals.

    python benchmarks/plain_pandas.py INPUT.csv OUTPUT_DIR START END
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd


def main(source: str, target: str, start: str, end: str) -> None:
    """Read, segment, score and write."""
    frame = pd.read_csv(source, dtype={"user_id": str}, parse_dates=["cart_abandoned_date", "last_order_date"])
    day = frame["cart_abandoned_date"].dt.normalize()
    frame = frame[(day >= start) & (day <= end)].drop_duplicates("user_id", keep="last")
    low, high = frame["avg_order_value"].quantile([0.2, 0.8])
    half = frame["engagement_score"].quantile(0.5)
    aov, engaged = frame["avg_order_value"], frame["engagement_score"] > half
    frame["Segment"] = np.select(
        [aov > high, (aov > low) & engaged, aov > low, engaged],
        ["VIP Active", "Core Engaged", "At-Risk Medium", "Price-Sensitive"],
        "Dormant Low-Value",
    )
    out = Path(target)
    (out / "segments").mkdir(parents=True, exist_ok=True)
    scores = frame.groupby("Segment").agg(
        Size=("user_id", "size"), Engagement=("engagement_score", "mean"), Profitability=("profitability_score", "mean")
    )
    scores.to_csv(out / "segment_scores.csv")
    frame.to_csv(out / "segment_assignments.csv", index=False)
    for name, part in frame.groupby("Segment"):
        part.to_csv(out / "segments" / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
