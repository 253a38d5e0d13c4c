"""Hypothesis strategies and small builders that tests of the core share."""

from collections.abc import Mapping
from itertools import pairwise
from math import inf, nan, nextafter
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from retention.partition.tree import Condition, FittedLeaf, FittedNode, FittedSplit
from retention.policy.policy import Policy, features

CAMPAIGN = {"audience": "a", "message": "m", "offer": "o", "channel": "c", "timing": "t"}
NUMERIC = ("avg_order_value", "engagement_score", "days_since_last_order")
CATEGORICAL = ("region", "country")
VALUES = (0.0, 0.25, 0.5, 1.0, 2.0, 10.0, 90.0, 1e6)
QUANTILES = ("q1", "q2.5", "q20", "q33.3", "q50", "q80", "q99.9")
# Words that YAML would read as something else, and others that need care.
AWKWARD = (
    "no",
    "1",
    "null",
    "2024-01-01",
    "A: b",
    "#x",
    "'q",
    '"',
    "=1",
    "- a",
    "a, b",
    "~",
    "{",
    "\u00e4\u4e2d",
    "yes ok",
)
CATEGORIES = ("north", "South", "\u00c9st", "no", "1", "a b")

Nested = str | Mapping[str, "Nested"]


def policy_of(tree: Any, **rest: Any) -> Policy:
    """Return a policy around a tree, with a campaign for each of its leaves."""
    return Policy.model_validate(policy_data(tree, **rest))


def policy_data(tree: Any, **rest: Any) -> dict[str, Any]:
    """Return what a policy file with a tree holds."""
    campaigns = {name: CAMPAIGN | {"message": f"for {name}"} for name in _leaves(tree)}
    return {"name": "p", "title": "t", "description": "d", "tree": tree, "segments": campaigns} | rest


def _leaves(tree: Any) -> list[str]:
    if not isinstance(tree, Mapping):
        return [tree]
    return [name for child in tree.get("branches", {}).values() for name in _leaves(child)]


def cut(
    feature: str, cuts: list[float | str] | dict[str, Any], branches: dict[str, Any], missing: str | None = None
) -> dict[str, Any]:
    """Return a numeric split of a policy; a missing value goes to the first branch unless told."""
    return {"split": feature, "cuts": cuts, "missing": missing or next(iter(branches)), "branches": branches}


def fitted(nested: Nested) -> FittedNode:
    """Return a fitted tree of a nesting of branches: the numeric features in turn, cut at 1, 2, 3 ..."""
    count = 0

    def build(node: Nested, path: tuple[Condition, ...]) -> FittedNode:
        nonlocal count
        if isinstance(node, str):
            count += 1
            return FittedLeaf(count - 1, node, path)
        feature = NUMERIC[len(path) % len(NUMERIC)]
        edges = (-inf, *map(float, range(1, len(node))), inf)
        conditions = [
            Condition(feature, label, interval=between, missing=i == 0)
            for i, (label, between) in enumerate(zip(node, pairwise(edges), strict=True))
        ]
        children = [build(child, (*path, c)) for child, c in zip(node.values(), conditions, strict=True)]
        return FittedSplit(feature, tuple(zip(conditions, children, strict=True)), path)

    return build(nested, ())


def nested_trees() -> st.SearchStrategy[Nested]:
    """Nestings of two to four branches, their leaves named afresh."""
    shapes = st.recursive(st.just(0), lambda inner: st.lists(inner, min_size=2, max_size=4), max_leaves=12)
    return shapes.map(_named)


def _named(shape: Any) -> Nested:
    count = 0

    def name(node: Any) -> Nested:
        nonlocal count
        if isinstance(node, list):
            return {f"b{i}": name(child) for i, child in enumerate(node)}
        count += 1
        return f"L{count - 1}"

    return name(shape)


@st.composite
def policies(draw: st.DrawFn, *, depth: int = 3) -> Policy:
    """Policies with numeric and categorical splits, missing values with and without their own branch."""
    count = 0

    def leaf() -> str:
        nonlocal count
        count += 1
        return f"{draw(st.sampled_from(AWKWARD))} {count}" if draw(st.booleans()) else f"Leaf {count}"

    def node(level: int) -> Any:
        if level == 0 or (level < depth and draw(st.booleans())):
            return leaf()
        shape = draw(numeric_splits() | categorical_splits())
        return shape | {"branches": {label: node(level - 1) for label in shape["branches"]}}

    return policy_of(node(depth))


@st.composite
def numeric_splits(draw: st.DrawFn) -> dict[str, Any]:
    """Splits with value or quantile cuts; `branches` lists labels only."""
    pool: st.SearchStrategy[list[Any]] = st.sampled_from([list(VALUES), list(QUANTILES)])
    chosen = draw(pool)
    places = draw(st.sets(st.integers(0, len(chosen) - 1), min_size=1, max_size=3))
    cuts = [chosen[i] for i in sorted(places)]
    labels = [f"b{i}" for i in range(len(cuts) + 1)]
    missing = draw(st.sampled_from([*labels, "no"]))
    names = labels if missing in labels else [*labels, missing]
    return {"split": draw(st.sampled_from(NUMERIC)), "cuts": cuts, "missing": missing, "branches": names}


@st.composite
def categorical_splits(draw: st.DrawFn) -> dict[str, Any]:
    """Splits with one to three groups; `else` and missing go to a group or to a branch of their own."""
    values = draw(st.permutations(CATEGORIES))
    count = draw(st.integers(1, 3))
    groups = {f"g{i}": [values[i], values[i + 3]] if draw(st.booleans()) else [values[i]] for i in range(count)}
    # One group and everything into it would be a split with a single branch.
    rest = "rest" if count == 1 else draw(st.sampled_from([*groups, "rest"]))
    missing = draw(st.sampled_from([*groups, rest, "none"]))
    labels = list(dict.fromkeys([*groups, rest, missing]))
    feature = draw(st.sampled_from(CATEGORICAL))
    return {
        "split": feature,
        "groups": groups,
        "else": rest,
        "missing": missing,
        "branches": draw(st.permutations(labels)),
    }


def numbers() -> st.SearchStrategy[float]:
    """Numbers at, just under and just over the cuts, ties, infinities, missing."""
    special = [nan, inf, -inf, -1.0, 3.0, 0.1 + 0.2]
    around = [value for edge in VALUES for value in (edge, nextafter(edge, -inf), nextafter(edge, inf))]
    return st.sampled_from(special + around) | st.floats(0, 100)


def categories() -> st.SearchStrategy[str | None]:
    """Listed values in any case and with blanks, unlisted ones, empty ones, missing."""
    listed = [*CATEGORIES, *(f" {c.upper()} " for c in CATEGORIES)]
    return st.sampled_from([*listed, "elsewhere", "", "  ", None])


def customers(policy: Policy, *, min_size: int = 1, max_size: int = 40) -> st.SearchStrategy[pd.DataFrame]:
    """Universes with the columns that a policy splits on."""
    used = features(policy)
    kinds = {name: categories() if name in CATEGORICAL else numbers() for name in used}
    row = st.fixed_dictionaries(kinds)
    return st.lists(row, min_size=min_size, max_size=max_size).map(lambda rows: frame_of(rows, used))


def frame_of(rows: list[dict[str, Any]], used: tuple[str, ...]) -> pd.DataFrame:
    """Return rows as the engine takes them: text as `str`, numbers as float64, an identifier each."""
    columns = {
        name: pd.Series([row[name] for row in rows], dtype="str" if name in CATEGORICAL else "float64") for name in used
    }
    return pd.DataFrame({"user_id": pd.Series([f"u{i}" for i in range(len(rows))], dtype="str"), **columns})


@st.composite
def cases(draw: st.DrawFn, *, max_size: int = 40) -> tuple[Policy, pd.DataFrame]:
    """A policy and a universe for it."""
    policy = draw(policies())
    return policy, draw(customers(policy, max_size=max_size))


def leaf_by_walking(root: FittedNode, row: Mapping[str, Any]) -> FittedLeaf:
    """Return the leaf of one customer, found by asking each branch's condition: the plain definition."""
    node = root
    while isinstance(node, FittedSplit):
        value = row[node.feature]
        value = None if pd.isna(value) else value
        taken = [child for condition, child in node.branches if condition.holds(value)]
        assert len(taken) == 1
        node = taken[0]
    return node
