"""What a platform's file holds: its columns, what it knows people by, how large it may be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.hashing import sha256_hex
from audience_export.people import People

TEXT = pa.large_string()
MEGABYTE = 1_000_000
Make = Callable[[People], pa.Array]
Optional = Literal["", "arm", "coupon", "wave"]


@dataclass(frozen=True)
class PlatformField:
    """A column of a platform's file.

    Args:
        header: Its name, to the letter.
        make: People -> its cells as text; null is an empty cell.
        optional: What an export must have for the column to be there; empty for a column that always is.
    """

    header: str
    make: Make
    optional: Optional = ""


@dataclass(frozen=True)
class Platform:
    """A platform.

    Args:
        name: What options call it.
        title: What people call it.
        fields: Columns in order.
        keys: What it knows people by: columns of `People` -> headers. Of customers with the same, one is in the files.
        lesser: What it knows people by as well, but that several may share, such as a phone at home: one of them
            keeps it, the others go without.
        needs: Columns of `People` of which a customer must have one.
        limit: Bytes that a file may have; None for no limit.
        layout: How a file is written.
        for_people: Whether the file is opened in spreadsheets, where text must not run.
        note: What the person who uploads the file should know.
    """

    name: str
    title: str
    fields: tuple[PlatformField, ...]
    keys: dict[str, str]
    needs: tuple[str, ...]
    lesser: dict[str, str] = field(default_factory=dict)
    limit: int | None = None
    layout: Literal["csv", "json"] = "csv"
    for_people: bool = False
    note: str = ""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Headers of all that it knows people by."""
        return (*self.keys.values(), *self.lesser.values())

    @property
    def coupons(self) -> bool:
        """Whether the file can hold coupon codes."""
        return any(each.optional == "coupon" for each in self.fields)


def plain(name: str) -> Make:
    """Return what gives a column of `People` as it is."""

    def make(people: People) -> pa.Array:
        column: pa.Array = getattr(people, name)
        return column

    return make


def hashed(name: str, form: Callable[[pa.Array], pa.Array] | None = None) -> Make:
    """Return what gives the SHA-256 of a column of `People`, brought into a form first."""

    def make(people: People) -> pa.Array:
        column = getattr(people, name)
        return sha256_hex(form(column) if form else column)

    return make


def empty(people: People) -> pa.Array:
    """Return empty cells, for a column of the template that the data has nothing for."""
    return pa.nulls(len(people), TEXT)


def letters(texts: pa.Array) -> pa.Array:
    """Return text in lowercase without blanks inside.

    >>> letters(pa.array(["WC2H 8LG"], TEXT)).to_pylist()
    ['wc2h8lg']
    """
    return pc.utf8_lower(pc.replace_substring_regex(texts, r"[\s\p{Z}]", ""))
