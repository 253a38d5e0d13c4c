"""The form that every reader hands over: blocks of text columns with their place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retention.customers.reasons import Reason

Lines = NDArray[np.int64]

SHOWN = 100
"""Characters of a rejected cell or row that the quarantine shows."""


@dataclass(frozen=True)
class LineMap:
    """The line (or sheet row, or row number) of each record of a block.

    Args:
        first: Line of the first record.
        lines: Line of each record; None: they follow each other.
    """

    first: int
    lines: Lines | None = None

    def at(self, positions: NDArray[np.int64]) -> Lines:
        """Return the lines of records by their position in the block."""
        return positions + self.first if self.lines is None else self.lines[positions]


@dataclass(frozen=True)
class BrokenRow:
    """A record that has not the shape of a row.

    Args:
        line: Where it starts.
        reason: What is wrong.
        text: What stands there, cut.
    """

    line: int
    reason: Reason
    text: str


@dataclass(frozen=True)
class TextBlock:
    """Some records of a file, as text.

    Args:
        columns: Contract column name -> Arrow large text without nulls, all of one length.
        rows: That length.
        lines: Where the records stand.
        broken: Records of the same stretch of the file that are not in `columns`.
        fraction: How much of the file has been read up to here, from 0 to 1.
        typed: Column -> which of its cells are numbers in the file itself, not text; shape (rows,).
    """

    columns: Mapping[str, pa.Array]
    rows: int
    lines: LineMap
    broken: tuple[BrokenRow, ...] = ()
    fraction: float = 1.0
    typed: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
