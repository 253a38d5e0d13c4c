"""Lists of what customers did after a send -> one row per customer, every row accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casting import cast_cells
from data_ingestion.files.opening import Meter
from data_ingestion.files.peek import peek
from data_ingestion.formats.base import Field, Format
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.options import Decimal, Limits
from data_ingestion.outcomes.outcome_table import TableText, table_blocks
from data_ingestion.reading import check_readable, distinct_names
from retention.errors import ContractError, OptionError, ensure

USUAL = {
    "customer": ("user_id", "customer_id", "customer", "external_id", "id", "email", "email_address"),
    "outcome": ("converted", "conversion", "outcome", "bought", "purchased"),
    "revenue": ("revenue", "spend", "spent", "amount"),
    "covariate": ("covariate", "revenue_before", "spent_before"),
}
"""Headers that are found without being named, the first one that is there."""


@dataclass(frozen=True)
class ListColumns:
    """Which column of a list holds what; `""`: the usual names are looked for.

    Args:
        customer: The identifier, or the e-mail address.
        outcome: Whether the customer converted: 0 or 1, or yes or no.
        revenue: Money of the customer after the send.
        covariate: A number known before the send.
    """

    customer: str = ""
    outcome: str = ""
    revenue: str = ""
    covariate: str = ""

    def __post_init__(self) -> None:
        given = [name.strip().casefold() for name in vars(self).values() if name]
        if len(set(given)) < len(given):
            raise OptionError("a column is named for two things", hint="Each needs a column of its own")

    @property
    def named(self) -> bool:
        """Whether a person named any column."""
        return any(vars(self).values())

    def layout(self) -> Format:
        """Return the columns as a layout that the readers know; money and the covariate may be missing."""
        taken = {name.strip().casefold() for name in vars(self).values()}
        fields = tuple(
            Field(
                role,
                (name,) if name else tuple(usual for usual in USUAL[role] if usual not in taken),
                required=bool(name) or role in ("customer", "outcome"),
            )
            for role, name in vars(self).items()
        )
        return Format("outcome list", "list of outcomes", fields, None, "customer")


@dataclass(frozen=True)
class OutcomeList:
    """What customers did.

    Args:
        customers: `customer` (text, distinct), `converted` (bool), `unknown` (bool: the outcome is blank, or how much
            money it brought), and where the list has them `revenue` (0 where nothing was bought) and `covariate`.
        complete: Whether somebody is listed who did not convert.
        read: Rows of the files.
        left_out: Rows that are no customer, by reason.
    """

    customers: pd.DataFrame
    complete: bool
    read: int
    left_out: Mapping[str, int]

    def __post_init__(self) -> None:
        told = len(self.customers) + sum(self.left_out.values())
        ensure(self.read == told, "rows read = customers + rows left out")


def is_outcome_list(path: Path, columns: ListColumns | None = None, *, limits: Limits | None = None) -> bool:
    """Return whether a file has a column of customers and one of outcomes.

    Raises:
        SourceError: It is no table.
    """
    check_readable(path, path.name)
    names = {name.strip().casefold() for name in peek(path, path.name, limits or Limits()).names}
    asked = (columns or ListColumns()).layout().required
    return all(any(spelling.casefold() in names for spelling in each.headers) for each in asked)


def read_outcome_list(
    paths: Sequence[Path],
    columns: ListColumns | None = None,
    *,
    limits: Limits | None = None,
    decimal: Decimal = "auto",
) -> OutcomeList:
    """Return the outcomes of CSV (plain, gzip or xz), JSON lines, Parquet or Excel files, read as one list.

    Args:
        paths: The files; all with the same columns of money and covariate.
        columns: Which column holds what.
        limits: What the files may hold.
        decimal: Decimal sign of their numbers.

    Raises:
        SourceError: A file is no table or holds no rows, or its decimal sign cannot be told.
        ContractError: A column is missing or a cell cannot be used.
    """
    layout, meter = (columns or ListColumns()).layout(), Meter(limits or Limits())
    frames, left_out = list[pd.DataFrame](), dict[str, int]()
    for path, name in zip(paths, distinct_names(paths), strict=True):
        check_readable(path, name)
        text = TableText.of(list(table_blocks(path, name, layout, meter)), name)
        frames.append(_rows(text, decimal))
        _count(left_out, text.broken)
    if any(set(frame) != set(frames[0]) for frame in frames):
        raise ContractError("the files do not have the same columns", hint="Give all of them, or none, a revenue")
    rows = pd.concat(frames, ignore_index=True)
    read = len(rows) + sum(left_out.values())
    known = rows[rows["customer"].notna()]
    if known.empty:
        raise ContractError("no row names a customer", where=paths[0].name, hint="Choose the column of identifiers")
    _count(left_out, {"missing_id": len(rows) - len(known)})
    return _list(known, read, left_out)


def _count(left_out: dict[str, int], more: Mapping[str, int]) -> None:
    for reason, count in more.items():
        if count:
            left_out[reason] = left_out.get(reason, 0) + count


def _list(rows: pd.DataFrame, read: int, left_out: dict[str, int]) -> OutcomeList:
    complete = bool(rows["outcome"].eq(0).any())
    blank = int(rows["outcome"].isna().sum())
    if blank and not complete:
        raise ContractError(
            f"{blank:,} outcomes are blank and no row says no",
            hint="Write 0 where a customer did not convert; blank means that nobody knows",
        )
    distinct = rows.drop_duplicates()
    _count(left_out, {"repeated_row": len(rows) - len(distinct)})
    customers = _one_row_each(distinct)
    _count(left_out, {"added_to_customer": len(distinct) - len(customers)})
    return OutcomeList(customers, complete, read, left_out)


def _one_row_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per customer: converted if any row says so, revenue as the sum."""
    unknown = rows["outcome"].isna()
    if "revenue" in rows:
        blank = rows["revenue"].isna()
        unknown |= blank & rows["outcome"].eq(1)
        rows = rows.assign(revenue=rows["revenue"].fillna(0.0))
    by = rows.assign(unknown=unknown).groupby("customer", sort=False)
    out = by.agg(outcome=("outcome", "max"), unknown=("unknown", "max"))
    out["converted"] = out.pop("outcome").eq(1)
    if "revenue" in rows:
        out["revenue"] = by["revenue"].sum()
    if "covariate" in rows:
        first = by["covariate"].first()
        if first.isna().all():
            raise ContractError("the column of the covariate holds no number")
        out["covariate"] = first.fillna(first.mean())
    return out.reset_index()


def _rows(text: TableText, decimal: Decimal) -> pd.DataFrame:
    """Return the typed cells, one row each."""
    ids, _ = cast_cells(SCHEMA["customer"], text.columns["customer"], 1 << 20)
    cells: dict[str, object] = {"customer": _texts(ids), "outcome": _outcomes(text)}
    for role, (values, wrong) in text.numbers(decimal).items():
        if wrong.any():
            what = f"cells of the {role} are no number, the first one here"
            raise text.refused(what, wrong, "Correct them, or leave them blank")
        cells[role] = values
    return pd.DataFrame(cells)


def _texts(cells: object) -> pd.Series:
    ensure(isinstance(cells, pa.Array | pa.ChunkedArray), "identifiers are text")
    texts: Any = cells
    blank = pc.equal(pc.utf8_trim_whitespace(texts), "")
    return pd.Series(pc.if_else(blank, None, texts).to_pandas(), dtype="str")


def _outcomes(text: TableText) -> NDArray[np.float64]:
    """Return 1, 0 and NaN for blank."""
    cells, faults = cast_cells(SCHEMA["outcome"], text.columns["outcome"], 1 << 20)
    if len(faults):
        wrong = np.zeros(len(text.lines), dtype=np.bool_)
        wrong[faults.positions] = True
        raise text.refused(
            "cells of the outcome are neither 0 nor 1, the first one here",
            wrong,
            "The outcome is 0 or 1, or yes or no",
        )
    flags: Any = cells
    return np.asarray(flags.cast(pa.int8()).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
