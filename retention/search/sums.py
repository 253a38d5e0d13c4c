"""Additive statistics of cells: whole numbers, so that no order of rows and no number of threads changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log2, prod

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Customers as codes, and what is summed of each.

    Args:
        codes: Code of each customer by feature, shape (features, customers).
        sizes: Number of codes by feature.
        parts: What is summed: whole numbers, whose sums stay below 2^53, shape (customers, K).
    """

    codes: npt.NDArray[np.uint8]
    sizes: tuple[int, ...]
    parts: Floats

    @cached_property
    def _ones(self) -> Floats:
        return np.ones(len(self.parts))

    @cached_property
    def _ends(self) -> npt.NDArray[np.int32]:
        return np.arange(len(self.parts) + 1, dtype=np.int32)

    def of_cells(self, features: Sequence[int]) -> Floats:
        """Return the sums of every cell that some features make, shape (K, codes of the first, ...)."""
        shape, customers = tuple(self.sizes[each] for each in features), len(self.parts)
        cells = np.zeros(customers, dtype=np.int32)
        for each in features:
            cells = cells * np.int32(self.sizes[each]) + self.codes[each]
        # One row of a sparse matrix a cell: its product adds all statistics of a customer at once, which bincount does
        # one statistic at a time.
        members = sparse.csc_array((self._ones, cells, self._ends), shape=(prod(shape), customers))
        return np.ascontiguousarray((members @ self.parts).T).reshape(-1, *shape)

    def among(self, rows: npt.NDArray[np.bool_]) -> "Sums":
        """Return the same of some customers."""
        return Sums(self.codes[:, rows], self.sizes, self.parts[rows])


def whole(values: Floats) -> tuple[Floats, float]:
    """Return numbers as whole ones in a unit, and the unit: all sums of them are exact.

    The unit is a power of two, so that nothing but the last digits of a 53-bit number is lost.

    >>> whole(np.array([0.5, -0.25]))[1] * whole(np.array([0.5, -0.25]))[0]
    array([ 0.5 , -0.25])
    """
    most = float(np.abs(values).max(initial=0.0)) * max(1, len(values))
    unit = 2.0 ** (floor(log2(most)) - 50) if most > 0 else 1.0
    return np.rint(values / unit), unit
