from collections.abc import Sequence
from itertools import pairwise, product
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, strategies as st

from retention.partition.quantiles import UNREACHED, FeatureSample, fit_cuts
from retention.policy.policy import quantile_of

QUANTILES = ["q1", "q10", "q20", "q50", "q80", "q90", "q99.5"]
MOVED = "ties left a branch empty"


def sample(*values: float) -> FeatureSample:
    return FeatureSample.of(np.array(values, dtype=float))


def cuts_of(values: FeatureSample, asked: Sequence[float | str]) -> list[float]:
    return [cut for cut, _ in fit_cuts(values, asked)]


def empty_branches(values: FeatureSample, cuts: Sequence[float]) -> int:
    edges = [-inf, *cuts, inf]
    return sum(not any(low < value <= high for value in values.values) for low, high in pairwise(edges))


@given(values=st.lists(st.integers(0, 10**6), min_size=30, max_size=60, unique=True), asked=st.sampled_from(QUANTILES))
def test_a_quantile_is_numpys_linear_one(values: list[int], asked: str) -> None:
    share = quantile_of(asked)
    assert share is not None
    assert fit_cuts(sample(*values), [asked]) == ((float(np.quantile(values, share)), ""),)


def test_missing_and_infinite_values_have_no_part_in_a_quantile() -> None:
    assert fit_cuts(sample(nan, 1, 2, 3, inf, -inf), ["q50"]) == ((2.0, ""),)


@pytest.mark.parametrize(
    ("values", "asked", "expected"),
    [
        ([1, 1, 1, 2], "q50", (1.0, "")),
        ([1, 2, 2, 2], "q50", (1.0, f"moved from 2: {MOVED}")),
        ([0, 0, 0, 0, 5, 9], "q20", (0.0, "")),
        ([5, 9, 9, 9, 9, 9], "q80", (5.0, f"moved from 9: {MOVED}")),
        ([1, 7, 8, 8, 8, 8], "q80", (7.0, f"moved from 8: {MOVED}")),
        ([3, 3, 3], "q50", (3.0, "nobody is over it")),
        ([3], "q80", (3.0, "nobody is over it")),
    ],
)
def test_ties_move_a_cut_to_the_nearest_value_that_fills_both_sides(
    values: list[float], asked: str, expected: tuple[float, str]
) -> None:
    assert fit_cuts(sample(*values), [asked]) == (expected,)


def test_two_quantiles_on_one_tie_part_at_the_next_value() -> None:
    fitted = fit_cuts(sample(0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 9), ["q20", "q80"])
    assert fitted == ((0.0, ""), (4.0, f"moved from 0: {MOVED}"))


def best_cuts(values: FeatureSample, asked: Sequence[float | str]) -> list[float]:
    """Try every choice of cuts: fewest empty branches, then the least distance moved, then the lowest."""
    shares = [quantile_of(cut) for cut in asked]
    raw = [float(c) if q is None else float(np.quantile(values.values, q)) for c, q in zip(asked, shares, strict=True)]
    distinct = set(values.values.tolist())
    pools = [{cut} if q is None else {cut, *distinct} for cut, q in zip(raw, shares, strict=True)]
    choices = [list(choice) for choice in product(*pools) if list(choice) == sorted(choice)]
    distance = {tuple(c): sum(abs(a - b) for a, b in zip(c, raw, strict=True)) for c in choices}
    return min(choices, key=lambda c: (empty_branches(values, c), distance[tuple(c)], c))


@given(
    values=st.lists(st.integers(0, 5).map(float), min_size=1, max_size=14),
    asked=st.sets(st.sampled_from(QUANTILES), min_size=1, max_size=3).map(lambda qs: sorted(qs, key=QUANTILES.index)),
)
def test_moved_quantiles_are_the_best_of_all_choices(values: list[float], asked: list[float | str]) -> None:
    known = sample(*values)
    cuts, best = cuts_of(known, asked), best_cuts(known, asked)
    raw = [float(np.quantile(known.values, quantile_of(q) or 0)) for q in asked]
    assert empty_branches(known, cuts) == empty_branches(known, best)
    moved, least = (sum(abs(a - b) for a, b in zip(c, raw, strict=True)) for c in (cuts, best))
    assert moved == pytest.approx(least)


@given(
    values=st.lists(st.integers(0, 6).map(float), min_size=1, max_size=14),
    value=st.integers(0, 6).map(float),
    first=st.booleans(),
    asked=st.sampled_from(["q20", "q50", "q80"]),
)
def test_mixed_cuts_keep_the_values_and_are_the_best_or_stand_as_they_were_asked(
    values: list[float], value: float, first: bool, asked: str
) -> None:
    known = sample(*values)
    mix: list[float | str] = [value, asked] if first else [asked, value]
    raw = float(np.quantile(known.values, quantile_of(asked) or 0))
    ordered = value <= raw if first else raw <= value
    cuts = cuts_of(known, mix)
    assert cuts[mix.index(value)] == value
    if not ordered:
        assert cuts[mix.index(asked)] == raw
        return
    best = best_cuts(known, mix)
    assert empty_branches(known, cuts) == empty_branches(known, best)
    assert abs(cuts[mix.index(asked)] - raw) == pytest.approx(abs(best[mix.index(asked)] - raw))


@given(
    values=st.lists(st.integers(0, 4).map(float) | st.floats(0, 5), min_size=1, max_size=30),
    asked=st.sets(st.sampled_from(QUANTILES), min_size=1, max_size=4).map(lambda qs: sorted(qs, key=QUANTILES.index)),
)
def test_no_branch_is_empty_where_there_are_enough_values_and_each_that_is_has_a_note(
    values: list[float], asked: list[float | str]
) -> None:
    known = sample(*values)
    fitted = fit_cuts(known, asked)
    cuts = [cut for cut, _ in fitted]
    assert cuts == sorted(cuts)
    assert empty_branches(known, cuts) == max(0, len(asked) + 1 - len(set(values)))
    assert not empty_branches(known, cuts) or any("nobody" in note or MOVED in note for _, note in fitted)


def test_values_stay_where_they_are_and_a_note_says_where_nobody_is() -> None:
    notes = [note for _, note in fit_cuts(sample(5, 6, 50), [1.0, 10.0, 20.0, 90.0])]
    assert notes == ["nobody is at or below it", "", "nobody is between it and the previous cut", "nobody is over it"]


@pytest.mark.parametrize(
    ("asked", "cuts"),
    [
        (["q50"], [UNREACHED]),
        (["q20", "q80"], [UNREACHED, UNREACHED]),
        ([90.0], [90.0]),
        (["q20", 90.0], [90.0, 90.0]),
        ([90.0, "q80"], [90.0, UNREACHED]),
        (["q20", 5.0, "q50", 90.0, "q80"], [5.0, 5.0, 90.0, 90.0, UNREACHED]),
    ],
)
def test_a_column_without_a_value_has_cuts_in_order_that_nobody_is_over(
    asked: list[float | str], cuts: list[float]
) -> None:
    assert fit_cuts(sample(nan, inf), asked) == tuple((cut, "no value is known") for cut in cuts)


def test_many_quantiles_on_one_tie_are_placed_without_reading_the_values_again_and_again() -> None:
    values = np.concatenate([np.zeros(70_000), np.arange(1.0, 30_001.0)])
    cuts = cuts_of(FeatureSample.of(values), [f"q{share}" for share in range(1, 33)])
    assert cuts == [float(i) for i in range(32)]
