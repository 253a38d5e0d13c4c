"""Why one customer is in one segment, and the smallest change that would move them to another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isnan

import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.partition.fitted import FittedTree
from retention.partition.grid import Axis
from retention.partition.tree import FittedSplit
from retention.wording import number_words

Value = float | str | None


@dataclass(frozen=True)
class Step:
    """One split on a customer's way down: the column, their value, the branch it took and what it asks."""

    feature: str
    value: Value
    branch: str
    rule: str


@dataclass(frozen=True)
class Change:
    """Another value of one column, in words, the segment that it leads to, and how far it is from what it was."""

    feature: str
    value: Value
    target: str
    segment: str
    distance: float


def path_of(tree: FittedTree, customer: Mapping[str, object], currency: str = "") -> tuple[Step, ...]:
    """Return the steps from the root to the customer's leaf; a column that is not there counts as missing."""
    steps: list[Step] = []
    node = tree.root
    while isinstance(node, FittedSplit):
        value = _value(customer.get(node.feature))
        condition, child = next((c, child) for c, child in node.branches if c.holds(value))
        steps.append(Step(node.feature, value, condition.label, condition.words(currency)))
        node = child
    return tuple(steps)


def smallest_change(
    tree: FittedTree, customer: Mapping[str, object], spread: Mapping[str, float], currency: str = ""
) -> Change | None:
    """Return the nearest change of one column, by its spread, that leads to another segment; None if there is none."""
    frame = pd.DataFrame({axis.feature: [customer.get(axis.feature)] for axis in tree.grid.axes})
    cell = int(tree.grid.cells_of(frame)[0]) if tree.grid.axes else 0
    own = int(tree.segment_of_cell[cell])
    changes: list[tuple[float, int, int, Change]] = []
    for place, (axis, stride) in enumerate(zip(tree.grid.axes, tree.grid.strides, strict=True)):
        code, value = cell // stride % axis.size, _value(customer.get(axis.feature))
        for other, target, distance in _targets(axis, value, spread.get(axis.feature, 0.0), currency):
            neighbour = int(tree.segment_of_cell[cell + (other - code) * stride])
            if neighbour != own:
                change = Change(axis.feature, value, target, tree.segments[neighbour].name, distance)
                changes.append((distance, place, other, change))
    # Ties go to the first axis and its lowest code, so that one customer always gets one answer.
    return min(changes, key=lambda each: each[:3])[3] if changes else None


def change_words(change: Change) -> str:
    """Return a change for people: with which value the customer would be in which segment."""
    return f"With {COLUMNS[change.feature].label} {change.target} they would be in {change.segment}."


def _value(raw: object) -> Value:
    if raw is None or raw is pd.NA or (isinstance(raw, float) and isnan(raw)):
        return None
    return raw if isinstance(raw, str) else float(raw)  # type: ignore[arg-type]


def _targets(axis: Axis, value: Value, spread: float, currency: str) -> Iterator[tuple[int, str, float]]:
    """Yield each other code of an axis that a known value can move to: code, words, distance."""
    # No distance leads from an unknown value to a known one.
    if value is None:
        return
    if isinstance(value, str):
        yield from ((i + 1, f"'{category}'", 1.0) for i, category in enumerate(axis.categories))
        return
    kind = "money" if COLUMNS[axis.feature].unit == "money" else ""
    unit = spread if spread > 0 else 1.0
    for code, (low, high) in enumerate(zip((-inf, *axis.cuts), (*axis.cuts, inf), strict=True), start=1):
        if value <= low:
            yield code, f"over {number_words(low, kind, currency)}", (low - value) / unit
        elif value > high:
            yield code, f"at most {number_words(high, kind, currency)}", (value - high) / unit
