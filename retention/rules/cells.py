"""The cells that rules can tell apart: an axis of positions for each column, and boxes of positions.

Position 0 of an axis is a missing value. A number's position says between which ends of ranges it lies; an end is the
first number above it, so that `< 100` and `<= 100` have ends of their own. A set of positions is a bit mask.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product
from math import inf, nextafter
from operator import and_

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS, NUMERIC_FEATURES
from retention.errors import RulesError
from retention.policy.policy import fold_category
from retention.rules.logic import Clause, Node
from retention.wording import symbol

Box = tuple[int, ...]
"""A mask for each axis."""
MAX_BOXES, CENT = 4_096, 0.01 * (1 + 1e-9)
WHOLE = frozenset({"sessions", "items", "days"})
"""Units of columns that hold whole numbers."""


@dataclass(frozen=True)
class RuleAxis:
    """The positions of one column.

    Args:
        feature: The column.
        starts: For numbers: the first number of each position from 1 on.
        groups: For categories: the values of each position from 1 on, which no rule tells apart; then all others.
    """

    feature: str
    starts: tuple[float, ...] = ()
    groups: tuple[frozenset[str], ...] = ()

    @property
    def size(self) -> int:
        """Number of positions."""
        return 1 + (len(self.starts) or len(self.groups) + 1)

    @property
    def whole(self) -> bool:
        """Whether the column holds whole numbers."""
        return COLUMNS[self.feature].unit in WHOLE

    def is_boundary(self, first: int, last: int) -> bool:
        """Return whether a run of positions is no wider than a cent, or one whole number."""
        if not self.starts or not first:
            return False
        low, high = self.ends(first, last)
        return high - low <= (1 if self.whole else CENT)

    def mask(self, clause: Clause) -> int:
        """Return the positions of a clause's values."""
        mask = int(clause.missing)
        if self.starts:
            for low, high in clause.ranges:
                first, last = (bisect_left(self.starts, start_of(self.feature, end)) for end in (low, high))
                mask |= mask_of(first + 1, last)
            return mask
        inside = [clause.inverted ^ (group <= clause.values) for group in self.groups] + [clause.inverted]
        return mask | sum(1 << place for place, taken in enumerate(inside, start=1) if taken)

    def codes(self, column: "pd.Series[float] | pd.Series[str]") -> npt.NDArray[np.int64]:
        """Return the position of each value."""
        if self.starts:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            return np.where(np.isnan(values), 0, np.searchsorted(self.starts, values, side="right").clip(min=1))
        place = {value: i for i, group in enumerate(self.groups, start=1) for value in group} | {"": 0}
        codes, uniques = pd.factorize(column)
        # factorize numbers a missing value -1, which takes the last entry of the table: 0.
        return np.array([place.get(fold_category(str(value)), self.size - 1) for value in uniques] + [0])[codes]

    def ends(self, first: int, last: int) -> tuple[float, float]:
        """Return the first number of some positions, and the first one above them."""
        return self.starts[first - 1], self.starts[last] if last < len(self.starts) else inf

    def words(self, mask: int, currency: str = "") -> str:
        """Return a set of positions in words, without the column's name."""
        ranges = [self._range(first, last, currency) for first, last in runs(mask & ~1)] if self.starts else []
        if not self.starts and mask >> self.size - 1:
            left_out = sorted(chain.from_iterable(g for i, g in enumerate(self.groups, 1) if not mask >> i & 1))
            ranges = [f"not {' or '.join(left_out)}" if left_out else "known"]
        elif not self.starts:
            ranges = sorted(chain.from_iterable(g for i, g in enumerate(self.groups, 1) if mask >> i & 1))
        return " or ".join([*ranges, *(["missing"] if mask & 1 else [])])

    def _range(self, first: int, last: int, currency: str) -> str:
        low, high = self.ends(first, last)
        if first == 1 and high == inf:
            return "known"
        edge, top = nextafter(low, -inf), nextafter(high, -inf)
        if top == low or (self.whole and high - low == 1):
            return self._number(low, currency)
        over = not self.whole and len(repr(edge)) < len(repr(low))
        upto = self.whole or len(repr(top)) < len(repr(high))
        least = f"over {self._number(edge, currency)}" if over else f"from {self._number(low, currency)}"
        most = self._number(high - 1 if self.whole else top if upto else high, currency)
        most = f"{'to' if first > 1 else 'at most'} {most}" if upto else f"under {most}"
        return least if high == inf else most if first == 1 else f"{least} {most}"

    def _number(self, value: float, currency: str) -> str:
        # In full: what is shown must not look like another cut.
        text = f"{value:,}".removesuffix(".0")
        return f"{symbol(currency)}{text}" if COLUMNS[self.feature].unit == "money" else text

    def example(self, mask: int) -> float | str | None:
        """Return a value of a set of positions, the plainest one; None for a missing one."""
        first = next((run for run, _ in runs(mask & ~1)), 0)
        if not first:
            return None
        if not self.starts:
            return min(self.groups[first - 1]) if first <= len(self.groups) else "any other"
        low, high = self.ends(first, first)
        low = max(low, min(high, 0.0) - 1)
        rounded = (math.ceil(low * ten) / ten for ten in (1, 10, 100, 1_000, 10_000) if abs(low) * ten < 1e15)
        return next((value for value in rounded if low <= value < high), low)


def start_of(feature: str, end: float) -> float:
    """Return the first value of a column from a number on."""
    return float(math.ceil(end)) if COLUMNS[feature].unit in WHOLE and abs(end) < inf else end


def mask_of(first: int, last: int) -> int:
    """Return the mask of a run of positions, both ends included."""
    return (1 << last + 1) - (1 << first)


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last position of each run of a mask.

    >>> list(runs(0b1011101))
    [(0, 0), (2, 4), (6, 6)]
    """
    start = 0
    while mask:
        skip = (mask & -mask).bit_length() - 1
        mask >>= skip
        length = (~mask & mask + 1).bit_length() - 1
        start += skip + length
        yield start - length, start - 1
        mask >>= length


@dataclass(frozen=True)
class Space:
    """All customers there can be, as the product of the axes."""

    axes: tuple[RuleAxis, ...]

    @cached_property
    def whole(self) -> Box:
        """The box of everybody."""
        return tuple((1 << axis.size) - 1 for axis in self.axes)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return math.prod(axis.size for axis in self.axes)

    def boxes(self, node: Node) -> list[Box]:
        """Return boxes that together are where a condition holds.

        Raises:
            RulesError: They are too many.
        """
        if isinstance(node, Clause):
            place = next(place for place, axis in enumerate(self.axes) if axis.feature == node.feature)
            mask = self.axes[place].mask(node)
            return [(*self.whole[:place], mask, *self.whole[place + 1 :])] if mask else []
        if not node.every:
            return self._any(node.parts)
        boxes = [self.whole]
        for part in node.parts:
            pairs = product(boxes, self.boxes(part))
            met = (tuple(map(and_, one, other)) for one, other in pairs)
            boxes = list(dict.fromkeys(box for box in met if all(box)))
            _bound(boxes)
        return boxes

    def _any(self, parts: Iterable[Node]) -> list[Box]:
        boxes = list[Box]()
        for part in parts:
            boxes += self.boxes(part)
            if len(boxes) > MAX_BOXES:
                boxes = merged(boxes)
                _bound(boxes)
        return merged(boxes)

    def words(self, box: Box, currency: str = "") -> str:
        """Return a box in words."""
        limited = [(axis, mask) for axis, mask, every in zip(self.axes, box, self.whole, strict=True) if mask != every]
        return ", ".join(f"{COLUMNS[a.feature].label} {a.words(mask, currency)}" for a, mask in limited) or "everybody"

    def example(self, box: Box) -> dict[str, float | str | None]:
        """Return a customer of a box: a value of each column that the rules read."""
        return {axis.feature: axis.example(mask) for axis, mask in zip(self.axes, box, strict=True)}

    def share(self, box: Box) -> float:
        """Return which share of the cells a box has."""
        return math.prod(mask.bit_count() / axis.size for axis, mask in zip(self.axes, box, strict=True))


def _bound(boxes: Sequence[Box]) -> None:
    if len(boxes) > MAX_BOXES:
        raise RulesError(f"the rule falls into more than {MAX_BOXES:,} parts", hint="Write it as several rules")


def space_of(nodes: Iterable[Node]) -> Space:
    """Return the space whose positions some conditions tell apart."""
    ends: dict[str, set[float]] = {}
    lists: dict[str, dict[frozenset[str], None]] = {}
    for clause in chain.from_iterable(map(_clauses, nodes)):
        ends.setdefault(clause.feature, set()).update(chain.from_iterable(clause.ranges))
        lists.setdefault(clause.feature, {})[clause.values] = None
    used = [feature for feature in COLUMNS if feature in ends]
    return Space(tuple(_numeric(f, ends[f]) if f in NUMERIC_FEATURES else _grouped(f, list(lists[f])) for f in used))


def _clauses(node: Node) -> Iterator[Clause]:
    if isinstance(node, Clause):
        yield node
    else:
        yield from chain.from_iterable(map(_clauses, node.parts))


def _numeric(feature: str, ends: set[float]) -> RuleAxis:
    """Return the axis of a column of numbers, within what the contract allows."""
    low, high = COLUMNS[feature].low, COLUMNS[feature].high
    least, most = -inf if low is None else low, inf if high is None else high
    inside = {start_of(feature, end) for end in ends if least < end < inf}
    return RuleAxis(feature, (least, *sorted(end for end in inside if end <= most)))


def _grouped(feature: str, lists: list[frozenset[str]]) -> RuleAxis:
    """Return the axis of a column of categories: those that stand in the same lists share a position."""
    members: dict[str, list[int]] = {}
    for number, values in enumerate(lists):
        for value in sorted(values):
            members.setdefault(value, []).append(number)
    groups: dict[tuple[int, ...], set[str]] = {}
    for value, where in members.items():
        groups.setdefault(tuple(where), set()).add(value)
    return RuleAxis(feature, groups=tuple(map(frozenset, groups.values())))


def merged(boxes: Sequence[Box]) -> list[Box]:
    """Return boxes joined wherever they differ on one axis only."""
    whole, before = list(dict.fromkeys(boxes)), 0
    while len(whole) != before and len(whole) > 1:
        before = len(whole)
        for axis in range(len(whole[0])):
            joined: dict[Box, int] = {}
            for box in whole:
                others = (*box[:axis], *box[axis + 1 :])
                joined[others] = joined.get(others, 0) | box[axis]
            whole = [(*others[:axis], mask, *others[axis:]) for others, mask in joined.items()]
    return whole
