"""Segments between a minimum and a maximum size: merges with a log, and delivery waves.

Every step takes a partition of the leaves and returns a partition of the leaves, and a merge always
leaves one group fewer, so sizing ends and never loses a customer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from retention.errors import ensure
from retention.partition.tree import FittedNode, FittedSplit, Segment, leaves, rule_of
from retention.policy.policy import ALL, OTHER, Campaign, Policy, Sizes

SMALLEST_UNIVERSE = 20
"""Below this many customers a segment says nothing; everyone is one segment."""


@dataclass(frozen=True)
class SizeLimits:
    """The sizes in force for one universe, in customers."""

    minimum: int
    maximum: int
    split_oversize: bool = False

    @classmethod
    def of(cls, sizes: Sizes, universe: int) -> "SizeLimits":
        """Return the limits for a universe: the asked minimum, else min(500, ceil(3 %)); a tiny one stays whole.

        >>> SizeLimits.of(Sizes(), 1_500).minimum
        45
        """
        minimum = sizes.min_size if sizes.min_size is not None else min(500, -(-3 * universe // 100))
        return cls(minimum, sizes.max_size, sizes.split_oversize and universe >= SMALLEST_UNIVERSE)


@dataclass(frozen=True)
class SizingStep:
    """One line of the sizing log."""

    action: str
    segment: str
    size: int
    into: str
    into_size: int
    why: str

    def __str__(self) -> str:
        return f"{self.action}: {self.segment} ({self.size:,}) -> {self.into} ({self.into_size:,}): {self.why}"


@dataclass(frozen=True)
class Group:
    """Some leaves under one name: a segment in the making."""

    name: str
    campaign: Campaign
    leaves: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class Sized:
    """The outcome of sizing: a partition of the leaves and how it came about."""

    groups: tuple[Group, ...]
    log: tuple[SizingStep, ...]


def enforce_minimum(root: FittedNode, sizes: Sequence[int], policy: Policy, minimum: int) -> Sized:
    """Merge until every group has the minimum, or one group is left.

    Returns:
        Groups in the order of the tree, `Other` last, and the log.
    """
    return _Merger(root, policy, minimum).run(sizes)


class _Merger:
    """The state of one run of `enforce_minimum`: where leaves lie, the groups so far, the log."""

    def __init__(self, root: FittedNode, policy: Policy, minimum: int) -> None:
        self.places = dict(_places(root))
        self.names = {leaf.index: leaf.name for leaf in leaves(root)}
        self.policy, self.minimum = policy, minimum
        self.groups: list[Group] = []
        self.log: list[SizingStep] = []

    def run(self, sizes: Sequence[int]) -> Sized:
        total = sum(sizes)
        if total < SMALLEST_UNIVERSE:
            everyone = Group(ALL, self.policy.other, tuple(self.names), total)
            why = f"fewer than {SMALLEST_UNIVERSE} customers are too few to split"
            return Sized((everyone,), (SizingStep("keep whole", "every leaf", total, ALL, total, why),))
        campaigns = self.policy.segments
        self.groups = [Group(name, campaigns[name], (i,), sizes[i]) for i, name in self.names.items()]
        while len(self.groups) > 1 and (small := [g for g in self.groups if g.size < self.minimum or g.size == 0]):
            count = len(self.groups)
            self._step(min(small, key=lambda g: (g.size, g.leaves)))
            ensure(len(self.groups) < count and sum(g.size for g in self.groups) == total, "sizing keeps the partition")
        ordered = sorted(self.groups, key=lambda g: (g.name == OTHER, g.leaves))
        return Sized(tuple(ordered), tuple(self.log))

    def _step(self, group: Group) -> None:
        # Each case leaves fewer groups, which is why the loop ends. An empty group goes to its
        # nearest neighbour even where that makes nothing large enough: it must never drag customers into `Other`.
        if group.name == OTHER:
            self._absorb(group)
        elif group.size == 0:
            self._merge("fold", group, self._nearest(group), "nobody is in it")
        elif sum(g.size for g in self._beside(group)) < self.minimum:
            self._to_other(self._beside(group))
        else:
            self._merge("merge", group, self._nearest(group), f"under the minimum of {self.minimum:,}")

    def _beside(self, group: Group) -> list[Group]:
        """Return the groups of a group's first-level branch, itself among them."""
        place = self._branch(group)
        return [g for g in self.groups if g.name != OTHER and self._branch(g) == place]

    def _branch(self, group: Group) -> int:
        """Return the first-level branch of the leaf that gave the group its name: folded leaves do not move it."""
        return next(self.places[i][0] for i in group.leaves if self.names[i] == group.name)

    def _nearest(self, group: Group) -> Group:
        """Return the group whose leaves share the longest path and then lie closest; a tie: the larger."""
        rest = [g for g in self.groups if g is not group]
        named = [g for g in rest if g.name != OTHER] or rest
        return min(named, key=lambda g: (*self._distance(group, g), -g.size, g.leaves))

    def _distance(self, a: Group, b: Group) -> tuple[int, int]:
        return min(_gap(self.places[i], self.places[j]) for i in a.leaves for j in b.leaves)

    def _merge(self, action: str, group: Group, target: Group, why: str) -> None:
        # The larger name stays, as most of its customers were meant by it; `Other` keeps its own, whoever joins.
        keep = target if target.size >= group.size or target.name == OTHER else group
        merged = Group(keep.name, keep.campaign, tuple(sorted(group.leaves + target.leaves)), group.size + target.size)
        gone = group if keep is target else target
        self.log.append(SizingStep(action, gone.name, gone.size, merged.name, merged.size, why))
        self.groups = [g for g in self.groups if g is not group and g is not target] + [merged]

    def _to_other(self, branch: list[Group]) -> None:
        other = next((g for g in self.groups if g.name == OTHER), Group(OTHER, self.policy.other, (), 0))
        self.groups = [g for g in self.groups if g is not other] + [other]
        for group in branch:
            other = self.groups[-1]
            self._merge("else", group, other, f"its whole branch is under the minimum of {self.minimum:,}")
        other = self.groups[-1]
        if other.size < self.minimum and len(self.groups) > 1:
            self._absorb(other)

    def _absorb(self, other: Group) -> None:
        smallest = min((g for g in self.groups if g is not other), key=lambda g: (g.size, g.leaves))
        self._merge(
            "else", smallest, other, f"{OTHER} was under the minimum of {self.minimum:,} and takes in the smallest"
        )


def _gap(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, int]:
    """Return how far two leaves are apart: less shared path first, then branches between."""
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return -shared, abs(a[shared] - b[shared]) if shared < min(len(a), len(b)) else 0


def _places(node: FittedNode, path: tuple[int, ...] = ()) -> list[tuple[int, tuple[int, ...]]]:
    """Return each leaf's branch numbers from the root down."""
    if not isinstance(node, FittedSplit):
        return [(node.index, path)]
    return [pair for i, (_, child) in enumerate(node.branches) for pair in _places(child, (*path, i))]


def segments_of(root: FittedNode, groups: Sequence[Group]) -> tuple[Segment, ...]:
    """Return the segments that a partition of the leaves forms, in the order of its groups."""
    return tuple(Segment(g.name, g.campaign, g.leaves, *rule_of(root, g.leaves)) for g in groups)


def wave_count(size: int, maximum: int) -> int:
    """Return how many waves a segment of a size is delivered in.

    >>> wave_count(20_001, 20_000)
    2
    """
    return max(1, ceil(size / maximum))


def waves(
    segment_codes: npt.NDArray[np.unsignedinteger],
    sizes: Sequence[int],
    maximum: int,
    hash_of: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.int64]],
) -> npt.NDArray[np.int32]:
    """Return the wave of each customer, from 1.

    A segment over the maximum is cut into equal waves by the rank of a hash of the identifier, so the
    waves of one segment differ by at most one customer and do not depend on the order of the rows.

    Args:
        segment_codes: Segment of each customer, shape (customers,).
        sizes: Customers per segment.
        maximum: Largest wave.
        hash_of: Positions of customers -> their hashes.

    Returns:
        Waves, shape (customers,).
    """
    out = np.ones(len(segment_codes), dtype=np.int32)
    for code, size in enumerate(sizes):
        count = wave_count(size, maximum)
        if count > 1:
            members = np.flatnonzero(segment_codes == code)
            order = np.argsort(hash_of(members), kind="stable")
            # rank * waves // size gives equal waves; a modulus of the hash would give waves of chance sizes.
            out[members[order]] = np.arange(size) * count // size + 1
    return out
