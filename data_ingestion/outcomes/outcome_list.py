"""Lists of what customers did after a send -> one row per customer, every row accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data_ingestion.files.byte_source import Meter
from data_ingestion.files.peek import peek
from data_ingestion.files.table import distinct_names
from data_ingestion.formats.base import folded
from data_ingestion.formats.record_columns import GUARDRAILS
from data_ingestion.options import ReadOptions
from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_rows import OutcomeRows, read_rows
from retention.errors import ContractError, ensure
from retention.wording import counted

GUARDRAIL = "guardrail: "
"""Starts the name of a guardrail's column, so that no name of a person's is taken for another."""


@dataclass(frozen=True)
class OutcomeList:
    """What customers did.

    Args:
        customers: `customer` (text, distinct), `converted` (bool), `unknown` (bool: the outcome is blank, or how much
            money it brought), and where the list has them `revenue` (0 where nothing was bought) and `covariate`,
            and guardrails by `GUARDRAIL` and their name (0 where blank).
        complete: Whether somebody is listed who did not convert.
        left_out: Rows that are no customer, by reason.
    """

    customers: pd.DataFrame
    complete: bool
    read: int
    left_out: Mapping[str, int]

    def __post_init__(self) -> None:
        accounted = len(self.customers) + sum(self.left_out.values())
        ensure(self.read == accounted, "rows read = customers + rows left out")


def is_outcome_list(path: Path, columns: OutcomeColumns | None = None, reading: ReadOptions | None = None) -> bool:
    """Return whether a file has a column of customers and one of outcomes.

    Raises:
        SourceError: It is no table.
    """
    names = {folded(name) for name in peek(path, path.name, reading or ReadOptions()).names}
    needed = (columns or OutcomeColumns()).layout().required
    return all(any(spelling.casefold() in names for spelling in field.headers) for field in needed)


def read_outcome_list(
    paths: Sequence[Path],
    columns: OutcomeColumns | None = None,
    reading: ReadOptions | None = None,
) -> OutcomeList:
    """Return the outcomes of CSV (plain, gzip or xz), JSON lines, Parquet or Excel files, read as one list.

    Raises:
        SourceError: A file is no table or holds no rows, or its decimal sign cannot be told.
        ContractError: A column is missing or a cell cannot be used.
    """
    columns, reading = columns or OutcomeColumns(), reading or ReadOptions()
    meter = Meter(reading.limits)
    files = [
        read_rows(path, name, columns, meter, reading) for path, name in zip(paths, distinct_names(paths), strict=True)
    ]
    if any(set(file.frame) != set(files[0].frame) for file in files):
        raise ContractError("the files do not have the same columns", hint="Give all of them, or none, a revenue")
    rows = OutcomeRows(pd.concat([file.frame for file in files], ignore_index=True), {})
    for file in files:
        for reason, count in file.left_out.items():
            rows.leave_out(reason, count)
    read = len(rows.frame) + sum(rows.left_out.values())
    rows.keep(rows.frame["customer"].notna(), "missing_id")
    if rows.frame.empty:
        raise ContractError("no row names a customer", where=paths[0].name, hint="Choose the column of identifiers")
    complete = bool(rows.frame["outcome"].eq(0).any())
    blank = int(rows.frame["outcome"].isna().sum())
    if blank and not complete:
        raise ContractError(
            f"{counted(blank, 'outcome', 'is', 'are')} blank and none says no",
            hint="Write 0 where a customer did not convert; blank means that nobody knows",
        )
    return OutcomeList(_one_row_each(rows, columns.roles()), complete, read, rows.left_out)


def _one_row_each(rows: OutcomeRows, named: Mapping[str, str]) -> pd.DataFrame:
    rows.keep(~rows.frame.duplicated(), "repeated_row")
    frame = rows.frame
    unknown = frame["outcome"].isna()
    if "revenue" in frame:
        unknown |= frame["revenue"].isna() & frame["outcome"].eq(1)
    rows.frame = frame.assign(unknown=unknown)
    rows.add_up()
    frame = rows.frame.reset_index(drop=True)
    out = frame[["customer", "unknown"]].assign(converted=frame["outcome"].eq(1))
    if "revenue" in frame:
        out["revenue"] = frame["revenue"].fillna(0.0)
    if "covariate" in frame:
        if frame["covariate"].isna().all():
            raise ContractError("the covariate column holds no numbers")
        out["covariate"] = frame["covariate"].fillna(frame["covariate"].mean())
    for role in GUARDRAILS:
        if role in frame:
            out[f"{GUARDRAIL}{named[role]}"] = frame[role].fillna(0.0)
    return out
