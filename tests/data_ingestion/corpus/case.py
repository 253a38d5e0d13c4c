"""What a case of the corpus is: a file, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Accounted:
    """The file is read; the rows that are accepted equal those of the good table, but for what is said here.

    Args:
        reasons: Why rows are quarantined, by line.
        without: Identifiers of the good rows that are not accepted.
        cell: Identifier, column and value of a cell that differs.
        warning: A phrase of one of the warnings.
        unread: Why cells of accepted rows are missing, by line.
    """

    reasons: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    cell: tuple[str, str, object] | None = None
    warning: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """The file is refused with one sentence that holds a phrase and, where there is one, a place.

    Args:
        phrase: What is wrong.
        place: Line or column that is named.
    """

    phrase: str
    place: str = ""


@dataclass(frozen=True)
class Case:
    """A file and what must come of it.

    Args:
        name: What is wrong with the file.
        build: Makes its bytes.
        outcome: What must come of it.
        options: Of `ReadOptions`.
    """

    name: str
    build: Callable[[], bytes]
    outcome: Accounted | Refused
    options: Mapping[str, Any] = field(default_factory=dict)
