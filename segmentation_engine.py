"""The engine: customers and a policy in, a partition out.

`fit` turns a policy into a fitted tree (quantiles, grid, leaf table, sizing); `assign` looks up the leaf
of every customer and builds the cube that everything else reads.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.errors import ContractError, did_you_mean, ensure
from retention.hashing import hash_ids
from retention.partition.cube import build_cube
from retention.partition.fitted import FittedTree, PartedSegmentation, Partition, Segmentation
from retention.partition.fitting import fit_nodes
from retention.partition.grid import Grid, grid_of, leaf_table
from retention.partition.learning import learn_cuts
from retention.partition.oversize import split_oversize
from retention.partition.parts import Numbers, PartedRows, WholeRows
from retention.partition.proof import prove
from retention.partition.quantiles import sample_of
from retention.partition.ranks import PiecedSample, hashes_at
from retention.partition.sizing import SizeLimits, SizingStep, enforce_minimum, segments_of, wave_count, waves
from retention.partition.tree import FittedNode, leaves
from retention.policy.policy import Policy, Sizes, features
from retention.scores.terms import Scale

__all__ = ["assign", "assign_parts", "fit", "fit_parts"]

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
    return fit_parts(WholeRows(customers), policy, sizes=sizes)


def fit_parts(parts: PartedRows, policy: Policy, *, sizes: Sizes | None = None) -> FittedTree:
    """Fit a policy to a universe in parts: what `fit` would return, bit for bit.

    Args:
        parts: The customers, columns as in `fit`.
        policy: The tree.
        sizes: Limits that replace the policy's own.
    """
    _check(parts.none, parts.size, policy)
    limits = SizeLimits.of(sizes or policy.sizes, parts.size)
    root, cuts = fit_nodes(policy, partial(sample_of, parts), partial(learn_cuts, parts))
    grid, table = _tabulate(root)
    counts = parts.summed(partial(_counts, grid, table, len(tuple(leaves(root)))), columns=features(policy))
    sized = enforce_minimum(root, counts.tolist(), policy, limits.minimum)
    if limits.split_oversize:
        root, sized, more = split_oversize(parts, root, sized, limits)
        cuts = [*cuts, *more]
    # Anew: splits of oversize leaves add cuts, and with them cells.
    grid, table = _tabulate(root)
    segments = segments_of(root, sized.groups)
    return FittedTree(policy, root, grid, table, segments, tuple(cuts), limits, sized.log)


def _counts(grid: Grid, table: Numbers, count: int, customers: pd.DataFrame) -> Numbers:
    return np.bincount(table[grid.cells_of(customers)], minlength=count)


def assign(customers: pd.DataFrame, tree: FittedTree) -> Segmentation:
    """Put every customer into exactly one segment.

    Args:
        customers: One row per customer; columns as in `fit`, and those of `retention.scores.terms.terms`.
        tree: A fitted tree, of this universe or frozen from another period.

    Raises:
        ContractError: A feature of the tree is not a column.
    """
    _check(customers, len(customers), tree.policy)
    codes = tree.grid.look_up(customers, tree.segment_of_cell)
    scale = Scale.of(customers)
    cube = build_cube(customers, tree.grid, scale)
    counts = np.bincount(codes, minlength=len(tree.segments))
    ensure(len(counts) == len(tree.segments) and int(counts.sum()) == len(customers), "sum of sizes = universe")

    # A function, called for segments in waves only: hashes cost more than all the rest.
    def hash_of(members: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        return hash_ids(customers["user_id"].iloc[members], WAVE_SALT)

    delivery = waves(codes, counts.tolist(), tree.limits.maximum, hash_of)
    return Segmentation(tree, cube, customers, codes, delivery, scale, (*tree.sizing_log, *_in_waves(tree, counts)))


def assign_parts(parts: PartedRows, tree: FittedTree, *, waves: bool = True) -> PartedSegmentation:
    """Put every customer of a universe in parts into the segment and the wave that `assign` would put them into.

    Args:
        parts: The customers, columns as in `assign`.
        tree: A fitted tree.
        waves: Whether waves are wanted, which have to be kept beside the parts.
    """
    _check(parts.none, parts.size, tree.policy)
    scale = Scale.of(parts.none)
    # Of all parts together: a part by itself would have another scale, and its customers other scores.
    if "avg_order_value" in parts.none and (values := PiecedSample(parts.total("avg_order_value"))).size:
        scale = Scale(values.quantiles([0.99])[0])
    cube = build_cube(parts, tree.grid, scale)
    sizes = Partition(tree, cube).sizes
    ensure(sum(sizes) == parts.size, "sum of sizes = universe")
    log = (*tree.sizing_log, *_in_waves(tree, sizes))
    hashed, starts = _starts(parts, tree, sizes) if waves else (None, None)
    nobody = tree.segment_of_cell[:0]
    none = Segmentation(tree, cube, parts.none, nobody, np.ones(0, dtype=np.int32), scale, log)
    return PartedSegmentation(
        **{each.name: getattr(none, each.name) for each in fields(none)},
        rows=parts,
        segmented=partial(_segmented, none, starts),
        bare=partial(_segmented, none, None),
        hashed=hashed,
    )


def _segmented(
    none: Segmentation,
    starts: Mapping[int, Numbers] | None,
    customers: pd.DataFrame,
    hashed: pd.DataFrame | None = None,
) -> Segmentation:
    """Return the segmentation of a part, given that of no customer and the least hash of each wave but the first.

    Without these it has no waves: hashes cost more than all the rest, unless they are given as `_hashed` has them.
    """
    codes = none.tree.grid.look_up(customers, none.tree.segment_of_cell)
    delivery = np.ones(0 if starts is None else len(customers), dtype=np.int32)
    if starts:
        members = np.flatnonzero(np.isin(codes, list(starts)))
        known = _hashed(none.tree, list(starts), customers) if hashed is None else hashed
        own, theirs = known["hash"].to_numpy(), known["code"].to_numpy()
        ensure(np.array_equal(theirs, codes[members]), "hashes are those of the members")
        for code, hashes in starts.items():
            inside = theirs == code
            # The least hash of a wave is in it, so right of it; the first wave has no start, so one more.
            delivery[members[inside]] = np.searchsorted(hashes, own[inside], side="right") + 1
    return replace(none, customers=customers, codes=codes, waves=delivery)


def _starts(
    parts: PartedRows, tree: FittedTree, sizes: Sequence[int]
) -> tuple[PartedRows | None, dict[int, npt.NDArray[np.int64]]]:
    """Return the hashes, and the least of each wave but the first, by the segment that goes out in waves."""
    counts = {code: wave_count(size, tree.limits.maximum) for code, size in enumerate(sizes)}
    split = [code for code, count in counts.items() if count > 1]
    if not split:
        return None, {}

    # A wave begins at the first rank that `waves` gives its number.
    ranks = {code: [-(-wave * sizes[code] // counts[code]) for wave in range(1, counts[code])] for code in split}
    kept = parts.kept(partial(_hashed, tree, split))
    return kept, hashes_at(kept, ranks)


def _hashed(tree: FittedTree, split: Sequence[int], customers: pd.DataFrame) -> pd.DataFrame:
    """Return `code, hash` of the customers of segments that go out in waves."""
    codes = tree.grid.look_up(customers, tree.segment_of_cell)
    members = np.flatnonzero(np.isin(codes, split))
    # One query for all segments: to start the engine costs as much as to hash ten thousand identifiers.
    return pd.DataFrame({"code": codes[members], "hash": hash_ids(customers["user_id"].iloc[members], WAVE_SALT)})


def _in_waves(tree: FittedTree, sizes: Iterable[int]) -> Iterator[SizingStep]:
    """Yield a line of the sizing log for each segment that goes out in waves."""
    maximum = tree.limits.maximum
    for segment, size in zip(tree.segments, map(int, sizes), strict=True):
        if size > maximum:
            into = f"{wave_count(size, maximum)} waves"
            yield SizingStep("deliver in waves", segment.name, size, into, size, f"over {maximum:,}")


def _check(customers: pd.DataFrame, count: int, policy: Policy) -> None:
    if not count:
        raise ContractError("there are no customers to segment")
    for name in features(policy):
        if name not in customers.columns:
            known = [c for c in customers.columns if c in COLUMNS or not c.startswith("_")]
            raise ContractError(
                f"the policy '{policy.name}' splits on '{name}', which the data does not have",
                hint=f"Add the column or choose another policy. {did_you_mean(name, known)}",
            )


def _tabulate(root: FittedNode) -> tuple[Grid, npt.NDArray[np.unsignedinteger]]:
    """Return the cells and the leaf of each, proven."""
    grid = grid_of(root)
    table = leaf_table(root, grid)
    proof = prove(tuple(leaves(root)), grid, table)
    ensure(proof.exclusive and proof.exhaustive, "every cell has exactly one leaf")
    return grid, table
