"""Mutually exclusive, collectively exhaustive: the proof on the leaf table, and checks of what came out.

The leaf table is filled from the tree's top by codes. The proof goes the other way: it takes points of
every cell, asks every leaf's rule about their *values*, and demands that exactly one rule holds and that
it is the one in the table. So it fails on a wrong table, a wrong rule or a wrong axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nextafter

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.partition.grid import Axis, Grid
from retention.partition.tree import Condition, FittedLeaf


@dataclass(frozen=True)
class Proof:
    """What the enumeration of the cells found.

    Args:
        gaps: Cells that some point of no rule covers.
        overlaps: Cells of which a point satisfies two rules or more.
        disagreements: Cells whose single rule is not the table's leaf.
    """

    cells: int
    leaves: int
    gaps: int
    overlaps: int
    disagreements: int

    @property
    def exclusive(self) -> bool:
        """No customer can be in two leaves."""
        return self.overlaps == 0 and self.disagreements == 0

    @property
    def exhaustive(self) -> bool:
        """No customer can be in none."""
        return self.gaps == 0 and self.disagreements == 0


def prove(leaves: Sequence[FittedLeaf], grid: Grid, table: npt.NDArray[np.unsignedinteger]) -> Proof:
    """Enumerate the cells and count gaps, overlaps and disagreements with the leaf table.

    Every cell is tried at two of its points, the closed end of each of its intervals and a point just
    inside the open end, so a rule that cuts through a cell is found too.
    """
    gaps = overlaps = disagreements = np.zeros(grid.cells, dtype=bool)
    for end in ("closed", "open"):
        matches = np.zeros(grid.cells, dtype=np.int32)
        last = np.full(grid.cells, -1)
        for leaf in leaves:
            inside = np.ones(grid.cells, dtype=bool)
            for condition in leaf.path:
                inside &= _holds(condition, grid, end)
            matches += inside
            last[inside] = leaf.index
        gaps = gaps | (matches == 0)
        overlaps = overlaps | (matches > 1)
        disagreements = disagreements | ((matches == 1) & (last != table))
    return Proof(grid.cells, len(leaves), int(gaps.sum()), int(overlaps.sum()), int(disagreements.sum()))


def _holds(condition: Condition, grid: Grid, end: str) -> npt.NDArray[np.bool_]:
    place = next(i for i, axis in enumerate(grid.axes) if axis.feature == condition.feature)
    points = _points(grid.axes[place], end)
    return np.array([condition.holds(point) for point in points])[grid.axis_codes(place)]


def _points(axis: Axis, end: str) -> list[float | str | None]:
    """Return a value of each code of an axis: at the interval's closed end, or just inside its open end."""
    if not axis.cuts:
        return [None, *axis.categories, "\x00 not listed"]
    # The rules compare with the same floats as the axes, so the next float after a cut is a fair point inside.
    if end == "closed":
        return [None, *axis.cuts, inf]
    return [None, -inf, *(nextafter(cut, inf) for cut in axis.cuts)]


@dataclass(frozen=True)
class Fault:
    """One way in which an assignment is not a partition of the universe."""

    kind: str
    count: int

    def __str__(self) -> str:
        return f"{self.count:,} {self.kind}"


def partition_faults(universe: pd.Series, parts: Sequence[pd.Series]) -> tuple[Fault, ...]:
    """Return how some lists of identifiers fail to hold every identifier of the universe exactly once.

    >>> [str(f) for f in partition_faults(pd.Series(["a", "b"]), [pd.Series(["a"]), pd.Series(["a", "c"])])]
    ['1 assigned twice', '1 unassigned', '1 not in the universe']
    """
    assigned = pd.concat([part.astype("str") for part in parts], ignore_index=True) if parts else pd.Series(dtype="str")
    wanted = universe.astype("str")
    if len(assigned) == len(wanted) and not assigned.duplicated().any() and assigned.isin(wanted).all():
        return ()
    counts = {
        "assigned twice": int(assigned.duplicated().sum()),
        "unassigned": int((~wanted.isin(assigned)).sum()),
        "not in the universe": int((~assigned.drop_duplicates().isin(wanted)).sum()),
    }
    return tuple(Fault(kind, count) for kind, count in counts.items() if count)
