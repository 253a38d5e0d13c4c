"""Fitted trees survive the way to JSON text and back, to the last bit; anything else is refused."""

import json
import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.errors import WorkspaceError
from retention.partition.fitted import FittedTree
from retention.partition.record import Record, TreeRecord, WhatIfRecord
from retention.partition.tree import Condition, FittedLeaf, FittedSplit, Threshold
from retention.partition.what_if import build_what_if
from retention.policy.policy import Sizes
from retention.scores.terms import Scale
from run_store import load_policy
from segmentation_engine import fit


def customers(count: int = 200) -> pd.DataFrame:
    n = np.arange(count)
    return pd.DataFrame(
        {
            "user_id": pd.Series([f"u{i}" for i in n], dtype="str"),
            "avg_order_value": np.where(n % 9 == 0, np.nan, (n * 37 % 101) / 3),
            "engagement_score": (n * 7 % 100) / 100,
            "profitability_score": (n * 13 % 10) / 10,
            "days_since_abandonment": (n % 7).astype(float),
            "days_since_last_order": np.where(n % 4 == 0, np.nan, (n * 3 % 200).astype(float)),
            "order_count": np.where(n % 4 == 0, 0.0, n % 5 + 1.0),
            "total_spent": np.where(n % 4 == 0, np.nan, n * 11 % 300.0),
        }
    )


def tree_of(policy: str, *, split: bool = False) -> FittedTree:
    sizes = Sizes(min_size=5, max_size=40, split_oversize=True) if split else Sizes(min_size=5)
    return fit(customers(), load_policy(policy), sizes=sizes)


def through_text(record: Record) -> Any:
    return json.loads(json.dumps(record.plain(), allow_nan=False))


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize(
    "policy", ["five-segments", "twelve-leaf", "aov-buckets", "value-recency", "rfm", "spend-thirds"]
)
def test_a_fitted_tree_comes_back_equal(policy: str, split: bool) -> None:
    tree = tree_of(policy, split=split)
    again = TreeRecord.read(through_text(TreeRecord.of(tree)), source="test").tree(tree.policy)
    for field in fields(again):
        mine, theirs = getattr(again, field.name), getattr(tree, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            assert np.array_equal(mine, theirs)
        else:
            assert mine == theirs, field.name


def test_a_tree_of_one_leaf_comes_back_equal() -> None:
    tree = fit(customers(10), load_policy("five-segments"))
    again = TreeRecord.read(through_text(TreeRecord.of(tree)), source="test").tree(tree.policy)
    assert [segment.name for segment in again.segments] == ["All abandoners"]
    assert again.segment_of_leaf.dtype == tree.segment_of_leaf.dtype


@given(
    low=st.floats(allow_nan=False, allow_infinity=False),
    asked=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["q80", "q2.5", "1e3", "inf"])),
)
def test_numbers_are_exact_and_quantiles_stay_text(low: float, asked: float | str) -> None:
    conditions = (
        Condition("cart_value", "a", interval=(-math.inf, low), missing=True),
        Condition("cart_value", "b", interval=(low, math.inf)),
    )
    leaves = [FittedLeaf(i, c.label, (c,)) for i, c in enumerate(conditions)]
    data = through_text(TreeRecord.of(tree_of("five-segments")))
    split = FittedSplit("cart_value", tuple(zip(conditions, leaves, strict=True)), ())
    like = TreeRecord.read(data, source="test")
    record = like.model_copy(
        update={
            "root": split,
            "thresholds": (Threshold("cart_value", low, asked, "moved"),),
            "axes": (like.axes[0].__class__("cart_value", (low,)),),
            "segments": (like.segments[0].__class__("s", like.segments[0].campaign, (0, 1), "All", "everyone"),),
        }
    )
    again = TreeRecord.read(through_text(record), source="test")
    assert again == record
    assert isinstance(again.thresholds[0].asked, type(asked))
    assert math.copysign(1, again.thresholds[0].cut) == math.copysign(1, low)


def test_a_what_if_grid_comes_back_equal() -> None:
    frame, policy = customers(), load_policy("value-recency")
    what_if = build_what_if(frame, policy, Scale.of(frame))
    record = WhatIfRecord.read(through_text(WhatIfRecord.of(what_if)), source="test")
    assert record.what_if(policy, what_if.cube) == what_if


def test_a_what_if_grid_of_another_policy_is_refused() -> None:
    frame, policy = customers(), load_policy("five-segments")
    what_if = build_what_if(frame, policy, Scale.of(frame))
    with pytest.raises(WorkspaceError, match="not of its policy"):
        WhatIfRecord.of(what_if).what_if(load_policy("value-recency"), what_if.cube)


def _leaf_twice(data: Any) -> None:
    data["segments"][0]["leaves"] = data["segments"][1]["leaves"]


def _numbered_wrong(data: Any) -> None:
    data["root"]["branches"][0][1]["index"] = 7


def _axis_gone(data: Any) -> None:
    data["axes"].pop()


def _unknown_column(data: Any) -> None:
    text = json.dumps(data).replace("avg_order_value", "favourite_colour")
    data.clear()
    data.update(json.loads(text))


def _unknown_key(data: Any) -> None:
    data["limits"]["median"] = 3


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_leaf_twice, "exactly one segment"),
        (_numbered_wrong, "not numbered in order"),
        (_axis_gone, "not the features of the splits"),
        (_unknown_column, "a column that the contract does not have"),
        (_unknown_key, "limits.median"),
    ],
)
def test_a_tree_whose_parts_do_not_fit_is_refused(change: Callable[[Any], None], match: str) -> None:
    data = through_text(TreeRecord.of(tree_of("aov-buckets")))
    change(data)
    with pytest.raises(WorkspaceError, match=match):
        TreeRecord.read(data, source="test")


def test_a_tree_with_a_gap_is_refused_when_its_tables_are_made() -> None:
    data = through_text(TreeRecord.of(tree_of("aov-buckets")))
    condition = data["root"]["branches"][-1][0]
    condition["interval"][0] += 1.0
    data["root"]["branches"][-1][1]["path"][-1]["interval"][0] += 1.0
    with pytest.raises(WorkspaceError, match="exactly one leaf"):
        TreeRecord.read(data, source="test").tree(load_policy("aov-buckets"))
