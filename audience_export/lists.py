"""Lists of people that a person brings: tables with `user_id`, `email` or `phone`, and for some a day.

A row that cannot be read is an error, never left out: it may be the one who unsubscribed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Run
from data_ingestion import ColumnMapping, ReadOptions
from data_ingestion.files.whole import read_whole
from data_ingestion.formats.column_mapping import fitting
from retention.customers.consent import NO, REFUSALS, UNKNOWN, YES, Answers, meaning_of, stated
from retention.customers.keys import rounded_ids
from retention.customers.normalise import TEXT, emails, mailboxes, text_column
from retention.customers.phone import HEADERS as PHONES, phones_of
from retention.customers.reach import Unreached, said
from retention.errors import ContractError, Remedy, Setting, SourceError
from retention.wording import counted

Days = npt.NDArray[np.datetime64]
PLAIN = ReadOptions()
HEADERS = {
    "user_id": ("userid", "customerid", "externalid"),
    "email": ("email", "emailaddress", "contactemail", "customeremail", "subscriberemail"),
    "phone": (
        *(each.replace("_", "") for each in PHONES if " " not in each),
        "sms",
        "smsphonenumber",
        "defaultaddressphone",
    ),
    "country": ("country", "countrycode", "defaultaddresscountrycode"),
    "day": ("date", "day", "contactedat", "sentat", "orderdate", "boughtat", "createdat", "paidat"),
    "segment": ("segment",),
    "code": ("code", "couponcode", "coupon", "discountcode"),
}
"""Headers that each column is known by, without blanks, hyphens and underscores and in lowercase."""
MAPPED = {"customer": "user_id", "time": "day"}
"""Columns of a mapping that lists call otherwise."""
NAMED = ["user_id", "email", "phone", "country"]
"""Columns that say whom campaigns contacted."""
DAY = r"^\d{4}-\d{2}-\d{2}"
BORN = re.compile("birth|geburt|naiss|nac[ei]|nasc", re.IGNORECASE)
VEILED = r"(?i)^\s*(\*?@.+|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\s*$"
OFFSET = r" ?(UTC|Z|[+-]\d{2}:?\d{2})$"


@dataclass(frozen=True, eq=False)
class PeopleList:
    """People by identifier; a customer is on it who is named by any.

    Args:
        name: Base name of the file, for messages.
        user_id: Identifiers, byte for byte; null where a row has none.
        email: What tells their mailboxes apart, trimmed and in lowercase; null where a row has none.
        phone: Numbers in E.164; null where a row has none.
        day: Local day of each row, NaT where it has none; None where the file has no such column.
        said: What the columns that speak of consent say of each row, by header.
        dated: Headers of other columns that hold days.
        headers: Rows that are the header again, as where files were joined by hand; they name nobody.
        read: What reading the file gave to know.
    """

    name: str
    user_id: pa.Array
    email: pa.Array
    phone: pa.Array
    day: Days | None = None
    said: Mapping[str, Answers] = field(default_factory=dict)
    dated: tuple[str, ...] = ()
    headers: int = 0
    read: tuple[str, ...] = ()

    @property
    def bare_ids(self) -> pa.Array:
        """The identifiers without the mark that keeps spreadsheets from taking them for numbers."""
        return pc.utf8_ltrim(self.user_id, "'")

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the list."""
        again = f"{self.name}: rows that are the header again were left out: {self.headers:,}"
        return (*self.read, again) if self.headers else self.read

    def without_day(self) -> ContractError:
        """Return the error of a list of contacts or purchases that may say when they were in another column."""
        names = ", ".join(f"'{header}'" for header in self.dated)
        days = f", but days in {names}" if names else ""
        return ContractError(
            f"the list has no column date{days}, so nothing says how long ago a contact or purchase was",
            where=self.name,
            hint="Name the column date, or say in a column mapping of the format orders which one is the time",
            remedies=(Remedy(Setting.MAPPING),),
        )

    def where(self, rows: npt.NDArray[np.bool_]) -> "PeopleList":
        """Return the list with some of its rows."""
        keep = pa.array(rows)
        day = None if self.day is None else self.day[rows]
        answers = {header: answer[rows] for header, answer in self.said.items()}
        user_id, email, phone = (each.filter(keep) for each in (self.user_id, self.email, self.phone))
        return PeopleList(self.name, user_id, email, phone, day, answers)

    def agreed(self) -> "PeopleList":
        """Return those who agreed: some column says so and none says no, or no column speaks of consent.

        Raises:
            SourceError: A word about consent is not known.
        """
        if not self.said:
            return self
        for header, answer in self.said.items():
            if (answer == UNKNOWN).any():
                what = f"the column '{header}' looks like consent, and its word is not known"
                _fail(self.name, answer == UNKNOWN, what)
        table = np.stack(list(self.said.values()))
        # A list of those who agreed whose columns speak of refusals alone means those who did not refuse.
        tells_consent = any(meaning_of(header) not in REFUSALS for header in self.said)
        return self.where(~(table == NO).any(axis=0) & ((table == YES).any(axis=0) | (not tells_consent)))

    def refused(self) -> "PeopleList":
        """Return those who must not be contacted: everybody on the list.

        Raises:
            ContractError: The list plainly says of some that they agreed, and nothing else of them.
        """
        for header, answer in self.said.items():
            # Who agreed once and refused later is rightly here.
            agreed = (answer == YES) & ~np.any([each == NO for each in self.said.values()], axis=0)
            if agreed.any():
                raise ContractError(
                    f"the list is of people who must not be contacted, and its column '{header}' says of "
                    f"{int(agreed.sum()):,} of {len(answer):,} that they agreed",
                    where=self.name,
                    hint="Delete the column if nobody here may be contacted; else delete the rows of those who may",
                )
        return self


def contacts_of(sends: Sequence[tuple[Run, date]], region: str = "") -> PeopleList:
    """Return whom campaigns contacted: customers who were chosen and not held out, with the day of the send."""
    parts = [pd.DataFrame(columns=[*NAMED, "day"])]
    for part, day in ((part, day) for run, day in sends for part in run.in_parts(waves=False)):
        customers = part.segmentation.customers
        spared = said(customers, Unreached.NOT_CHOSEN, True)
        sent = customers[~spared if part.arms is None else ~spared & (part.arms.codes > 0)]
        parts.append(sent.reindex(columns=NAMED).assign(day=np.datetime64(day, "D")))
    people = pd.concat([each.astype(object) for each in parts], ignore_index=True)
    return PeopleList(
        "the saved periods",
        text_column(people, "user_id"),
        mailboxes(emails(text_column(people, "email"))),
        phones_of(people, region),
        people["day"].to_numpy(dtype="datetime64[D]"),
    )


def read_people(path: Path, reading: ReadOptions = PLAIN) -> PeopleList:
    """Return the people of a file with a header, of any kind that is read.

    Args:
        path: The file. Columns read: `user_id`, `email`, `phone`, `country`, a day (`date`), and those that speak
            of consent; see `HEADERS` for other names.
        reading: How to read it; moments become days of its time zone, and its mappings go before the usual names.

    Raises:
        SourceError: The file cannot be read, or a row holds no identifier or a day that is none.
        ContractError: It has no column of identifiers.
    """
    table, headers, notices = _table(path, reading)
    table = _renamed(table, reading.mappings)
    columns = _columns(table, path.name)
    if not {"user_id", "email", "phone"} & columns.keys():
        raise ContractError(
            "the list has no column user_id, email or phone",
            where=path.name,
            hint="Name one of its columns so in the first line, or say in a mapping of the format people which it is",
            remedies=(Remedy(Setting.MAPPING),),
        )
    nothing = pa.nulls(table.num_rows, TEXT)
    numbers = pd.DataFrame({name: columns.get(name, nothing).to_pandas() for name in ("phone", "country")})
    ids = columns.get("user_id", nothing)
    rounded = pc.is_in(ids, rounded_ids(ids.drop_null()))
    people = PeopleList(
        path.name,
        user_id=pc.if_else(rounded, None, ids),
        email=_addresses(columns.get("email", nothing), path.name),
        phone=phones_of(numbers, reading.country),
        day=_days(columns["day"], path.name, reading.timezone) if "day" in columns else None,
        said={header: said for header, texts in _texts(table) if (said := stated(header, texts)) is not None},
        dated=tuple(header for header, texts in _texts(table) if _holds_days(header, texts)),
        headers=headers,
        read=notices,
    )
    known = pc.coalesce(people.user_id, people.email, people.phone).is_valid().to_numpy(zero_copy_only=False)
    if not pc.all(pc.or_(pa.array(known), pc.invert(rounded)), min_count=0).as_py():
        what = "a spreadsheet rounded the identifier, so nobody can tell whose it is, and the row has nothing else"
        _fail(path.name, ~known & rounded.to_numpy(zero_copy_only=False), what)
    numbered = ~known & numbers["phone"].notna().to_numpy()
    if numbered.any():
        what = "the row has only a phone number, which is not valid or lacks its country"
        _fail(path.name, numbered, what, Remedy(Setting.COUNTRY))
    if not known.all():
        _fail(path.name, ~known, "the row has no user_id, e-mail address or phone number")
    return people


def read_columns(path: Path, reading: ReadOptions) -> dict[str, pa.Array]:
    """Return the columns of a file that are known by their headers, as text; blank cells are null.

    Raises:
        SourceError: The file is no table, or a row has too few or too many cells.
    """
    return _columns(_table(path, reading)[0], path.name)


def _table(path: Path, reading: ReadOptions) -> tuple[pa.Table, int, tuple[str, ...]]:
    """Return the rows of a list, how many others are its header again, and what a person should know."""
    mapped = (match.columns["customer"] for match in reading.mappings if "customer" in match.columns)
    # Where a workbook or Parquet has them as numbers, a digit that was lost would leave out nobody.
    table, notices = read_whole(path, reading, ids=(*HEADERS["user_id"], *HEADERS["phone"], *HEADERS["code"], *mapped))
    pairs = zip(table.itercolumns(), table.column_names, strict=True)
    same = [pc.equal(pc.utf8_trim_whitespace(cells), name.strip()) for cells, name in pairs]
    named = table.filter(pc.invert(reduce(pc.and_, same)))
    return named, table.num_rows - named.num_rows, notices


def _renamed(table: pa.Table, mappings: Sequence[ColumnMapping]) -> pa.Table:
    """Return a list with the names that lists use for what a mapping says; such columns come first, so they count."""
    match = fitting(mappings, table.column_names)
    if match is None:
        return table
    own = {*MAPPED, *NAMED, "email_consent"}
    names = {header.strip().casefold(): MAPPED.get(name, name) for name, header in match.columns.items() if name in own}
    folded = [header.strip().casefold() for header in table.column_names]
    renamed = [names.get(each, header) for each, header in zip(folded, table.column_names, strict=True)]
    order = sorted(range(len(folded)), key=lambda place: folded[place] not in names)
    return table.rename_columns(renamed).select(order)


def _columns(table: pa.Table, where: str) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    for header, texts in _texts(table):
        name = _column(header)
        if name:
            # Of several columns that say the same the first counts, and the others where it is blank.
            columns[name] = pc.coalesce(columns[name], texts) if name in columns else texts
    if "email" not in columns and (addresses := _with_addresses(table, where)) is not None:
        columns["email"] = addresses
    return columns


def _with_addresses(table: pa.Table, where: str) -> pa.Array | None:
    """Return the column that holds addresses under a name that is not known."""
    if any(emails(pa.array(table.column_names, TEXT)).is_valid().to_pylist()):
        hint = "Add a first line that names the columns, such as email"
        raise ContractError("the first line holds an address and no names of columns", where=where, hint=hint)
    with_addresses = {
        header: texts for header, texts in _texts(table) if not _column(header) and _holds_addresses(texts)
    }
    if len(with_addresses) > 1:
        names = ", ".join(f"'{header}'" for header in with_addresses)
        hint = "Rename the one that names the people to email"
        raise ContractError(f"several columns hold addresses, {names}, none called email", where=where, hint=hint)
    return next(iter(with_addresses.values()), None)


def _holds_addresses(texts: pa.Array) -> bool:
    known = texts.drop_null()
    return len(known) > 0 and emails(known).null_count * 10 <= len(known)


def _texts(table: pa.Table) -> Iterator[tuple[str, pa.Array]]:
    """Yield headers and cells; blank ones are null."""
    for place, header in enumerate(table.column_names):
        cells = table.column(place).combine_chunks()
        yield header, pc.if_else(pc.equal(pc.utf8_trim_whitespace(cells), ""), None, cells)


def _column(header: str) -> str:
    """Return the column that a header stands for, or nothing."""
    plain = re.sub(r"[\s_-]", "", header).lower()
    return next((name for name, known in HEADERS.items() if plain in known), "")


def _addresses(texts: pa.Array, name: str) -> pa.Array:
    veiled = pc.match_substring_regex(texts, VEILED).fill_null(False)
    if pc.any(veiled).as_py():
        what = "the address is hashed or means a whole domain, so no customer can be found by it"
        _fail(name, veiled.to_numpy(zero_copy_only=False), what)
    return mailboxes(emails(texts))


def _days(texts: pa.Array, name: str, timezone: str) -> Days:
    """Return local days of dates and moments; a moment without an offset is local already."""
    trimmed = pc.utf8_trim_whitespace(texts)
    local = pc.match_substring_regex(trimmed, OFFSET).fill_null(False).to_numpy(zero_copy_only=False)
    dated = pc.match_substring_regex(trimmed, DAY).fill_null(True).to_numpy(zero_copy_only=False)
    if not dated.all():
        _fail(name, ~dated, "the row has a day that is not written as YYYY-MM-DD")
    days = _parsed(pc.utf8_slice_codeunits(trimmed, 0, 10), "%Y-%m-%d").to_numpy(copy=True)
    if local.any():
        moments = pc.replace_substring_regex(trimmed, OFFSET, r"\1")
        moments = pc.replace_substring(moments, "UTC", "Z")
        shop = _parsed(moments.filter(pa.array(local)), "ISO8601").dt.tz_convert(timezone)
        days[local] = shop.dt.tz_localize(None).to_numpy()
    broken = np.isnat(days) & trimmed.is_valid().to_numpy(zero_copy_only=False)
    if broken.any():
        _fail(name, broken, "the row has a day that does not exist")
    return days.astype("datetime64[D]")


def _holds_days(header: str, texts: pa.Array) -> bool:
    """Return whether a column that is not read may be the day of a contact or a purchase."""
    known = texts.drop_null()
    return (
        bool(len(known))
        and not _column(header)
        and not BORN.search(header)
        and pc.all(pc.match_substring_regex(known, DAY)).as_py()
    )


def _parsed(texts: pa.Array, form: str) -> "pd.Series[pd.Timestamp]":
    series = pd.Series(texts.to_pandas(), dtype="str")
    return (
        pd.to_datetime(series, format=form, errors="coerce", utc=True)
        .dt.as_unit("us")
        .pipe(lambda times: times if form == "ISO8601" else times.dt.tz_localize(None))
    )


def _fail(name: str, rows: npt.NDArray[np.bool_], what: str, *remedies: Remedy) -> NoReturn:
    place = f"{name}, row {int(np.argmax(rows)) + 1} after the header"
    raise SourceError(
        what,
        where=place,
        hint=f"Correct it; {counted(int(rows.sum()), 'row', 'has', 'have')} this fault",
        remedies=remedies,
    )
