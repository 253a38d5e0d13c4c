from math import ceil

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from retention.partition.sizing import SMALLEST_UNIVERSE, Sized, SizeLimits, enforce_minimum, wave_count, waves
from retention.partition.tree import leaves
from retention.policy.policy import ALL, OTHER, Campaign, Policy, Sizes
from tests.strategies import CAMPAIGN, Nested, fitted, nested_trees, policy_of

PAIRS: Nested = {"low": {"quiet": "A", "active": "B"}, "mid": {"quiet": "C", "active": "D"}, "high": "E"}
ROW: Nested = {"low": {"a": "A", "b": "B", "c": "C"}, "high": "D"}


def policy_for(nested: Nested) -> Policy:
    """Return a policy with a campaign for each leaf; sizing reads nothing else of it."""
    names = [leaf.name for leaf in leaves(fitted(nested))]
    campaigns = {name: Campaign.model_validate(CAMPAIGN | {"message": f"for {name}"}) for name in names}
    return policy_of(names[0]).model_copy(update={"segments": campaigns})


def size(nested: Nested, sizes: list[int], minimum: int) -> Sized:
    return enforce_minimum(fitted(nested), sizes, policy_for(nested), minimum)


def outcome(sized: Sized) -> dict[str, tuple[tuple[int, ...], int]]:
    return {group.name: (group.leaves, group.size) for group in sized.groups}


def told(sized: Sized) -> list[tuple[str, str, int, str, int]]:
    return [(step.action, step.segment, step.size, step.into, step.into_size) for step in sized.log]


def test_segments_of_the_minimum_stay_as_they_are() -> None:
    sized = size(PAIRS, [50, 51, 50, 60, 50], 50)
    assert [group.name for group in sized.groups] == list("ABCDE")
    assert sized.log == ()


def test_a_small_leaf_merges_with_its_sibling_and_keeps_the_larger_ones_name_and_campaign() -> None:
    sized = size(PAIRS, [100, 10, 60, 60, 60], 50)
    assert outcome(sized)["A"] == ((0, 1), 110)
    assert told(sized) == [("merge", "B", 10, "A", 110)]
    assert sized.groups[0].campaign.message == "for A"
    turned = size(PAIRS, [10, 100, 60, 60, 60], 50)
    assert outcome(turned)["B"] == ((0, 1), 110)
    assert turned.groups[0].campaign.message == "for B"


@pytest.mark.parametrize(
    ("sizes", "into"), [([100, 10, 200, 99], "C"), ([200, 10, 100, 99], "A"), ([100, 10, 100, 99], "A")]
)
def test_between_two_nearest_siblings_the_larger_is_taken(sizes: list[int], into: str) -> None:
    assert told(size(ROW, sizes, 50))[0][:4] == ("merge", "B", 10, into)


def test_the_nearest_sibling_is_nearer_than_a_larger_one_further_off() -> None:
    assert told(size(ROW, [10, 60, 500, 99], 50)) == [("merge", "A", 10, "B", 70)]


def test_a_sibling_is_nearer_than_a_neighbour_of_another_branch() -> None:
    nested: Nested = {"low": {"a": {"x": "A", "y": "B"}, "b": {"x": "C", "y": "D"}}, "high": "E"}
    assert told(size(nested, [60, 10, 500, 60, 60], 50)) == [("merge", "B", 10, "A", 70)]


def test_the_smallest_leaf_merges_first() -> None:
    sized = size(ROW, [30, 20, 40, 99], 50)
    assert told(sized) == [("merge", "B", 20, "C", 60), ("merge", "A", 30, "C", 90)]


def test_a_whole_branch_under_the_minimum_goes_to_other() -> None:
    sized = size({"low": {"quiet": "A", "active": "B"}, "mid": "C", "high": "D"}, [10, 20, 100, 200], 25)
    assert told(sized) == [("merge", "A", 10, "B", 30)]
    sized = size({"low": "A", "mid": "B", "high": {"quiet": "C", "active": "D"}}, [20, 24, 100, 200], 25)
    assert told(sized) == [
        ("else", "A", 20, OTHER, 20),
        ("else", "B", 24, OTHER, 44),
    ]
    assert list(outcome(sized)) == ["C", "D", OTHER]


def test_a_branch_of_several_leaves_goes_to_other_as_a_whole() -> None:
    sized = size(PAIRS, [10, 12, 300, 310, 400], 60)
    assert told(sized)[:2] == [("else", "A", 10, OTHER, 10), ("else", "B", 12, OTHER, 22)]


def test_other_under_the_minimum_takes_in_the_smallest_segment() -> None:
    sized = size(PAIRS, [10, 12, 300, 310, 299], 60)
    assert told(sized)[2:] == [("else", "E", 299, OTHER, 321)]
    assert outcome(sized) == {"C": ((2,), 300), "D": ((3,), 310), OTHER: ((0, 1, 4), 321)}
    assert sized.groups[-1].campaign == policy_for(PAIRS).other


def test_other_of_the_minimum_takes_in_nothing() -> None:
    sized = size({"a": "A", "b": "B", "c": "C", "d": "D"}, [30, 31, 100, 100], 40)
    assert outcome(sized)[OTHER] == ((0, 1), 61)
    assert list(outcome(sized)) == ["C", "D", OTHER]


def test_an_empty_leaf_folds_into_its_nearest_neighbour_and_drags_nothing_into_other() -> None:
    sized = size({"low": "A", "mid": "B", "high": "C"}, [0, 100, 200], 50)
    assert told(sized) == [("fold", "A", 0, "B", 100)]
    assert outcome(sized) == {"B": ((0, 1), 100), "C": ((2,), 200)}


def test_a_folded_leaf_does_not_move_its_segment_into_another_branch() -> None:
    nested: Nested = {"low": "A", "mid": {"quiet": "B", "active": "C"}, "high": "D"}
    sized = size(nested, [0, 100, 10, 100], 50)
    assert told(sized) == [("fold", "A", 0, "B", 100), ("merge", "C", 10, "B", 110)]
    assert outcome(sized) == {"B": ((0, 1, 2), 110), "D": ((3,), 100)}


@pytest.mark.parametrize(("sizes", "total"), [([0, 0, 1, 0, 0], 1), ([4, 4, 4, 4, 3], 19)])
def test_a_universe_under_20_is_one_segment(sizes: list[int], total: int) -> None:
    sized = size(PAIRS, sizes, 1)
    assert outcome(sized) == {ALL: ((0, 1, 2, 3, 4), total)}
    assert told(sized) == [("keep whole", "every leaf", total, ALL, total)]
    assert sized.groups[0].campaign == policy_for(PAIRS).other


def test_a_universe_of_20_is_split() -> None:
    assert len(size(PAIRS, [4, 4, 4, 4, 4], 1).groups) == 5


@pytest.mark.parametrize(
    ("universe", "minimum"),
    [(1, 1), (19, 1), (33, 1), (34, 2), (50, 2), (800, 24), (1_500, 45), (16_634, 500), (22_000, 500), (10**6, 500)],
)
def test_the_default_minimum_is_3_percent_up_to_500(universe: int, minimum: int) -> None:
    assert SizeLimits.of(Sizes(), universe).minimum == minimum
    assert minimum == min(500, ceil(universe * 3 / 100))


def test_an_explicit_minimum_is_taken_as_it_is() -> None:
    assert SizeLimits.of(Sizes(min_size=7, max_size=9), 10**6) == SizeLimits(7, 9)


def test_a_tiny_universe_is_never_split_for_its_size() -> None:
    asked = Sizes(max_size=5, split_oversize=True)
    assert not SizeLimits.of(asked, SMALLEST_UNIVERSE - 1).split_oversize
    assert SizeLimits.of(asked, SMALLEST_UNIVERSE).split_oversize


def test_a_step_reads_as_a_sentence() -> None:
    step = size(PAIRS, [1000, 10, 60, 60, 60], 50).log[0]
    assert str(step) == "merge: B (10) -> A (1,010): under the minimum of 50"


@given(nested=nested_trees(), minimum=st.integers(1, 120), data=st.data())
def test_sizing_keeps_the_partition_reaches_the_minimum_and_ends(
    nested: Nested, minimum: int, data: st.DataObject
) -> None:
    names = [leaf.name for leaf in leaves(fitted(nested))]
    sizes = data.draw(
        st.lists(st.sampled_from([0, 0, 1, 5, 20, 21, 60, 100, 400]), min_size=len(names), max_size=len(names))
    )
    sized = size(nested, sizes, minimum)
    assert sorted(leaf for group in sized.groups for leaf in group.leaves) == list(range(len(names)))
    assert [group.size for group in sized.groups] == [
        sum(sizes[leaf] for leaf in group.leaves) for group in sized.groups
    ]
    assert len(sized.groups) == 1 or all(group.size >= minimum for group in sized.groups)
    assert len({group.name for group in sized.groups}) == len(sized.groups)
    assert {group.name for group in sized.groups} <= {*names, OTHER, ALL}
    assert sized == size(nested, sizes, minimum)


@given(nested=nested_trees(), minimum=st.integers(1, 120), data=st.data())
def test_the_log_tells_every_merge_with_names_and_sizes(nested: Nested, minimum: int, data: st.DataObject) -> None:
    names = [leaf.name for leaf in leaves(fitted(nested))]
    sizes = data.draw(
        st.lists(st.integers(4, 90), min_size=len(names), max_size=len(names)).filter(lambda s: sum(s) >= 20)
    )
    sized = size(nested, sizes, minimum)
    state = dict(zip(names, sizes, strict=True))
    for step in sized.log:
        assert state.pop(step.segment) == step.size
        state[step.into] = state.get(step.into, 0) + step.size
        assert state[step.into] == step.into_size
    assert state == {group.name: group.size for group in sized.groups}


def reversed_hash(members: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    return -members.astype(np.int64)


def test_a_segment_over_the_maximum_is_cut_into_waves_by_the_rank_of_the_hash() -> None:
    codes = np.array([0, 1, 0, 0, 1, 0, 0], dtype=np.uint8)
    assert waves(codes, [5, 2], 2, reversed_hash).tolist() == [3, 1, 2, 2, 1, 1, 1]


def test_segments_up_to_the_maximum_are_one_wave_and_are_not_hashed() -> None:
    def never(_members: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        raise AssertionError("hashed for nothing")

    assert waves(np.zeros(4, dtype=np.uint8), [4], 4, never).tolist() == [1, 1, 1, 1]


@given(count=st.integers(1, 300), maximum=st.integers(1, 310))
def test_waves_are_as_few_as_can_be_and_differ_by_at_most_one(count: int, maximum: int) -> None:
    numbers, sizes = np.unique(
        waves(np.zeros(count, dtype=np.uint8), [count], maximum, reversed_hash), return_counts=True
    )
    assert numbers.tolist() == list(range(1, ceil(count / maximum) + 1))
    assert len(numbers) == wave_count(count, maximum)
    assert sizes.max() <= maximum
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(("count", "maximum", "expected"), [(0, 5, 1), (5, 5, 1), (6, 5, 2), (10, 5, 2), (11, 5, 3)])
def test_the_number_of_waves(count: int, maximum: int, expected: int) -> None:
    assert wave_count(count, maximum) == expected
