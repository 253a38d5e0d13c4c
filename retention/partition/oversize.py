"""Optional: a segment over the maximum is split by the next most telling feature before it is cut into waves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from math import inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS, NUMERIC_FEATURES
from retention.partition.grid import grid_of, leaf_table
from retention.partition.quantiles import FeatureSample, fit_cuts
from retention.partition.sizing import Group, Sized, SizeLimits, SizingStep
from retention.partition.tree import Condition, FittedNode, Threshold, leaves, refine
from retention.scores.terms import CONVERSION, PROFITABILITY, Scale, terms

MAX_CELLS = 100_000
"""Splits stop here: the cube stays small, and what is left over the maximum goes out in waves."""


@dataclass(frozen=True)
class _Cut:
    feature: str
    value: float
    telling: float
    low: int
    high: int


def split_oversize(
    customers: pd.DataFrame, root: FittedNode, sized: Sized, limits: SizeLimits
) -> tuple[FittedNode, Sized, list[Threshold]]:
    """Split segments over the maximum at the median of the feature that tells most about conversion.

    Returns:
        The refined tree, its groups, and the cuts added.
    """
    outcome = _outcome(customers)
    groups, log, cuts = list(sized.groups), list(sized.log), []
    whole: set[str] = set()
    while over := [g for g in groups if g.size > limits.maximum and g.name not in whole]:
        # The leaves decide between groups of one size, so that the result does not depend on their order.
        group = max(over, key=lambda g: (g.size, g.leaves))
        members = _members(customers, root, group)
        cut = _most_telling(customers, members, outcome, _used(root, group), limits.minimum)
        if cut is None or _too_many_cells(root, cut):
            whole.add(group.name)
            log.append(
                SizingStep("keep whole", group.name, group.size, group.name, group.size, "no feature splits it further")
            )
            continue
        low, high = _parts(group, cut, [g.name for g in groups])
        root, groups = _apply(root, groups, group, (low, high), _conditions(cut))
        cuts.append(Threshold(cut.feature, cut.value, "q50", f"splits {group.name}"))
        why = f"over {limits.maximum:,}; split at the median of {COLUMNS[cut.feature].label}"
        log.extend(SizingStep("split", group.name, group.size, part.name, part.size, why) for part in (low, high))
    return root, Sized(tuple(groups), tuple(log)), cuts


def _outcome(customers: pd.DataFrame) -> npt.NDArray[np.float64]:
    conversion, profitability = terms(customers, Scale.of(customers), (CONVERSION, PROFITABILITY))
    return profitability if np.isnan(conversion).all() else conversion


def _members(customers: pd.DataFrame, root: FittedNode, group: Group) -> npt.NDArray[np.intp]:
    grid = grid_of(root)
    inside = np.isin(leaf_table(root, grid), group.leaves).view(np.uint8)
    return np.flatnonzero(grid.look_up(customers, inside))


def _used(root: FittedNode, group: Group) -> set[str]:
    return {condition.feature for leaf in leaves(root) if leaf.index in group.leaves for condition in leaf.path}


def _most_telling(
    customers: pd.DataFrame,
    members: npt.NDArray[np.intp],
    outcome: npt.NDArray[np.float64],
    used: set[str],
    minimum: int,
) -> _Cut | None:
    """Return the median cut that explains most of the outcome's variance, among those with two full sides."""
    cuts = []
    for feature in NUMERIC_FEATURES:
        if feature in used or feature not in customers.columns:
            continue
        values = customers[feature].to_numpy(dtype=np.float64, na_value=np.nan)[members]
        sample = FeatureSample.of(values)
        if not len(sample.values):
            continue
        value = fit_cuts(sample, ["q50"])[0][0]
        # A missing value compares false and so counts as low, which is where `_conditions` sends it.
        high = values > value
        n = int(high.sum())
        if min(n, len(members) - n) >= max(1, minimum):
            cuts.append(_Cut(feature, value, _explained(outcome[members], high), len(members) - n, n))
    return max(cuts, key=lambda cut: cut.telling, default=None)


def _explained(outcome: npt.NDArray[np.float64], high: npt.NDArray[np.bool_]) -> float:
    """Return the share of an outcome's variance between two sides, from 0 to 1."""
    known = np.isfinite(outcome)
    values, side = outcome[known], high[known]
    if not side.any() or side.all() or values.var() == 0:
        return 0.0
    # Variance between the sides over all variance (eta squared): the gain by which regression trees choose a split (L.
    # Breiman et al., Classification and Regression Trees, 1984).
    share = side.mean()
    return float(share * (1 - share) * (values[side].mean() - values[~side].mean()) ** 2 / values.var())


def _conditions(cut: _Cut) -> tuple[Condition, Condition]:
    low = Condition(cut.feature, "low", interval=(-inf, cut.value), missing=True)
    return low, Condition(cut.feature, "high", interval=(cut.value, inf))


def _too_many_cells(root: FittedNode, cut: _Cut) -> bool:
    axes = {axis.feature: axis.size for axis in grid_of(root).axes}
    # A new axis has three codes (missing, low, high), and one more cut on an old axis adds one. The product is taken of
    # Python integers, which do not overflow.
    axes[cut.feature] = axes.get(cut.feature, 2) + 1
    return int(np.prod(list(axes.values()), dtype=object)) > MAX_CELLS


def _parts(group: Group, cut: _Cut, taken: Sequence[str]) -> tuple[Group, Group]:
    """Return the two parts of a group, without their leaves yet, under names that no other group has."""
    label = COLUMNS[cut.feature].label
    low, high = (_free(f"{group.name}, {side} {label}", taken) for side in ("low", "high"))
    return replace(group, name=low, leaves=(), size=cut.low), replace(group, name=high, leaves=(), size=cut.high)


def _free(name: str, taken: Sequence[str]) -> str:
    numbered = chain([name], (f"{name} {i}" for i in count(2)))
    return next(each for each in numbered if each not in taken)


def _apply(
    root: FittedNode,
    groups: Sequence[Group],
    group: Group,
    parts: tuple[Group, Group],
    conditions: tuple[Condition, Condition],
) -> tuple[FittedNode, list[Group]]:
    root, fresh = refine(root, group.leaves, *conditions)
    renumbered: list[Group] = []
    for each in groups:
        if each is group:
            sides = (tuple(fresh[old][side] for old in group.leaves) for side in (0, 1))
            renumbered.extend(replace(part, leaves=side) for part, side in zip(parts, sides, strict=True))
        else:
            renumbered.append(replace(each, leaves=tuple(new for old in each.leaves for new in fresh[old])))
    return root, renumbered
