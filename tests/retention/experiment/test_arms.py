"""Arms: whom a customer's hash assigns, alone and against everything else that is known of the customer."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from scipy.stats import chi2_contingency, chisquare

from data_generation import generate
from retention.errors import OptionError
from retention.experiment.arms import Experiment, assign, buckets

THREE = Experiment("autumn", {"control": 0.1, "reminder": 0.3, "discount": 0.6})


def by_hand(user_id: str, experiment: Experiment, shares: tuple[float, ...]) -> str:
    digest = hashlib.sha256(f"{experiment.salt}|{experiment.name}|{user_id}".encode()).hexdigest()
    bucket = int(digest[:15], 16) % 10_000
    passed = 0
    for share in shares[:-1]:
        passed += round(share * 10_000)
        if bucket < passed:
            return experiment.arms[shares.index(share)]
    return experiment.arms[-1]


def text(values: list[str]) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return generate(40_000, seed=5).customers


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=20))
def test_an_arm_follows_from_the_formula_of_the_contract(user_ids: list[str]) -> None:
    expected = [by_hand(user_id, THREE, (0.1, 0.3, 0.6)) for user_id in user_ids]
    assert list(assign(text(user_ids), THREE)) == expected


def test_an_arm_depends_on_no_other_row() -> None:
    user_ids = text([f"u{i}" for i in range(500)])
    whole = pd.Series(np.asarray(assign(user_ids, THREE)), index=user_ids)
    part = user_ids[::-3].reset_index(drop=True)
    assert list(assign(part, THREE)) == list(whole[part])


def test_a_bucket_on_the_boundary_goes_to_the_next_arm() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in binary; bucket 3000 must not slip into the second arm.
    experiment = Experiment("edge", {"control": 0.1, "a": 0.2, "b": 0.7})
    user_ids = text([f"u{i}" for i in range(60_000)])
    drawn, arms = buckets(user_ids, experiment), np.asarray(assign(user_ids, experiment))
    assert set(arms[drawn == 2999]) == {"a"}
    assert set(arms[drawn == 3000]) == {"b"}
    assert set(arms[drawn == 999]) == {"control"}
    assert set(arms[drawn == 1000]) == {"a"}


def test_a_larger_share_of_one_arm_moves_no_customer_out_of_the_control() -> None:
    user_ids = text([f"u{i}" for i in range(5_000)])
    small = assign(user_ids, Experiment("x", {"control": 0.1, "treatment": 0.9})) == "control"
    large = assign(user_ids, Experiment("x", {"control": 0.3, "treatment": 0.7})) == "control"
    assert not (small & ~large).any()
    assert (large & ~small).any()


def test_the_shares_come_out_as_planned(customers: pd.DataFrame) -> None:
    counts = pd.Series(assign(customers["user_id"], THREE)).value_counts().reindex(THREE.arms)
    assert chisquare(counts, np.array([0.1, 0.3, 0.6]) * len(customers)).pvalue > 0.01


def test_buckets_are_uniform(customers: pd.DataFrame) -> None:
    counts = np.bincount(buckets(customers["user_id"], THREE) // 100, minlength=100)
    assert len(counts) == 100
    assert chisquare(counts).pvalue > 0.01


@pytest.mark.parametrize(
    "column", ["avg_order_value", "engagement_score", "profitability_score", "cart_value", "sessions_last_30d"]
)
def test_arms_are_independent_of_numbers(customers: pd.DataFrame, column: str) -> None:
    tenth = customers[column].rank(pct=True, method="first").mul(10).clip(upper=9.5).fillna(10).astype(int)
    assert chi2_contingency(pd.crosstab(tenth, np.asarray(assign(customers["user_id"], THREE)))).pvalue > 0.01


@pytest.mark.parametrize("column", ["archetype", "region"])
def test_arms_are_independent_of_groups(customers: pd.DataFrame, column: str) -> None:
    arms = np.asarray(assign(customers["user_id"], THREE))
    assert chi2_contingency(pd.crosstab(customers[column].fillna("none"), arms)).pvalue > 0.01


@pytest.mark.parametrize("other", [Experiment("winter", THREE.shares), Experiment("autumn", THREE.shares, salt="b")])
def test_two_experiments_are_independent(customers: pd.DataFrame, other: Experiment) -> None:
    table = pd.crosstab(
        np.asarray(assign(customers["user_id"], THREE)), np.asarray(assign(customers["user_id"], other))
    )
    assert chi2_contingency(table).pvalue > 0.01


def test_a_segment_may_have_shares_of_its_own() -> None:
    user_ids = text([f"u{i}" for i in range(20_000)])
    segments = pd.Series(["VIP", "Rest"] * 10_000, dtype="str")
    halves = Experiment("x", {"control": 0.1, "t": 0.9}, {"VIP": {"t": 0.5, "control": 0.5}})
    arms = pd.Series(assign(user_ids, halves, segments))
    share = arms.eq("control").groupby(segments).mean()
    assert share["VIP"] == pytest.approx(0.5, abs=0.02)
    assert share["Rest"] == pytest.approx(0.1, abs=0.01)


def test_own_shares_need_the_segments() -> None:
    experiment = Experiment("x", segment_shares={"VIP": {"control": 0.5, "treatment": 0.5}})
    with pytest.raises(OptionError, match="no customer's segment is given"):
        assign(text(["a"]), experiment)
    with pytest.raises(OptionError, match=r"there is no segment 'VIP'\. Did you mean 'VIPs'"):
        assign(text(["a"]), experiment, text(["VIPs"]))
    # A part of the customers may have nobody of a segment.
    assign(text(["a"]), experiment, pd.Series(["Rest"], dtype=pd.CategoricalDtype(["Rest", "VIP"])))


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"control": 1.0}, "1 arms were given"),
        ({"control": 0.5, "t": 0.6}, r"the shares sum to 1\.1, not to 1"),
        ({"control": 0.0, "t": 1.0}, "the share of 'control' is not between 0 and 1"),
        ({"control": float("nan"), "t": 0.5}, "the share of 'control' is not between"),
    ],
)
def test_shares_that_make_no_sense_are_refused(shares: dict[str, float], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Experiment("x", shares)


def test_an_experiment_needs_a_name_and_the_same_arms_everywhere() -> None:
    with pytest.raises(OptionError, match="no name"):
        Experiment(" ")
    with pytest.raises(OptionError, match="the arms are not those"):
        Experiment("x", segment_shares={"VIP": {"control": 0.5, "other": 0.5}})
