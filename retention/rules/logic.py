"""Conditions as values: where a rule holds, and where it does not.

Both are kept: where a missing value makes a comparison neither true nor false, one is not the rest of the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from math import inf, nextafter
from typing import Literal

from retention.customers.contracts import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from retention.errors import RulesError, did_you_mean
from retention.policy.policy import fold_category

MAX_NESTING, MAX_RULES = 100, 10_000
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
ALIASES = {"==": "=", "<>": "!="}
Logic = Literal["two", "three"]
"""Whether a comparison with a missing value is false, or neither true nor false."""


@dataclass(frozen=True)
class Clause:
    """A set of values of one column.

    Args:
        ranges: Numbers from the first of each pair up to, but not including, the second; in order, apart.
        inverted: Whether the categories are all but `values`.
    """

    feature: str
    ranges: tuple[tuple[float, float], ...] = ()
    values: frozenset[str] = frozenset()
    inverted: bool = False
    missing: bool = False

    def rest(self, *, missing: bool) -> "Clause":
        """Return the set of all other known values, and of missing ones as asked."""
        edges = [-inf, *chain.from_iterable(self.ranges), inf]
        others = tuple((low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high)
        return Clause(self.feature, others, self.values, not self.inverted, missing)

    def truth(self, logic: Logic) -> "Truth":
        """Return the comparison that is true of this set."""
        return Truth(self, self.rest(missing=logic == "two"))


@dataclass(frozen=True)
class Joined:
    """Every one of some parts, or any of them; of no parts everything, or nothing."""

    every: bool
    parts: tuple["Node", ...] = ()
    depth: int = 0


Node = Clause | Joined
NOTHING, EVERYTHING = Joined(every=False), Joined(every=True)


@dataclass(frozen=True)
class Truth:
    """Where an expression is true, and where it is false."""

    yes: Node
    no: Node

    def negated(self) -> "Truth":
        """Return the opposite."""
        return Truth(self.no, self.yes)


@dataclass(frozen=True)
class Rule:
    """One rule: the segment of whom it holds for, where it stands, and what it asks."""

    segment: str
    place: str
    when: Node


@dataclass(frozen=True)
class RuleSet:
    """Rules as they were read.

    Args:
        otherwise: The segment of whom no rule holds for; empty where there is none.
        ordered: Whether the first rule that holds decides, by the nature of what they are written in.
        notes: What was not looked at.
    """

    source: str
    kind: str
    rules: tuple[Rule, ...]
    otherwise: str = ""
    ordered: bool = False
    notes: tuple[str, ...] = ()


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Say of what is not understood where it stands."""
    try:
        yield
    except RulesError as error:
        raise RulesError(error.what, where=error.where or where, hint=error.hint) from error


def rule_set(source: str, kind: str, entries: Iterable[tuple[str, str, Node | None]]) -> RuleSet:
    """Return the rules of entries: segment, where it stands, and what it asks; None for an ELSE."""
    rules, otherwise = list[Rule](), ""
    for segment, place, when in entries:
        with placed(f"{source}, {place}"):
            if not segment.strip():
                raise RulesError("the rule has no name", hint="Name the segment of each rule")
            if when is None and otherwise:
                raise RulesError("there is an ELSE already")
            if len(rules) == MAX_RULES:
                raise RulesError(f"there are more than {MAX_RULES:,} rules")
        if when is None:
            otherwise = segment
        else:
            rules.append(Rule(segment, place, when))
    if not rules:
        raise RulesError("there are no rules in it", where=source)
    return RuleSet(source, kind, tuple(rules), otherwise)


def joined(parts: Sequence[Truth], *, every: bool) -> Truth:
    """Return the `and` of some expressions, or their `or`."""
    if len(parts) == 1:
        return parts[0]
    return Truth(_joined([part.yes for part in parts], every), _joined([part.no for part in parts], not every))


def _joined(parts: list[Node], every: bool) -> Joined:
    depth = 1 + max((part.depth for part in parts if isinstance(part, Joined)), default=0)
    if depth > MAX_NESTING:
        raise RulesError(f"the conditions are nested more than {MAX_NESTING} deep", hint="Write them with less nesting")
    return Joined(every, tuple(parts), depth)


def column(name: str) -> str:
    """Return the column of the contract that a name means."""
    known = (*NUMERIC_FEATURES, *CATEGORICAL_FEATURES)
    if name.lower() not in known:
        raise RulesError(f"'{name[:60]}' is not a column that rules can read", hint=did_you_mean(name.lower(), known))
    return name.lower()


def number(text: str) -> float:
    """Return a number that a rule compares with."""
    try:
        value = float(text)
    except ValueError:
        value = inf
    if not abs(value) < 1e300:
        raise RulesError(f"'{text[:40]}' is not a number below 1e300", hint="Write numbers such as 90 or .5")
    return value


def among(feature: str, values: Sequence[float | str]) -> Clause:
    """Return the known values of a column that are one of a list."""
    for value in values:
        if isinstance(value, str) != (feature in CATEGORICAL_FEATURES):
            kind = "words" if feature in CATEGORICAL_FEATURES else "numbers"
            raise RulesError(f"'{feature}' holds {kind}, and is compared with '{str(value)[:40]}'")
    words = frozenset(fold_category(value) for value in values if isinstance(value, str))
    if "" in words:
        raise RulesError(f"'{feature}' is compared with an empty value", hint="An empty value is missing: ask for that")
    points = sorted({value for value in values if not isinstance(value, str)})
    return Clause(feature, tuple((point, nextafter(point, inf)) for point in points), words)


def compared(feature: str, sign: str, value: float | str, logic: Logic = "two") -> Truth:
    """Return a comparison of a column with a value."""
    equal, sign = among(feature, (value,)), ALIASES.get(sign, sign)
    if sign in ("=", "!="):
        return (equal if sign == "=" else equal.rest(missing=False)).truth(logic)
    if isinstance(value, str):
        raise RulesError(f"'{feature}' holds words, which have no order", hint="Compare words by = or in")
    edge = value if sign in ("<", ">=") else nextafter(value, inf)
    return Clause(feature, ((-inf, edge),) if sign[0] == "<" else ((edge, inf),)).truth(logic)


def filled(truth: Truth, value: float | str) -> Truth:
    """Return a comparison in which a value stands for missing ones."""
    yes, no = (
        replace(each, missing=_holds(each, value)) if isinstance(each, Clause) else each
        for each in (truth.yes, truth.no)
    )
    return Truth(yes, no)


def _holds(clause: Clause, value: float | str) -> bool:
    if isinstance(value, str):
        return (fold_category(value) in clause.values) != clause.inverted
    return any(low <= value < high for low, high in clause.ranges)


def is_missing(feature: str) -> Truth:
    """Return the question whether a value is missing, which has an answer in any logic."""
    clause = Clause(feature, missing=True)
    return Truth(clause, clause.rest(missing=False))
