"""The engine: customers and a policy in, a partition out.

`fit` turns a policy into a fitted tree (quantiles, grid, leaf table, sizing); `assign` looks up the leaf
of every customer and builds the cube that everything else reads.
"""

from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.errors import ContractError, did_you_mean, ensure
from retention.hashing import hash_ids
from retention.partition.cube import build_cube
from retention.partition.fitted import FittedTree, Segmentation
from retention.partition.fitting import fit_nodes
from retention.partition.grid import Grid, grid_of, leaf_table
from retention.partition.learning import learn_cuts
from retention.partition.oversize import split_oversize
from retention.partition.proof import prove
from retention.partition.quantiles import FeatureSample
from retention.partition.sizing import SizeLimits, SizingStep, enforce_minimum, segments_of, wave_count, waves
from retention.partition.tree import FittedNode, leaves
from retention.policy.policy import Policy, Sizes, features
from retention.scores.terms import Scale

__all__ = ["assign", "fit"]

WAVE_SALT = "wave"


def fit(customers: pd.DataFrame, policy: Policy, *, sizes: Sizes | None = None) -> FittedTree:
    """Fit a policy to a universe.

    Args:
        customers: One row per customer; columns used: the policy's features (numbers as float64 with NaN
            for missing, categories as text), for oversize splits the other numeric ones, and where cuts are learned
            user_id and the outcome.
        policy: The tree as the marketer wrote it.
        sizes: Limits that replace the policy's own.

    Raises:
        ContractError: A feature of the policy is not a column, or there is no customer.
        PolicyError: A quantile cut falls below a value cut that the policy puts before it, or cuts cannot be learned.
    """
    _check(customers, policy)
    limits = SizeLimits.of(sizes or policy.sizes, len(customers))
    root, thresholds = fit_nodes(policy, partial(_sample, customers), partial(learn_cuts, customers))
    grid, table = _tabulate(root)
    counts = np.bincount(table[grid.cells_of(customers)], minlength=len(tuple(leaves(root))))
    sized = enforce_minimum(root, counts.tolist(), policy, limits.minimum)
    if limits.split_oversize:
        root, sized, cuts = split_oversize(customers, root, sized, limits)
        thresholds.extend(cuts)
        grid, table = _tabulate(root)
    segments = segments_of(root, sized.groups)
    return FittedTree(policy, root, grid, table, segments, tuple(thresholds), limits, sized.log)


def assign(customers: pd.DataFrame, tree: FittedTree) -> Segmentation:
    """Put every customer into exactly one segment.

    Args:
        customers: One row per customer; columns as in `fit`, and those of `retention.scores.terms.terms`.
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
    return Segmentation(tree, cube, customers, codes, delivery, scale, (*tree.sizing_log, *log))


def _check(customers: pd.DataFrame, policy: Policy) -> None:
    if not len(customers):
        raise ContractError("there are no customers to segment")
    for name in features(policy):
        if name not in customers.columns:
            known = [c for c in customers.columns if c in COLUMNS or not c.startswith("_")]
            raise ContractError(
                f"the policy '{policy.name}' splits on '{name}', which the data does not have",
                hint=f"Add the column or choose another policy. {did_you_mean(name, known)}",
            )


def _sample(customers: pd.DataFrame, feature: str) -> FeatureSample:
    return FeatureSample.of(customers[feature].to_numpy(dtype=np.float64, na_value=np.nan))


def _tabulate(root: FittedNode) -> tuple[Grid, npt.NDArray[np.unsignedinteger]]:
    """Return the cells and the leaf of each, proven."""
    grid = grid_of(root)
    table = leaf_table(root, grid)
    proof = prove(tuple(leaves(root)), grid, table)
    ensure(proof.exclusive and proof.exhaustive, "every cell has exactly one leaf")
    return grid, table
