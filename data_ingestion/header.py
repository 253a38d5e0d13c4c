"""Headers: which columns of a file are the contract's.

A header matches when it equals the contract's name after trimming blanks and folding case.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from retention.contracts import CONTRACT, Column
from retention.errors import ContractError

_BY_NAME = {column.name.casefold(): column for column in CONTRACT}
_REQUIRED = tuple(column.name for column in CONTRACT if column.required)


@dataclass(frozen=True)
class Header:
    """The columns of one file.

    Args:
        names: Headers as they stand in the file.
        found: Contract columns by their place in the file, in file order.
    """

    names: tuple[str, ...]
    found: tuple[tuple[int, Column], ...]

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that the contract does not know, with their place where they are blank."""
        used = {place for place, _ in self.found}
        named = enumerate(self.names)
        return tuple(name.strip() or f"column {place + 1}" for place, name in named if place not in used)


def match_header(names: Sequence[str], where: str) -> Header:
    """Return the contract columns of a header.

    Raises:
        ContractError: A required column is missing, or a contract column stands there twice.
    """
    columns = [_BY_NAME.get(name.strip().casefold()) for name in names]
    found = tuple((place, column) for place, column in enumerate(columns) if column is not None)
    counts = Counter(column.name for _, column in found)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ContractError(
            f"the header has {_quoted(twice)} more than once", where=where, hint="Keep one column of each name"
        )
    missing = [name for name in _REQUIRED if name not in counts]
    if missing:
        raise ContractError(
            f"required columns are missing: {_quoted(missing)}",
            where=where,
            hint=_nearest(missing, [name.strip() for name in names if name.strip()], counts),
        )
    return Header(tuple(names), found)


def contract_columns(names: Sequence[str]) -> int:
    """Return how many of the names are contract columns; tells delimiters apart."""
    return sum(name.strip().casefold() in _BY_NAME for name in names)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _nearest(missing: Sequence[str], names: Sequence[str], taken: Counter[str]) -> str:
    """Return a hint that names the nearest header of the file for each missing column."""
    free = {name.casefold(): name for name in names if name.casefold() not in taken}
    near = {name: get_close_matches(name, list(free), n=1, cutoff=0.5) for name in missing}
    hints = [f"rename '{free[match[0]]}' to '{name}'" for name, match in near.items() if match]
    if hints:
        text = "; ".join(hints)
        return f"Did you mean to {text}?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"The file has: {shown}"
