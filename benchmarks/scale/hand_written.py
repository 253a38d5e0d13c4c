"""The yardstick: customers of seven days to assignments, one file a segment and scores, by DuckDB alone.

python hand_written.py INPUT.csv FOLDER START END: nothing is checked, accounted for, proved or read back.
"""

import sys
from pathlib import Path

import duckdb

CUSTOMERS = """
CREATE VIEW customers AS
SELECT *, CASE
    WHEN avg_order_value > high AND engagement_score > 0.5 THEN 'High_Engaged'
    WHEN avg_order_value > high THEN 'High'
    WHEN avg_order_value > low AND engagement_score > 0.5 THEN 'Mid_Engaged'
    WHEN avg_order_value > low THEN 'Mid'
    ELSE 'Low' END AS Segment
FROM carts, (SELECT quantile_cont(avg_order_value, 0.2) AS low, quantile_cont(avg_order_value, 0.8) AS high FROM carts)
"""
SCORES = """
SELECT Segment, count(*) AS Size, avg(engagement_score) AS Conv_Pot, avg(profitability_score) AS Profitability,
    avg(avg_order_value) AS Basket
FROM customers GROUP BY Segment ORDER BY Conv_Pot DESC
"""


def main(source: str, target: str, start: str, end: str) -> None:
    """Write the files."""
    folder = Path(target)
    folder.mkdir()
    engine = duckdb.connect(config={"threads": 2})
    engine.execute(
        "CREATE TABLE carts AS SELECT * FROM read_csv(?) WHERE cart_abandoned_date::DATE BETWEEN ? AND ?",
        [source, start, end],
    )
    engine.execute(CUSTOMERS)
    engine.execute(f"COPY customers TO '{folder}/segment_assignments.csv'")
    engine.execute(f"COPY customers TO '{folder}/segments' (FORMAT csv, PARTITION_BY Segment)")
    engine.execute(f"COPY ({SCORES}) TO '{folder}/segment_scores.csv'")


if __name__ == "__main__":
    main(*sys.argv[1:])
