"""Rules of somebody else for tests: as a tree, as text, and in their plain meaning, asked customer by customer."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import inf, nextafter
from typing import Any

import numpy as np
import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.rules.audit import RuleAudit
from retention.rules.cells import WHOLE, Box, Space

Value = float | str | None
Asked = tuple[Any, ...]
"""`("and", parts)`, `("or", parts)`, `("not", part)`, `("missing", column)`, `("in", column, list)`, a comparison."""

NUMBERS = ("avg_order_value", "engagement_score", "sessions_last_30d", "num_cart_items")
WORDS = ("region", "country")
CUTS = {
    "avg_order_value": (20.0, 50.5, 90.0, 1e6),
    "engagement_score": (0.25, 0.5, 1.0),
    "sessions_last_30d": (1, 2, 5),
    "num_cart_items": (1, 4),
}
LISTS = {"region": ("north", "south", "Est"), "country": ("DE", "it's")}
SIGNS = ("<", "<=", ">", ">=", "=", "!=")


def holds(asked: Asked, customer: Mapping[str, Value], *, three: bool = False) -> bool | None:
    """Return whether a condition holds; None where it is neither true nor false, with three truth values."""
    kind = asked[0]
    if kind == "not":
        inner = holds(asked[1], customer, three=three)
        return None if inner is None else not inner
    if kind in ("and", "or"):
        each = [holds(part, customer, three=three) for part in asked[1]]
        decisive = kind == "or"
        return decisive if decisive in each else None if None in each else not decisive
    value = customer[asked[1]]
    return value is None if kind == "missing" else _compares(asked, value, three)


def _compares(asked: Asked, value: Value, three: bool) -> bool | None:
    kind = asked[0]
    if value is None:
        return None if three else False
    if kind == "in":
        return _plain(value) in map(_plain, asked[2])
    if kind in ("=", "!="):
        return bool(_plain(value) == _plain(asked[2])) is (kind == "=")
    left, right = float(value), float(asked[2])
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[str(kind)]


def _plain(value: Value) -> Value:
    return value.strip().casefold() if isinstance(value, str) else value


def written(asked: Asked, *, sql: bool = False) -> str:
    """Return a condition as an expression, or as SQL."""
    kind = asked[0]
    if kind == "missing":
        return f"{asked[1]} is {'null' if sql else 'missing'}"
    if kind == "not":
        return f"not ({written(asked[1], sql=sql)})"
    if kind in ("and", "or"):
        return f" {kind} ".join(f"({written(part, sql=sql)})" for part in asked[1])
    if kind == "in":
        return f"{asked[1]} in ({', '.join(map(_quoted, asked[2]))})"
    return f"{asked[1]} {'<>' if sql and kind == '!=' else kind} {_quoted(asked[2])}"


def _quoted(value: float | str) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def some_columns(rng: np.random.Generator) -> tuple[str, ...]:
    """Return up to three columns."""
    return tuple(sorted(str(name) for name in rng.choice([*NUMBERS, *WORDS], int(rng.integers(1, 4)), replace=False)))


def random_condition(rng: np.random.Generator, features: Sequence[str], depth: int = 2) -> Asked:
    """Return a condition of any kind."""
    kind = rng.integers(0, 8)
    if depth and kind < 4:
        parts = [random_condition(rng, features, depth - 1) for _ in range(2)]
        return ("not", parts[0]) if kind == 3 else ("or" if kind == 2 else "and", parts)
    feature = str(rng.choice(list(features)))
    if kind == 7:
        return ("missing", feature)
    if feature in WORDS:
        listed = list(LISTS[feature][: rng.integers(1, 3)])
        return ("in", feature, listed) if kind < 6 else ("!=", feature, listed[0])
    return (str(rng.choice(SIGNS)), feature, float(rng.choice(CUTS[feature])))


def random_rules(rng: np.random.Generator, features: Sequence[str]) -> dict[str, Asked]:
    """Return a few rules by the names of their segments."""
    return {f"S{place}": random_condition(rng, features) for place in range(int(rng.integers(1, 6)))}


def partition(rng: np.random.Generator, features: Sequence[str], depth: int = 3) -> list[list[Asked]]:
    """Return the leaves of a random tree, each the conditions on its path: exactly one holds for each customer."""
    if not depth or rng.random() < 0.2:
        return [[]]
    test: Asked = ("missing", "")
    while test[0] in ("missing", "=", "!="):
        test = random_condition(rng, features, 0)
    branches = (test, ("not", test))
    return [[side, *rest] for side in branches for rest in partition(rng, features, depth - 1)]


def points(feature: str) -> list[Value]:
    """Return values of a column on, beside and between everything that rules ask."""
    if feature in WORDS:
        return [None, *LISTS[feature], f" {LISTS[feature][0].upper()} ", "elsewhere"]
    cuts, column = CUTS[feature], COLUMNS[feature]
    if column.unit in WHOLE:
        return [None, *map(float, range(8))]
    around = {float(value) for cut in cuts for value in (cut, nextafter(cut, -inf), nextafter(cut, inf), cut / 2)}
    return [None, *sorted(value for value in {0.0, *around} if 0 <= value <= (column.high or inf))]


def everybody(features: Sequence[str]) -> list[dict[str, Value]]:
    """Return a customer for each combination of such values."""
    return [dict(zip(features, row, strict=True)) for row in product(*map(points, features))]


def frame_of(customers: Sequence[Mapping[str, Value]], features: Sequence[str]) -> pd.DataFrame:
    """Return customers as the readers give them."""
    kinds = {name: "str" if name in WORDS else "float64" for name in features}
    return pd.DataFrame({name: pd.Series([row[name] for row in customers], dtype=kinds[name]) for name in features})


def inside(space: Space, boxes: Sequence[Box], customers: pd.DataFrame) -> np.ndarray:
    """Return which customers are in one of some boxes."""
    codes = [axis.codes(customers[axis.feature]) for axis in space.axes]
    found = np.zeros(len(customers), dtype=bool)
    for box in boxes:
        here = np.ones(len(customers), dtype=bool)
        for code, mask in zip(codes, box, strict=True):
            here &= np.array([mask >> int(place) & 1 for place in range(mask.bit_length() + 64)], dtype=bool)[code]
        found |= here
    return found


def check_against(found: RuleAudit, taken: Mapping[str, np.ndarray], customers: pd.DataFrame) -> None:
    """Assert that an audit names each customer whom no rule or two rules take, and no other.

    Args:
        found: The audit of rules whose segments have a rule each.
        taken: Segment -> which customers its rule takes.
        customers: The customers.
    """
    none = ~np.logical_or.reduce(list(taken.values()))
    np.testing.assert_array_equal(
        inside(found.space, [box for gap in found.gaps for box in gap.boxes], customers), none
    )
    names = [rule.segment for rule in found.rules.rules]
    told = {each.rules: inside(found.space, each.boxes, customers) for each in found.overlaps}
    for first, one in enumerate(names):
        for second, other in list(enumerate(names))[first + 1 :]:
            both = taken[one] & taken[other]
            np.testing.assert_array_equal(told.pop((first, second), np.zeros(len(both), dtype=bool)), both)
    assert not told
