"""The search finds the best of all trees, within the limits, whatever the order of rows and the number of threads."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from retention.errors import OptionError
from retention.search.best_tree import best_tree
from retention.search.bins import Binned
from retention.search.greedy import greedy_tree, regression_tree
from retention.search.nodes import FoundNode, found_leaves, found_splits, leaf_numbers
from retention.search.objectives import ArmProfit, LeafLimits, Objective, ValueSpread
from retention.search.sums import Sums
from tests.retention.search.planted import best_of_all, binned_of, problems, worth_of

Problem = tuple[tuple[Binned, ...], Sums]
LIMITS = st.builds(
    LeafLimits, st.integers(0, 8), st.none() | st.integers(8, 30), st.integers(0, 3), st.sampled_from([0.0, 1.5])
)
OBJECTIVES = st.one_of(
    st.builds(lambda limits: ArmProfit(limits, 2), LIMITS),
    st.builds(lambda limits, price: ArmProfit(limits, 2, (price, price)), LIMITS, st.floats(0, 2)),
    st.builds(ValueSpread, LIMITS),
)


def sums_of(node: FoundNode) -> npt.NDArray[np.float64]:
    """Return the sums of the leaves, shape (K, leaves)."""
    return np.array([leaf.sums for leaf in found_leaves(node)]).T


def _checked(problem: Problem, objective: Objective, depth: int) -> None:
    features, sums = problem
    wanted = best_of_all(np.arange(sums.parts.shape[0]), features, sums, objective, depth)
    if wanted == -np.inf:
        with pytest.raises(OptionError, match="no tree has all its leaves within the limits"):
            best_tree(sums, features, objective, depth)
        return
    found = best_tree(sums, features, objective, depth)
    assert worth_of(found, sums, objective) == pytest.approx(wanted, rel=1e-12)
    assert (objective.allowed(sums_of(found)) > -np.inf).all()


@given(problem=problems(features=3, bins=4), objective=OBJECTIVES, depth=st.integers(0, 2))
def test_the_search_agrees_with_trying_all_trees(problem: Problem, objective: Objective, depth: int) -> None:
    _checked(problem, objective, depth)


@given(problem=problems(features=2, bins=3), objective=OBJECTIVES)
@pytest.mark.untraced
def test_the_search_agrees_at_depth_three(problem: Problem, objective: Objective) -> None:
    _checked(problem, objective, 3)


@pytest.mark.proof
@given(problem=problems(features=3, bins=3), objective=OBJECTIVES)
def test_the_search_agrees_at_length(problem: Problem, objective: Objective) -> None:
    _checked(problem, objective, 3)


@pytest.mark.proof
@given(problem=problems(features=2, bins=2), objective=OBJECTIVES)
def test_the_search_agrees_at_depth_four(problem: Problem, objective: Objective) -> None:
    _checked(problem, objective, 4)


@given(problem=problems(), objective=OBJECTIVES, seed=st.integers(0, 99))
def test_nothing_depends_on_the_order_of_rows_or_on_threads(problem: Problem, objective: Objective, seed: int) -> None:
    features, sums = problem
    order = np.random.default_rng(seed).permutation(len(sums.parts))
    shuffled = Sums(sums.codes[:, order], sums.sizes, sums.parts[order])
    try:
        found = best_tree(sums, features, objective, 3, threads=1)
    except OptionError:
        return
    assert best_tree(shuffled, features, objective, 3, threads=3) == found


@given(problem=problems(), objective=OBJECTIVES, depth=st.integers(0, 3))
def test_greedy_is_a_tree_of_the_same_kind_and_never_better(problem: Problem, objective: Objective, depth: int) -> None:
    features, sums = problem
    sums.parts[:, 0] = 1
    worth = worth_of(greedy_tree(sums, features, objective, depth), sums, objective)
    if worth > -np.inf:
        best = worth_of(best_tree(sums, features, objective, depth), sums, objective)
        assert worth <= best + 1e-9 * abs(best)


@given(problem=problems(), minimum=st.integers(1, 6), depth=st.integers(1, 3))
def test_the_regression_tree_keeps_its_sums_and_is_never_better(problem: Problem, minimum: int, depth: int) -> None:
    features, sums = problem
    sums.parts[:, :2] = 1
    rival, objective = regression_tree(sums, features, minimum, depth), ValueSpread(LeafLimits(minimum))
    numbers = leaf_numbers(rival, sums.codes)
    assert [leaf.sums[0] for leaf in found_leaves(rival)] == np.bincount(numbers).tolist()
    if len(sums.parts) >= minimum:
        best = worth_of(best_tree(sums, features, objective, depth), sums, objective)
        assert worth_of(rival, sums, objective) <= best + 1e-9 * abs(best)


def test_a_pattern_that_no_single_split_shows_is_found() -> None:
    """Two features that matter only together: greedy sees nothing, the search everything."""
    features = binned_of([2, 2], [False, False])
    codes = np.array([[1, 1, 2, 2], [1, 2, 1, 2]], dtype=np.uint8).repeat(10, axis=1)
    gain = np.where(codes[0] == codes[1], 3.0, -3.0)
    sums = Sums(codes, (3, 3), np.stack([np.ones(40), gain], axis=1))
    objective = ArmProfit(LeafLimits(5))
    best, rival = best_tree(sums, features, objective, 2), greedy_tree(sums, features, objective, 2)
    assert objective.worth(sums_of(best)).sum() == 60
    assert objective.worth(sums_of(rival)).sum() == 0


def test_a_missing_value_goes_where_it_fits() -> None:
    features = binned_of([2], [True])
    codes = np.array([[0] * 5 + [1] * 5 + [2] * 5], dtype=np.uint8)
    for like, low in ((1, True), (2, False)):
        value = np.where((codes[0] == like) | (codes[0] == 0), 1.0, -2.0)
        sums = Sums(codes, (3,), np.stack([np.ones(15), np.ones(15), value], axis=1))
        (split,) = found_splits(best_tree(sums, features, ValueSpread(LeafLimits()), 1))
        assert split.binned.options[split.option] == (1, low)


def test_progress_is_told_and_may_end_the_search() -> None:
    features = binned_of([3, 3], [False, False])
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 4, (2, 50)).astype(np.uint8)
    sums = Sums(codes, (4, 4), np.ones((50, 3)))
    told: list[float] = []
    best_tree(sums, features, ValueSpread(LeafLimits()), 2, progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(step: str, share: float) -> None:
        raise KeyboardInterrupt(step, share)

    with pytest.raises(KeyboardInterrupt):
        best_tree(sums, features, ValueSpread(LeafLimits()), 2, progress=stop)


def test_a_search_without_end_is_refused() -> None:
    features = binned_of([32] * 4, [True] * 4)
    sums = Sums(np.ones((4, 9), dtype=np.uint8), (33,) * 4, np.ones((9, 3)))
    with pytest.raises(OptionError, match="a search of depth 5 is too large"):
        best_tree(sums, features, ValueSpread(LeafLimits()), 5)
