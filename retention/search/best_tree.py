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
from math import prod

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
Group = tuple[int, ...]
"""Places of features, ascending; one may stand in it several times."""
Range = tuple[int, int, int]
"""A feature, a side (0 or 1), and an option: the codes that a split sends to a side."""

MOST_BOXES = 3e9
"""Beyond this many boxes a search takes minutes."""
_BLOCK = 65_536
"""Boxes at a time: their sums stay in the cache."""


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
    ranges = [2 * len(each.options) for each in features]
    groups = list(combinations_with_replacement(range(len(features)), depth))
    if sum(prod(ranges[each] for each in group) for group in groups) > MOST_BOXES:
        raise OptionError(
            f"a search of depth {depth} is too large for {len(features)} columns in so many bins",
            hint="Use fewer columns, fewer bins, or less depth",
        )
    search = _Search(sums, features, objective, depth)
    pool = ThreadPoolExecutor(max(1, threads))
    try:
        for done, found in enumerate(pool.map(search.splits_of_leaves, groups), start=1):
            for rest, worth in found:
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
        self.best: dict[Group, Floats] = {}
        for size in range(max(depth, 1)):
            for group in combinations_with_replacement(range(len(features)), size):
                blocks = [worth for _, worth in self.leaves(group)]
                self.best[group] = np.concatenate(blocks, axis=1) if size else blocks[0]

    def leaves(self, group: Group) -> Iterator[tuple[slice, Floats]]:
        """Yield the worth of every box of a group as one leaf, a block of options of its first feature at a time.

        Its shape is (2, options) for each feature of the group.
        """
        own = tuple(sorted(set(group)))
        cells = _totals(self.sums.of_cells(own))
        if not group:
            yield slice(None), self.objective.allowed(cells)
            return
        if len(own) < len(group):
            yield slice(None), self._repeated(group, cells)
            return
        first, rest = self.features[own[0]].ranges, cells
        for place, each in enumerate(own[1:], start=2):
            rest = _summed(rest, place, self.features[each].ranges.reshape(-1, 3))
        shape = [part for each in own[1:] for part in self.features[each].ranges.shape[:2]]
        step = max(1, _BLOCK // (2 * prod(shape)))
        for start in range(0, first.shape[1], step):
            block = first[:, start : start + step]
            worth = self.objective.allowed(_summed(rest, 1, block.reshape(-1, 3)))
            yield slice(start, start + step), worth.reshape(*block.shape[:2], *shape)

    def _repeated(self, group: Group, cells: Floats) -> Floats:
        """Return the same of a group that has a feature several times: its ranges overlap in few different ways."""
        places, shape = [], list[int]()
        for place, each in enumerate(sorted(set(group)), start=1):
            distinct, index = self._overlaps(each, group.count(each))
            cells = _summed(cells, place, distinct)
            places.append(index)
            shape += self.features[each].ranges.shape[:2] * group.count(each)
        return self.objective.allowed(cells)[np.ix_(*places)].reshape(shape)

    @cache  # noqa: B019 - as long as the search
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

    def splits_of_leaves(self, group: Group) -> list[tuple[Group, Floats]]:
        """Return, for each group with a feature less, what the best split by that feature is worth."""
        found: dict[int, Floats] = {}
        for rows, worth in self.leaves(group):
            for place in _first_places(group):
                split = _split(worth, place)
                if place == 0:
                    found[0] = split if 0 not in found else np.maximum(found[0], split)
                else:
                    whole = found.setdefault(
                        place, np.empty((2, len(self.features[group[0]].options), *split.shape[2:]))
                    )
                    whole[:, rows] = split
        return [(group[:place] + group[place + 1 :], worth) for place, worth in found.items()]

    def improve(self, group: Group, worth: Floats) -> None:
        """Take what a split is worth where it is more than what was found before."""
        np.maximum(self.best[group], worth, out=self.best[group])

    def climb(self) -> None:
        """Carry the worth of subtrees up to the root."""
        for size in range(self.depth - 1, 0, -1):
            for group in combinations_with_replacement(range(len(self.features)), size):
                for place in _first_places(group):
                    self.improve(group[:place] + group[place + 1 :], _split(self.best[group], place))

    def grown(self, sums: Sums, path: tuple[Range, ...]) -> FoundNode:
        """Return the best subtree of the box that a path cuts out.

        Args:
            sums: The customers of the box.
            path: Ranges that cut it out.
        """
        here = sums.of_cells(())
        leaf = FoundLeaf(tuple(here.tolist()), len(sums.parts))
        alone = float(self.objective.allowed(here))
        if len(path) == self.depth:
            return leaf
        pairs = [self._children(sums, path, each) for each in range(len(self.features))]
        options = [int(pair.argmax()) for pair in pairs]
        worth = [float(pair[option]) for pair, option in zip(pairs, options, strict=True)]
        feature = int(np.argmax(worth)) if worth else 0
        if not worth or not worth[feature] > alone:
            return leaf
        option, binned = options[feature], self.features[feature]
        low = binned.goes_low(option, sums.codes[feature])
        below = (
            self.grown(sums.among(rows), (*path, (feature, side, option))) for side, rows in enumerate((low, ~low))
        )
        return FoundSplit(feature, binned, option, *below)

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


def _split(worth: Floats, place: int) -> Floats:
    """Return the worth of the best pair of a range and its complement, by the feature in one place."""
    low, high = (worth.take(side, axis=2 * place) for side in (0, 1))
    return np.asarray((low + high).max(axis=2 * place))


def _first_places(group: Group) -> list[int]:
    return [place for place, each in enumerate(group) if each not in group[:place]]
