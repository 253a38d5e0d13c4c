"""Errors of the application, one hierarchy.

    RetentionError
    |-- InputError            what a person brought cannot be used; the shells exit with 2
    |   |-- UnsureLayoutError a file's columns may be read, once a person says what they hold
    |   |-- SourceError       a file or a source cannot be read as a table
    |   |-- ContractError     a table lacks what the analysis needs
    |   |-- PolicyError       a policy is not a total function, or is not written as one
    |   |-- RulesError        rules of somebody else cannot be read, or not be written as a policy
    |   |-- PeriodError       a window, a date or a time zone makes no sense
    |   |-- OptionError       an option has a value that it cannot have
    |   |-- CancelledError    somebody ended the work, which is no fault
    |   `-- WorkspaceError    a saved period or the workspace cannot be read or written
    |       `-- ErasedError   a customer of the period was erased since it was opened
    `-- InvariantError        an identity that must always hold does not: our fault, exit 1

A message says what is wrong, where, and what to do. It never holds a customer's values. Which setting helps is a
value: each shell has its own name for it, an option or a widget.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Setting(StrEnum):
    """What a person can set, in plain words; each shell has one table of its own names for them."""

    ALLOCATION = "expected shares of the arms"
    ARMS = "arms and their shares"
    ASSUMED_CONSENT = "assumption that everybody agreed"
    BASELINE = "conversion rate without treatment"
    BUDGET = "budget"
    CAP = "quantile to cap money at"
    CONSENT = "list of those who agreed"
    CONTACT_COST = "cost of a contact"
    CONTROL = "control arm"
    COUNTRY = "country of phone numbers"
    COUPONS = "coupon codes"
    CURRENCY = "currency"
    CUSTOMER_COLUMN = "column of customers"
    CUTOFF = "cutoff"
    DATABASE = "database URL"
    DATE_ORDER = "order of day and month"
    DECIMAL = "decimal sign"
    DIALECT = "dialect of SQL"
    DISCOUNT = "discount"
    ENCODING = "encoding of text"
    ENGINE = "engine"
    EXPERIMENT = "name of the experiment"
    GUARDRAIL = "guardrail"
    HASH_FUNCTION = "function that hashes a text"
    HOLDOUT = "share that is held out"
    LIFT = "lift to find"
    LIMITS = "limits"
    MAPPING = "column mapping"
    MARGIN = "contribution margin"
    MEMORY_LIMIT = "limit of memory"
    MOST_BYTES = "most decoded bytes"
    MOST_COLUMNS = "most columns"
    MOST_RATIO = "most times that a file unpacks to its size"
    MOST_ROWS = "most rows"
    ON_CONFLICT = "rule for contradicting rows"
    OUTCOME_COLUMN = "column of outcomes"
    OUTPUT = "output folder"
    OVERWRITE = "leave to replace other files"
    PLATFORM = "platform"
    POLICY = "policy"
    POWER = "wanted power"
    QUERY = "query"
    SEED = "seed"
    SENDS = "number of sends"
    SENT = "day of the send"
    SIZE = "number of customers"
    TABLE = "table of customers"
    TIME_LIMIT = "limit of time"
    TIMEZONE = "time zone"
    WEEKLY = "new customers a week"
    WINDOW = "window"
    WITHIN = "days since the last contact"
    WORKSPACE = "folder of the workspace"


@dataclass(frozen=True)
class Remedy:
    """A setting that would help, and the values that it could have; with none, any that is right.

    Args:
        values: To what, as the command line writes it.
        along_with: What has to be set with it; alone it does not help.
    """

    setting: Setting
    values: tuple[str, ...] = ()
    along_with: tuple[Setting, ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Everything that has to be set, all of it together."""
        return (self.setting, *self.along_with)


class RetentionError(Exception):
    """Base of every error that the application raises on purpose."""


class InputError(RetentionError):
    """Something a person brought cannot be used.

    Args:
        what: The problem, one sentence without a full stop.
        where: File, line, column or setting the problem is at.
        remedies: What would help; any one of them does.
    """

    def __init__(
        self, what: str, *, where: str | Setting = "", hint: str = "", remedies: tuple[Remedy, ...] = ()
    ) -> None:
        self.what, self.where, self.hint, self.remedies = what, where, hint, remedies
        super().__init__(self.named(str, _advice(remedies)))

    def __reduce__(self) -> tuple[Callable[..., "InputError"], tuple[object, ...]]:
        """Return how it is made again in another process, where the work was asked for."""
        return _again, (type(self), self.args, self.__dict__)

    def named(self, name_of: Callable[[Setting], str], *advice: str) -> str:
        """Return the whole message in the words of a shell: its names of settings, and its advice."""
        where = name_of(self.where) if isinstance(self.where, Setting) else self.where
        head = f"{where}: {self.what}" if where else self.what
        hints = [part for part in (self.hint, *advice) if part]
        ends = [part if part.endswith(("?", ".")) else f"{part}." for part in (head, *hints[:-1])]
        return " ".join((*ends, *hints[-1:]))


def _again(kind: type[InputError], args: tuple[object, ...], state: dict[str, object]) -> InputError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _advice(remedies: tuple[Remedy, ...]) -> str:
    """Return which settings help, in plain words."""
    parts = [
        " and ".join(f"the {setting}" for setting in each.settings)
        + (f" ({' or '.join(each.values)})" if each.values else "")
        for each in remedies
    ]
    return f"Set {' or '.join(parts)}" if parts else ""


class UnsureLayoutError(InputError):
    """A file may be read, once a person says what its columns hold."""

    def __init__(self, what: str, *, name: str) -> None:
        self.name = name
        super().__init__(what, where=name, remedies=(Remedy(Setting.MAPPING),))


class SourceError(InputError):
    """A file or another source cannot be read as a table."""


class ContractError(InputError):
    """A table lacks what the analysis needs."""


class PolicyError(InputError):
    """A policy cannot be read, or would leave a customer without a leaf."""


class RulesError(InputError):
    """Rules of somebody else cannot be read, or cannot be written as a policy."""


class PeriodError(InputError):
    """A window, a date or a time zone makes no sense."""


class OptionError(InputError):
    """An option has a value that it cannot have."""


class CancelledError(InputError):
    """Somebody ended the work."""


class WorkspaceError(InputError):
    """A saved period, or the workspace that holds them, cannot be read or written."""


class ErasedError(WorkspaceError):
    """A customer of a saved period was erased since it was opened, so that places of customers in it have shifted."""


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
