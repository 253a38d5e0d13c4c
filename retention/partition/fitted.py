"""The fitted tree and the partition it makes: what the engine returns, and what scores, pictures and files read."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import ensure
from retention.partition.cube import Cube
from retention.partition.grid import Grid
from retention.partition.parts import Add, Fold, PartedRows, S, added
from retention.partition.proof import Proof, prove
from retention.partition.sizing import SizeLimits, SizingStep, wave_count
from retention.partition.tree import FittedNode, Segment, Threshold, leaves, rule_of
from retention.policy.policy import Policy
from retention.scores.terms import Scale

Codes = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class FittedTree:
    """A policy with numbers: total over every customer there can be, and frozen.

    `leaf_of_cell` has shape (cells,); segments are those after sizing, in the order of the tree.
    """

    policy: Policy
    root: FittedNode
    grid: Grid
    leaf_of_cell: Codes
    segments: tuple[Segment, ...]
    thresholds: tuple[Threshold, ...]
    limits: SizeLimits
    sizing_log: tuple[SizingStep, ...]

    def __post_init__(self) -> None:
        members = sorted(leaf for segment in self.segments for leaf in segment.leaves)
        ensure(members == [leaf.index for leaf in leaves(self.root)], "every leaf is in exactly one segment")

    def rule(self, segment: Segment, currency: str) -> str:
        """Return the rule of a segment in words, its money in a currency."""
        return rule_of(self.root, segment.leaves, currency)[1]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the segments."""
        return tuple(segment.name for segment in self.segments)

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that it splits on: the policy's, and those at which segments over the maximum were split."""
        return tuple(axis.feature for axis in self.grid.axes)

    @cached_property
    def segment_of_leaf(self) -> Codes:
        """Position in `segments` of each leaf's segment, shape (leaves,)."""
        count = sum(len(segment.leaves) for segment in self.segments)
        codes = np.empty(count, dtype=np.min_scalar_type(len(self.segments)))
        for code, segment in enumerate(self.segments):
            codes[list(segment.leaves)] = code
        return codes

    @cached_property
    def segment_of_cell(self) -> Codes:
        """Segment of each cell, shape (cells,)."""
        return self.segment_of_leaf.take(self.leaf_of_cell)

    def proof(self) -> Proof:
        """Return the enumeration of the cells: exactly one leaf each, or how many fail."""
        return prove(tuple(leaves(self.root)), self.grid, self.leaf_of_cell)


@dataclass(frozen=True)
class Partition:
    """A tree, and the sufficient statistics of one universe per cell: all that scores and pictures need."""

    tree: FittedTree
    cube: Cube

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Customers per segment."""
        counts = np.zeros(len(self.tree.segments), dtype=np.int64)
        np.add.at(counts, self.tree.segment_of_cell, self.cube.size)
        return tuple(counts.tolist())

    @property
    def wave_counts(self) -> tuple[int, ...]:
        """Waves per segment."""
        return tuple(wave_count(size, self.tree.limits.maximum) for size in self.sizes)


@dataclass(frozen=True)
class Segmentation(Partition):
    """Every customer of a universe in exactly one segment.

    Args:
        cube: Sufficient statistics per cell.
        customers: The universe, one row per customer, unchanged.
        codes: Position in `tree.segments` of each customer, shape (customers,).
        waves: Delivery wave of each customer from 1, shape (customers,).
        sizing_log: The tree's log, and a line for each segment delivered in waves.
    """

    customers: pd.DataFrame
    codes: Codes
    waves: npt.NDArray[np.int32]
    scale: Scale
    sizing_log: tuple[SizingStep, ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Customers per segment; of a saved run, without those who were erased, whom the cube still counts."""
        return tuple(int(n) for n in np.bincount(self.codes, minlength=len(self.tree.segments)))

    def in_parts(
        self,
        columns: Sequence[str] | None = None,  # noqa: ARG002 - for parts
        *,
        waves: bool = True,  # noqa: ARG002 - for parts
    ) -> "Iterator[Segmentation]":
        """Yield the segmentation of each part of the customers; here they are in one piece.

        Args:
            columns: Those that are used; parts may leave the others out. None: all.
            waves: Whether waves are looked at; parts may leave them out.
        """
        yield self

    def fold(self, step: "Fold[S, Segmentation]", add: Add[S], *, waves: bool = False) -> S:  # noqa: ARG002 - for parts
        """Return what a step makes of the segmentations of all parts, as `PartedRows.fold`, with or without waves."""
        return step(None, self)

    def summed(self, of: "Callable[[Segmentation], S]", add: Add[S] = operator.add, *, waves: bool = False) -> S:
        """Return the sum of what a function gives of the segmentations of all parts."""
        return self.fold(partial(added, of, add), add, waves=waves)

    def altered(self, of: "Callable[[Segmentation], Segmentation]") -> "Segmentation":
        """Return the segmentation with what a function makes of each part in its place."""
        return of(self)

    def labels(self) -> pd.Series:
        """Return the segment name of each customer as a categorical, shape (customers,)."""
        labels = pd.Categorical.from_codes(self.codes, pd.Index(list(self.tree.names), dtype="str"))
        return pd.Series(labels, name="Segment", index=self.customers.index)


@dataclass(frozen=True)
class PartedSegmentation(Segmentation):
    """A segmentation whose customers come in parts; those that it holds itself are none, with all their columns.

    Args:
        rows: The customers.
        segmented: Returns the segmentation of a part, given also what is `hashed` of it, if anything.
        erased: Whether customers were erased, whom the cube still counts.
        bare: Returns that without waves, where these cost something.
        hashed: What was hashed for the waves, part by part.
    """

    rows: PartedRows
    segmented: Callable[..., Segmentation]
    erased: bool = False
    bare: Callable[[pd.DataFrame], Segmentation] | None = None
    hashed: PartedRows | None = None

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Customers per segment."""
        if self.erased:
            return tuple(map(sum, zip(*(part.sizes for part in self.in_parts([])), strict=True)))
        return Partition(self.tree, self.cube).sizes

    def in_parts(self, columns: Sequence[str] | None = None, *, waves: bool = True) -> Iterator[Segmentation]:
        """Yield the segmentation of each part of the customers."""
        if waves and self.hashed is not None:
            return map(self.segmented, self.rows.read(columns), self.hashed)
        return map(self.segmented if waves else self.bare or self.segmented, self.rows.read(columns))

    def fold(self, step: Fold[S, Segmentation], add: Add[S], *, waves: bool = False) -> S:
        """Return what a step makes of the segmentations of all parts."""
        return self.rows.fold(partial(_segmented, self.segmented if waves else self.bare or self.segmented, step), add)

    def altered(self, of: Callable[[Segmentation], Segmentation]) -> Segmentation:
        """Return the segmentation whose parts are altered when they are read."""
        bare = self.bare and partial(_altered, of, self.bare)
        return replace(self, customers=of(self).customers, segmented=partial(_altered, of, self.segmented), bare=bare)


def _altered(
    of: Callable[[Segmentation], Segmentation], segmented: Callable[..., Segmentation], *part: pd.DataFrame
) -> Segmentation:
    return of(segmented(*part))


def _segmented(
    segmented: Callable[[pd.DataFrame], Segmentation], step: Fold[S, Segmentation], before: S | None, part: pd.DataFrame
) -> S:
    return step(before, segmented(part))
