"""Optional: a segment over the maximum is split by the next most telling feature before it is cut into waves."""

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import frexp, inf, nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS, NUMERIC_FEATURES
from retention.partition.grid import Grid, grid_of, leaf_table
from retention.partition.parts import Add, Numbers, PartedRows, S
from retention.partition.ranks import quantiles_of_each
from retention.partition.sizing import Group, Sized, SizeLimits, SizingStep
from retention.partition.tree import Condition, FittedNode, Threshold, leaves, refine
from retention.scores.terms import CONVERSION, ESTIMATE, PROFITABILITY, Scale, terms
from retention.wording import free_name

_SEEN = (*NUMERIC_FEATURES, "recovered", ESTIMATE)
"""Columns that may split, and those of the outcome."""
_HALF = 26
"""Binary digits of an outcome that are added at a time: sums of them stay whole numbers of 64 bits."""
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
    rows: PartedRows, root: FittedNode, sized: Sized, limits: SizeLimits
) -> tuple[FittedNode, Sized, list[Threshold]]:
    """Split segments over the maximum at the median of the feature that tells most about conversion.

    Returns:
        The refined tree, its groups, and the cuts added.
    """
    groups, log, cuts = list(sized.groups), list(sized.log), []
    whole, decided = set[str](), dict[str, _Cut | None]()
    outcome = None
    while over := [g for g in groups if g.size > limits.maximum and g.name not in whole]:
        # The leaves decide between groups of one size, so that the result does not depend on their order.
        group = max(over, key=lambda g: (g.size, g.leaves))
        if group.name not in decided:
            # What splits a group does not depend on the others, and one pass costs as much for all of them.
            outcome = outcome or _Outcome.among(rows)
            decided |= _most_telling(rows, root, [g for g in over if g.name not in decided], outcome, limits.minimum)
        # The name may be free again, and another group's.
        cut = decided.pop(group.name)
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


@dataclass(frozen=True)
class _Outcome:
    """What splits are to tell of: a term as whole numbers, whose sums are the same in whatever order they are added."""

    term: int
    exponent: int

    @classmethod
    def among(cls, rows: PartedRows) -> "_Outcome":
        """Return conversion, or profitability where nobody has one, to 52 digits from that of the largest."""
        columns = [name for name in rows.none.columns if name in _SEEN]
        known, *largest = rows.summed(_largest, np.maximum, columns).tolist()
        return cls(CONVERSION, frexp(largest[0])[1]) if known else cls(PROFITABILITY, frexp(largest[1])[1])

    def of(self, customers: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Return whether it is known, and the upper and the lower half of its digits, shape (3, customers)."""
        (values,) = terms(customers, Scale(nan), (self.term,))
        known = np.isfinite(values)
        digits = np.rint(np.ldexp(np.where(known, values, 0), 2 * _HALF - self.exponent)).astype(np.int64)
        return np.stack([known, digits >> _HALF, digits & ((1 << _HALF) - 1)])


def _largest(customers: pd.DataFrame) -> npt.NDArray[np.float64]:
    outcomes = terms(customers, Scale(nan), (CONVERSION, PROFITABILITY))
    known = float(not np.isnan(outcomes[0]).all())
    return np.array([known, *(np.abs(each[np.isfinite(each)]).max(initial=0) for each in outcomes)])


@dataclass(frozen=True)
class _Candidates:
    """Groups that are to be split, numbered, and the columns that may do it: one number of a group and name each.

    Args:
        grid: The cells of the tree.
        group_of_cell: The number of the group of each cell, from 1; 0: of none that is to be split.
        columns: In the order of the groups.
    """

    grid: Grid
    group_of_cell: npt.NDArray[np.unsignedinteger]
    columns: tuple[tuple[int, str], ...]

    def pieces(self, customers: pd.DataFrame) -> tuple[npt.NDArray[np.intp], Iterator[tuple[slice, Numbers]]]:
        """Return an order in which each group's members stand together, and for each column where, and its values."""
        groups = self.grid.look_up(customers, self.group_of_cell)
        order = np.argsort(groups, kind="stable")
        ends = np.searchsorted(groups[order], np.arange(int(self.group_of_cell.max()) + 2))
        values = {
            name: customers[name].to_numpy(dtype=np.float64, na_value=np.nan)[order]
            for name in {name for _, name in self.columns}
        }
        places = ((slice(ends[group], ends[group + 1]), name) for group, name in self.columns)
        return order, ((members, values[name][members]) for members, name in places)

    def finite(self, of: Callable[[Iterable[Numbers]], S], customers: pd.DataFrame) -> S:
        """Return what a function gives of the finite values of the columns."""
        return of(values[np.isfinite(values)] for _, values in self.pieces(customers)[1])

    def summed(self, rows: PartedRows, of: Callable[[pd.DataFrame], S], add: Add[S] = operator.add) -> S:
        """Return the sum of what a function gives of the parts, in which only these columns are looked at."""
        read = {*_SEEN, *(axis.feature for axis in self.grid.axes)}
        return rows.summed(of, add, [name for name in rows.none.columns if name in read])

    def total(self, rows: PartedRows, of: Callable[[Iterable[Numbers]], S], add: Add[S] = operator.add) -> S:
        """Add up over the finite values of the columns."""
        return self.summed(rows, partial(self.finite, of), add)


def _sizes(pieces: Iterable[Numbers]) -> npt.NDArray[np.int64]:
    return np.array([len(piece) for piece in pieces], dtype=np.int64)


@dataclass(frozen=True)
class _Sides:
    """What a cut of each column makes of its group.

    Args:
        sums: Of the side over it the members and the three rows of `_Outcome.of`, and these three of all; shape
            (columns, 7).
        below: The highest value under the cut, shape (columns,).
    """

    sums: npt.NDArray[np.int64]
    below: npt.NDArray[np.float64]

    def __add__(self, other: "_Sides") -> "_Sides":
        return _Sides(self.sums + other.sums, np.maximum(self.below, other.below))


def _sides(candidates: _Candidates, outcome: _Outcome, cuts: Numbers, customers: pd.DataFrame) -> _Sides:
    order, pieces = candidates.pieces(customers)
    outcomes, sums, below = outcome.of(customers)[:, order], [], []
    for (members, values), cut in zip(pieces, cuts, strict=True):
        # A missing value compares false and so counts as low, which is where `_conditions` sends it.
        high, own = values > cut, outcomes[:, members]
        sums.append([np.count_nonzero(high), *own[:, high].sum(axis=1), *own.sum(axis=1)])
        below.append(values[values < cut].max(initial=-inf))
    return _Sides(np.array(sums, dtype=np.int64), np.array(below))


def _most_telling(
    rows: PartedRows, root: FittedNode, groups: Sequence[Group], outcome: _Outcome, minimum: int
) -> dict[str, _Cut | None]:
    """Return for each group the median cut that explains most of the outcome's variance, with two full sides."""
    features = [feature for feature in NUMERIC_FEATURES if feature in rows.none.columns]
    columns = list[tuple[int, str]]()
    for number, group in enumerate(groups, start=1):
        used = {condition.feature for leaf in leaves(root) if leaf.index in group.leaves for condition in leaf.path}
        columns += [(number, feature) for feature in features if feature not in used]
    grid = grid_of(root)
    group_of_leaf = np.zeros(1 + sum(1 for _ in leaves(root)), dtype=np.min_scalar_type(len(groups)))
    for number, group in enumerate(groups, start=1):
        group_of_leaf[list(group.leaves)] = number
    candidates = _Candidates(grid, group_of_leaf[leaf_table(root, grid)], tuple(columns))
    best = dict[str, _Cut | None].fromkeys(group.name for group in groups)
    for (number, feature), value, sums in _medians(rows, candidates, outcome):
        group, high = groups[number - 1], sums[0]
        cut, before = _Cut(feature, value, _telling(sums), group.size - high, high), best[group.name]
        if min(cut.low, cut.high) >= max(1, minimum) and (before is None or cut.telling > before.telling):
            best[group.name] = cut
    return best


def _medians(
    rows: PartedRows, candidates: _Candidates, outcome: _Outcome
) -> Iterator[tuple[tuple[int, str], float, list[int]]]:
    """Yield each column that has a value, its median, and the sums of its sides."""
    sizes = candidates.total(rows, _sizes)
    columns = tuple(each for each, size in zip(candidates.columns, sizes, strict=True) if size)
    if not columns:
        return
    known = replace(candidates, columns=columns)
    cuts = np.concatenate(quantiles_of_each(partial(known.total, rows), sizes[sizes > 0].tolist(), [0.5]))
    sides: _Sides = known.summed(rows, partial(_sides, known, outcome, cuts))
    # Of ties at the top nobody is over the median: it moves to the next value below, as those of a policy do.
    tied = (sides.sums[:, 0] == 0) & (sides.below > -inf)
    if tied.any():
        cuts = np.where(tied, sides.below, cuts)
        sides = known.summed(rows, partial(_sides, known, outcome, cuts))
    yield from zip(columns, cuts.tolist(), sides.sums.tolist(), strict=True)


def _telling(sums: Sequence[int]) -> float:
    """Return the variance of an outcome between two sides, up to what is the same for all cuts of a group.

    Over all variance it is eta squared, the gain by which regression trees choose a split (L. Breiman et al.,
    Classification and Regression Trees, 1984). Whole numbers have no rounding that could decide.
    """
    _, high, *own, known = sums[:5]
    over, total = ((upper << _HALF) + lower for upper, lower in (own, sums[5:]))
    return (known * over - high * total) ** 2 / (high * (known - high)) if 0 < high < known else 0.0


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
    low, high = (free_name(f"{group.name}, {side} {label}", taken) for side in ("low", "high"))
    return replace(group, name=low, leaves=(), size=cut.low), replace(group, name=high, leaves=(), size=cut.high)


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
