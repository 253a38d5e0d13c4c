"""The rival: a tree that takes the best split of one node at a time, and never one that pays only further down."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retention.errors import OptionError
from retention.search.best_tree import best_tree
from retention.search.bins import Binned
from retention.search.nodes import FoundLeaf, FoundNode, FoundSplit
from retention.search.objectives import LeafLimits, Objective
from retention.search.sums import Sums


def greedy_tree(sums: Sums, features: Sequence[Binned], objective: Objective, depth: int) -> FoundNode:
    """Return the tree that splits one node at a time, for any objective, as far as splits are within the limits."""
    try:
        node = best_tree(sums, features, objective, min(depth, 1), threads=1)
    except OptionError:
        node = best_tree(sums, features, replace(objective, limits=LeafLimits(0)), 0)
    if isinstance(node, FoundLeaf):
        return node
    low = node.goes_low(sums.codes)
    first, second = (greedy_tree(sums.among(rows), features, objective, depth - 1) for rows in (low, ~low))
    return replace(node, low=first, high=second)


def regression_tree(sums: Sums, features: Sequence[Binned], minimum: int, depth: int) -> FoundNode:
    """Return the regression tree of scikit-learn on the same bins, for the sums of `ValueSpread`."""
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415 - slow to import

    known = sums.parts[:, 1] > 0
    learnt = sums.among(known)
    table = np.where(learnt.codes == 0, np.nan, learnt.codes.astype(np.float64)).T
    rival = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=max(1, minimum), random_state=0)
    tree = rival.fit(table, learnt.parts[:, 2]).tree_

    def grown(number: int, part: Sums) -> FoundNode:
        if tree.children_left[number] < 0:
            return FoundLeaf(tuple(part.of_cells(()).tolist()), len(part.parts))
        place = int(tree.feature[number])
        binned = features[place]
        last = int(min(tree.threshold[number], max(each for each, _ in binned.options)))
        low = binned.missing and bool(tree.missing_go_to_left[number])
        option = binned.options.index((last, low))
        first = binned.goes_low(option, part.codes[place])
        below = (
            grown(int(child), part.among(rows))
            for child, rows in ((tree.children_left[number], first), (tree.children_right[number], ~first))
        )
        return FoundSplit(place, binned, option, *below)

    return grown(0, sums)
