"""The fitted tree: nodes with numbers in place of quantiles, and the segments that its leaves form.

A node is a `FittedSplit` or a `FittedLeaf`. Every branch carries its `Condition`; a leaf carries the
conditions on its path, so a rule in words comes from the tree and never from parsing a name.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from retention.customers.contracts import COLUMNS
from retention.policy.policy import Campaign, fold_category
from retention.wording import cut_words, number_words


@dataclass(frozen=True)
class Condition:
    """What a value must satisfy to take a branch.

    Args:
        interval: `(low, high]` for a number; None where no number takes the branch.
        values: Folded categories that take the branch.
        excluded: Folded categories that do not, for the `else` branch; every other one does.
    """

    feature: str
    label: str
    interval: tuple[float, float] | None = None
    values: tuple[str, ...] = ()
    excluded: tuple[str, ...] | None = None
    missing: bool = False

    def holds(self, value: float | str | None) -> bool:
        """Return whether one value takes this branch; the plain definition, used by proof and explanation.

        >>> Condition("avg_order_value", "low", interval=(-math.inf, 20.0)).holds(20.0)
        True
        """
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return self.missing
        if isinstance(value, str):
            folded = fold_category(value)
            if not folded:
                return self.missing
            return folded in self.values or (self.excluded is not None and folded not in self.excluded)
        return self.interval is not None and (
            self.interval[0] < value <= self.interval[1] or value == -math.inf == self.interval[0]
        )

    @property
    def token(self) -> str:
        """The condition as it stands in `Rules_Applied`, such as `AOV_High`."""
        label = "".join(part[:1].upper() + part[1:] for part in self.label.replace("-", " ").replace("_", " ").split())
        return f"{COLUMNS[self.feature].short}_{label}"

    def words(self, currency: str = "") -> str:
        """Return the condition for people, such as `average order value over $20 to $90`."""
        name = COLUMNS[self.feature].label
        known = self._range(name, currency)
        if not self.missing:
            return known
        return f"{known} or unknown" if known else f"{name} unknown"

    def _range(self, name: str, currency: str) -> str:
        if self.excluded is not None:
            return f"{name} not {' or '.join(self.excluded)}"
        if self.interval is None:
            return f"{name} {' or '.join(self.values)}" if self.values else ""
        low, high = self.interval
        unit = "money" if COLUMNS[self.feature].unit == "money" else ""
        least, most = (number_words(end, unit, currency) if abs(end) < 1e300 else "" for end in (low, high))
        if low >= 1e300:
            return f"no {name}"
        if low == -math.inf:
            return f"any {name}" if high >= 1e300 else f"{name} at most {most}"
        return f"{name} over {least}" + (f" to {most}" if most else "")


@dataclass(frozen=True)
class FittedLeaf:
    """A leaf: its number, its name and the conditions from the root down to it."""

    index: int
    name: str
    path: tuple[Condition, ...]


@dataclass(frozen=True)
class FittedSplit:
    """An inner node: one condition and one node per branch, in the order of the policy."""

    feature: str
    branches: tuple[tuple[Condition, "FittedNode"], ...]
    path: tuple[Condition, ...]


FittedNode = FittedSplit | FittedLeaf


@dataclass(frozen=True)
class Threshold:
    """A fitted cut: what the policy asked for, and the note if the cut had to move.

    Args:
        asked: A value, a quantile, or the name of a learned cut.
        note: Why it is not where it was asked for, or what was learned.
        moves: For a learned cut: within which ends it stays where other customers are drawn (95 %).
    """

    feature: str
    cut: float
    asked: float | str
    note: str = ""
    moves: tuple[float, float] | None = None

    def told(self, currency: str = "") -> str:
        """Return how far a learned cut moves, and the note."""
        if self.moves is None:
            return self.note
        low, high = (number_words(end, COLUMNS[self.feature].unit, currency) for end in self.moves)
        moves = f"moves between {low} and {high}" if low != high else f"stays at {low}"
        return f"{moves}; {self.note}" if self.note else moves

    def words(self, currency: str = "") -> str:
        """Return what was asked for, where the cut is, and the note."""
        at = f", {number_words(self.cut)}" if isinstance(self.asked, str) and abs(self.cut) < 1e300 else ""
        return f"{COLUMNS[self.feature].label.capitalize()} cut at {cut_words(self.asked)}{at}: {self.told(currency)}."


@dataclass(frozen=True)
class Segment:
    """A business segment: the leaves that form it, its rule and its campaign."""

    name: str
    campaign: Campaign
    leaves: tuple[int, ...]
    tokens: str
    words: str


def leaves(node: FittedNode) -> Iterator[FittedLeaf]:
    """Yield the leaves below a node, in order."""
    if isinstance(node, FittedLeaf):
        yield node
    else:
        for _, child in node.branches:
            yield from leaves(child)


def inner_nodes(node: FittedNode) -> Iterator[FittedSplit]:
    """Yield the splits below and including a node, depth first."""
    if isinstance(node, FittedSplit):
        yield node
        for _, child in node.branches:
            yield from inner_nodes(child)


def rule_of(root: FittedNode, members: Sequence[int], currency: str = "") -> tuple[str, str]:
    """Return tokens and words of the union of some leaves; a whole branch reads as the branch."""
    paths = list(_cover(root, set(members)))
    tokens = [" AND ".join(c.token for c in path) for path in paths]
    words = [", ".join(c.words(currency) for c in path) for path in paths]
    if len(paths) == 1:
        return tokens[0] or "All", words[0] or "everyone"
    several = [f"({t})" if " AND " in t else t for t in tokens]
    return " OR ".join(several), "; or ".join(words)


def _cover(node: FittedNode, members: set[int]) -> Iterator[tuple[Condition, ...]]:
    below = {leaf.index for leaf in leaves(node)}
    if below <= members:
        yield node.path
    elif isinstance(node, FittedSplit) and below & members:
        for _, child in node.branches:
            yield from _cover(child, members)


def refine(
    root: FittedNode, members: Sequence[int], low: Condition, high: Condition
) -> tuple[FittedNode, list[tuple[int, ...]]]:
    """Split some leaves in two.

    Returns:
        The new tree with leaves numbered afresh, and for each old leaf its new indices (one or two).
    """
    fresh: list[tuple[int, ...]] = []
    count = 0

    def rebuild(node: FittedNode) -> FittedNode:
        nonlocal count
        if isinstance(node, FittedSplit):
            return replace(node, branches=tuple((c, rebuild(child)) for c, child in node.branches))
        if node.index not in members:
            fresh.append((count,))
            count += 1
            return replace(node, index=count - 1)
        fresh.append((count, count + 1))
        count += 2
        pair = tuple(
            (c, FittedLeaf(count - 2 + side, f"{node.name} / {c.label}", (*node.path, c)))
            for side, c in enumerate((low, high))
        )
        return FittedSplit(low.feature, pair, node.path)

    return rebuild(root), fresh
