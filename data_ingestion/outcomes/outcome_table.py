"""A table of an experiment -> its observations: any layout, any labels, every row accounted for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casting import cast_cells
from data_ingestion.files.blocks import TextBlock
from data_ingestion.files.csv_text import NotUtf8, open_csv, read_stretch
from data_ingestion.files.encodings import sniff_encoding
from data_ingestion.files.excel_text import open_excel
from data_ingestion.files.jsonl_text import open_jsonl
from data_ingestion.files.opening import FileKind, Meter, detect_kind, open_bytes
from data_ingestion.files.parquet_text import open_parquet
from data_ingestion.formats.base import Field, Format
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.options import Decimal, Limits
from data_ingestion.outcomes.outcome_numbers import Floats, outcome_numbers
from retention.errors import ContractError, OptionError, Setting, SourceError, did_you_mean, ensure
from retention.experiment.observations import Observations

Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]

MOST_ARMS, MOST_GROUPS = 20, 200
BLANK = "(blank)"
"""The group of customers whose cell is blank."""


@dataclass(frozen=True)
class OutcomeColumns:
    """Which column of the file holds what; `""`: none does.

    Args:
        arm: Label of the arm that the customer was assigned to.
        outcome: Whether the customer converted: 0 or 1, or yes or no.
        revenue: Money of the customer during the experiment.
        group: What to split the results by, known before the experiment.
        customer: The customer's identifier; without it every row is a customer.
        covariate: A number known before the experiment.
    """

    arm: str
    outcome: str
    revenue: str = ""
    group: str = ""
    customer: str = ""
    covariate: str = ""

    def __post_init__(self) -> None:
        for role in ("arm", "outcome"):
            if not getattr(self, role).strip():
                raise OptionError(f"no column is named for the {role}", hint=f"Name the column that holds the {role}")
        given = [name.strip().casefold() for name in vars(self).values() if name]
        twice = [name for name in vars(self).values() if name and given.count(name.strip().casefold()) > 1]
        if twice:
            raise OptionError(f"the column '{twice[0]}' is named for two things", hint="Each needs a column of its own")

    def layout(self) -> Format:
        """Return the columns as a layout that the readers know."""
        fields = tuple(Field(role, (name,), required=True) for role, name in vars(self).items() if name)
        return Format("outcomes", "table of an experiment", fields, None, "customer")


@dataclass(frozen=True)
class OutcomeTable:
    """An experiment out of a file.

    Args:
        observations: The customers, the control as first arm.
        assigned: Customers per arm, those without an outcome included.
        read: Rows of the file.
        left_out: Rows that are no customer, by reason.
        notes: What else a person should know.
    """

    observations: Observations
    assigned: tuple[int, ...]
    read: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        used = len(self.observations.arm)
        ensure(self.read == used + sum(self.left_out.values()), "rows read = customers + rows left out")


def read_outcomes(
    path: Path, columns: OutcomeColumns, *, control: str, limits: Limits | None = None, decimal: Decimal = "auto"
) -> OutcomeTable:
    """Return the experiment of a CSV (plain, gzip or xz), JSON lines, Parquet or Excel file.

    Args:
        path: The file.
        columns: Which column holds what.
        control: Label of the control arm.
        limits: What a file may hold.
        decimal: Decimal sign of its numbers.

    Raises:
        SourceError: The file is no table or holds no rows, or the decimal sign cannot be told.
        ContractError: A column or the control is missing, a cell cannot be used, or a customer is in two arms.
    """
    if path.is_dir() or path.is_fifo():
        raise SourceError("is a folder or a pipe, not a file", where=path.name or str(path))
    meter = Meter(limits or Limits())
    text = TableText.of(list(table_blocks(path, path.name, columns.layout(), meter)), path.name)
    return _Judge(text, columns, control, decimal).table()


def table_blocks(path: Path, name: str, layout: Format, meter: Meter) -> Iterator[TextBlock]:
    """Yield the blocks of a file, read by a layout, whatever kind of file it is."""
    kind, sample = detect_kind(path, name, meter)
    if kind is FileKind.PARQUET:
        blocks = open_parquet(path, name, meter, layout).blocks
    elif kind is FileKind.XLSX:
        blocks = open_excel(path, name, meter, layout).blocks
    elif kind is FileKind.JSONL:
        blocks = _json_blocks(path, name, layout, meter, sniff_encoding(sample))
    else:
        blocks = iter(_csv_blocks(path, name, layout, meter, sniff_encoding(sample)))
    for block in blocks:
        meter.add_rows(block.rows + len(block.broken), name)
        yield block


def _csv_blocks(path: Path, name: str, layout: Format, meter: Meter, encoding: str) -> list[TextBlock]:
    mark = meter.mark()
    try:
        with open_bytes(path, name, meter) as source:
            reading = open_csv(source, encoding, layout)
            return [read_stretch(stretch, reading.layout, name, source.fraction) for stretch in reading.stretches]
    except NotUtf8 as error:
        if encoding != "utf-8":
            what = "the file is not UTF-8 although it starts with the mark of UTF-8"
            raise SourceError(what, where=name, hint="Save it again as UTF-8") from error
        meter.reset(mark)
        return _csv_blocks(path, name, layout, meter, "cp1252")


def _json_blocks(path: Path, name: str, layout: Format, meter: Meter, encoding: str) -> Iterator[TextBlock]:
    with open_bytes(path, name, meter) as source:
        yield from open_jsonl(source, encoding, layout).blocks


@dataclass(frozen=True)
class TableText:
    """The cells of a file as text.

    Args:
        columns: Role -> large text without nulls, shape (n,).
        lines: Where each row stands, shape (n,).
        broken: Rows that have not the shape of the header, by reason.
        name: Base name of the file.
        typed: Role -> which cells the file itself holds as numbers, shape (n,).
    """

    columns: Mapping[str, pa.Array]
    lines: Integers
    broken: Mapping[str, int]
    name: str
    typed: Mapping[str, Mask] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: list[TextBlock], name: str) -> "TableText":
        """Return the cells of a file's blocks.

        Raises:
            SourceError: There are no rows.
        """
        rows = sum(block.rows for block in blocks)
        broken: dict[str, int] = {}
        for row in (row for block in blocks for row in block.broken):
            broken[row.reason.value] = broken.get(row.reason.value, 0) + 1
        if not rows:
            raise SourceError("the file has a header but no row that can be used", where=name)
        names = list(blocks[0].columns)
        columns = {role: pa.concat_arrays([block.columns[role] for block in blocks]) for role in names}
        lines = np.concatenate([block.lines.at(np.arange(block.rows)) for block in blocks])
        typed = {
            role: np.concatenate([block.typed.get(role, np.zeros(block.rows, dtype=np.bool_)) for block in blocks])
            for role in names
        }
        return cls(columns, lines, broken, name, typed)

    def numbers(self, decimal: Decimal) -> dict[str, tuple[Floats, Mask]]:
        """Return the numbers of the columns that hold some, and which of their cells are none, by role."""
        return outcome_numbers(self.columns, self.typed, decimal, self.name)

    def refused(self, what: str, wrong: Mask, hint: str) -> ContractError:
        """Return an error about cells, with their number and the first line."""
        line = int(self.lines[int(wrong.argmax())])
        return ContractError(f"{int(wrong.sum()):,} {what}", where=f"{self.name}, line {line}", hint=hint)


@dataclass
class _Judge:
    """Decides what each row is, and counts the others by reason."""

    text: TableText
    columns: OutcomeColumns
    control: str
    decimal: Decimal = "auto"
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def table(self) -> OutcomeTable:
        """Return the experiment."""
        rows = self._rows()
        read = len(rows) + sum(self.text.broken.values())
        self.left_out.update(self.text.broken)
        keep = self._without("missing_arm", rows, rows["arm"].notna())
        if self.columns.customer:
            keep = self._without("missing_id", keep, keep["customer"].notna())
            keep = self._one_row_each(keep)
        arms = self._arms(keep["arm"])
        assigned = keep["arm"].value_counts().reindex(arms).astype(int)
        keep = self._without("missing_outcome", keep, keep["outcome"].notna())
        if self.columns.revenue:
            keep = self._with_revenue(keep)
        return OutcomeTable(
            self._observations(keep, arms), tuple(assigned), read, dict(self.left_out), tuple(self.notes)
        )

    def _without(self, reason: str, rows: pd.DataFrame, good: "pd.Series[bool]") -> pd.DataFrame:
        """Return the good rows, and count the others."""
        bad = int((~good).sum())
        if bad:
            self.left_out[reason] = bad
        return rows[good] if bad else rows

    def _rows(self) -> pd.DataFrame:
        """Return the typed cells, one row each."""
        cells: dict[str, object] = {"arm": _labels(self.text.columns["arm"]), "outcome": self._outcome()}
        for role, (values, wrong) in self.text.numbers(self.decimal).items():
            if wrong.any():
                what = f"cells of '{getattr(self.columns, role)}' are no number, the first one here"
                raise self.text.refused(what, wrong, "Correct them, or leave them blank where nothing is known")
            cells[role] = values
        if "group" in self.text.columns:
            cells["group"] = _labels(self.text.columns["group"])
        if "customer" in self.text.columns:
            ids = self.text.columns["customer"]
            blank = pc.equal(pc.utf8_trim_whitespace(ids), "")
            cells["customer"] = pc.if_else(blank, None, ids).to_pandas()
        return pd.DataFrame(cells)

    def _outcome(self) -> NDArray[np.float64]:
        """Return 1, 0 and NaN for missing."""
        flags, faults = cast_cells(SCHEMA["outcome"], self.text.columns["outcome"], 1 << 20)
        if len(faults):
            wrong = np.zeros(len(self.text.lines), dtype=np.bool_)
            wrong[faults.positions] = True
            what = f"cells of '{self.columns.outcome}' are neither 0 nor 1, the first one here"
            raise self.text.refused(what, wrong, "The outcome is 0 or 1, or yes or no; blank cells are left out")
        ensure(isinstance(flags, pa.Array), "flags are an array of booleans")
        numbers: Any = flags
        return np.asarray(numbers.cast(pa.int8()).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)

    def _one_row_each(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return one row per customer: equal rows count once, others of one customer are added up."""
        same = ~rows.duplicated()
        rows = self._without("repeated_row", rows, same)
        if not rows["customer"].duplicated().any():
            return rows
        by = rows.groupby("customer", sort=False)
        for role in ("arm", "group"):
            if role in rows:
                self._check_one_value(rows, role, by[role].transform("first"))
        how = {"arm": "first", "outcome": "max", "group": "first", "covariate": "first"}
        kept = by.agg({role: how[role] for role in how if role in rows}).reset_index()
        if "revenue" in rows:
            kept["revenue"] = by["revenue"].sum(min_count=1).to_numpy()
        self.left_out["added_to_customer"] = len(rows) - len(kept)
        self.notes.append("Several rows of one customer were added up: converted if any says so, revenue as their sum")
        return kept

    def _check_one_value(self, rows: pd.DataFrame, role: str, first: "pd.Series[str]") -> None:
        """Refuse customers who stand in two arms or groups."""
        torn = rows[(rows[role] != first) & ~(rows[role].isna() & first.isna())]
        if len(torn):
            count, column = int(torn["customer"].nunique()), getattr(self.columns, role)
            raise ContractError(
                f"{count:,} customers stand in several values of '{column}'",
                where=f"{self.text.name}, line {int(self.text.lines[torn.index[0]])}",
                hint="A customer is in one arm and one group; leave the others out before measuring",
            )

    def _with_revenue(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows whose revenue is known; who did not convert and has none spent nothing."""
        blank = rows["revenue"].isna()
        nothing = blank & rows["outcome"].eq(0)
        if nothing.any():
            self.notes.append(f"{int(nothing.sum()):,} customers without conversion have no revenue and count as 0")
        rows = rows.assign(revenue=rows["revenue"].mask(nothing, 0.0))
        negative = int(rows["revenue"].lt(0).sum())
        if negative:
            self.notes.append(f"{negative:,} customers have a negative revenue (refunds) and count as they are")
        return self._without("missing_revenue", rows, rows["revenue"].notna())

    def _arms(self, arm: "pd.Series[str]") -> list[str]:
        """Return the labels, the control first."""
        labels = sorted(arm.unique())
        if len(labels) > MOST_ARMS:
            raise ContractError(
                f"the column '{self.columns.arm}' holds {len(labels):,} different values, more than {MOST_ARMS} arms",
                where=self.text.name,
                hint="Choose the column with the arm that a customer was assigned to",
            )
        if self.control not in labels:
            what = f"no row of '{self.columns.arm}' is '{self.control}'"
            raise ContractError(what, where=Setting.CONTROL, hint=self._known(labels, arm))
        if len(labels) < 2:
            raise ContractError(
                f"all rows of '{self.columns.arm}' are in one arm", where=self.text.name, hint="A lift needs two"
            )
        return [self.control, *(label for label in labels if label != self.control)]

    def _known(self, labels: list[str], arm: "pd.Series[str]") -> str:
        """Return the labels for a person, unless they may be people: arms have more than one customer each."""
        if not labels:
            return "All its cells are blank"
        if int(arm.value_counts().max()) < 2:
            return "No two rows have the same value: choose the column with the arm"
        near = did_you_mean(self.control, labels)
        return near if near.startswith("Known") else f"{near} Known: {', '.join(labels)}"

    def _observations(self, rows: pd.DataFrame, arms: list[str]) -> Observations:
        if rows.empty:
            raise ContractError("no row has an arm and an outcome", where=self.text.name)
        group, groups = self._groups(rows)
        return Observations(
            tuple(arms),
            pd.Categorical(rows["arm"], categories=arms).codes.astype(np.int64),
            rows["outcome"].to_numpy() == 1,
            rows["revenue"].to_numpy(dtype=np.float64) if "revenue" in rows else None,
            self._covariate(rows) if "covariate" in rows else None,
            groups,
            group,
        )

    def _groups(self, rows: pd.DataFrame) -> tuple[Integers | None, tuple[str, ...]]:
        if "group" not in rows:
            return None, ()
        labels = rows["group"].fillna(BLANK)
        names = sorted(labels.unique())
        if len(names) > MOST_GROUPS:
            what = f"the column '{self.columns.group}' holds {len(names):,} different values, more than {MOST_GROUPS}"
            raise ContractError(what, where=self.text.name, hint="Choose a column with few values, such as the segment")
        return pd.Categorical(labels, categories=names).codes.astype(np.int64), tuple(names)

    def _covariate(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        values = rows["covariate"].to_numpy(dtype=np.float64)
        unknown = np.isnan(values)
        if unknown.all():
            raise ContractError(f"the column '{self.columns.covariate}' holds no number", where=self.text.name)
        if unknown.any():
            self.notes.append(f"{int(unknown.sum()):,} customers without a covariate count with its mean")
        return np.where(unknown, values[~unknown].mean(), values)


def _labels(cells: pa.Array) -> pd.Series:
    """Return labels without outer blanks, missing where nothing is left."""
    encoded = pc.utf8_trim_whitespace(cells).dictionary_encode()
    texts = pc.if_else(pc.equal(encoded.dictionary, ""), None, encoded.dictionary)
    return pd.Series(texts.take(encoded.indices).to_pandas(), dtype="str")
