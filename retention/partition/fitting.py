"""Policy nodes -> fitted nodes: numbers in place of quantiles and learned cuts, conditions in place of branch names."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np

from retention.errors import PolicyError
from retention.partition.quantiles import FeatureSample, Sample, fit_cuts
from retention.partition.tree import Condition, FittedLeaf, FittedNode, FittedSplit, Threshold
from retention.policy.policy import LearnedCuts, Policy, Split, fold_category

Learner = Callable[[str, LearnedCuts], tuple[Threshold, ...]]


def fit_nodes(
    policy: Policy,
    sample_of: Callable[[str], Sample] = lambda _: FeatureSample(np.empty(0)),
    learn: Learner = lambda *_: (),
) -> tuple[FittedNode, list[Threshold]]:
    """Return the fitted tree of a policy and every cut in it.

    Args:
        policy: The tree as the marketer wrote it; with cuts that are all numbers it needs no customers.
        sample_of: The finite values of a feature over the universe; asked once a feature.
        learn: Learns the cuts of a feature; asked once for equal cuts.

    Raises:
        PolicyError: A quantile cut falls below a value cut that the policy puts before it, or cuts cannot be learned.
    """
    fitter = _Fitter(policy.name, sample_of, learn)
    return fitter.node(policy.tree, ()), fitter.thresholds


class _Fitter:
    """Turns policy nodes into fitted nodes, leaves numbered in order; each feature is sampled once."""

    def __init__(self, name: str, sample_of: Callable[[str], Sample], learn: Learner) -> None:
        self.name, self.sample_of, self.learn = name, cache(sample_of), cache(learn)
        self.thresholds: list[Threshold] = []
        self.leaves = 0

    def node(self, node: Split | str, path: tuple[Condition, ...]) -> FittedNode:
        if isinstance(node, str):
            self.leaves += 1
            return FittedLeaf(self.leaves - 1, node, path)
        conditions = self._intervals(node) if node.cuts is not None else _groups(node)
        branches = tuple(
            (condition, self.node(child, (*path, condition)))
            for condition, child in zip(conditions, node.branches.values(), strict=True)
        )
        return FittedSplit(node.split, branches, path)

    def _intervals(self, split: Split) -> list[Condition]:
        fitted = self._thresholds(split)
        self.thresholds += [each for each in fitted if each not in self.thresholds]
        edges = (-np.inf, *(each.cut for each in fitted), np.inf)
        intervals = list(pairwise(edges))
        if any(high < low for low, high in intervals):
            raise PolicyError(
                f"the cuts {', '.join(map(str, split.asked))} of '{split.split}' do not increase on this data",
                where=f"policy {self.name}",
                hint="Order the values and quantiles as they fall in the data",
            )
        return [
            Condition(split.split, label, intervals[i] if i < len(intervals) else None, missing=label == split.missing)
            for i, label in enumerate(split.branches)
        ]

    def _thresholds(self, split: Split) -> tuple[Threshold, ...]:
        if isinstance(split.cuts, LearnedCuts):
            return self.learn(split.split, split.cuts)
        fitted = fit_cuts(self.sample_of(split.split), split.asked)
        return tuple(
            Threshold(split.split, cut, wish, note) for (cut, note), wish in zip(fitted, split.asked, strict=True)
        )


def _groups(split: Split) -> list[Condition]:
    groups = {label: tuple(sorted(map(fold_category, values))) for label, values in (split.groups or {}).items()}
    listed = tuple(sorted(value for values in groups.values() for value in values))
    return [
        Condition(
            split.split,
            label,
            values=groups.get(label, ()),
            excluded=tuple(v for v in listed if v not in groups.get(label, ())) if label == split.otherwise else None,
            missing=label == split.missing,
        )
        for label in split.branches
    ]
