"""What reading customer tables gives: accepted rows, rejected ones, and an account of both."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.files.blocks import LineMap
from retention.activity.activity import Activity
from retention.customers.derive import Derivation
from retention.errors import ensure

ORIGINALS = ("file", "line", "original")
CELLS = ("file", "line", "column", "value", "reason")


@dataclass(frozen=True)
class SourceFile:
    """One file that was read.

    Args:
        name: Base name; a second file of the same name gets ` (2)`.
        sha256: Hash of the file's bytes.
        rows_read: Records after the header.
        rows_quarantined: Those of them that were rejected.
        format: `csv`, `jsonl`, `parquet`, `xlsx`, `database` or `frame`.
        encoding: Of text, else `""`.
        delimiter: Of text, else `""`.
        date_order: `dmy`, `mdy`, or `ymd` where no date needed an order.
        decimal: Sign of decimals in numbers: `point`, also where no number needed one, or `comma`.
        columns: Columns that were read, in file order, by the names that they have here.
        ignored: Other headers.
        layout: What the file was taken for: the name of a format.
        mapped: Hash of the column mapping that read it; `""`: none did.
        noticed: What was noticed in rows that were kept, by a short name, in rows.
    """

    name: str
    sha256: str
    rows_read: int
    rows_quarantined: int
    format: str
    encoding: str = ""
    delimiter: str = ""
    date_order: str = "ymd"
    decimal: str = "point"
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    layout: str = "customers"
    mapped: str = ""
    noticed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Where a run of accepted rows stands: file, how many, and their lines."""

    file: str
    rows: int
    lines: LineMap


@dataclass(frozen=True)
class Intake:
    """What was read and checked cell by cell; `read = accepted + len(quarantine)`.

    Customers come as `rows`. Event logs and order histories come as `activity`, and have no rows until
    `analysis` asks for the customers at a cutoff.

    Args:
        rows: Accepted customers with a RangeIndex: the contract columns found, in contract order, and `derived` if
            a score was derived. Identifiers and texts are `str`, numbers float64 with NaN, flags nullable
            boolean, times `datetime64[us, <shop zone>]`.
        quarantine: `file, line, column, value, reason, faults, suggestion, original`: one row per rejected input row,
            with its first fault (by column of the file), the number of its faults, what plainly to write instead, and
            the row as JSON, header -> cell; a row that has no cells has its text as the value.
        sources: The files.
        read: Input rows.
        derived: Scores that were derived because they were missing.
        warnings: What a person should know.
        input_hash: SHA-256 over the files' hashes, in the order given.
        origins: Where the accepted rows stand, in order; use `locate`.
        activity: What customers did, where the sources say that.
        folded: Accepted input rows without a row of their own in `rows`.
        cells: `position, file, line, column, value, reason` of the cells of accepted rows that are missing because they
            cannot be read. The position is that in `rows`; where there is `activity`, that among accepted records.
        originals: `file, line, original` of the rejected rows and of those that another row of the customer may set
            aside; a line that holds several rows is not in it.
        before: What the files gave before a person corrected some of their rows; None: nobody did.
        repaired: `file, line` of the corrected rows.
    """

    rows: pd.DataFrame
    quarantine: pd.DataFrame
    sources: tuple[SourceFile, ...]
    read: int
    derived: tuple[Derivation, ...]
    warnings: tuple[str, ...]
    input_hash: str
    origins: tuple[Origin, ...] = field(repr=False)
    activity: Activity | None = field(default=None, repr=False)
    folded: int = 0
    cells: pd.DataFrame = field(default_factory=partial(pd.DataFrame, columns=("position", *CELLS)), repr=False)
    originals: pd.DataFrame = field(default_factory=partial(pd.DataFrame, columns=ORIGINALS), repr=False)
    before: "Intake | None" = field(default=None, repr=False)
    repaired: frozenset[tuple[str, int]] = frozenset()

    def __post_init__(self) -> None:
        ensure(self.read == self.accepted + len(self.quarantine), "read = accepted + quarantined")

    @property
    def where(self) -> str:
        """The names of the sources, for a message."""
        return ", ".join(source.name for source in self.sources)

    @property
    def accepted(self) -> int:
        """Input rows that were accepted."""
        return len(self.rows) + self.folded

    def locate(self, positions: NDArray[np.int64]) -> pd.DataFrame:
        """Return `file, line` of accepted rows.

        Args:
            positions: Positions in `rows`, shape (k,), any order.
        """
        return locate(self.origins, positions)

    def with_original(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows `file, line, ...` with the column `original`, in their order; `""`: it is not known."""
        whole = rows.drop(columns="original", errors="ignore").merge(self.originals, on=["file", "line"], how="left")
        return whole.assign(original=whole["original"].fillna("").astype("str"))


def locate(origins: Sequence[Origin], positions: NDArray[np.int64]) -> pd.DataFrame:
    """Return `file, line` of rows by their positions, in the order of the origins."""
    ends = np.cumsum([origin.rows for origin in origins], dtype=np.int64)
    which = np.searchsorted(ends, positions, side="right")
    lines = np.empty(len(positions), dtype=np.int64)
    for index in np.unique(which):
        own = which == index
        origin = origins[index]
        lines[own] = origin.lines.at(positions[own] - (ends[index] - origin.rows))
    return pd.DataFrame({"file": pd.array([origin.file for origin in origins], dtype="str").take(which), "line": lines})


def combined_hash(sources: Sequence[SourceFile]) -> str:
    """Return one SHA-256 for several files, in their order, and for the mappings that they were read by."""
    # One file read by two mappings is two inputs, because it says something else each time.
    hashes = [f"{source.sha256} {source.mapped}".rstrip() for source in sources]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
