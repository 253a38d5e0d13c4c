"""The search of the best tree: a million customers, policytree's published table, and pystreed side by side.

policytree's times are those of its vignette "policytree introduction" (grf-labs/policytree, file
r-package/policytree/vignettes/policytree.Rmd, section "Gauging the runtime of tree search"), on its authors' machine
and on every distinct value or every tenth; here each feature has 32 bins.
"""

from statistics import median
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt
import pandas as pd
from pystreed import STreeDRegressor

from benchmarks.harness import Row, at_least, paired, single, times_note
from retention.partition.grid import Axis
from retention.search.best_tree import best_tree
from retention.search.bins import Binned
from retention.search.nodes import FoundNode, found_leaves
from retention.search.objectives import ArmProfit, LeafLimits, Objective, ValueSpread
from retention.search.sums import Sums, whole

Floats = npt.NDArray[np.float64]

TABLE = (
    (1_000, 30, 20, "1.5 min"),
    (1_000, 30, 20, "7 sec, every tenth value"),
    (10_000, 30, 20, "3 hrs"),
    (10_000, 30, 20, "14 min, every tenth value"),
    (10_000, 30, 20, "8 min, two decimals"),
    (100_000, 30, 20, "50 hrs, every tenth value"),
    (100_000, 30, 20, "6.3 hrs, two decimals"),
    (100_000, 60, 20, "25 hrs, two decimals"),
    (100_000, 30, 3, "7.4 hrs, every tenth value"),
)
"""Customers, features and actions of policytree's table at depth 2, and its times."""


def sums_of(node: FoundNode) -> npt.NDArray[np.float64]:
    """Return the sums of the leaves, shape (K, leaves)."""
    return np.array([leaf.sums for leaf in found_leaves(node)]).T


def run() -> list[Row]:
    """Return the rows of the search."""
    return [_million(missing=False), _million(missing=True), *_published(), _streed(2_000, 4), _streed(10_000, 8)]


def _million(*, missing: bool) -> Row:
    rng, n = np.random.default_rng(0), 1_000_000
    table = rng.random((n, 8))
    if missing:
        table[rng.random(table.shape) < 0.05] = np.nan
    arm = rng.integers(0, 2, n)
    gain = rng.normal(size=n) + (2 * arm - 1) * (np.nan_to_num(table[:, 0]) > 0.5) * np.nan_to_num(table[:, 1])
    objective = ArmProfit(LeafLimits(1_000, per_arm=300), 2)
    parts, taken = (
        np.stack([arm == 0, arm == 1, whole(gain)[0]], axis=1).astype(np.float64),
        list[tuple[float, float]](),
    )
    for _ in range(3):
        start, busy = perf_counter(), process_time()
        _found(table, 32, parts, objective, 3)
        taken.append((perf_counter() - start, process_time() - busy))
    lacking = ", each with missing values," * missing
    what = f"best tree of depth 3, 8 x 32 bins{lacking} of {n:,} customers, minima per arm"
    wall, cores = (median(each) for each in zip(*taken, strict=True))
    # Processor time: what other programs take from the machine is not the search's.
    return single(
        what, "seconds of one core", cores, 20 if missing else 5, f"from values to the tree; {wall:.3g} s passed"
    )


def _found(table: Floats, bins: int, parts: Floats, objective: Objective, depth: int) -> FoundNode:
    names = [f"x{place}" for place in range(table.shape[1])]
    frame = pd.DataFrame(table, columns=names)
    cuts = np.nanquantile(table, np.arange(1, bins) / bins, axis=0).T
    some = [bool(np.isnan(column).any()) for column in table.T]
    each = zip(names, cuts.tolist(), some, strict=True)
    features = [Binned(Axis(name, tuple(own)), lacks, top=np.inf) for name, own, lacks in each]
    codes = np.array([feature.codes(frame) for feature in features])
    return best_tree(Sums(codes, tuple(each.axis.size for each in features), parts), features, objective, depth)


def _published() -> list[Row]:
    rng, rows, total = np.random.default_rng(0), list[Row](), 0.0
    for n, features, actions, theirs in TABLE:
        table, rewards = rng.normal(size=(n, features)), rng.normal(size=(n, actions))
        start = perf_counter()
        gains = whole(rewards[:, 1:] - rewards[:, :1])[0]
        _found(table, 32, np.concatenate([np.ones((n, 1)), gains], axis=1), ArmProfit(LeafLimits()), 2)
        total += perf_counter() - start
        what = f"best tree of depth 2, {features} x 32 bins, {actions} actions, {n:,} customers"
        rows.append(single(what, "seconds", perf_counter() - start, 60, f"policytree's own table: {theirs}"))
    return [*rows, single("these nine together", "seconds", total, 60)]


def _streed(n: int, features: int, bins: int = 16) -> Row:
    """Return the ratio to pystreed, which finds trees of the same worth on the same bins."""
    rng, minimum = np.random.default_rng(0), n // 100
    codes = rng.integers(1, bins + 1, (features, n)).astype(np.uint8)
    value = rng.normal(size=n) + 2.0 * ((codes[0] > 8) == (codes[1] > 5)) + (codes[2] > 3) * (codes[3] > 10)
    value -= value.mean()
    numbers, unit = whole(value)
    axes = [Binned(Axis(f"x{place}", tuple(range(1, bins))), False, top=bins) for place in range(features)]
    sums = Sums(codes, (bins + 1,) * features, np.stack([np.ones(n), np.ones(n), numbers], axis=1))
    objective = ValueSpread(LeafLimits(minimum))
    bits = np.concatenate([each > np.arange(1, bins)[:, None] for each in codes]).T
    rival = STreeDRegressor(max_depth=3, min_leaf_node_size=minimum, cost_complexity=0.0)
    pairs = paired(lambda: best_tree(sums, axes, objective, 3), lambda: rival.fit(bits, value), runs=3)
    ours = float(objective.worth(sums_of(best_tree(sums, axes, objective, 3))).sum()) * unit**2
    theirs = float((value**2).sum() - ((value - np.asarray(rival.predict(bits))) ** 2).sum())
    assert np.isclose(ours, theirs, rtol=1e-9), f"worth {ours} against {theirs}"
    what = f"best regression tree of depth 3, {features} x {bins} bins, {n:,} customers, against pystreed, equal worth"
    return at_least(what, pairs, 2, times_note(pairs))
