"""What a platform's file holds: its columns, what it knows people by, how large it may be."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from audience_export.hashing import sha256_hex
from audience_export.people import People
from outputs.cells import TEXT

MEGABYTE = 1_000_000
OPTIONAL = frozenset({"arm", "coupon", "wave"})
"""Columns of people that a file only has where there is something to tell."""
Make = Callable[[People], pa.Array]


@dataclass(frozen=True)
class Platform:
    """A platform.

    Args:
        fields: Headers to the letter, in order -> column of `People`, or what makes the cells; null is an empty cell.
        keys: What it knows people by: columns of `People` -> headers. Of customers with the same, one is in the files.
        lesser: What it knows people by as well, but that several may share, such as a phone at home: one of them
            keeps it, the others go without.
        needs: Columns of `People` of which a customer must have one.
        limit: Bytes that a file may have; None for no limit.
        for_people: Whether the file is opened in spreadsheets, where text must not run.
        coupons: Whether the file can hold coupon codes.
        leading: Whether its first column has to say who somebody is.
        note: What the person who uploads the file should know.
    """

    name: str
    title: str
    fields: Mapping[str, str | Make]
    keys: dict[str, str]
    needs: tuple[str, ...]
    lesser: dict[str, str] = field(default_factory=dict)
    limit: int | None = None
    layout: Literal["csv", "json"] = "csv"
    for_people: bool = False
    coupons: bool = True
    leading: bool = False
    note: str = ""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Headers of all that it knows people by."""
        return (*self.keys.values(), *self.lesser.values())

    def headers(self, named: Set[str], known: Set[str]) -> list[str]:
        """Return the columns of a file; `named` are the optional ones for which there is something to tell.

        Args:
            named: Names of `OPTIONAL`.
            known: Headers of the identifiers that somebody in the file has.
        """
        used = [header for header, each in self.fields.items() if each not in OPTIONAL - named]
        # A file of numbers alone begins with the number.
        first = [header for header in self.identifiers if self.leading and header in known]
        return list(dict.fromkeys([*first, *used]))

    def cells(self, people: People, headers: Sequence[str]) -> dict[str, pa.Array]:
        """Return some columns of its file."""
        columns = {header: self.fields[header] for header in headers}
        return {
            header: (getattr(people, each) if isinstance(each, str) else each(people)).cast(TEXT)
            for header, each in columns.items()
        }


def hashed(name: str, form: Callable[[pa.Array], pa.Array] | None = None) -> Make:
    """Return what gives the SHA-256 of a column of `People`, brought into a form first."""

    def make(people: People) -> pa.Array:
        column = getattr(people, name)
        return sha256_hex(form(column) if form else column)

    return make


def empty(people: People) -> pa.Array:
    """Return empty cells, for a column of the template that the data has nothing for."""
    return pa.nulls(len(people), TEXT)
