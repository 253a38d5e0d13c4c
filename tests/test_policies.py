"""The policies that are shipped, on universes of every size."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.partition.fitted import Segmentation
from retention.policy.policy import ALL, OTHER, Policy, features
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from segmentation_engine import assign, fit

POLICIES = Path(__file__).parents[1] / "policies"
NAMES = ("aov-buckets", "cart-age", "five-segments", "rfm", "spend-thirds", "twelve-leaf", "value-recency")
FIVE = ("Dormant Low-Value", "Price-Sensitive", "At-Risk Medium", "Core Engaged", "VIP Active")


def shipped(name: str) -> Policy:
    return policy_from_yaml((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"), source=f"{name}.yaml")


def universe(rows: int) -> pd.DataFrame:
    """Return customers with ties, outliers and missing values, as real tables have them."""
    rng = np.random.default_rng(rows)
    orders = rng.exponential(90, rows).round()
    frame = pd.DataFrame(
        {
            "user_id": pd.Series(np.arange(rows), dtype="str").str.zfill(7),
            "avg_order_value": rng.lognormal(4, 0.8, rows).round(),
            "engagement_score": rng.beta(2, 3, rows).round(2),
            "profitability_score": rng.beta(3, 2, rows).round(2),
            "days_since_abandonment": rng.integers(0, 7, rows).astype(float),
            "days_since_last_order": np.where(rng.random(rows) < 0.15, np.nan, orders),
        }
    )
    frame["order_count"] = np.where(frame["days_since_last_order"].isna(), 0.0, rng.geometric(0.5, rows))
    frame["total_spent"] = (frame["order_count"] * frame["avg_order_value"]).where(frame["order_count"] > 0)
    holes = rng.random(rows) < 0.03
    frame.loc[holes, ["avg_order_value", "engagement_score"]] = np.nan
    return frame


def run(name: str, rows: int) -> Segmentation:
    customers = universe(rows)
    return assign(customers, fit(customers, shipped(name)))


def names_of(segmentation: Segmentation) -> list[str]:
    return [segment.name for segment in segmentation.tree.segments]


def test_these_policies_are_shipped() -> None:
    assert tuple(sorted(path.stem for path in POLICIES.glob("*.yaml"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_has_the_name_of_its_file_and_survives_the_round_trip(name: str) -> None:
    policy = shipped(name)
    assert policy.name == name
    assert repr(policy_from_yaml(policy_to_yaml(policy))) == repr(policy)


@pytest.mark.parametrize("name", NAMES)
def test_each_campaign_of_a_shipped_policy_is_its_own(name: str) -> None:
    campaigns = [campaign.model_dump_json() for campaign in shipped(name).segments.values()]
    assert len(set(campaigns)) == len(campaigns)


def test_the_aov_buckets_have_the_rules_that_they_are_known_by() -> None:
    segments = run("aov-buckets", 1_500).tree.segments
    assert [(segment.name, segment.tokens) for segment in segments] == [
        ("Low_AOV", "AOV_Low"),
        ("Mid_AOV", "AOV_Mid"),
        ("High_AOV", "AOV_High"),
    ]


def test_the_five_segments_are_told_apart_as_they_say() -> None:
    segmentation = run("five-segments", 22_000)
    tree = segmentation.tree
    assert [(t.feature, t.asked) for t in tree.thresholds] == [
        ("avg_order_value", "q20"),
        ("avg_order_value", "q80"),
        ("engagement_score", "q50"),
    ]
    low, high, engaged = (t.cut for t in tree.thresholds)
    aov, engagement = (segmentation.customers[name] for name in ("avg_order_value", "engagement_score"))
    band = np.select([aov > high, aov > low], [2, 1], 0)
    half = (engagement > engaged).to_numpy()
    expected = np.select(
        [band == 2, (band == 1) & half, band == 1, half],
        ["VIP Active", "Core Engaged", "At-Risk Medium", "Price-Sensitive"],
        "Dormant Low-Value",
    )
    assert (segmentation.labels().astype("str").to_numpy() == expected).all()


def test_the_recency_policy_sends_those_who_never_ordered_to_a_segment_of_their_own() -> None:
    segmentation = run("value-recency", 22_000)
    assert features(segmentation.tree.policy) == ("avg_order_value", "days_since_abandonment", "days_since_last_order")
    never = segmentation.customers[segmentation.labels() == "Never Ordered"]
    assert len(never) > 500
    assert never["days_since_last_order"].isna().all()
    assert (never["days_since_abandonment"] > 1).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [1, 19])
def test_a_tiny_universe_is_one_segment(name: str, rows: int) -> None:
    segmentation = run(name, rows)
    assert names_of(segmentation) == [ALL]
    assert segmentation.sizes == (rows,)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [20, 50, 800, 1_500, 22_000])
def test_every_segment_reaches_the_minimum_and_no_customer_is_lost(name: str, rows: int) -> None:
    segmentation = run(name, rows)
    assert sum(segmentation.sizes) == rows
    assert min(segmentation.sizes) >= segmentation.tree.limits.minimum
    asked = segmentation.tree.policy.sizes.min_size
    assert segmentation.tree.limits.minimum == (asked or min(500, -(-3 * rows // 100)))
    assert segmentation.tree.proof().exclusive
    assert segmentation.tree.proof().exhaustive


@pytest.mark.parametrize("rows", [50, 800, 1_500, 22_000])
def test_the_default_policy_shows_its_five_segments_from_50_customers_on(rows: int) -> None:
    assert tuple(names_of(run("five-segments", rows))) == FIVE


@pytest.mark.parametrize("rows", [800, 22_000])
def test_heavy_buyers_are_few_and_a_segment_all_the_same(rows: int) -> None:
    segmentation = run("spend-thirds", rows)
    assert names_of(segmentation) == ["Light Buyers", "Medium Buyers", "Heavy Buyers"]
    light, medium, heavy = segmentation.sizes
    assert light > medium > heavy >= 20


@pytest.mark.parametrize(("rows", "fewest"), [(50, 6), (800, 9), (1_500, 9), (22_000, 10)])
def test_the_finest_policy_keeps_most_of_its_segments(rows: int, fewest: int) -> None:
    names = names_of(run("twelve-leaf", rows))
    assert fewest <= len(names) <= 12
    assert OTHER not in names


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_million_customers_keep_every_segment_and_go_out_in_waves(name: str) -> None:
    segmentation = run(name, 1_000_000)
    assert sum(segmentation.sizes) == 1_000_000
    assert set(names_of(segmentation)) == set(shipped(name).segments)
    codes, waves = segmentation.codes.astype(int), segmentation.waves
    for code, (size, count) in enumerate(zip(segmentation.sizes, segmentation.wave_counts, strict=True)):
        parts = np.bincount(waves[codes == code])[1:]
        assert (len(parts), int(parts.sum())) == (count, size)
        assert parts.max() <= 20_000
        assert parts.max() - parts.min() <= 1
