"""Any tree and any universe: fitted and assigned in parts as in one piece."""

import re
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.errors import InputError
from retention.hashing import hash_ids
from retention.partition import cube, learning, ranks
from retention.partition.fitted import PartedSegmentation
from retention.partition.learning import learn_cuts
from retention.partition.parts import PartedRows, WholeRows
from retention.partition.what_if import build_what_if
from retention.policy.policy import LearnedCuts, Policy, Sizes
from segmentation_engine import assign, assign_parts, fit, fit_parts
from tests.strategies import cases, cut, numbers, policy_of


class Held(PartedRows):
    """Rows in parts that are in memory all the same."""

    def __init__(self, frames: Iterable[pd.DataFrame]) -> None:
        self.frames = list(frames)
        self.none = self.frames[0].iloc[:0]

    @property
    def size(self) -> int:
        return sum(map(len, self.frames))

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return iter(self.frames)

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> PartedRows:
        return Held(map(of, self))


def held(rows: pd.DataFrame) -> Held:
    """Return rows in parts of four."""
    return Held(rows.iloc[start : start + 4] for start in range(0, len(rows), 4))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cube, "BLOCK", 4)


@given(cases(max_size=30), st.sampled_from([Sizes(min_size=1), Sizes(min_size=1, max_size=3), Sizes()]))
def test_parts_give_the_tree_the_segments_and_the_waves_of_one_piece(
    case: tuple[Policy, pd.DataFrame], sizes: Sizes
) -> None:
    policy, customers = case
    parts = held(customers)
    try:
        tree = fit(customers, policy, sizes=sizes)
    except InputError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            fit_parts(parts, policy, sizes=sizes)
        return
    again = fit_parts(parts, policy, sizes=sizes)
    assert (again.root, again.segments, again.thresholds) == (tree.root, tree.segments, tree.thresholds)
    assert again.sizing_log == tree.sizing_log
    one, other_one = assign(customers, tree), assign_parts(parts, again)
    assert other_one.sizes == one.sizes
    assert other_one.sizing_log == one.sizing_log
    for name in ("codes", "waves"):
        joined = np.concatenate([getattr(part, name) for part in other_one.in_parts()])
        np.testing.assert_array_equal(joined, getattr(one, name))
    for name in ("size", "center", "count", "total", "total_other", "product"):
        np.testing.assert_array_equal(getattr(other_one.cube, name), getattr(one.cube, name))


@given(
    st.lists(st.tuples(numbers(), st.sampled_from([True, False, None])), min_size=1, max_size=40),
    st.sampled_from(["quantile", "equal", "share", "kmeans", "supervised"]),
    st.integers(2, 4),
    st.sampled_from([1, 7, 1 << 60]),
    st.randoms(use_true_random=False),
)
def test_parts_teach_the_cuts_of_one_piece_in_any_order(
    known: list[tuple[float, bool | None]], method: Any, bins: int, hashes: int, rng: Random
) -> None:
    rows = pd.DataFrame(
        {
            "user_id": pd.Series([f"u{place}" for place in range(len(known))], dtype="str"),
            "cart_value": [value for value, _ in known],
            "recovered": pd.array([told for _, told in known], dtype="boolean"),
        }
    )
    asked = LearnedCuts(method=method, bins=bins, outcome="recovered" if method == "supervised" else None)

    def cuts(of: PartedRows) -> object:
        try:
            return learn_cuts(of, "cart_value", asked, resamples=2)
        except InputError as error:
            return str(error)

    shuffled = rows.iloc[rng.sample(range(len(rows)), len(rows))]
    with pytest.MonkeyPatch.context() as patch:
        # Few of a half take part, and many share a hash.
        patch.setattr(learning, "MOST", 6)
        patch.setattr(learning, "FEWEST", 4)
        patch.setattr(learning, "hash_ids", lambda ids, salt: hash_ids(ids, salt) % hashes)
        assert cuts(held(rows)) == cuts(WholeRows(rows)) == cuts(held(shuffled))


def test_sliders_of_learned_cuts_are_the_same_in_parts() -> None:
    values = np.random.default_rng(0).gamma(2, 30, 60)
    rows = pd.DataFrame({"user_id": pd.Series([f"u{i}" for i in range(60)], dtype="str"), "cart_value": values})
    policy = policy_of(cut("cart_value", {"method": "kmeans"}, {"l": "A", "m": "B", "h": "C"}))
    one, parts = assign(rows, fit(rows, policy)), held(rows)
    other = assign_parts(parts, fit_parts(parts, policy))
    assert isinstance(other, PartedSegmentation)
    found = build_what_if(other, policy, other.scale)
    expected = build_what_if(rows, policy, one.scale)
    assert (found.fitted, found.stops) == (expected.fitted, expected.stops)
    assert found.draft().sizes == one.sizes


ROW = st.fixed_dictionaries(
    {
        "cart_value": numbers(),
        "num_cart_items": st.sampled_from([1.0, 1.0, 1.0, 2.0, np.nan]),
        "sessions_last_30d": st.integers(0, 9).map(float),
        "engagement_score": st.sampled_from([0.0, 0.1, 0.9, np.nan, np.inf]),
        "days_since_abandonment": st.integers(0, 6).map(float),
        "profitability_score": st.floats(0, 1),
    }
)


@given(
    st.lists(ROW, min_size=20, max_size=60),
    st.tuples(st.integers(1, 4), st.integers(4, 20)),
    st.booleans(),
    st.sampled_from([0, 9, 1 << 16]),
    st.randoms(use_true_random=False),
)
@pytest.mark.untraced
def test_parts_are_split_as_one_piece_in_any_order(
    known: list[dict[str, float]], limits: tuple[int, int], converted: bool, few: int, rng: Random
) -> None:
    rows = pd.DataFrame(known).assign(user_id=pd.Series([f"u{place}" for place in range(len(known))], dtype="str"))
    rows = rows if converted else rows.drop(columns="engagement_score")
    policy = policy_of(cut("cart_value", ["q50"], {"l": "A", "h": "B"}))
    sizes = Sizes(min_size=limits[0], max_size=limits[1], split_oversize=True)
    shuffled = held(rows.iloc[rng.sample(range(len(rows)), len(rows))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "_FEW", few)
        one = fit(rows, policy, sizes=sizes)
        for parts in (held(rows), Held([shuffled.none, *shuffled, shuffled.none])):
            other = fit_parts(parts, policy, sizes=sizes)
            assert (other.root, other.segments, other.thresholds) == (one.root, one.segments, one.thresholds)
            assert other.sizing_log == one.sizing_log
