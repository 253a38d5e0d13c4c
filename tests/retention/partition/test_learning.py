"""Cuts that are learned: the best there are, the same for any order of rows, and honest about how far they move."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.errors import PolicyError
from retention.partition.learning import MOVED, RESAMPLES, learn_cuts
from retention.partition.parts import WholeRows
from retention.partition.quantiles import UNREACHED
from retention.partition.record import TreeRecord, WhatIfRecord
from retention.partition.tree import Threshold
from retention.partition.what_if import build_what_if
from retention.policy.policy import LearnedCuts, Policy
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from retention.scores.terms import Scale
from retention.wording import SPACE
from segmentation_engine import assign, fit
from tests.strategies import policy_of

AOV = "avg_order_value"
METHODS = ("quantile", "kmeans", "equal", "share", "supervised")


def customers(values: Any, recovered: Any = None) -> pd.DataFrame:
    size = len(values)
    chosen = np.arange(size) % 3 == 0 if recovered is None else recovered
    return pd.DataFrame(
        {
            "user_id": pd.Series([f"u{place}" for place in range(size)], dtype="str"),
            "cart_abandoned_date": pd.Timestamp("2025-09-01", tz="UTC"),
            AOV: np.asarray(values, dtype=np.float64),
            "recovered": pd.array(chosen, dtype="boolean"),
        }
    )


def learned(method: Any, bins: int = 3) -> LearnedCuts:
    return LearnedCuts(method=method, bins=bins, outcome="recovered" if method == "supervised" else None)


def learn(frame: pd.DataFrame, feature: str, wish: LearnedCuts, resamples: int = RESAMPLES) -> tuple[Threshold, ...]:
    return learn_cuts(WholeRows(frame), feature, wish, resamples)


def cuts_of(frame: pd.DataFrame, method: str, bins: int = 3) -> list[float]:
    return [each.cut for each in learn(frame, AOV, learned(method, bins), resamples=0)]


def split_of(cuts: dict[str, Any], labels: str = "abc") -> Policy:
    return policy_of({"split": AOV, "cuts": cuts, "missing": "a", "branches": {label: label for label in labels}})


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(mean, 3, 500) for mean in (20, 60, 150)]).clip(0)
    return customers(values, rng.random(1500) < np.where(values > 100, 0.5, 0.1))


def within(groups: list[np.ndarray]) -> float:
    return float(sum(((group - group.mean()) ** 2).sum() for group in groups))


@given(st.lists(st.integers(0, 40), min_size=4, max_size=11), st.integers(2, 4))
def test_k_means_is_the_best_of_all_divisions(values: list[int], bins: int) -> None:
    ordered = np.sort(np.array(values, dtype=float))
    best = min(
        within(np.split(ordered, list(places)))
        for count in range(min(bins, len(ordered)))
        for places in combinations(range(1, len(ordered)), count)
    )
    branch = np.searchsorted(cuts_of(customers(ordered), "kmeans", bins), ordered)
    # Rounding a cut moves nobody here: one of eleven customers is more than 1 %.
    assert within([ordered[branch == place] for place in np.unique(branch)]) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_changes_nothing(shop: pd.DataFrame, method: str) -> None:
    told = learn(shop, AOV, learned(method))
    assert learn(shop.sample(frac=1, random_state=1), AOV, learned(method)) == told
    assert all(ends is not None and ends[0] <= cut <= ends[1] for cut, ends in ((t.cut, t.moves) for t in told))


def test_groups_that_stand_apart_are_found_and_told_in_words(shop: pd.DataFrame) -> None:
    first, second = learn(shop, AOV, learned("kmeans"))
    assert (first.cut, second.cut) == (40.0, 100.0)
    assert first.told("USD").startswith("moves between $39 and $42; the branches hold ")
    assert "of the spread among the customers not learned from" in first.note
    assert first.words("USD").startswith("Average order value cut at 1 of 2, learned by kmeans, 40: moves between $39")


def test_supervised_cuts_tell_the_rates_of_customers_who_did_not_learn(shop: pd.DataFrame) -> None:
    (only,) = learn(shop, AOV, learned("supervised", 2))
    assert 70 < only.cut < 140
    assert only.note.replace(SPACE, " ") == "recovered by branch, among the customers not learned from: 12.8 %, 55.5 %"


def test_a_share_cut_parts_the_sum_and_whoever_holds_most_of_it_is_heavy() -> None:
    assert cuts_of(customers([1, 1, 1, 1, 2, 2, 4, 4]), "share", 2) == [2.0]
    assert cuts_of(customers([1] * 9 + [1000]), "share", 2) == [1.0]


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300), st.sampled_from(METHODS))
def test_rounding_moves_under_one_in_a_hundred_and_empties_no_branch(values: list[float], method: str) -> None:
    frame = customers(values)
    cuts = cuts_of(frame, method, 4)
    assert cuts == sorted(cuts)
    if method == "kmeans":
        sizes = np.bincount(np.searchsorted(cuts, frame[AOV]), minlength=4)
        assert int((sizes > 0).sum()) == min(4, len(set(values)))


def test_a_cut_stays_where_rounding_would_move_too_many() -> None:
    values = np.concatenate([np.linspace(10, 43.6, 50), np.linspace(43.8, 90, 50)])
    (cut,) = cuts_of(customers(values), "quantile", 2)
    assert np.count_nonzero((values > min(cut, 43.7)) & (values <= max(cut, 43.7))) < MOVED * len(values)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[5.0] * 300, [1.0, 2.0] * 200, [np.nan] * 9, [1, 2, 3, 4, 5], [0.0], [1e15, -0.0]])
def test_few_values_give_cuts_and_notes_and_no_error(method: str, values: list[float]) -> None:
    frame = customers(values)
    told = learn(frame, AOV, learned(method, 7))
    assert len(told) == 6
    if np.isnan(values).all():
        assert {(each.cut, each.told()) for each in told} == {(UNREACHED, "no value is known")}
    policy = split_of({"method": method, "bins": 3} | ({"outcome": "recovered"} if method == "supervised" else {}))
    assert assign(frame, fit(frame, policy)).sizes == (len(values),) or len(values) > 20


def test_a_cut_that_nobody_is_over_says_so() -> None:
    assert learn(customers([1.0, 2.0] * 200), AOV, learned("kmeans"))[1].told() == "stays at 2; nobody is over it"


def test_an_outcome_that_is_not_there_says_what_to_do(shop: pd.DataFrame) -> None:
    with pytest.raises(PolicyError, match="to be learned from 'recovered', which the data does not have") as found:
        learn(shop.drop(columns="recovered"), AOV, learned("supervised"))
    assert found.value.hint == "Add the column 'recovered', or choose method: kmeans, which needs none"
    with pytest.raises(PolicyError, match="no customer has both 'avg_order_value' and 'recovered'"):
        learn(shop.assign(recovered=pd.array([pd.NA] * len(shop), dtype="boolean")), AOV, learned("supervised"))


@pytest.mark.parametrize(
    ("cuts", "fault"),
    [
        ({"method": "kmeans", "bins": 1}, "cuts.bins: Input should be greater than or equal to 2"),
        ({"method": "kmeans", "bins": 40}, "cuts.bins: Input should be less than or equal to 33"),
        ({"method": "magic"}, "cuts.method: Input should be 'quantile', 'kmeans'"),
        ({"method": "supervised"}, "cuts: supervised cuts need an 'outcome'"),
        ({"method": "kmeans", "outcome": "recovered"}, "cuts: supervised cuts need an 'outcome'"),
        ({"method": "supervised", "outcome": "region"}, "outcome 'region' is neither a number nor a yes/no column"),
        ({"method": "supervised", "outcome": "recoverd"}, "Did you mean 'recovered'?"),
        ({"method": "supervised", "outcome": AOV}, f"cannot be learned from '{AOV}' itself"),
        ({"method": "kmeans", "bins": 5}, "4 cuts make 5 branches"),
        ({"method": "kmeans", "colour": "red"}, "cuts.colour: unknown key"),
        ({}, "cuts.method: is missing"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_place(cuts: dict[str, Any], fault: str) -> None:
    text = policy_to_yaml(split_of({"method": "kmeans"})).replace("method: kmeans\n    bins: 3", "@")
    wish = "\n    ".join(f"{key}: {value}" for key, value in cuts.items()) or "{}"
    with pytest.raises(PolicyError, match=fault.replace("?", r"\?")):
        policy_from_yaml(text.replace("@", wish))


def test_the_yaml_form_comes_back_equal() -> None:
    policy = split_of({"method": "supervised", "outcome": "recovered"})
    assert policy_from_yaml(policy_to_yaml(policy)) == policy


@pytest.mark.parametrize("method", METHODS)
def test_a_saved_tree_and_its_sliders_come_back_and_a_moved_slider_is_a_value(shop: pd.DataFrame, method: str) -> None:
    policy = split_of({"method": method} | ({"outcome": "recovered"} if method == "supervised" else {}))
    tree = fit(shop, policy)
    again = TreeRecord.read(TreeRecord.of(tree).plain(), source="test").tree(policy)
    assert again.thresholds == tree.thresholds
    what_if = build_what_if(shop, policy, Scale.of(shop))
    record = WhatIfRecord.read(WhatIfRecord.of(what_if).plain(), source="test")
    assert record.what_if(policy, what_if.cube) == what_if
    ((knob, stops),) = what_if.stops.items()
    assert what_if.draft().sizes == assign(shop, tree).sizes
    moved = what_if.draft({knob: stops[2:4]}).tree.policy
    assert policy_from_yaml(policy_to_yaml(moved)) == moved
    assert all(isinstance(cut, float) for cut in moved.tree.cuts)  # type: ignore[union-attr]
