"""Assignment: against reading the columns once, against df.apply, memory, and growth."""

from collections.abc import Callable
from functools import partial
from math import log10

import pandas as pd

from benchmarks.harness import Row, at_least, at_most, paired, peak_of, seconds, single, times_note
from benchmarks.tables import customers, policy
from retention.partition.fitted import FittedTree
from retention.policy.policy import Policy, Sizes
from segment_scorer import SegmentScores, score
from segmentation_engine import assign, fit

FEATURES = ["avg_order_value", "engagement_score", "profitability_score"]


def run() -> list[Row]:
    """Return the rows of the kernel."""
    rows = [row for size in (1_000_000, 10_000_000) for row in _against_reading(size)]
    return [*rows, _against_apply(), _growth()]


def _against_reading(size: int) -> list[Row]:
    frame = customers(size)
    tree = fit(frame, policy("twelve-leaf"))
    columns = [frame[name].to_numpy() for name in FEATURES]
    pairs = paired(
        lambda: tree.grid.look_up(frame, tree.segment_of_cell), lambda: [column.sum() for column in columns], runs=15
    )
    extra = peak_of(lambda: tree.grid.look_up(frame, tree.segment_of_cell)) / sum(c.nbytes for c in columns)
    title = f"assignment of {size:,} customers, 3 features, 12 leaves"
    return [
        at_most(f"{title}, against numpy reading the columns once", pairs, 4, times_note(pairs)),
        single(f"{title}: extra memory, against the input columns", "share", extra, 0.1),
    ]


def _against_apply() -> Row:
    frame = customers(100_000)
    tree = fit(frame, policy("twelve-leaf"))
    fast = [
        seconds(lambda: [tree.grid.look_up(frame, tree.segment_of_cell) for _ in range(20)]) / 20 for _ in range(15)
    ]
    slow = [seconds(lambda: frame.apply(_by_row(tree), axis=1)) for _ in range(3)]
    pairs = [(ours, theirs) for ours in sorted(fast)[6:9] for theirs in slow]
    return at_least("assignment of 100,000 customers, against df.apply(axis=1)", pairs, 1_000, times_note(pairs))


def _by_row(tree: FittedTree) -> Callable[[pd.Series], str]:
    """Return the row function that a user would write."""
    aov, engagement, profitability = [
        sorted(t.cut for t in tree.thresholds if t.feature == feature) for feature in FEATURES
    ]

    def segment(row: pd.Series) -> str:
        value = "High" if row["avg_order_value"] > aov[1] else "Mid" if row["avg_order_value"] > aov[0] else "Low"
        active = "Active" if row["engagement_score"] > engagement[0] else "Quiet"
        margin = "Good" if row["profitability_score"] > profitability[0] else "Thin"
        return f"{value} Value {active} {margin} Margin"

    return segment


def _whole(frame: pd.DataFrame, tree_policy: Policy) -> SegmentScores:
    """Fit, assign and score with a maximum that cuts every size into as many waves, so that sizes compare."""
    return score(assign(frame, fit(frame, tree_policy, sizes=Sizes(max_size=len(frame) // 50))))


def _growth() -> Row:
    sizes = (100_000, 1_000_000, 10_000_000)
    times = {}
    for size in sizes:
        work = partial(_whole, customers(size), policy("twelve-leaf"))
        times[size] = min(seconds(work) for _ in range(3))
    exponent = log10(times[sizes[-1]] / times[sizes[0]]) / 2
    note = ", ".join(f"{size:,}: {taken:.3g} s" for size, taken in times.items())
    return single("fit, assign into waves and score, growth from 1e5 to 1e7 customers", "exponent", exponent, 1.1, note)
