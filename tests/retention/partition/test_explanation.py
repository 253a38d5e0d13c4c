"""Why a customer is where they are, and what would move them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.explanation import change_words, path_of, smallest_change
from retention.partition.fitted import FittedTree
from retention.policy.yaml_text import policy_from_yaml
from segmentation_engine import assign, fit

POLICIES = Path(__file__).parents[3] / "policies"
SPREAD = {"avg_order_value": 25.0, "engagement_score": 0.25}
numbers = st.floats(0, 200)


@pytest.fixture(scope="module")
def tree() -> FittedTree:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{i}" for i in range(1_000)],
            "avg_order_value": rng.permutation(np.linspace(1, 100, 1_000)),
            "engagement_score": rng.permutation(np.linspace(0, 1, 1_000)),
        }
    )
    return fit(frame, policy_from_yaml((POLICIES / "five-segments.yaml").read_text(encoding="utf-8")))


def segment_of(tree: FittedTree, customer: dict[str, float | None]) -> str:
    return tree.segments[int(tree.grid.look_up(pd.DataFrame([customer], dtype=float), tree.segment_of_cell)[0])].name


def test_the_path_names_each_split_with_the_value_and_the_rule(tree: FittedTree) -> None:
    steps = path_of(tree, {"avg_order_value": 50.0, "engagement_score": 0.9})
    assert [(s.feature, s.value, s.branch) for s in steps] == [
        ("avg_order_value", 50.0, "medium"),
        ("engagement_score", 0.9, "high"),
    ]
    assert steps[1].rule == "engagement over 0.5"


def test_a_missing_value_takes_the_branch_that_the_policy_gives_it(tree: FittedTree) -> None:
    assert [s.branch for s in path_of(tree, {"engagement_score": float("nan")})] == ["low", "low"]


def test_the_smallest_change_is_the_nearest_cut_in_units_of_the_columns_spread(tree: FittedTree) -> None:
    change = smallest_change(tree, {"avg_order_value": 79.0, "engagement_score": 0.9}, SPREAD)
    assert change is not None
    assert (change.feature, change.target, change.segment) == ("avg_order_value", "over 80.20", "VIP Active")
    assert change_words(change) == "With average order value over 80.20 they would be in VIP Active."
    other = smallest_change(tree, {"avg_order_value": 50.0, "engagement_score": 0.51}, SPREAD)
    assert other is not None
    assert (other.feature, other.target, other.segment) == ("engagement_score", "at most 0.5", "At-Risk Medium")


def test_a_customer_of_a_universe_with_one_segment_cannot_be_moved() -> None:
    frame = pd.DataFrame({"user_id": ["a"], "avg_order_value": [5.0], "engagement_score": [0.5]})
    tree = fit(frame, policy_from_yaml((POLICIES / "five-segments.yaml").read_text(encoding="utf-8")))
    assert smallest_change(tree, {"avg_order_value": 5.0, "engagement_score": 0.5}, SPREAD) is None


@given(aov=numbers, engagement=numbers)
def test_making_the_change_really_moves_the_customer_there(tree: FittedTree, aov: float, engagement: float) -> None:
    customer: dict[str, float | None] = {"avg_order_value": aov, "engagement_score": engagement}
    change = smallest_change(tree, customer, SPREAD)
    assert change is not None
    kind, _, text = change.target.rpartition(" ")
    cut = min((t.cut for t in tree.thresholds if t.feature == change.feature), key=lambda c: abs(c - float(text)))
    moved = customer | {change.feature: float(np.nextafter(cut, np.inf)) if kind == "over" else cut}
    assert segment_of(tree, moved) == change.segment != segment_of(tree, customer)


@given(aov=st.none() | numbers, engagement=st.none() | numbers)
def test_the_path_ends_in_the_segment_of_the_assignment(
    tree: FittedTree, aov: float | None, engagement: float | None
) -> None:
    customer: dict[str, float | None] = {"avg_order_value": aov, "engagement_score": engagement}
    frame = pd.DataFrame([{"user_id": "a", **customer}]).astype({"avg_order_value": float, "engagement_score": float})
    assigned = assign(frame, tree)
    last = path_of(tree, customer)[-1]
    name = tree.segments[int(assigned.codes[0])].name
    assert (name == "VIP Active") == (last.feature == "avg_order_value")
