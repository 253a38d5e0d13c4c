"""Rows that belong together: an order's first row with its money, and further rows with its other lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.base import Mask

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Which order every row is a line of.

    Args:
        head: Position of the first row of its order; -1 where no row before it is one, shape (n,).
        repeated: Whether its order has stood in the file before, shape (n,).
        filled: Rows that repeat their order's own values beside another line, shape (n,).
    """

    head: Positions
    repeated: Mask
    filled: Mask

    @property
    def is_head(self) -> Mask:
        """Which rows are the first of an order, shape (n,)."""
        return np.asarray(self.head == np.arange(len(self.head)))

    def of_orders(self, per_head: Mask) -> Mask:
        """Return what holds for an order's first row for all of its rows; False where it has none."""
        return np.asarray((self.head >= 0) & per_head[self.head])

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over an order's rows, at its first row; NaN where no row has a value.

        Args:
            values: One per row, NaN where it is not known, shape (n,).
        """
        rows = np.flatnonzero((self.head >= 0) & ~np.isnan(values))
        totals = np.bincount(self.head[rows], weights=values[rows], minlength=len(values))
        counts = np.bincount(self.head[rows], minlength=len(values))
        return np.where(counts > 0, totals, np.nan)


def group_lines(frame: pd.DataFrame, key: str, starts: Mask, own: Sequence[str]) -> Lines:
    """Return which order every row belongs to.

    A row belongs to the last first row above it with its key. Where a program filled an order's values down to
    its other lines, every row looks like a first one: such a row is a line when all of the order's own values
    are as they were and something else differs.

    Args:
        frame: The rows.
        key: Column with the order's name; rows without one belong to nobody but themselves.
        starts: Rows that hold an order's own values, shape (n,).
        own: Columns with an order's own values.
    """
    codes = _codes(frame[key])
    filled = _filled(frame, codes, starts, [name for name in own if name in frame])
    starts = starts & ~filled
    order = np.argsort(codes, kind="stable")
    place = np.arange(len(order))
    run_start = np.searchsorted(codes[order], codes[order])
    last = np.maximum.accumulate(np.where(starts[order], place, -1)) if len(order) else place
    head = np.empty(len(order), dtype=np.int64)
    head[order] = np.where(last >= run_start, order[last], -1)
    first = _first_of_code(codes, starts)
    return Lines(head, (head >= 0) & (head != first[codes]), filled)


def _codes(names: "pd.Series[str]") -> Positions:
    """Return a number for every name; a row without a name gets one of its own."""
    codes, distinct = pd.factorize(names)
    return np.where(codes < 0, len(distinct) + np.arange(len(codes)), codes).astype(np.int64)


def _first_of_code(codes: Positions, starts: Mask) -> Positions:
    """Return the first starting row of every code; -1 where it has none."""
    first = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.int64)
    rows = np.flatnonzero(starts)[::-1]
    first[codes[rows]] = rows
    return first


def _filled(frame: pd.DataFrame, codes: Positions, starts: Mask, own: list[str]) -> Mask:
    """Return the later starting rows that only differ from their order's first in what is not its own."""
    filled = np.zeros(len(frame), dtype=np.bool_)
    rows = np.flatnonzero(starts)
    first = _first_of_code(codes, starts)[codes[rows]]
    later, first = rows[first != rows], first[first != rows]
    if len(later):
        filled[later] = _equal(frame[own], later, first) & ~_equal(frame, later, first)
    return filled


def _equal(frame: pd.DataFrame, rows: Positions, others: Positions) -> Mask:
    """Return which rows equal their others in every column; missing equals missing."""
    same = np.ones(len(rows), dtype=np.bool_)
    for name in frame:
        one, other = frame[name].take(rows).reset_index(drop=True), frame[name].take(others).reset_index(drop=True)
        equal = (one == other).fillna(False).to_numpy(dtype=np.bool_)
        same &= equal | (one.isna() & other.isna()).to_numpy(dtype=np.bool_)
    return same
