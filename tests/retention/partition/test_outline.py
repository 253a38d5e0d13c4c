"""The neutral tree model."""

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.fitted import Segmentation
from retention.partition.outline import TreeNode, outline
from retention.policy.policy import Policy, Sizes
from retention.policy.yaml_text import policy_from_yaml
from segmentation_engine import assign, fit

TEXT = """
name: two-levels
title: Two levels
description: Order value, then engagement.
tree:
  split: avg_order_value
  cuts: [50]
  missing: low
  branches:
    low:
      split: engagement_score
      cuts: [0.5]
      missing: quiet
      branches: {quiet: Quiet, lively: Lively}
    high: Rich
segments:
"""
CAMPAIGN = "{audience: a, message: m, offer: o, channel: c, timing: t}"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_yaml(TEXT + "".join(f"  {n}: {CAMPAIGN}\n" for n in ("Quiet", "Lively", "Rich")))


def customers(values: Sequence[tuple[float | None, float | None]]) -> pd.DataFrame:
    size = len(values)
    return pd.DataFrame(
        {
            "user_id": pd.Series([f"u{n}" for n in range(size)], dtype="str"),
            "avg_order_value": pd.Series([value for value, _ in values], dtype="float64"),
            "engagement_score": pd.Series([score for _, score in values], dtype="float64"),
            "profitability_score": pd.Series([0.5] * size, dtype="float64"),
            "days_since_abandonment": pd.Series([1.0] * size, dtype="float64"),
        }
    )


def segmented(policy: Policy, frame: pd.DataFrame, minimum: int) -> Segmentation:
    return assign(frame, fit(frame, policy, sizes=Sizes(min_size=minimum)))


TABLE = [(20.0, 0.2)] * 10 + [(20.0, 0.9)] * 8 + [(None, None)] * 2 + [(80.0, 0.4)] * 20


def test_each_node_has_its_place_words_size_and_score(policy: Policy) -> None:
    nodes = outline(segmented(policy, customers(TABLE), 1), {"Rich": 0.7})
    assert nodes == (
        TreeNode("0", "", 0, "All abandoners", "everyone", 40, 1.0),
        TreeNode(
            "0.0",
            "0",
            1,
            "average order value at most 50 or unknown",
            "average order value at most 50 or unknown",
            20,
            0.5,
        ),
        TreeNode(
            "0.0.0",
            "0.0",
            2,
            "engagement at most 0.5 or unknown",
            "average order value at most 50 or unknown, engagement at most 0.5 or unknown",
            12,
            0.3,
            "Quiet",
        ),
        TreeNode(
            "0.0.1",
            "0.0",
            2,
            "engagement over 0.5",
            "average order value at most 50 or unknown, engagement over 0.5",
            8,
            0.2,
            "Lively",
        ),
        TreeNode("0.1", "0", 1, "average order value over 50", "average order value over 50", 20, 0.5, "Rich", 0.7),
    )


def test_a_branch_that_was_merged_into_one_segment_is_one_node(policy: Policy) -> None:
    nodes = outline(segmented(policy, customers(TABLE), 10), {})
    assert [(node.id, node.segment, node.size) for node in nodes] == [
        ("0", "", 40),
        ("0.0", "Quiet", 20),
        ("0.1", "Rich", 20),
    ]


def test_a_universe_of_one_segment_is_one_node(policy: Policy) -> None:
    nodes = outline(segmented(policy, customers([(20.0, 0.2)]), 1), {"All abandoners": 0.4})
    assert nodes == (TreeNode("0", "", 0, "All abandoners", "everyone", 1, 1.0, "All abandoners", 0.4),)


number = st.none() | st.floats(0, 100)
share = st.none() | st.floats(0, 1)


@given(values=st.lists(st.tuples(number, share), min_size=1, max_size=60), minimum=st.integers(1, 30))
def test_sizes_add_up_at_every_node_and_over_the_segments(
    policy: Policy, values: Sequence[tuple[float | None, float | None]], minimum: int
) -> None:
    segmentation = segmented(policy, customers(values), minimum)
    nodes = outline(segmentation, {})
    seen: set[str] = {""}
    for node in nodes:
        assert node.parent in seen
        seen.add(node.id)
        below = [child.size for child in nodes if child.parent == node.id]
        assert node.is_segment != bool(below)
        assert not below or sum(below) == node.size
    sizes = {segment.name: 0 for segment in segmentation.tree.segments}
    for node in nodes:
        if node.is_segment:
            sizes[node.segment] += node.size
    assert tuple(sizes.values()) == segmentation.sizes
