"""The grid: every cut of every feature makes an axis, the axes' codes make cells.

Code 0 of an axis is "missing". A number's code is one more than the count of cuts below it, so intervals
are right-closed; a category's code is its place in the axis, and one more for any value not listed. No
rule of a fitted tree can tell two customers of one cell apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf, prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import PolicyError
from retention.partition.tree import Condition, FittedLeaf, FittedNode, inner_nodes, leaves
from retention.policy.policy import fold_category

BLOCK = 65_536
"""Rows coded at a time: small enough for the cache, large enough to hide numpy's call cost."""
MAX_CELLS = 1_000_000

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Axis:
    """One feature's codes: cuts for a number, folded values for a category."""

    feature: str
    cuts: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of codes: missing, and the intervals or the listed values and `else`."""
        return (len(self.cuts) or len(self.categories)) + 2

    def codes_of(self, condition: Condition) -> npt.NDArray[np.bool_]:
        """Return for each code of the axis whether it satisfies a condition on the axis's feature."""
        allowed = np.zeros(self.size, dtype=bool)
        allowed[0] = condition.missing
        if condition.interval is not None:
            edges = (-inf, *self.cuts, inf)
            low, high = condition.interval
            # No condition begins or ends inside a cell, because every cut of the tree is an edge of the axis.
            allowed[1:] = [low <= a and b <= high for a, b in pairwise(edges)]
        elif condition.excluded is not None:
            allowed[1:] = [c not in condition.excluded for c in self.categories] + [True]
        elif condition.values:
            allowed[1:-1] = [c in condition.values for c in self.categories]
        return allowed


@dataclass(frozen=True)
class Grid:
    """The product of the axes; cells are numbered with the last axis running fastest."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if self.cells > MAX_CELLS:
            raise PolicyError(
                f"the policy has {self.cells:,} cells, above {MAX_CELLS:,}", hint="Use fewer cuts or features"
            )

    @property
    def cells(self) -> int:
        """Number of cells."""
        return prod(axis.size for axis in self.axes)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Steps in the cell number for one step in each axis's code."""
        sizes = [axis.size for axis in self.axes]
        return tuple(prod(sizes[i + 1 :]) for i in range(len(sizes)))

    @cached_property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The smallest unsigned integer that holds a cell number."""
        return np.min_scalar_type(self.cells - 1)

    def axis_codes(self, axis: int) -> npt.NDArray[np.intp]:
        """Return for each cell its code on one axis, shape (cells,)."""
        return np.arange(self.cells) // self.strides[axis] % self.axes[axis].size

    def cells_of(self, frame: pd.DataFrame) -> Codes:
        """Return the cell of each row, shape (rows,); columns used: the axes' features."""
        out = np.empty(len(frame), dtype=self.dtype)
        for rows, cells in self._blocks(frame, [True] * len(self.axes)):
            out[rows] = cells
        return out

    def look_up(self, frame: pd.DataFrame, table: npt.NDArray[np.unsignedinteger]) -> npt.NDArray[np.unsignedinteger]:
        """Return the table's entry for the cell of each row, shape (rows,); cells are never stored whole."""
        out = np.empty(len(frame), dtype=table.dtype)
        for rows, cells in self._blocks(frame, self._tells_missing(table)):
            # Cells are in range by construction; "clip" only spares numpy the buffer that "raise" needs.
            table.take(cells, out=out[rows], mode="clip")
        return out

    def _tells_missing(self, table: npt.NDArray[np.unsignedinteger]) -> list[bool]:
        """Return for each axis whether a table ever tells a missing value from one in the lowest interval."""
        cube = table.reshape([axis.size for axis in self.axes])
        planes = (np.moveaxis(cube, place, 0) for place in range(len(self.axes)))
        return [
            not axis.cuts or bool((plane[0] != plane[1]).any()) for axis, plane in zip(self.axes, planes, strict=True)
        ]

    def _blocks(self, frame: pd.DataFrame, tells_missing: Sequence[bool]) -> Iterator[tuple[slice, Codes]]:
        """Yield the cells of one block of rows after another, in one buffer that the next block overwrites.

        On an axis that need not tell missing values apart, they get the code of the lowest interval, which
        saves the comparison that finds them.
        """
        columns = [self._column(frame, axis) for axis in self.axes]
        cells = np.empty(min(BLOCK, len(frame)), dtype=self.dtype)
        above = np.empty(len(cells), dtype=bool)
        widest = max((axis.size for axis in self.axes), default=1)
        codes = np.empty(len(cells), dtype=np.min_scalar_type(widest - 1))
        for start in range(0, len(frame), BLOCK):
            rows = slice(start, min(start + BLOCK, len(frame)))
            n = rows.stop - start
            cells[:n] = 0
            for axis, stride, column, tells in zip(self.axes, self.strides, columns, tells_missing, strict=True):
                if axis.cuts:
                    _code(column[rows], axis.cuts, tells, codes[:n], above[:n])
                    _add(cells[:n], codes[:n], stride)
                else:
                    cells[:n] += column[rows] * cells.dtype.type(stride)
            yield rows, cells[:n]

    def _column(self, frame: pd.DataFrame, axis: Axis) -> npt.NDArray[np.generic]:
        """Return the column to code: numbers as they are, categories as codes of the axis."""
        if axis.cuts:
            return frame[axis.feature].to_numpy(dtype=np.float64, na_value=np.nan)
        codes, uniques = pd.factorize(frame[axis.feature])
        place = {value: i + 1 for i, value in enumerate(axis.categories)}
        folded = [fold_category(str(value)) for value in uniques]
        # factorize numbers a missing value -1, which takes the last entry of the table: 0.
        table = np.array([0 if not f else place.get(f, axis.size - 1) for f in folded] + [0], dtype=self.dtype)
        return table[codes]


def _code(
    column: npt.NDArray[Any], cuts: Sequence[float], tells_missing: bool, codes: Codes, above: npt.NDArray[np.bool_]
) -> None:
    """Write the codes of a column of numbers.

    A missing number compares false with everything, so one comparison with minus infinity tells it from
    all others and the sum of the comparisons is the code: no branch, and no temporary wider than a byte
    where the axis has at most 256 codes.
    """
    first, *others = (-inf, *cuts) if tells_missing else cuts
    (np.greater_equal if tells_missing else np.greater)(column, first, out=above)
    np.add(above.view(np.uint8), np.uint8(0 if tells_missing else 1), out=codes)
    for cut in others:
        np.greater(column, cut, out=above)
        np.add(codes, above.view(np.uint8), out=codes)


def _add(cells: Codes, codes: Codes, stride: int) -> None:
    """Add the codes of one axis to a block of cell numbers; the codes are used up."""
    if cells.dtype == codes.dtype:
        if stride > 1:
            np.multiply(codes, cells.dtype.type(stride), out=codes)
        np.add(cells, codes, out=cells)
    else:
        cells += codes * cells.dtype.type(stride)


def grid_of(root: FittedNode) -> Grid:
    """Return the grid of a fitted tree: the distinct cuts and categories of each feature."""
    cuts: dict[str, set[float]] = {}
    values: dict[str, set[str]] = {}
    for node in inner_nodes(root):
        for condition, _ in node.branches:
            cuts.setdefault(node.feature, set()).update(end for end in condition.interval or () if -inf < end < inf)
            values.setdefault(node.feature, set()).update(condition.values)
    # In the order of the tree, not of a set: cells are numbered by it, and saved cubes are read by these numbers.
    return Grid(tuple(Axis(name, tuple(sorted(cuts[name])), tuple(sorted(values[name]))) for name in cuts))


def leaf_table(root: FittedNode, grid: Grid) -> npt.NDArray[np.unsignedinteger]:
    """Return the leaf of each cell, shape (cells,); the number of leaves where no leaf claims the cell.

    The table is filled from the top of the tree down, by codes. `retention.partition.proof.prove` checks it from
    the bottom up, by values.
    """
    unclaimed = 1 + max(leaf.index for leaf in leaves(root))
    table = np.full(grid.cells, unclaimed, dtype=np.min_scalar_type(unclaimed))
    places = {axis.feature: i for i, axis in enumerate(grid.axes)}

    def fill(node: FittedNode, mask: npt.NDArray[np.bool_]) -> None:
        if isinstance(node, FittedLeaf):
            table[mask] = node.index
            return
        place = places[node.feature]
        codes = grid.axis_codes(place)
        for condition, child in node.branches:
            fill(child, mask & grid.axes[place].codes_of(condition)[codes])

    fill(root, np.ones(grid.cells, dtype=bool))
    return table
