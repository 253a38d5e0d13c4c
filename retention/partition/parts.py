"""Rows in parts, of which one is in memory at a time.

A pass over them is a function of one part that gives a small sum, so it may run where the part is.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

S = TypeVar("S")
P = TypeVar("P")
_SEEN = 1 << 18
Numbers = npt.NDArray[Any]
Add = Callable[[S, S], S]
Fold = Callable[[S | None, P], S]
"""What the parts before gave, None at first, and a part -> what they all give."""


Total = Callable[..., Any]
"""Takes a function of a piece of some columns, and what adds two of its results if it is not `+`; returns the sum."""


class PartedRows(ABC):
    """Rows in parts, wherever these are; on one machine all parts but the last hold whole blocks of the cube's.

    What is called with a part may run on another machine: it must hold no rows itself.

    Args:
        none: No row, with all columns.
    """

    none: pd.DataFrame

    @property
    @abstractmethod
    def size(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts in order."""

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002 - all is given
        """Yield the parts in order, with these columns at least, or with all."""
        return iter(self)

    def fold(self, step: Fold[S, pd.DataFrame], add: Add[S], columns: Sequence[str] | None = None) -> S:  # noqa: ARG002
        """Return what a step makes of all parts, one after the other.

        Args:
            step: Takes a part to what came before it.
            add: Adds what came of parts that went elsewhere, in the order of the parts.
            columns: The columns that are looked at; None: all.
        """
        parts = self.read(columns)
        return reduce(step, parts, step(None, next(parts)))

    @abstractmethod
    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> "PartedRows":
        """Return other rows, made of each part, which are kept where these are."""

    def summed(
        self, of: Callable[[pd.DataFrame], S], add: Add[S] = operator.add, columns: Sequence[str] | None = None
    ) -> S:
        """Return the sum of what a function gives of the parts."""
        return self.fold(partial(added, of, add), add, columns)

    def total(self, *names: str) -> Total:
        """Return what adds up over columns of numbers."""

        def of_columns(of: Callable[..., S], add: Add[S] = operator.add) -> S:
            return self.summed(partial(_of_numbers, of, names), add, names)

        return of_columns


class WholeRows(PartedRows):
    """Rows in memory, seen in parts that share it, so that what is made of a part stays small beside them."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows, self.none = rows, rows.iloc[:0]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts; one without rows where there are none."""
        return (self.rows.iloc[start : start + _SEEN] for start in range(0, max(1, len(self.rows)), _SEEN))

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> "WholeRows":
        """Return other rows, made of these."""
        return WholeRows(of(self.rows))


def added(of: Callable[[P], S], add: Add[S], before: S | None, part: P) -> S:
    """Return what a function gives of a part, added to what came before."""
    return of(part) if before is None else add(before, of(part))


def _of_numbers(of: Callable[..., S], names: Sequence[str], part: pd.DataFrame) -> S:
    return of(*(_numbers(part[name]) for name in names))


def _numbers(column: "pd.Series[Any]") -> Numbers:
    # A flag is a number, too, and a hash is no float.
    return column.to_numpy() if column.dtype == np.int64 else column.to_numpy(dtype=np.float64, na_value=np.nan)
