"""How far the expected profit of all segments together may lie from its value."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Run
from retention.scores.arithmetic import draw_interval, generator_for, simulate_lift
from retention.scores.terms import BASKET

DRAWS = 4_000
Z95 = 1.959963984540054


def profit_range(run: Run) -> tuple[float, float] | None:
    """Return the central 95 % of simulated totals in money, or None where a segment's part cannot be simulated.

    A total is `baseline * lift * margin * sum of baskets - costs`. The lift is one assumption for all segments,
    so one draw of it holds for all: drawn anew for each segment, its uncertainty would average out as if each had
    been measured on its own. The sum of baskets is drawn from its normal distribution, as segments share no customer.
    Segments whose lift was measured are what that would be true of: each is drawn by itself, from its own interval.
    """
    segmentation, a = run.segmentation, run.scores.assumptions
    moments = segmentation.cube.moments(segmentation.tree.segment_of_cell, len(segmentation.tree.segments))
    known = np.isfinite(moments.mean[:, BASKET])
    table = run.scores.table
    measured = set(table["Segment"][table["Lift_vs_Control_source"].eq("measured")])
    counted = known & np.array([segment.name not in measured for segment in segmentation.tree.segments])
    people = table.set_index("Segment")["Reachable"].reindex([each.name for each in segmentation.tree.segments])
    size, mean = people.to_numpy(dtype=np.int64)[counted], moments.mean[counted, BASKET]
    error = np.sqrt(np.sum(size.astype(np.float64) ** 2 * moments.covariance[counted, BASKET, BASKET]))
    if not known.any() or not math.isfinite(error):
        return None
    rng = generator_for(0, "all segments")
    lift = simulate_lift(a.lift, rng, DRAWS)
    baskets = np.maximum(rng.normal(float(size @ mean), float(error), DRAWS), 0)
    costs = float(size.sum()) * (a.contact_cost + a.discount * a.redemption)
    totals = a.baseline_conversion * lift * baskets * a.margin - costs
    totals += _measured(table[table["Segment"].isin(measured)], rng)
    profits = table["Incremental_Profit"].astype("float64")
    low, high = draw_interval(totals[:, None], np.array([profits.sum(min_count=1)]))
    return float(low[0]), float(high[0])


def _measured(table: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return drawn sums of the profit of segments whose lift was measured, shape (DRAWS,)."""
    known = table.dropna(subset=["Incremental_Profit", "Incremental_Profit_low", "Incremental_Profit_high"])
    profit = known["Incremental_Profit"].to_numpy(dtype=np.float64)
    width = (known["Incremental_Profit_high"] - known["Incremental_Profit_low"]).to_numpy(dtype=np.float64)
    return np.asarray(rng.normal(profit, width / (2 * Z95), (DRAWS, len(known))).sum(axis=1))
