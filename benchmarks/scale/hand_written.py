"""The yardstick: customers of seven days to assignments, one file a segment and scores, by DuckDB alone.

python hand_written.py INPUT FOLDER START END [MEMORY]: nothing is checked, accounted for, proved or read back. Parquet
gives Parquet and is never held whole; CSV gives CSV. MEMORY is DuckDB's limit, as 512MB.
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


def main(source: str, target: str, start: str, end: str, memory: str = "") -> None:
    """Write the files."""
    folder = Path(target)
    folder.mkdir()
    engine = duckdb.connect(config={"threads": 2, **({"memory_limit": memory} if memory else {})})
    kind = "parquet" if source.endswith(".parquet") else "csv"
    what = f"SELECT * FROM read_{kind}('{source}') WHERE cart_abandoned_date::DATE BETWEEN '{start}' AND '{end}'"
    engine.execute(f"CREATE {'VIEW' if kind == 'parquet' else 'TABLE'} carts AS {what}")
    engine.execute(CUSTOMERS)
    options = "FORMAT csv" if kind == "csv" else "FORMAT parquet, COMPRESSION zstd"
    engine.execute(f"COPY customers TO '{folder}/segment_assignments.{kind}' ({options})")
    engine.execute(f"COPY customers TO '{folder}/segments' ({options}, PARTITION_BY Segment)")
    engine.execute(f"COPY ({SCORES}) TO '{folder}/segment_scores.csv'")


if __name__ == "__main__":
    main(*sys.argv[1:])
