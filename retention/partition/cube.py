"""The cube: per cell, the sufficient statistics of every scored measure, from one pass over the customers.

Sizes, means, variances and covariances of any union of cells follow from it; nothing downstream reads the
customers again.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import ensure
from retention.partition.grid import BLOCK, Grid
from retention.partition.parts import PartedRows, WholeRows
from retention.scores.terms import COLUMNS, NAMES, Scale, terms

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PAIRS: tuple[tuple[int, int], ...] = tuple((i, j) for i in range(len(NAMES)) for j in range(i, len(NAMES)))
"""Pairs of measures whose products are summed; (i, i) holds the squares."""


@dataclass(frozen=True)
class Moments:
    """Statistics per group of cells; M measures, G groups.

    Args:
        size: Customers, shape (G,).
        count: Customers with a value of each measure, shape (G, M).
        mean: Means over those customers, shape (G, M), NaN where there are none.
        covariance: Covariance of the *means* (squared standard errors on the diagonal), shape (G, M, M),
            NaN where fewer than two customers have both. Money so large that its sums or squares leave
            the range of numbers (over 1e150) gives NaN, too.
    """

    size: Integers
    count: Integers
    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Cube:
    """Sums per cell, of values centred on a typical one so that squares keep their precision.

    Args:
        size: Customers per cell, shape (cells,).
        center: What was subtracted, shape (M,).
        count: Pairs of known values per cell, shape (cells, P); P pairs as in `PAIRS`.
        total: Sums of the first of each pair over customers who have both, shape (cells, P).
        total_other: Sums of the second of each pair over the same customers, shape (cells, P).
        product: Sums of products of each pair, shape (cells, P).
    """

    size: Integers
    center: Floats
    count: Integers
    total: Floats
    total_other: Floats
    product: Floats

    def moments(self, group_of_cell: npt.NDArray[np.unsignedinteger], groups: int) -> Moments:
        """Return the statistics of groups of cells; the cost depends on cells, not on customers."""
        occupied = np.flatnonzero(self.size)
        members = group_of_cell[occupied].astype(np.intp)

        def summed(values: npt.NDArray[Any]) -> Floats:
            columns = values[occupied].T
            return np.stack([np.bincount(members, weights=each, minlength=groups) for each in columns], axis=1)

        m = len(NAMES)
        own = [PAIRS.index((i, i)) for i in range(m)]
        size = summed(self.size[:, np.newaxis])[:, 0].astype(np.int64)
        count, total = summed(self.count), summed(self.total)
        other, product = summed(self.total_other), summed(self.product)
        covariance = np.full((groups, m, m), np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = self.center + total[:, own] / count[:, own]
            spread = (product - total * other / count) / (count - 1)
            for p, (i, j) in enumerate(PAIRS):
                of_means = spread[:, p] * count[:, p] / (count[:, own[i]] * count[:, own[j]])
                # Rounding can leave a variance a hair below zero; few pairs leave nothing to estimate.
                of_means = np.maximum(of_means, 0) if i == j else of_means
                known = (count[:, p] > 1) & np.isfinite(of_means)
                covariance[:, i, j] = covariance[:, j, i] = np.where(known, of_means, np.nan)
        ensure(int(size.sum()) == int(self.size.sum()), "sum of segment sizes = universe")
        return Moments(size, count[:, own].astype(np.int64), np.where(np.isfinite(mean), mean, np.nan), covariance)


def build_cube(customers: pd.DataFrame | PartedRows, grid: Grid, scale: Scale) -> Cube:
    """Return the cube of a universe in one pass, a block of rows at a time.

    Args:
        customers: One row per customer; columns as in `retention.scores.terms.terms` and the grid's features. Where all
            parts but the last hold whole blocks, sums are added in one order, however many parts there are.
        grid: The cells.
        scale: The universe's scale of the terms.
    """
    parts = WholeRows(customers) if isinstance(customers, pd.DataFrame) else customers
    features = {axis.feature for axis in grid.axes}
    used = [name for name in parts.none if name in features or name in COLUMNS]
    center = _center(next(iter(parts.read(used))), scale)
    sums = parts.fold(partial(_with_part, grid, scale, center), _both, used)
    count, total, other, product = np.ascontiguousarray(sums.of_pairs.transpose(0, 2, 1))
    return Cube(sums.size, center, count.astype(np.int64), total, other, product)


@dataclass(frozen=True)
class _Sums:
    """What adds up: customers per cell, and four sums of each pair, shape (4, P, cells)."""

    size: Integers
    of_pairs: Floats


def _with_part(grid: Grid, scale: Scale, center: Floats, before: _Sums | None, customers: pd.DataFrame) -> _Sums:
    """Return the sums before with those of a part, a block of rows at a time."""
    sums = before or _Sums(np.zeros(grid.cells, dtype=np.int64), np.zeros((4, len(PAIRS), grid.cells)))
    cells = grid.cells_of(customers).astype(np.intp)
    for start in range(0, len(customers), BLOCK):
        rows = slice(start, start + BLOCK)
        values = [v - c for v, c in zip(terms(customers.iloc[rows], scale), center, strict=True)]
        with np.errstate(over="ignore", invalid="ignore"):
            _add_block(sums.of_pairs, cells[rows], values)
    ensure(len(cells) == len(customers), "sum of cell sizes = universe")
    np.add(sums.size, np.bincount(cells, minlength=grid.cells), out=sums.size)
    return sums


def _both(one: _Sums, other: _Sums) -> _Sums:
    return _Sums(one.size + other.size, one.of_pairs + other.of_pairs)


def _center(customers: pd.DataFrame, scale: Scale) -> Floats:
    """Return each measure's median in the first block: near most values, whatever the outliers."""
    sample = terms(customers.iloc[:BLOCK], scale)
    known = [values[np.isfinite(values)] for values in sample]
    return np.array([np.median(values) if len(values) else 0.0 for values in known])


def _add_block(sums: Floats, cells: npt.NDArray[np.intp], values: list[Floats]) -> None:
    """Add one block: sums has shape (4, P, cells) for count, total, other total and product."""
    n = sums.shape[2]
    known = [np.isfinite(v) for v in values]
    whole = [bool(k.all()) for k in known]
    filled = [v if w else np.where(k, v, 0.0) for v, k, w in zip(values, known, whole, strict=True)]

    def summed(weights: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
        return np.bincount(cells, weights=weights, minlength=n)

    sizes, alone = summed(None), [summed(v) for v in filled]
    counts = [sizes if w else summed(k) for k, w in zip(known, whole, strict=True)]
    for p, (i, j) in enumerate(PAIRS):
        sums[3, p] += summed(filled[i] * filled[j])
        # A measure that is whole in the block leaves the other's sums as they are: no pass needed.
        sums[1, p] += alone[i] if i == j or whole[j] else summed(filled[i] * known[j])
        sums[2, p] += alone[j] if i == j or whole[i] else summed(filled[j] * known[i])
        if i == j or whole[j]:
            sums[0, p] += counts[i]
        else:
            sums[0, p] += counts[j] if whole[i] else summed(known[i] & known[j])
