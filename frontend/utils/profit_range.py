"""How far the expected profit of all segments together may lie from its value."""

import numpy as np

from analysis import Run
from retention.scores.arithmetic import draw_interval
from segment_scorer import total_profits


def profit_range(run: Run) -> tuple[float, float] | None:
    """Return the central 95 % of simulated totals in money, or None where a segment's part cannot be simulated."""
    totals = total_profits(run.segmentation, run.scores)
    if np.isnan(totals).any():
        return None
    profit = run.scores.table["Incremental_Profit"].astype("float64").sum(min_count=1)
    low, high = draw_interval(totals[:, None], np.array([profit]))
    return float(low[0]), float(high[0])
