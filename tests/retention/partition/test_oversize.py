from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.fitted import FittedTree
from retention.policy.policy import Policy, Sizes
from segmentation_engine import assign, fit
from tests.strategies import cut, policy_of

AOV = "avg_order_value"
HALVES = policy_of(cut(AOV, [50], {"low": "A", "high": "B"}))


def universe(rows: int = 400, **columns: Any) -> pd.DataFrame:
    """Return customers, a quarter of low value; many sessions mean engagement, and items say nothing."""
    rng = np.random.default_rng(5)
    sessions = rng.permutation(rows).astype(float)
    active = sessions > np.median(sessions[rows // 4 :])
    frame = pd.DataFrame(
        {
            "user_id": pd.Series([f"u{i}" for i in range(rows)], dtype="str"),
            AOV: np.where(np.arange(rows) < rows // 4, 20.0, 80.0),
            "sessions_last_30d": sessions,
            "num_cart_items": rng.integers(1, 9, rows).astype(float),
            "engagement_score": np.where(active, 0.9, 0.1),
            "days_since_abandonment": np.ones(rows),
        }
    )
    return frame.assign(**columns)


def split(frame: pd.DataFrame, policy: Policy = HALVES, **sizes: int) -> FittedTree:
    return fit(frame, policy, sizes=Sizes(split_oversize=True, **sizes))


def sizes_of(frame: pd.DataFrame, tree: FittedTree) -> dict[str, int]:
    found = assign(frame, tree)
    return {segment.name: size for segment, size in zip(tree.segments, found.sizes, strict=True)}


def test_a_segment_over_the_maximum_is_split_at_the_median_of_the_most_telling_feature() -> None:
    frame = universe()
    tree = split(frame, min_size=50, max_size=200)
    assert [(t.feature, t.cut, t.asked, t.note) for t in tree.thresholds[1:]] == [
        ("sessions_last_30d", tree.thresholds[1].cut, "q50", "splits B")
    ]
    members = frame[frame[AOV] > 50]
    assert tree.thresholds[1].cut == members["sessions_last_30d"].median()
    assert sizes_of(frame, tree) == {
        "A": 100,
        "B, low sessions in 30 days": 150,
        "B, high sessions in 30 days": 150,
    }


def test_each_part_is_logged_with_its_name_and_size() -> None:
    lines = [str(step) for step in split(universe(), min_size=50, max_size=200).sizing_log]
    why = "over 200; split at the median of sessions in 30 days"
    assert lines == [
        f"split: B (300) -> B, low sessions in 30 days (150): {why}",
        f"split: B (300) -> B, high sessions in 30 days (150): {why}",
    ]


def test_the_campaign_stays_and_the_rule_names_the_new_condition() -> None:
    tree = split(universe(), min_size=50, max_size=200)
    assert [segment.tokens for segment in tree.segments] == [
        "AOV_Low",
        "AOV_High AND Sessions_Low",
        "AOV_High AND Sessions_High",
    ]
    assert {segment.campaign.message for segment in tree.segments[1:]} == {"for B"}


def test_a_segment_that_no_feature_splits_goes_out_in_waves() -> None:
    frame = universe()[["user_id", AOV]]
    tree = split(frame, min_size=50, max_size=200)
    assert [str(step) for step in tree.sizing_log] == ["keep whole: B (300) -> B (300): no feature splits it further"]
    assert assign(frame, tree).wave_counts == (1, 2)


def test_no_part_falls_under_the_minimum() -> None:
    tree = split(universe(), min_size=151, max_size=299)
    assert [step.action for step in tree.sizing_log] == ["else", "else", "split", "split"]
    assert min(sizes_of(universe(), tree).values()) >= 151


def test_a_feature_that_is_missing_everywhere_or_constant_splits_nothing() -> None:
    frame = universe(sessions_last_30d=np.nan, engagement_score=0.5, num_cart_items=1.0, days_since_abandonment=2.0)
    assert [step.action for step in split(frame, min_size=50, max_size=200).sizing_log] == ["keep whole"]


def test_without_conversion_the_parts_are_told_apart_by_profitability() -> None:
    items = np.arange(400) % 8.0
    frame = universe(engagement_score=np.nan, num_cart_items=items, profitability_score=items / 8)
    tree = split(frame, min_size=50, max_size=200)
    assert {t.feature for t in tree.thresholds[1:]} <= {"num_cart_items", "profitability_score"}
    assert len(tree.segments) == 3


def test_customers_with_a_missing_value_go_to_the_low_part() -> None:
    sessions = universe()["sessions_last_30d"].where(np.arange(400) % 3 > 0)
    frame = universe(sessions_last_30d=sessions, engagement_score=sessions / 400, num_cart_items=1.0)
    tree = split(frame, min_size=20, max_size=200)
    labels = assign(frame, tree).labels().astype("str")
    missing = frame["sessions_last_30d"].isna() & (frame[AOV] > 50)
    assert set(labels[missing]) == {"B, low sessions in 30 days"}


def test_a_name_that_is_taken_gets_a_number() -> None:
    policy = policy_of(cut(AOV, [50], {"low": "B, low sessions in 30 days", "high": "B"}))
    names = [segment.name for segment in split(universe(), policy, min_size=50, max_size=200).segments]
    assert names == ["B, low sessions in 30 days", "B, low sessions in 30 days 2", "B, high sessions in 30 days"]


def test_a_universe_under_20_stays_whole() -> None:
    tree = split(universe(12), min_size=1, max_size=5)
    assert [segment.name for segment in tree.segments] == ["All abandoners"]


def test_a_merged_segment_is_split_in_all_its_leaves() -> None:
    frame = universe()
    policy = policy_of(cut(AOV, [10, 50], {"low": "A", "mid": "B", "high": "C"}))
    tree = split(frame, policy, min_size=101, max_size=250)
    assert sum(sizes_of(frame, tree).values()) == 400
    assert tree.proof().exclusive
    assert tree.proof().exhaustive


def test_splits_stop_where_the_cells_would_be_too_many() -> None:
    cuts: list[float | str] = [float(i) for i in range(32)]
    engagement = cut("engagement_score", [i / 100 for i in range(32)], {f"e{i}": f"E{i}" for i in range(33)})
    profit = cut("profitability_score", [i / 100 for i in range(32)], {f"p{i}": f"P{i}" for i in range(33)})
    rest = {f"a{i}": f"A{i}" for i in range(2, 33)}
    policy = policy_of(cut(AOV, cuts, {"a0": engagement, "a1": profit, **rest}))
    tree = split(universe(profitability_score=0.5, engagement_score=0.5), policy, min_size=1, max_size=50)
    assert tree.grid.cells <= 100_000
    assert {step.action for step in tree.sizing_log if step.action != "fold"} == {"keep whole"}


@given(maximum=st.integers(5, 400), minimum=st.integers(1, 200), rows=st.sampled_from([20, 97, 400]))
def test_splitting_keeps_the_partition_the_minimum_and_the_proof(maximum: int, minimum: int, rows: int) -> None:
    frame = universe(rows)
    tree = split(frame, min_size=min(minimum, maximum), max_size=maximum)
    sizes = sizes_of(frame, tree)
    assert sum(sizes.values()) == rows
    assert min(sizes.values()) >= min(minimum, maximum, rows)
    assert sorted(leaf for segment in tree.segments for leaf in segment.leaves) == list(
        range(len(tree.segment_of_leaf))
    )
    assert tree.proof().exclusive
    assert tree.proof().exhaustive
    kept = {step.segment for step in tree.sizing_log if step.action == "keep whole"}
    assert {name for name, size in sizes.items() if size > maximum} == kept


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    frame = universe()
    shuffled = frame.sample(frac=1, random_state=seed)
    trees = [split(each, min_size=20, max_size=60) for each in (frame, shuffled)]
    assert trees[0].segments == trees[1].segments
    assert trees[0].thresholds == trees[1].thresholds


@given(st.integers(0, 1000))
def test_no_other_median_explains_more_of_the_outcome(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 9, (4, 40)) / 8
    names = ("sessions_last_30d", "num_cart_items", "cart_value", "profitability_score")
    frame = universe(
        40, engagement_score=np.nan, **dict(zip(names, scores * (1 - 2e-9 * rng.random((4, 1))), strict=True))
    )
    members = frame[frame[AOV] > 50]
    explained = dict[str, float]()
    for name in (*names, "days_since_abandonment"):
        high = members[name] > min(members[name].median(), members[name][members[name] < members[name].max()].max())
        means = members.groupby(high)["profitability_score"].transform("mean")
        if high.any():
            explained[name] = float(np.var(means) / members["profitability_score"].var(ddof=0))
    chosen = split(frame, min_size=1, max_size=29).thresholds[1].feature
    assert explained[chosen] == pytest.approx(max(explained.values()), rel=1e-12)
