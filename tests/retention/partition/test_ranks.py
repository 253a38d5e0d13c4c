import operator
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from retention.partition import ranks
from retention.partition.parts import Add, Numbers, S, Total
from retention.partition.quantiles import FeatureSample, fit_cuts
from retention.partition.ranks import PiecedSample, each_at_ranks, quantiles_of_each

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 1.0, 2.5, 5e-324, -5e-324, 1.7e308, float("nan"), float("inf")]),
)
PIECES = st.lists(st.lists(NUMBERS, max_size=8), min_size=1, max_size=5)
ASKED = st.lists(
    st.one_of(st.integers(1, 99).map(lambda share: f"q{share}"), st.floats(-10, 10)), min_size=1, max_size=3
)


@pytest.fixture(params=[0, 2, 1 << 16], scope="module", autouse=True)
def few(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let numbers be counted to their last digit, or be taken when they are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "_FEW", request.param)
        yield


def over(pieces: Sequence[Any]) -> Total:
    """Return what adds up over pieces of one column, or of several."""

    def total(of: Callable[[Any], S], add: Add[S] = operator.add, /) -> S:
        return reduce(add, map(of, pieces))

    return total


def pieced(pieces: list[list[float]]) -> tuple[FeatureSample, PiecedSample]:
    """Return one sample in one piece, and in several."""
    # Which of the two zeros numpy returns depends on the order; reading makes one of them.
    arrays = [np.array(piece, dtype=np.float64) + 0.0 for piece in pieces]
    return FeatureSample.of(np.concatenate(arrays)), PiecedSample(over(arrays))


@given(PIECES, st.lists(st.integers(1, 99), max_size=4), st.floats(allow_nan=False), st.integers(1, 3))
def test_a_sample_in_pieces_is_the_sample_in_one(
    pieces: list[list[float]], percents: list[int], cut: float, reach: int
) -> None:
    whole, parts = pieced(pieces)
    shares = [percent / 100 for percent in percents]
    assert parts.size == whole.size
    if whole.size:
        with np.errstate(over="ignore", invalid="ignore"):
            np.testing.assert_array_equal(parts.quantiles(shares), whole.quantiles(shares))
    assert parts.at_most([cut, 0.0]) == whole.at_most([cut, 0.0])
    assert parts.near(cut, reach) == whole.near(cut, reach)
    assert parts.filled(cut, cut + 1) == whole.filled(cut, cut + 1)
    assert parts.filled(-np.inf, cut) == whole.filled(-np.inf, cut)


@given(PIECES, ASKED)
def test_cuts_fitted_to_pieces_are_those_of_the_whole(pieces: list[list[float]], asked: list[float | str]) -> None:
    whole, parts = pieced([[value for value in piece if abs(value) < 1e100] for piece in pieces])
    assert fit_cuts(parts, asked) == fit_cuts(whole, asked)


@example([0, -1, 65536, -65537, 131072])
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30))
def test_whole_numbers_have_their_ranks(numbers: list[int]) -> None:
    ordered, array = sorted(numbers), np.array(numbers, dtype=np.int64)
    (found,) = each_at_ranks(over([[array[:3]], [array[3:]]]), [range(len(numbers))], np.int64)
    assert found.tolist() == ordered


@pytest.mark.parametrize("many", [1, 7])
def test_the_numbers_of_many_rows_are_found_piece_by_piece(many: int) -> None:
    rng = np.random.default_rng(3)
    values = np.round(rng.lognormal(4, 1, 200_000), 2)

    shares = [0.001, 0.2, 0.5, 0.8, 0.99, 1 / 3]
    assert PiecedSample(over(np.array_split(values, many))).quantiles(shares) == np.quantile(values, shares).tolist()


def test_many_ranks_are_found_without_a_counter_for_each_digit_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "_COUNTERS", 6)
    hashes = np.random.default_rng(0).integers(0, 1 << 60, 300)
    (found,) = each_at_ranks(over([[piece] for piece in np.array_split(hashes, 4)]), [range(0, 300, 2)], np.int64)
    np.testing.assert_array_equal(found, np.sort(hashes)[::2])


def test_few_numbers_are_taken_instead_of_looked_at_again() -> None:
    if not ranks._FEW:
        pytest.skip("nothing is few")
    looks, hashes = list[object](), np.random.default_rng(0).integers(0, 1 << 60, 3000)

    def total(of: Callable[[Sequence[Numbers]], S], add: Add[S] = operator.add, /) -> S:
        looks.append(of)
        found: S = over([[piece] for piece in np.array_split(hashes, 4)])(of, add)
        return found

    assert each_at_ranks(total, [[10]], np.int64)[0].tolist() == [np.sort(hashes)[10]]
    assert len(looks) < 4


@given(
    st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9), min_size=1, max_size=4)
)
def test_several_columns_are_looked_at_together(columns: list[list[float]]) -> None:
    arrays = [np.array(column) / 2 + 0.0 for column in columns]
    pieces = [[array[:2] for array in arrays], [array[2:] for array in arrays]]

    def total(of: Callable[[Iterator[Numbers]], S], add: Add[S] = operator.add, /) -> S:
        return reduce(add, (of(iter(piece)) for piece in pieces))

    shares = [0.5, 0.9]
    found = quantiles_of_each(total, [len(array) for array in arrays], shares)
    assert found == [np.quantile(array, shares).tolist() for array in arrays]
