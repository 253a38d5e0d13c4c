"""Headers: what a file is taken for, judged by its columns, and which column holds what.

A header matches when it equals a known spelling after trimming blanks and folding case.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from statistics import median

from data_ingestion.formats import CUSTOMERS, FORMATS, Field, Format
from data_ingestion.formats.generic import CUSTOMER_NAMES, EMAIL_NAMES, ORDER_NAMES
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.formats.words import squeezed
from retention.customers.contracts import Column
from retention.errors import ContractError

_DATA = re.compile(r"@|^[\W_]*\d[\d\W_]*$")
"""An e-mail address, a number or a date: no name of a column."""
_ZONED = re.compile(
    r"(time|zeit|tijd)[ _-]?zone|fuseau|zona horaria|\b(utc|gmt)\b|(America|Europe|Asia|Africa)/\w", re.IGNORECASE
)
_LONGEST_NAME = 80
_UNSEEN = "\u200b\u200e\u200f\u2060\ufeff"
"""What programs leave around names without anybody seeing it, such as a second byte order mark."""
_CELL = re.compile(r"\S+@\S+\.\S+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T,].*)?|[\W_]*(\d[\W_]*){5,}")
_COMMENT = re.compile(r"#+(\s+\S|[-=*#])")
_MOSTLY = 0.75
_MISSPELT, _ALIKE = 0.85, 0.55
"""How alike a header and a column must be for one to be meant by the other."""
_PERSON = re.compile(
    r"customer|user|client|buyer|shopper|member|visitor|guest|contact|subscriber|person|device.?id"
    r"|mail|phone|mobile|kunde|klant|correo|telefon",
    re.IGNORECASE,
)
_ORDERS = frozenset(map(squeezed, ORDER_NAMES))
_IDS = frozenset(map(squeezed, CUSTOMER_NAMES))
_REPORT = re.compile(
    r"(total|active|new|returning) users|(engaged )?sessions|(views|event count|sessions)( per .*)?|event (name|value)"
    r"|(total|item|purchase|event) revenue|key events|items (viewed|purchased|checked out|added to cart)|add to carts"
    r"|checkouts|(ecommerce )?purchases|transactions|(engagement|bounce|session key event) rate|(average )?(user )?"
    r"engagement( time.*)?|(session|first user) .*|page (path|title) and .*|landing page.*|nth day",
    re.IGNORECASE,
)
"""Columns of Google Analytics' own reports."""
_REPORT_COLUMNS = 2
LOOKED_AT = 50
"""Rows at the top of a table among which its header is looked for."""
_SPELLINGS = frozenset(spelling for each in FORMATS for spelling in each.columns)
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


def rather_data(cells: Sequence[str]) -> bool:
    """Return whether a row holds cells rather than names of columns, as the first one of a file without a header.

    >>> rather_data(["u1", "2025-09-01", "x"]), rather_data(["7", "u1"]), rather_data(["date", "2024", "of"])
    (True, True, False)
    """
    filled = [text for cell in cells if (text := cell.strip())]
    numbers = sum(_DATA.search(text) is not None for text in filled)
    return any(map(_CELL.fullmatch, filled)) or 2 * numbers >= max(1, len(filled))


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """Return which of the first rows of a table names its columns; titles, notes and blank rows may stand above it.

    It is the first that has a known layout's columns; else the first that is as wide and as full as most rows, and is
    neither a comment nor cells. Where no row is plainly the header, the first that is not blank counts as one.
    """
    known = next((place for place, row in enumerate(rows) if best_format(row) is not None), None)
    if known is not None:
        return known
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    # Wide rows count for more: notes above a table may be more than its rows.
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = max(widths, key=lambda each: (each * widths[each], each), default=0)
    full = _MOSTLY * median([filled[place] for place, row in enumerate(rows) if len(row) == width] or [0])
    named = [place for place, count in enumerate(filled) if count and not _COMMENT.match(rows[place][0].strip())]
    plain = (p for p in named if len(rows[p]) == width and filled[p] >= full and not rather_data(rows[p]))
    tops = (place for place, count in enumerate(filled) if count and (place in named or len(rows[place]) == width))
    first = next(tops, 0)
    place = next(plain, first)
    return first if known_columns(rows[first]) > known_columns(rows[place]) else place


def passed_over(above: Sequence[Sequence[object]], name: str) -> list[str]:
    """Return notices of what stands above a header."""
    zoned = any(_ZONED.search(str(cell)) for row in above for cell in row)
    advice = "; one mentions a time zone: if the times are in it, give it as the shop's" if zoned else ""
    return [f"{name}: rows above the header were passed over: {len(above):,}{advice}"] if above else []


def recognise(names: Sequence[str], where: str, as_format: Format | None = None) -> Header:
    """Return what a header's file is: the format asked for, else the one whose columns it has.

    Raises:
        UnknownLayout: The columns are those of no known format; says what a customer table lacks.
        ContractError: A required column is missing, or a column that is read occurs twice.
    """
    if as_format is not None and as_format.name == EVERYTHING.name:
        ids = {squeezed(each) for field in as_format.fields if field.column == "user_id" for each in field.headers}
        found = (Column(str(place), "id" if squeezed(name) in ids else "text", "") for place, name in enumerate(names))
        return Header(tuple(names), tuple(enumerate(found)), as_format)
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
    # Most rows of a file hold no name at all, which a set tells at once.
    if folded.isdisjoint(_SPELLINGS):
        return None
    fitting = [each for each in FORMATS if not _missing(each, folded)]
    return max(fitting, key=lambda each: (len(each.required), len(_present(each, folded))), default=None)


def known_columns(names: Sequence[str], as_format: Format | None = None) -> int:
    """Return how many of the names the format asked for reads, else the best fitting one; tells delimiters apart."""
    folded = set(map(_folded, names))
    formats = FORMATS if as_format is None or as_format is EVERYTHING else (as_format,)
    return max(len(_present(each, folded)) for each in formats)


def _folded(name: str) -> str:
    # No known name is so long, and comparing one of a megabyte takes minutes.
    return name[: _LONGEST_NAME + 1].strip().strip(_UNSEEN).strip().casefold()


def _spelling(field: Field, folded: set[str]) -> str | None:
    """Return the first spelling of a field that is there."""
    return next((spelling for each, spelling in field.spellings.items() if each in folded), None)


def _present(each: Format, folded: set[str]) -> set[str]:
    """Return the columns of a format that are there."""
    return {column for name in each.columns.keys() & folded for column in each.columns[name]}


def _names_ids(folded: set[str]) -> bool:
    """Return whether a column may hold ids of customers under another name."""
    return any(map(_IDS.__contains__, map(squeezed, folded)))


def _missing(each: Format, folded: set[str]) -> list[str]:
    """Return the required columns that are not there, and nothing that does as well."""
    present = _present(each, folded)
    lacking = [one for one in each.required if one.column not in present]
    # An id under another name must not be passed over in silence because an address stands beside it.
    return [one.headers[0] for one in lacking if not present.intersection(one.instead) or _names_ids(folded)]


def _one_short(names: Sequence[str], where: str) -> ContractError | None:
    """Return what a header lacks that has all required columns of a known layout but one, if it is such a header."""
    folded = set(map(_folded, names))
    for each in FORMATS:
        missing = _missing(each, folded)
        if len(missing) == 1 and len(each.required) >= _TELLING:
            return ContractError(
                f"required columns are missing: {_quoted(missing)}. The others are those of the layout {each.title}",
                where=where,
                hint="Export the file with this column, or rename the column that holds it",
            )
    return None


def _header(names: Sequence[str], where: str, chosen: Format) -> Header:
    if chosen.refused:
        raise ContractError(f"the file is a list of {chosen.title}", where=where, hint=chosen.refused)
    folded = [_folded(name) for name in names]
    counts = Counter(folded)
    present = set(folded)
    spellings = {field.column: _spelling(field, present) for field in chosen.fields}
    twice = [spelling for spelling in spellings.values() if spelling and counts[spelling.casefold()] > 1]
    if twice:
        raise ContractError(
            f"the header has {_quoted(twice)} more than once", where=where, hint="Keep one column of each name"
        )
    missing = _missing(chosen, present)
    if not missing:
        _check_needed(chosen, spellings, where)
    else:
        taken = {spelling.casefold() for spelling in spellings.values() if spelling}
        raise ContractError(
            f"required columns are missing: {_quoted(missing)}",
            where=where,
            hint=_nearest(missing, [name.strip() for name in names if name.strip()], taken, chosen),
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


def _nearest(missing: Sequence[str], names: Sequence[str], taken: set[str], chosen: Format) -> str:
    """Return a hint that names the header which is meant for each missing column, else what the file lacks."""
    if rather_data(names):
        # What stands there may be a customer's; it is not repeated.
        return "Its first line looks like data: put a line with the names of the columns above it"
    lines = (" ".join(name.split()) for name in names)
    names = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..." for name in lines]
    free = {squeezed(name): name for name in names if name.casefold() not in taken}
    # A mere likeness would make customers of sellers and of orders: what counts is misspelt, or a word for a customer.
    cutoff = _MISSPELT if chosen is CUSTOMERS else _ALIKE
    near = {name: get_close_matches(squeezed(name), list(free), n=1, cutoff=cutoff) for name in missing}
    if "user_id" in near:
        near["user_id"] += filter(free.__contains__, map(squeezed, (*CUSTOMER_NAMES, *EMAIL_NAMES)))
    hints = [f"rename '{free[match[0]]}' to '{name}'" for name, match in near.items() if match]
    if hints:
        text = "; ".join(hints)
        return f"Did you mean to {text}?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"The file has: {shown}" + (_without_customer(names) if "user_id" in near else "")


def _without_customer(names: Sequence[str]) -> str:
    """Return how to go on where no column names a customer; `""` where one may."""
    report = {name for name in names if _REPORT.fullmatch(name)}
    if any(_PERSON.search(name) for name in names if name not in report):
        return ""
    if len(report) >= _REPORT_COLUMNS:
        return (
            ". It looks like a report of Google Analytics, which counts what happened and names no users: link the "
            "property to BigQuery (Admin, Product links), and bring the events of that export"
        )
    order = next((name for name in names if squeezed(name) in _ORDERS), "")
    joined = (
        f"join it by '{order}' to the table that has the customer of each order" if order else "add one to each row"
    )
    return f". No column names a customer by an id, an e-mail address or a phone number: {joined}"
