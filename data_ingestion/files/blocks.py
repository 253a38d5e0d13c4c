"""The form that every reader hands over: blocks of text columns with their place in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.formats.header import Header
from data_ingestion.formats.words import as_text
from retention.customers.reasons import Reason

LineNumbers = NDArray[np.int64]

SHOWN = 100
"""Characters of a rejected cell that the quarantine shows."""


@dataclass(frozen=True)
class LineMap:
    """The line (or sheet row, or row number) of each record of a block; without `lines` they follow each other."""

    first: int
    # In nearly every block they do, and an array of them would be as large as a column.
    lines: LineNumbers | None = None

    def at(self, positions: NDArray[np.int64]) -> LineNumbers:
        """Return the lines of records by their position in the block."""
        return positions + self.first if self.lines is None else self.lines[positions]


@dataclass(frozen=True)
class BrokenRow:
    """A record that has not the shape of a row."""

    line: int
    reason: Reason
    text: str


class Texts(Mapping[str, pa.Array]):
    """Columns as text, of which some are numbers or times in the file: their text is made where it is asked for."""

    def __init__(self, cells: Mapping[str, pa.Array]) -> None:
        self.cells = cells

    def __getitem__(self, name: str) -> pa.Array:
        return as_text(self.cells[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True)
class TextBlock:
    """Some records of a file, as text.

    Args:
        columns: Contract column name -> Arrow large text without nulls, all of one length; see `stored`.
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

    @property
    def stored(self) -> Mapping[str, pa.Array]:
        """The columns, with numbers and times as the file has them where their text would say the same."""
        return self.columns.cells if isinstance(self.columns, Texts) else self.columns


MakeBlock = Callable[[], TextBlock]


@dataclass(frozen=True)
class Table:
    """A table that is open for one reading, whatever it comes from.

    Args:
        name: Base name of the file, or what another source is called.
        kind: `csv`, `jsonl`, `parquet`, `xlsx`, `database` or `frame`.
        parts: What makes its blocks, in order; each may be called on another thread.
        sha256: Returns the hash of what was read; call it when the parts are used up.
        encoding: Of text, else `""`.
        delimiter: Of text, else `""`.
        warnings: What a person should know; complete when the parts are used up.
        above: Rows that were passed over above the header.
    """

    name: str
    kind: str
    header: Header
    parts: Iterator[MakeBlock]
    sha256: Callable[[], str]
    encoding: str = ""
    delimiter: str = ""
    warnings: list[str] = field(default_factory=list)
    above: Sequence[Sequence[str]] = ()


def ready(blocks: Iterable[TextBlock]) -> Iterator[MakeBlock]:
    """Yield blocks as parts, for a reader that cannot make them on several threads."""
    for block in blocks:
        # A default is bound now; a name of the loop would be looked up later, when it stands for another block.
        yield lambda block=block: block  # type: ignore[misc]
