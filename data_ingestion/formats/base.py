"""What a format is: which header holds which column, and what its rows mean."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.activity import Event
from retention.customers.phone import PLAIN
from retention.customers.reasons import Reason
from retention.errors import ensure

Mask = NDArray[np.bool_]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples differ in all bits: equal numbers in other columns then give other keys."""

KEYS = ("customer", "email", "phone")
"""What a customer is known by, the surest first."""

ENTRY_COLUMNS = ("row", *KEYS, "time", "event", "value", "items", "visit", "order")
"""`row`: the record it comes from; `customer, email, phone, visit, order`: text or missing; `time`: int64 microseconds
UTC; `event`: int8 codes of `Event` in `retention.activity`; `value`: money; `items`: pieces, both NaN if unknown."""


@dataclass(frozen=True)
class Field:
    """One column that a format reads.

    Args:
        column: Name in `data_ingestion.formats.record_columns.SCHEMA`.
        headers: Its spellings in files, compared without case and outer blanks; the first one found is read.
        required: Whether a file without it is not this format.
        instead: Columns of which one does as well, where it is required.
        needed: Why a file that is this format is refused without it; `""`: it is not.
        utc: Whether times without an offset are UTC there, whatever the shop's zone.
    """

    column: str
    headers: tuple[str, ...]
    required: bool = False
    instead: tuple[str, ...] = ()
    needed: str = ""
    utc: bool = False

    @cached_property
    def spellings(self) -> dict[str, str]:
        """The headers by their form in which names are compared, in their order."""
        return {each.casefold(): each for each in self.headers}


def folded(header: str) -> str:
    """Return a header as it is compared with others."""
    return header.strip().casefold()


def optional(**headers: str) -> tuple[Field, ...]:
    """Return fields that a file may have or not, by the name of the column; each has one spelling."""
    return tuple(Field(column, (header,)) for column, header in headers.items())


@dataclass(frozen=True)
class Records:
    """The rows of one file after casting.

    Args:
        frame: Columns of `SCHEMA` that the file has, RangeIndex; times are aware, in the shop's zone.
        name: Base name of the file, for errors.
    """

    frame: pd.DataFrame
    name: str

    def column(self, name: str) -> "pd.Series[Any]":
        """Return a column, all missing where the file does not have it."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series(np.nan, index=self.frame.index, dtype="str")

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers, NaN where the file does not have it."""
        if name in self.frame:
            return self.frame[name].to_numpy(dtype=np.float64)
        return np.full(len(self.frame), np.nan)

    def micros(self, name: str) -> NDArray[np.int64]:
        """Return a column of times as microseconds since 1970 UTC; NaT becomes the smallest int64."""
        if name not in self.frame:
            return np.full(len(self.frame), np.iinfo(np.int64).min)
        times = self.frame[name].dt.tz_convert("UTC").dt.tz_localize(None)
        return np.asarray(times.to_numpy().astype("datetime64[us]").view(np.int64))

    def says(self, name: str, value: bool) -> Mask:
        """Return which rows have this answer in a column of flags, shape (n,)."""
        return np.asarray(self.column(name).eq(value).fillna(False).to_numpy(dtype=np.bool_))

    def lacks(self, *names: str) -> Mask:
        """Return which rows have a value in none of some columns, shape (n,)."""
        missing = np.ones(len(self.frame), dtype=np.bool_)
        for name in filter(self.frame.columns.__contains__, names):
            missing &= self.frame[name].isna().to_numpy()
        return missing


@dataclass(frozen=True)
class Verdict:
    """Which records of a file are kept, and why the others are not.

    Args:
        keep: Shape (n,).
        rejected: `position, column, reason` of the others, by position.
    """

    keep: Mask
    rejected: pd.DataFrame

    def __post_init__(self) -> None:
        ensure(int((~self.keep).sum()) == len(self.rejected), "records = kept + rejected")

    def counts(self, **masks: "Mask | pd.Series[bool]") -> dict[str, int]:
        """Return for how many of the kept records each mask holds, by its name."""
        return {name: int(np.count_nonzero(self.keep & mask)) for name, mask in masks.items()}


@dataclass(frozen=True)
class Normalised:
    """What the rows of one file say about customers.

    Args:
        verdict: Which rows count.
        entries: `ENTRY_COLUMNS`; a row may give none, one or several.
        people: `time` (microseconds), `KEYS` and columns of the contract that describe a person, as far as the file has
            them, for rows that do; the latest known value of each column holds.
        counts: What was noticed in the rows, by a short name, in rows.
        warnings: What a person should know.
        gross: Money of all order lines, the rejected ones included; None: the rows are no order lines.
        named: Customers whom the rows name, the rejected ones included; None: it is not counted.
        layout: Name of the format that the content shows, where several share their columns; `""`: the one
            that the columns show.
        days_only: Whether the times are days, each given as its midnight.
    """

    verdict: Verdict
    entries: pd.DataFrame
    people: pd.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    gross: float | None = None
    named: int | None = None
    layout: str = ""
    days_only: bool = False


@dataclass(frozen=True)
class Format:
    """A layout that files come in.

    Args:
        name: Short name, in accounts and mappings.
        title: Name for people.
        fields: The columns it reads.
        normalise: Turns its records into activity; None: its rows are customers already.
        kind: What a row is, for people.
        refused: Why files of this layout cannot be used, and what to bring instead; `""`: they can.
        mapped: Hash of the column mapping that made it; `""`: it is one of ours.
        across: Groups of columns; what a row says depends on rows of other customers where a file has all of a group.
            None: it always does.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    normalise: Callable[[Records], Normalised] | None
    kind: str
    refused: str = ""
    mapped: str = ""
    across: tuple[tuple[str, ...], ...] | None = None

    def by_customer(self, columns: Collection[str]) -> bool:
        """Return whether the rows of each customer can be judged alone, in a file with these columns."""
        return self.across is not None and not any(set(group) <= set(columns) for group in self.across)

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """The columns that a file must have."""
        return tuple(each for each in self.fields if each.required)

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The columns that each spelling names, by the form in which names are compared."""
        columns = dict[str, list[str]]()
        for each in self.fields:
            for spelling in each.spellings:
                columns.setdefault(spelling, []).append(each.column)
        return columns


def judged(rows: int, *tests: tuple[Mask, str, Reason]) -> Verdict:
    """Return the verdict over records; one that fails several tests gets the first one's reason.

    Args:
        rows: Number of records.
        tests: Mask of the records that fail, the column at fault, the reason.
    """
    which = np.full(rows, -1, dtype=np.int16)
    # Backwards, so that the first test writes last and its reason stays.
    for place in range(len(tests) - 1, -1, -1):
        which[tests[place][0]] = place
    positions = np.flatnonzero(which >= 0)
    texts = {"column": [column for _, column, _ in tests], "reason": [reason.value for _, _, reason in tests]}
    named = {name: pd.array(each, dtype="str").take(which[positions]) for name, each in texts.items()}
    return Verdict(which < 0, pd.DataFrame({"position": positions, **named}))


def nobody(records: Records) -> tuple[tuple[Mask, str, Reason], ...]:
    """Return what rejects rows that name no customer, for `judged`."""
    known = [name for name in KEYS if name in records.frame]
    phone = records.column("phone")
    unread = records.lacks(*KEYS[:2]) & (phone.notna() & ~phone.str.fullmatch(PLAIN, na=False)).to_numpy()
    return (
        (unread, "phone", Reason.NOT_A_PHONE),
        (records.lacks(*KEYS), known[0] if known else KEYS[0], Reason.MISSING_USER_ID),
    )


def undated(records: Records) -> tuple[tuple[Mask, str, Reason], ...]:
    """Return what rejects rows that name no customer or no time, for `judged`."""
    return *nobody(records), (records.lacks("time"), "time", Reason.MISSING_DATE)


def entries(records: Records, keep: Mask, event: Event | NDArray[np.int8], **columns: object) -> pd.DataFrame:
    """Return entries of the kept records, one each.

    Args:
        records: Their columns are the entries'.
        keep: Which records, shape (n,).
        event: What happened, in all or in each of them.
        columns: Those of `ENTRY_COLUMNS` that are others than the records', each of shape (n,); None: missing.
    """
    rows = np.flatnonzero(keep)
    known = {name: records.frame.get(name) for name in (*KEYS, "visit", "order")} | columns
    known |= {"time": columns.get("time", records.micros("time")), "event": np.full(len(keep), event, dtype=np.int8)}
    frame: dict[str, object] = {"row": rows}
    for name in ENTRY_COLUMNS[1:]:
        values = known.get(name)
        if values is None:
            number = name in ("value", "items")
            frame[name] = np.full(len(rows), np.nan) if number else pd.array([None] * len(rows), dtype="str")
        elif isinstance(values, pd.Series):
            frame[name] = values.take(rows).reset_index(drop=True)
        else:
            frame[name] = np.asarray(values)[rows]
    return pd.DataFrame(frame, copy=False)


def people_of(
    records: Records, keep: Mask, names: Sequence[str], time: NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Return what the kept records say about persons: `time`, and of `KEYS` and the named columns those that exist.

    Where only the customer exists there is nothing to say, and no row. A time that is not given is the records' own.
    """
    wanted = tuple(dict.fromkeys((*KEYS, *names)))
    if not any(name in records.frame for name in wanted[1:]):
        return pd.DataFrame({"customer": pd.array([], dtype="str"), "time": np.empty(0, np.int64)})
    rows, time = np.flatnonzero(keep), records.micros("time") if time is None else time
    kept = records.frame[[name for name in wanted if name in records.frame]].take(rows)
    return kept.reset_index(drop=True).assign(time=time[rows])


def repeated(frame: pd.DataFrame) -> Mask:
    """Return which rows equal an earlier one in every column, shape (n,).

    Rows are first told apart by their numbers and times alone, which is quick and leaves few to compare.
    """
    key = np.zeros(len(frame), dtype=np.uint64)
    for name in frame.columns:
        if frame[name].dtype.kind in "fM":
            key = key * _SPREAD ^ _bits(frame[name])
    alike = np.flatnonzero(pd.Series(key).duplicated(keep=False).to_numpy())
    again = np.zeros(len(frame), dtype=np.bool_)
    again[alike] = frame.take(alike).duplicated().to_numpy()
    return again


def _bits(column: "pd.Series[Any]") -> NDArray[np.uint64]:
    """Return the bits of numbers or times; equal values, and all missing ones, have the same."""
    if column.dtype.kind == "M":
        return np.asarray(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().view(np.uint64))
    values = column.to_numpy(dtype=np.float64)
    # NaN comes in many patterns of bits, and -0.0 equals 0.0 with other bits: both are made one, the zeros by adding 0.
    return (np.where(np.isnan(values), np.nan, values) + 0.0).view(np.uint64)
