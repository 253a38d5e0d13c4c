"""A table of an experiment -> its observations: any layout, any labels, every row accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.files.byte_source import Meter
from data_ingestion.formats.record_columns import GUARDRAILS
from data_ingestion.options import ReadOptions
from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_rows import OutcomeRows, read_rows
from retention.errors import ContractError, OptionError, Setting, did_you_mean, ensure
from retention.experiment.observations import Observations
from retention.wording import counted

Integers = NDArray[np.int64]

MOST_ARMS, MOST_GROUPS = 20, 200
BLANK = "(blank)"
"""The group of customers whose cell is blank."""


@dataclass(frozen=True)
class OutcomeTable:
    """An experiment out of a file.

    Args:
        observations: The customers, the control as first arm.
        assigned: Customers per arm, those without an outcome included.
        left_out: Rows that are no customer, by reason.
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
    path: Path, columns: OutcomeColumns, *, control: str, reading: ReadOptions | None = None
) -> OutcomeTable:
    """Return the experiment of a CSV (plain, gzip or xz), JSON lines, Parquet or Excel file.

    Raises:
        SourceError: The file is no table or holds no rows, or the decimal sign cannot be told.
        ContractError: A column or the control is missing, a cell cannot be used, or a customer is in two arms.
    """
    for role in ("arm", "outcome"):
        if not getattr(columns, role).strip():
            raise OptionError(f"no column is given for the {role}", hint=f"Name the column that holds the {role}")
    reading = reading or ReadOptions()
    rows = read_rows(path, path.name, columns, Meter(reading.limits), reading)
    return _Experiment(rows, columns, control, path.name).table()


@dataclass
class _Experiment:
    """Decides what each row is, and counts the others by reason."""

    rows: OutcomeRows
    columns: OutcomeColumns
    control: str
    name: str
    notes: list[str] = field(default_factory=list)

    def table(self) -> OutcomeTable:
        """Return the experiment."""
        rows = self.rows
        read = len(rows.frame) + sum(rows.left_out.values())
        rows.keep(rows.frame["arm"].notna(), "missing_arm")
        if self.columns.customer:
            self._one_row_each()
        arms = self._arms(rows.frame["arm"])
        assigned = rows.frame["arm"].value_counts().reindex(arms).astype(int)
        rows.keep(rows.frame["outcome"].notna(), "missing_outcome")
        if self.columns.revenue:
            self._settle_revenue()
        observations = self._observations(rows.frame, arms)
        return OutcomeTable(observations, tuple(assigned), read, dict(rows.left_out), tuple(self.notes))

    def _one_row_each(self) -> None:
        """Make one row of each customer's: equal rows count once, others of one customer are added up."""
        rows = self.rows
        rows.keep(rows.frame["customer"].notna(), "missing_id")
        rows.keep(~rows.frame.duplicated(), "repeated_row")
        if not rows.frame["customer"].duplicated().any():
            return
        for role in ("arm", "group"):
            if role in rows.frame:
                self._check_one_value(role)
        rows.add_up()
        self.notes.append("Several rows of one customer were added up: converted if any says so, revenue as their sum")

    def _check_one_value(self, role: str) -> None:
        """Refuse customers who stand in two arms or groups."""
        rows = self.rows.frame
        first = rows.groupby("customer", sort=False)[role].transform("first")
        torn = rows[(rows[role] != first) & ~(rows[role].isna() & first.isna())]
        if len(torn):
            count, column = int(torn["customer"].nunique()), getattr(self.columns, role)
            raise ContractError(
                f"{counted(count, 'customer', 'has', 'have')} several values of '{column}'",
                where=f"{self.name}, line {int(torn.index[0])}",
                hint="A customer is in one arm and one group; leave the others out before measuring",
            )

    def _settle_revenue(self) -> None:
        """Keep the rows whose revenue is known; who did not convert and has none spent nothing."""
        rows = self.rows.frame
        nothing = rows["revenue"].isna() & rows["outcome"].eq(0)
        if nothing.any():
            self.notes.append(
                f"{counted(int(nothing.sum()), 'customer')} without conversion and without revenue: taken as 0"
            )
        self.rows.frame = rows.assign(revenue=rows["revenue"].mask(nothing, 0.0))
        negative = int(rows["revenue"].lt(0).sum())
        if negative:
            self.notes.append(
                f"{counted(negative, 'customer')} with a negative revenue (refunds), which counts as it is"
            )
        self.rows.keep(self.rows.frame["revenue"].notna(), "missing_revenue")

    def _arms(self, arm: "pd.Series[str]") -> list[str]:
        labels = sorted(arm.unique())
        if len(labels) > MOST_ARMS:
            raise ContractError(
                f"the column '{self.columns.arm}' holds {len(labels):,} different values, more than {MOST_ARMS} arms",
                where=self.name,
                hint="Choose the column with the arm that a customer was assigned to",
            )
        if self.control not in labels:
            what = f"no row of '{self.columns.arm}' is '{self.control}'"
            raise ContractError(what, where=Setting.CONTROL, hint=self._known(labels, arm))
        if len(labels) < 2:
            raise ContractError(
                f"all rows of '{self.columns.arm}' are in one arm", where=self.name, hint="A lift needs two"
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
            raise ContractError("no row has an arm and an outcome", where=self.name)
        group, groups = self._groups(rows)
        return Observations(
            tuple(arms),
            pd.Categorical(rows["arm"], categories=arms).codes.astype(np.int64),
            rows["outcome"].to_numpy() == 1,
            rows["revenue"].to_numpy(dtype=np.float64) if "revenue" in rows else None,
            self._covariate(rows) if "covariate" in rows else None,
            groups,
            group,
            {
                name: rows[role].fillna(0.0).to_numpy()
                for role, name in self.columns.roles().items()
                if role in GUARDRAILS
            },
        )

    def _groups(self, rows: pd.DataFrame) -> tuple[Integers | None, tuple[str, ...]]:
        if "group" not in rows:
            return None, ()
        labels = rows["group"].fillna(BLANK)
        names = sorted(labels.unique())
        if len(names) > MOST_GROUPS:
            what = f"the column '{self.columns.group}' holds {len(names):,} different values, more than {MOST_GROUPS}"
            raise ContractError(what, where=self.name, hint="Choose a column with few values, such as the segment")
        return pd.Categorical(labels, categories=names).codes.astype(np.int64), tuple(names)

    def _covariate(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        values = rows["covariate"].to_numpy(dtype=np.float64)
        unknown = np.isnan(values)
        if unknown.all():
            raise ContractError(f"the column '{self.columns.covariate}' holds no numbers", where=self.name)
        if unknown.any():
            self.notes.append(f"{counted(int(unknown.sum()), 'customer')} without a covariate: its mean is taken")
        return np.where(unknown, values[~unknown].mean(), values)
