"""Errors of the application, one hierarchy.

    RetentionError
    |-- InputError            what a person brought cannot be used; the shells exit with 2
    |   |-- SourceError       a file or a source cannot be read as a table
    |   |-- ContractError     a table lacks what the analysis needs
    |   |-- PolicyError       a policy is not a total function, or is not written as one
    |   |-- PeriodError       a window, a date or a time zone makes no sense
    |   |-- OptionError       an option has a value that it cannot have
    |   `-- WorkspaceError    a saved period or the workspace cannot be read or written
    `-- InvariantError        an identity that must always hold does not: our fault, exit 1

A message says what is wrong, where, and what to do. It never holds a customer's values.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RetentionError(Exception):
    """Base of every error that the application raises on purpose."""


class InputError(RetentionError):
    """Something a person brought cannot be used.

    Args:
        what: The problem, one sentence without a full stop.
        where: File, line, column or option the problem is at.
        hint: What to do about it.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head}. {hint}" if hint else f"{head}.")


class SourceError(InputError):
    """A file or another source cannot be read as a table."""


class ContractError(InputError):
    """A table lacks what the analysis needs."""


class PolicyError(InputError):
    """A policy cannot be read, or would leave a customer without a leaf."""


class PeriodError(InputError):
    """A window, a date or a time zone makes no sense."""


class OptionError(InputError):
    """An option has a value that it cannot have."""


class WorkspaceError(InputError):
    """A saved period, or the workspace that holds them, cannot be read or written."""


class InvariantError(RetentionError):
    """An identity that production code asserts does not hold."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the nearest known name, or all of them when none is near.

    >>> did_you_mean("avg_order_valu", ["avg_order_value", "region"])
    "Did you mean 'avg_order_value'?"
    >>> did_you_mean("zzz", ["b", "a"])
    'Known: a, b'
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(names)}"


def ensure(holds: bool, identity: str) -> None:
    """Raise `InvariantError` naming the identity unless it holds; never stripped by ``-O``."""
    if not holds:
        raise InvariantError(f"broken identity: {identity}")
