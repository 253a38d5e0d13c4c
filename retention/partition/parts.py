"""Rows in parts, of which one is in memory at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class PartedRows:
    """Rows in parts; all parts but the last hold whole blocks of the cube's.

    Args:
        size: How many rows there are.
        none: No row, with all columns.
        frames: Returns the parts in order, each time it is called.
        column: Returns a column of numbers, part by part.
        keep: Returns other rows in parts, which go where these are.
    """

    size: int
    none: pd.DataFrame
    frames: Callable[[], Iterator[pd.DataFrame]]
    column: Callable[[str], Iterator[npt.NDArray[Any]]]
    keep: Callable[[Iterable[pd.DataFrame]], "PartedRows"]

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts in order."""
        return self.frames()
