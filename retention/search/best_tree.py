"""The exact best tree of a depth, on bins: by dynamic programming over boxes of a few features.

The leaves of a tree of depth d are boxes that d splits cut out, of at most d features. The sums of all boxes of a group
of d features (a feature may stand in it twice) follow from the sums of its cells by running totals, a feature at a
time, and their worth from those. The best split of a box of d - 1 ranges is then the best pair of a range and its
complement on a further axis; so level by level up to the root. Nothing is left out, and after the sums of the cells
nothing depends on the number of customers.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import combinations_with_replacement, pairwise
from math import comb

import numpy as np
import numpy.typing as npt

from retention.errors import OptionError
from retention.search.bins import Binned
from retention.search.nodes import FoundLeaf, FoundNode, FoundSplit
from retention.search.objectives import Objective
from retention.search.sums import Sums

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]
FeatureGroup = tuple[int, ...]
"""Places of features, ascending; one may stand in it several times."""
Range = tuple[int, int, int]
"""A feature, a side (0 or 1), and an option: the codes that a split sends to a side."""

MOST_BOXES = 3e9
"""Beyond this many boxes a search takes minutes."""


def silent(step: str, share: float) -> None:
    """Take progress that nobody watches."""


def best_tree(
    sums: Sums,
    features: Sequence[Binned],
    objective: Objective,
    depth: int,
    *,
    progress: Progress = silent,
    threads: int = 2,
) -> FoundNode:
    """Return the tree of at most a depth whose leaves are worth most together, all within the limits.

    A node is split only where that is worth more; of equal trees the one comes that splits on the first feature and
    option. The result depends neither on the order of customers nor on the number of threads.

    Args:
        sums: The customers.
        features: Their features, in the order of the codes.
        objective: What a leaf is worth.
        depth: Most splits on a path.
        progress: Told a step and the share that is done; what it raises ends the search.
        threads: How many boxes are judged at a time.

    Raises:
        OptionError: There are too many boxes, or no tree is within the limits.
    """
    if comb(sum(2 * len(each.options) for each in features) + depth - 1, depth) > MOST_BOXES:
        raise OptionError(
            f"a search of depth {depth} is too large for {len(features)} columns in so many bins",
            hint="Use fewer columns, fewer bins, or less depth",
        )
    search = _Search(sums, features, objective, depth)
    groups = search.groups(depth)
    pool = ThreadPoolExecutor(max(1, threads))
    try:
        for done, splits in enumerate(pool.map(search.splits_of_leaves, groups), start=1):
            for rest, worth in splits:
                search.improve(rest, worth)
            progress("Searching", done / len(groups))
    finally:
        pool.shutdown(cancel_futures=True)
    search.climb()
    if search.best[()] == -np.inf:
        hint = "Allow smaller or larger leaves, or fewer customers of each arm in one"
        raise OptionError("no tree has all its leaves within the limits", hint=hint)
    return search.grown(sums, ())


class _Search:
    """The worth of the best subtree of every box, by group of features."""

    def __init__(self, sums: Sums, features: Sequence[Binned], objective: Objective, depth: int) -> None:
        self.sums, self.features, self.objective, self.depth = sums, features, objective, depth
        # Of this search alone, so that its tables are freed with it.
        self.overlaps = cache(self._overlaps)
        self.few = cache(lambda own: _totals(sums.of_cells(own)))
        groups = (group for size in range(max(depth, 1)) for group in self.groups(size))
        self.best = {group: self.leaves(group) for group in groups}

    def groups(self, size: int) -> list[FeatureGroup]:
        """Return every group of a size."""
        return list(combinations_with_replacement(range(len(self.features)), size))

    def leaves(self, group: FeatureGroup) -> Floats:
        """Return the worth of every box of a group as one leaf, of shape (2, options) for each feature of the group."""
        own = tuple(sorted(set(group)))
        # Groups with a feature several times ask again for the sums of fewer features; the largest come once.
        cells = self.few(own) if len(own) < self.depth else _totals(self.sums.of_cells(own))
        places, shape = list[Integers](), list[int]()
        # From the last feature to the first, so that all steps but the last one are small.
        for place, each in reversed(list(enumerate(own, start=1))):
            distinct, index = self.overlaps(each, group.count(each))
            cells = _summed(cells, place, distinct)
            places.insert(0, index)
            shape[:0] = self.features[each].ranges.shape[:2] * group.count(each)
        worth = self.objective.allowed(cells)
        return (worth if len(own) == len(group) else worth[np.ix_(*places)]).reshape(shape)

    def _overlaps(self, feature: int, times: int) -> tuple[Integers, npt.NDArray[np.intp]]:
        """Return the different overlaps of ranges of a feature, and which one each combination of ranges has."""
        ranges = self.features[feature].ranges.reshape(-1, 3)
        distinct, index = ranges, np.arange(len(ranges))
        for _ in range(times - 1):
            (low, high, missing), (own_low, own_high, own_missing) = distinct[:, None].T, ranges[None].T
            low, high = np.maximum(low.T, own_low.T), np.minimum(high.T, own_high.T)
            both = np.stack([low, np.maximum(low, high), missing.T & own_missing.T], axis=-1).reshape(-1, 3)
            _, where, again = np.unique(both @ (1 << 20, 2, 1), return_index=True, return_inverse=True)
            distinct, index = both[where], again.reshape(len(distinct), len(ranges))[index]
        return distinct, index.ravel()

    def splits_of_leaves(self, group: FeatureGroup) -> list[tuple[FeatureGroup, Floats]]:
        """Return, for each group with a feature less, what the best split by that feature is worth."""
        return list(_splits(group, self.leaves(group)))

    def improve(self, group: FeatureGroup, worth: Floats) -> None:
        """Take what a split is worth where it is more than what was found before."""
        np.maximum(self.best[group], worth, out=self.best[group])

    def climb(self) -> None:
        """Carry the worth of subtrees up to the root."""
        for size in range(self.depth - 1, 0, -1):
            for group in self.groups(size):
                for rest, worth in _splits(group, self.best[group]):
                    self.improve(rest, worth)

    def grown(self, sums: Sums, path: tuple[Range, ...]) -> FoundNode:
        """Return the best subtree of the box that a path cuts out."""
        total = sums.of_cells(())
        leaf = FoundLeaf(tuple(total.tolist()), len(sums.parts))
        alone = float(self.objective.allowed(total))
        if len(path) == self.depth:
            return leaf
        splits = [self._children(sums, path, each) for each in range(len(self.features))]
        worth, feature = max(((float(each.max()), -place) for place, each in enumerate(splits)), default=(alone, 0))
        if worth <= alone:
            return leaf
        binned, option = self.features[-feature], int(splits[-feature].argmax())
        low = binned.goes_low(option, sums.codes[-feature])
        below = (
            self.grown(sums.among(rows), (*path, (-feature, side, option))) for side, rows in enumerate((low, ~low))
        )
        return FoundSplit(-feature, binned, option, *below)

    def _children(self, sums: Sums, path: tuple[Range, ...], feature: int) -> Floats:
        """Return what each split of a box by a feature is worth, shape (options,)."""
        if len(path) + 1 == self.depth:
            ranges = self.features[feature].ranges
            boxes = _summed(_totals(sums.of_cells((feature,))), 1, ranges.reshape(-1, 3))
            return np.asarray(self.objective.allowed(boxes).reshape(ranges.shape[:2]).sum(axis=0))
        steps: list[tuple[int, tuple[int | slice, ...]]] = sorted(
            [*((each, (side, option)) for each, side, option in path), (feature, (slice(None),) * 2)],
            key=lambda step: step[0],
        )
        table = self.best[tuple(each for each, _ in steps)]
        return np.asarray(table[tuple(part for _, parts in steps for part in parts)].sum(axis=0))


def _totals(cells: Floats) -> Floats:
    """Return running totals of cells over the codes of every feature, in place."""
    for place in range(1, cells.ndim):
        along = np.moveaxis(cells, place, 0)
        for before, after in pairwise(along):
            np.add(before, after, out=after)
    return cells


def _summed(totals: Floats, place: int, ranges: Integers) -> Floats:
    """Return sums over ranges of the codes of one feature, shape (ranges, 3), in the place of the feature."""
    sums = totals.take(ranges[:, 1], axis=place)
    sums -= totals.take(ranges[:, 0], axis=place)
    missing = totals.take([0], axis=place)
    if missing.any():
        sums += missing * ranges[:, 2].reshape(-1, *[1] * (totals.ndim - place - 1))
    return sums


def _splits(group: FeatureGroup, worth: Floats) -> Iterator[tuple[FeatureGroup, Floats]]:
    """Yield each group with a feature less, and the worth of the best pair of a range of it and its complement."""
    for place, each in enumerate(group):
        if each not in group[:place]:
            low, high = (worth.take(side, axis=2 * place) for side in (0, 1))
            low += high
            yield group[:place] + group[place + 1 :], low.max(axis=2 * place)
