"""Headers: what a file is taken for, judged by its columns, and which column holds what.

A header matches when it equals a known spelling after trimming blanks and folding case.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from data_ingestion.formats import CUSTOMERS, FORMATS, Field, Format
from data_ingestion.formats.record_columns import SCHEMA
from retention.customers.contracts import Column
from retention.errors import ContractError

_DATA = re.compile(r"@|^[\W_]*\d[\d\W_]*$")
"""An e-mail address, a number or a date: no name of a column."""
_LONGEST_NAME = 80
_TELLING = 4
"""Required columns of a layout from which all but one still tell what a file is."""


@dataclass(frozen=True)
class Header:
    """The columns of one file.

    Args:
        names: Headers as they stand in the file.
        found: Columns that are read by their place in the file, in file order.
        format: What the file is taken for.
    """

    names: tuple[str, ...]
    found: tuple[tuple[int, Column], ...]
    format: Format = CUSTOMERS

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that are not read, with their place where they are blank."""
        used = {place for place, _ in self.found}
        named = enumerate(self.names)
        return tuple(name.strip() or f"column {place + 1}" for place, name in named if place not in used)


EVERYTHING = Format(name="everything", title="any table", fields=(), normalise=None, kind="row")
"""Asks for every column as text, named by its place: for a look at a file whose layout is not known."""


def everything_under(headers: Sequence[str]) -> Format:
    """Return the format that asks for every column of a file whose headers are known, and is read as it was."""
    return replace(EVERYTHING, fields=tuple(Field(str(place), (name.strip(),)) for place, name in enumerate(headers)))


class UnknownLayout(ContractError):  # noqa: N818 - also what a person is told when nobody can guess
    """A file's columns are those of no known format."""


def looks_like_data(name: str) -> bool:
    """Return whether a header is rather a cell, as in a file without a header: it may be a customer's.

    >>> looks_like_data("ann@example.com"), looks_like_data("2025-09-01"), looks_like_data("order_date")
    (True, True, False)
    """
    return _DATA.search(name) is not None or len(name) > _LONGEST_NAME


def recognise(names: Sequence[str], where: str, as_format: Format | None = None) -> Header:
    """Return what a header's file is: the format asked for, else the one whose columns it has.

    Raises:
        UnknownLayout: The columns are those of no known format; says what a customer table lacks.
        ContractError: A required column is missing, or a column that is read stands there twice.
    """
    if as_format is not None and as_format.name == EVERYTHING.name:
        return Header(
            tuple(names), tuple((place, Column(str(place), "text", "")) for place in range(len(names))), as_format
        )
    chosen = as_format or best_format(names)
    if chosen is not None:
        return _header(names, where, chosen)
    try:
        return _header(names, where, CUSTOMERS)
    except ContractError as error:
        closest = _one_short(names, where) or error
        raise UnknownLayout(closest.what, where=closest.where, hint=closest.hint) from error


def best_format(names: Sequence[str]) -> Format | None:
    """Return the format all of whose required columns are there; of several, the one that reads most columns."""
    folded = set(map(_folded, names))
    fitting = [each for each in FORMATS if all(_spelling(one, folded) for one in each.required)]
    return max(fitting, key=lambda each: (len(each.required), _known(each, folded)), default=None)


def known_columns(names: Sequence[str], as_format: Format | None = None) -> int:
    """Return how many of the names the format asked for reads, else the best fitting one; tells delimiters apart."""
    folded = set(map(_folded, names))
    return max(_known(each, folded) for each in (FORMATS if as_format is None else (as_format,)))


def _folded(name: str) -> str:
    return name.strip().casefold()


def _spelling(field: Field, folded: set[str]) -> str | None:
    """Return the first spelling of a field that is there."""
    return next((spelling for spelling in field.headers if spelling.casefold() in folded), None)


def _one_short(names: Sequence[str], where: str) -> ContractError | None:
    """Return what a header lacks that has all required columns of a known layout but one, if it is such a header."""
    folded = set(map(_folded, names))
    for each in FORMATS:
        missing = [field.headers[0] for field in each.required if _spelling(field, folded) is None]
        if len(missing) == 1 and len(each.required) >= _TELLING:
            return ContractError(
                f"required columns are missing: {_quoted(missing)}. The others are those of the layout {each.title}",
                where=where,
                hint="Export the file with this column, or rename the column that holds it",
            )
    return None


def _known(each: Format, folded: set[str]) -> int:
    return sum(_spelling(field, folded) is not None for field in each.fields)


def _header(names: Sequence[str], where: str, chosen: Format) -> Header:
    if chosen.refused:
        raise ContractError(f"the file is a list of {chosen.title}", where=where, hint=chosen.refused)
    folded = [_folded(name) for name in names]
    counts = Counter(folded)
    spellings = {field.column: _spelling(field, set(folded)) for field in chosen.fields}
    twice = [spelling for spelling in spellings.values() if spelling and counts[spelling.casefold()] > 1]
    if twice:
        raise ContractError(
            f"the header has {_quoted(twice)} more than once", where=where, hint="Keep one column of each name"
        )
    missing = [field.headers[0] for field in chosen.required if spellings[field.column] is None]
    if not missing:
        _check_needed(chosen, spellings, where)
    else:
        taken = {spelling.casefold() for spelling in spellings.values() if spelling}
        raise ContractError(
            f"required columns are missing: {_quoted(missing)}",
            where=where,
            hint=_nearest(missing, [name.strip() for name in names if name.strip()], taken),
        )
    places = {folded.index(spelling.casefold()): name for name, spelling in spellings.items() if spelling}
    return Header(tuple(names), tuple((place, SCHEMA[places[place]]) for place in sorted(places)), chosen)


def _check_needed(chosen: Format, spellings: Mapping[str, str | None], where: str) -> None:
    """Check that a recognised file has the columns without which it says too little."""
    for field in chosen.fields:
        if field.needed and spellings[field.column] is None:
            raise ContractError(
                f"the file was read as {chosen.title}, but has no column '{field.headers[0]}'",
                where=where,
                hint=field.needed,
            )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _nearest(missing: Sequence[str], names: Sequence[str], taken: set[str]) -> str:
    """Return a hint that names the nearest header of the file for each missing column."""
    free = {name.casefold(): name for name in names if name.casefold() not in taken}
    near = {name: get_close_matches(name, list(free), n=1, cutoff=0.55) for name in missing}
    hints = [f"rename '{free[match[0]]}' to '{name}'" for name, match in near.items() if match]
    if hints:
        text = "; ".join(hints)
        return f"Did you mean to {text}?"
    if any(map(looks_like_data, names)):
        # What stands there may be a customer's; it is not repeated.
        return "Its first line looks like data: put a line with the names of the columns above it"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"The file has: {shown}"
