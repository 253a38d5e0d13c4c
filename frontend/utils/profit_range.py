"""How far the expected profit of all segments together may lie from its value."""

import numpy as np

from analysis import Run
from retention.scores.arithmetic import draw_interval
from segment_scorer import profit_draws


def profit_range(run: Run) -> tuple[float, float] | None:
    """Return the central 95 % of simulated totals in money, or None where a segment's part cannot be simulated."""
    draws, table = profit_draws(run.segmentation, run.scores), run.scores.table.set_index("Segment")
    known = table[table["Incremental_Profit"].notna()]
    parts = [draws[str(name)] * people for name, people in known["Reachable"].items()]
    totals = np.sum(parts, axis=0)
    if not parts or np.isnan(totals).any():
        return None
    low, high = draw_interval(totals[:, None], np.array([known["Incremental_Profit"].sum()]))
    return float(low[0]), float(high[0])
