"""The engine: customers and a policy in, a partition out.

`fit` turns a policy into a fitted tree (quantiles, grid, leaf table, sizing); `assign` looks up the leaf
of every customer and builds the cube that everything else reads.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.errors import ContractError, did_you_mean, ensure
from retention.hashing import hash_ids
from retention.partition.cube import Cube, build_cube
from retention.partition.fitting import fit_nodes
from retention.partition.grid import Grid, grid_of, leaf_table
from retention.partition.oversize import split_oversize
from retention.partition.proof import Proof, prove
from retention.partition.quantiles import Sample
from retention.partition.segments import form_segments
from retention.partition.sizing import Limits, SizingStep, enforce_minimum, wave_count, waves
from retention.partition.tree import FittedNode, Segment, Threshold, leaves
from retention.policy.policy import Policy, Sizes, features
from retention.scores.measures import Scale

__all__ = ["FittedTree", "Segmentation", "assign", "fit"]

WAVE_SALT = "wave"


@dataclass(frozen=True)
class FittedTree:
    """A policy with numbers: total over every customer there can be, and frozen.

    Args:
        policy: What it was fitted from.
        root: Nodes with fitted cuts.
        grid: The cells.
        leaf_of_cell: Leaf of each cell, shape (cells,).
        segments: Segments after sizing, in the order of the tree.
        segment_of_leaf: Segment of each leaf, shape (leaves,).
        thresholds: Every cut, what was asked and why it moved.
        limits: The size limits in force.
        sizing_log: What sizing did, in order.
    """

    policy: Policy
    root: FittedNode
    grid: Grid
    leaf_of_cell: npt.NDArray[np.unsignedinteger]
    segments: tuple[Segment, ...]
    segment_of_leaf: npt.NDArray[np.unsignedinteger]
    thresholds: tuple[Threshold, ...]
    limits: Limits
    sizing_log: tuple[SizingStep, ...]

    @cached_property
    def segment_of_cell(self) -> npt.NDArray[np.unsignedinteger]:
        """Segment of each cell, shape (cells,)."""
        return self.segment_of_leaf.take(self.leaf_of_cell)

    def proof(self) -> Proof:
        """Return the enumeration of the cells: exactly one leaf each, or how many fail."""
        return prove(tuple(leaves(self.root)), self.grid, self.leaf_of_cell)


@dataclass(frozen=True)
class Segmentation:
    """Every customer of a universe in exactly one segment.

    Args:
        tree: The fitted tree.
        customers: The universe, one row per customer, unchanged.
        codes: Position in `tree.segments` of each customer, shape (customers,).
        waves: Delivery wave of each customer from 1, shape (customers,).
        cube: Sufficient statistics per cell.
        scale: The universe's scale of the scored terms.
        sizing_log: The tree's log, and a line for each segment delivered in waves.
    """

    tree: FittedTree
    customers: pd.DataFrame
    codes: npt.NDArray[np.unsignedinteger]
    waves: npt.NDArray[np.int32]
    cube: Cube
    scale: Scale
    sizing_log: tuple[SizingStep, ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Customers per segment."""
        return tuple(int(n) for n in np.bincount(self.codes, minlength=len(self.tree.segments)))

    @property
    def wave_counts(self) -> tuple[int, ...]:
        """Waves per segment."""
        return tuple(wave_count(size, self.tree.limits.maximum) for size in self.sizes)

    def labels(self) -> pd.Series:
        """Return the segment name of each customer as a categorical, shape (customers,)."""
        names = pd.Index([segment.name for segment in self.tree.segments], dtype="str")
        return pd.Series(pd.Categorical.from_codes(self.codes, names), name="Segment", index=self.customers.index)


def fit(customers: pd.DataFrame, policy: Policy, *, sizes: Sizes | None = None) -> FittedTree:
    """Fit a policy to a universe.

    Args:
        customers: One row per customer; columns used: the policy's features (numbers as float64 with NaN
            for missing, categories as text), and for oversize splits the other numeric ones.
        policy: The tree as the marketer wrote it.
        sizes: Limits that replace the policy's own.

    Raises:
        ContractError: A feature of the policy is not a column, or there is no customer.
        PolicyError: A quantile cut falls below a value cut that the policy puts before it.
    """
    _check(customers, policy)
    limits = Limits.of(sizes or policy.sizes, len(customers))
    root, thresholds = fit_nodes(policy, partial(_sample, customers))
    grid, table = _tabulate(root)
    counts = np.bincount(table[grid.cells_of(customers)], minlength=len(tuple(leaves(root))))
    sized = enforce_minimum(root, counts.tolist(), policy, limits.minimum)
    if limits.split_oversize:
        root, sized, cuts = split_oversize(customers, root, sized, limits)
        thresholds.extend(cuts)
        grid, table = _tabulate(root)
    segments, segment_of_leaf = form_segments(root, sized.groups)
    return FittedTree(policy, root, grid, table, segments, segment_of_leaf, tuple(thresholds), limits, sized.log)


def assign(customers: pd.DataFrame, tree: FittedTree) -> Segmentation:
    """Put every customer into exactly one segment.

    Args:
        customers: One row per customer; columns as in `fit`, and those of `retention.scores.measures.terms`.
        tree: A fitted tree, of this universe or frozen from another period.

    Raises:
        ContractError: A feature of the tree is not a column.
    """
    _check(customers, tree.policy)
    codes = tree.grid.look_up(customers, tree.segment_of_cell)
    scale = Scale.of(customers)
    cube = build_cube(customers, tree.grid, scale)
    counts = np.bincount(codes, minlength=len(tree.segments))
    ensure(len(counts) == len(tree.segments) and int(counts.sum()) == len(customers), "sum of sizes = universe")
    maximum = tree.limits.maximum

    def hash_of(members: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        return hash_ids(customers["user_id"].iloc[members], WAVE_SALT)

    delivery = waves(codes, counts.tolist(), maximum, hash_of)
    log = [
        SizingStep(
            "deliver in waves", s.name, int(n), f"{wave_count(int(n), maximum)} waves", int(n), f"over {maximum:,}"
        )
        for s, n in zip(tree.segments, counts, strict=True)
        if n > maximum
    ]
    return Segmentation(tree, customers, codes, delivery, cube, scale, (*tree.sizing_log, *log))


def _check(customers: pd.DataFrame, policy: Policy) -> None:
    if not len(customers):
        raise ContractError("there is no customer to segment")
    for name in features(policy):
        if name not in customers.columns:
            known = [c for c in customers.columns if c in COLUMNS or not c.startswith("_")]
            raise ContractError(
                f"the policy '{policy.name}' splits on '{name}', which the data does not have",
                hint=f"Add the column or choose another policy. {did_you_mean(name, known)}",
            )


def _sample(customers: pd.DataFrame, feature: str) -> Sample:
    return Sample.of(customers[feature].to_numpy(dtype=np.float64, na_value=np.nan))


def _tabulate(root: FittedNode) -> tuple[Grid, npt.NDArray[np.unsignedinteger]]:
    """Return the cells and the leaf of each, proven."""
    grid = grid_of(root)
    table = leaf_table(root, grid)
    proof = prove(tuple(leaves(root)), grid, table)
    ensure(proof.exclusive and proof.exhaustive, "every cell has exactly one leaf")
    return grid, table
