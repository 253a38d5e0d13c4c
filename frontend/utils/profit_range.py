"""How far the expected profit of all segments together may lie from its value."""

import math

import numpy as np

from analysis import Run
from retention.measures import BASKET
from retention.scoring import draw_interval, generator_for, simulate_lift

DRAWS = 4_000


def profit_range(run: Run) -> tuple[float, float] | None:
    """Return the central 95 % of simulated totals in money, or None where a segment's part cannot be simulated.

    A total is `baseline * lift * margin * sum of baskets - costs`. The lift is one assumption for all segments,
    so one draw of it holds for all: drawn anew for each segment, its uncertainty would average out as if each had
    been measured on its own. The sum of baskets is drawn from its normal distribution, as segments share no customer.
    """
    segmentation, a = run.segmentation, run.scores.assumptions
    moments = segmentation.cube.moments(segmentation.tree.segment_of_cell, len(segmentation.tree.segments))
    counted = np.isfinite(moments.mean[:, BASKET])
    size, mean = moments.size[counted], moments.mean[counted, BASKET]
    error = np.sqrt(np.sum(size.astype(np.float64) ** 2 * moments.covariance[counted, BASKET, BASKET]))
    if not counted.any() or not math.isfinite(error):
        return None
    rng = generator_for(0, "all segments")
    lift = simulate_lift(a.lift, rng, DRAWS)
    baskets = np.maximum(rng.normal(float(size @ mean), float(error), DRAWS), 0)
    costs = float(size.sum()) * (a.contact_cost + a.discount * a.redemption)
    totals = a.baseline_conversion * lift * baskets * a.margin - costs
    profits = run.scores.table["Incremental_Profit"].astype("float64")
    low, high = draw_interval(totals[:, None], np.array([profits.sum(min_count=1)]))
    return float(low[0]), float(high[0])
