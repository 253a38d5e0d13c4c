"""What if: other cuts, sizes and weights, answered from a finer cube instead of from the customers.

The what-if grid holds today's cuts and up to 31 quantile stops of every split feature. A slider snaps to a
stop, so a draft is a union of cells: its sizes, scores and moves are exact, and their cost does not depend
on the number of customers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, nan, prod

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import OptionError, ensure
from retention.partition.cube import Cube, build_cube
from retention.partition.fitted import Codes, FittedTree, PartedSegmentation, Partition, Segmentation
from retention.partition.fitting import fit_nodes
from retention.partition.grid import Axis, Grid, leaf_table
from retention.partition.learning import learn_cuts
from retention.partition.parts import WholeRows
from retention.partition.quantiles import Sample, fit_cuts, sample_of
from retention.partition.sizing import SizeLimits, enforce_minimum, segments_of
from retention.policy.policy import LearnedCuts, Policy, Sizes, Split, fold_category, quantile_of, splits
from retention.scores.terms import Scale

Cuts = tuple[float | str, ...]
Knob = tuple[str, Cuts]
"""One set of sliders: a feature and what the policy asks of its cuts; splits that share both move together."""

SHARES: tuple[float, ...] = tuple(
    sorted({*range(5, 100, 5), 1, 2.5, 7.5, 12.5, 17.5, 22.5, 77.5, 82.5, 87.5, 92.5, 97.5, 99})
)
"""Stops of a slider in percent of the customers with a value: every 5 %, closer together towards the ends."""
MAX_CELLS = 200_000
"""With more cells than this, every second stop is left out until the grid is small enough."""


@dataclass(frozen=True)
class Stop:
    """A place where a slider can stand: `cut` is how a policy writes it, `value` where it lies in the data."""

    cut: float | str
    value: float


@dataclass(frozen=True)
class DraftPartition(Partition):
    """A policy that was tried on the what-if cube.

    Args:
        tree: Its cells are those of the what-if grid.
        moves: Customers by segment of today (rows) and of the draft (columns), shape (today, draft).
    """

    moves: npt.NDArray[np.int64]


@dataclass(frozen=True)
class WhatIf:
    """Everything that a draft needs; holds no customer. The stops are those of the sliders, ascending."""

    policy: Policy
    grid: Grid
    cube: Cube
    stops: dict[Knob, tuple[Stop, ...]]
    fitted: dict[Knob, tuple[float, ...]]

    def draft(self, cuts: Mapping[Knob, Sequence[Stop]] | None = None, *, sizes: Sizes | None = None) -> DraftPartition:
        """Return the segmentation with some cuts moved and other size limits.

        Raises:
            OptionError: The stops of a knob do not increase, or are not among its stops.
        """
        moved = {knob: tuple(chosen) for knob, chosen in (cuts or {}).items()}
        for knob, chosen in moved.items():
            self._check(knob, chosen)
        policy = _with_cuts(self.policy, {knob: tuple(stop.cut for stop in chosen) for knob, chosen in moved.items()})
        values = self.fitted | {knob: tuple(stop.value for stop in chosen) for knob, chosen in moved.items()}
        in_numbers, now = (_with_cuts(self.policy, places) for places in (values, self.fitted))
        tree, today = self._tree(policy, in_numbers, sizes), self._tree(self.policy, now, None)
        shape = (len(today.segments), len(tree.segments))
        moved_to = moves(today.segment_of_cell, tree.segment_of_cell, shape, self.cube.size)
        return DraftPartition(tree, self.cube, moved_to)

    def tree_of(self, policy: Policy) -> FittedTree | None:
        """Return the tree of any policy, as fitting it to the customers gives it; None where these cells cannot tell.

        Raises:
            PolicyError: The cuts do not increase on these customers.
        """
        axes, values = {axis.feature: axis for axis in self.grid.axes}, dict[Knob, Sequence[float]]()
        for split in splits(policy.tree):
            axis, groups = axes.get(split.split), (split.groups or {}).values()
            if axis is None or not {fold_category(each) for group in groups for each in group} <= {*axis.categories}:
                return None
            if split.cuts:
                places = self.fitted.get((split.split, split.asked)) or self._places(split)
                if places is None or not {*places} <= {*axis.cuts}:
                    return None
                values[split.split, split.asked] = places
        tree = self._tree(policy, _with_cuts(policy, values), None)
        # A segment over the maximum is split at values that are no cuts of a policy.
        too_large = tree.limits.split_oversize and max(Partition(tree, self.cube).sizes) > tree.limits.maximum
        return None if too_large else tree

    def _places(self, split: Split) -> tuple[float, ...] | None:
        """Return where the cuts of a split lie that no knob has; None if a quantile is no stop, or may have to move."""
        if isinstance(split.cuts, LearnedCuts):
            return None
        known = {stop.cut: stop.value for knob, stops in self.stops.items() if knob[0] == split.split for stop in stops}
        places = tuple(known.get(cut, nan) if isinstance(cut, str) else cut for cut in split.asked)
        number = [axis.feature for axis in self.grid.axes].index(split.split)
        counts = np.bincount(self.grid.axis_codes(number), weights=self.cube.size)[1:]
        branch = np.searchsorted(places, (*self.grid.axes[number].cuts, inf))
        # Where a branch would be empty, fitting moves a quantile.
        filled = np.bincount(branch, weights=counts, minlength=len(places) + 1).all()
        return places if filled or not any(isinstance(cut, str) for cut in split.asked) else None

    def _check(self, knob: Knob, chosen: tuple[Stop, ...]) -> None:
        known = self.stops.get(knob, ())
        if len(chosen) != len(knob[1]) or any(stop not in known for stop in chosen):
            raise OptionError(f"the cuts of {knob[0]} must be {len(knob[1])} of its stops")
        if any(b.value <= a.value for a, b in pairwise(chosen)):
            raise OptionError(f"the cuts of {knob[0]} must increase")

    def _tree(self, policy: Policy, in_numbers: Policy, sizes: Sizes | None) -> FittedTree:
        """Return the tree of a policy on the cells of this grid, its cuts where the same policy in numbers says."""
        root, thresholds = fit_nodes(in_numbers)
        table = leaf_table(root, self.grid)
        counts = np.bincount(table, weights=self.cube.size).astype(np.int64)
        ensure(int(counts.sum()) == int(self.cube.size.sum()), "sum of leaf sizes = universe")
        limits = SizeLimits.of(sizes or policy.sizes, int(counts.sum()))
        sized = enforce_minimum(root, counts.tolist(), policy, limits.minimum)
        segments = segments_of(root, sized.groups)
        return FittedTree(policy, root, self.grid, table, segments, tuple(thresholds), limits, sized.log)


def moves(
    before: Codes, after: Codes, shape: tuple[int, int], weights: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Return customers by segment before (rows) and after (columns), from the codes of customers or of cells."""
    pairs = before.astype(np.intp) * shape[1] + after
    return np.bincount(pairs, weights=weights, minlength=prod(shape)).astype(np.int64).reshape(shape)


def build_what_if(customers: pd.DataFrame | Segmentation, policy: Policy, scale: Scale) -> WhatIf:
    """Return the what-if cube of a universe, in one pass over the customers."""
    whole = customers.customers if isinstance(customers, Segmentation) else customers
    rows = customers.rows if isinstance(customers, PartedSegmentation) else WholeRows(whole)
    knobs = {(split.split, split.asked): split.cuts for split in splits(policy.tree) if split.cuts}
    samples = {feature: sample_of(rows, feature) for feature, _ in knobs}
    fitted = {
        knob: tuple(each.cut for each in learn_cuts(rows, knob[0], cuts, resamples=0))
        if isinstance(cuts, LearnedCuts)
        else tuple(cut for cut, _ in fit_cuts(samples[knob[0]], knob[1]))
        for knob, cuts in knobs.items()
    }
    step = 1
    while True:
        stops = {knob: _stops(samples[knob[0]], knob, fitted[knob], SHARES[::step]) for knob in knobs}
        axes = _axes(policy, stops)
        # Once each slider is down to one quantile of its own nothing is left to leave out, and the policy's own cuts
        # decide.
        if prod(axis.size for axis in axes) <= MAX_CELLS or step > len(SHARES):
            grid = Grid(axes)
            return WhatIf(policy, grid, build_cube(rows, grid, scale), stops, fitted)
        step *= 2


def _stops(sample: Sample, knob: Knob, fitted: Sequence[float], shares: Sequence[float]) -> tuple[Stop, ...]:
    """Return today's cuts and the distinct quantiles that leave somebody above them, ascending."""
    # Today's cuts go in first, and a quantile that lies on one does not replace it: else a draft in which nothing moved
    # would read as another policy.
    quantiles = [quantile_of(cut) is not None for cut in knob[1]]
    as_quantile = any(quantiles)
    # A learned cut that a slider takes along is a value from then on.
    stops = {
        value: Stop(cut if own or isinstance(cut, float) else value, value)
        for cut, own, value in zip(knob[1], quantiles, fitted, strict=True)
    }
    if sample.size:
        *values, top = sample.quantiles([*(np.array(shares) / 100), 1.0])
        for share, value in zip(shares, values, strict=True):
            if value < top and value not in stops:
                stops[value] = Stop(f"q{share:g}" if as_quantile else value, value)
    return tuple(stops[value] for value in sorted(stops))


def _axes(policy: Policy, stops: Mapping[Knob, Sequence[Stop]]) -> tuple[Axis, ...]:
    cuts: dict[str, set[float]] = {}
    for (feature, _), places in stops.items():
        cuts.setdefault(feature, set()).update(stop.value for stop in places)
    values: dict[str, set[str]] = {}
    for split in splits(policy.tree):
        for group in (split.groups or {}).values():
            values.setdefault(split.split, set()).update(map(fold_category, group))
    features = dict.fromkeys(split.split for split in splits(policy.tree))
    return tuple(Axis(f, tuple(sorted(cuts.get(f, ()))), tuple(sorted(values.get(f, ())))) for f in features)


def _with_cuts(policy: Policy, cuts: Mapping[Knob, Sequence[float | str]]) -> Policy:
    """Return the policy with the cuts of some knobs replaced, everything else as it is."""
    return policy.model_copy(update={"tree": _replaced(policy.tree, cuts)})


def _replaced(node: Split | str, cuts: Mapping[Knob, Sequence[float | str]]) -> Split | str:
    if isinstance(node, str):
        return node
    branches = {label: _replaced(child, cuts) for label, child in node.branches.items()}
    own: object = node.cuts
    if node.cuts and (node.split, node.asked) in cuts:
        own = tuple(cuts[node.split, node.asked])
    return node.model_copy(update={"branches": branches, "cuts": own})
