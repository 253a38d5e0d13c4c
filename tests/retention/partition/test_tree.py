from math import inf, nan, nextafter

import pytest
from hypothesis import given, strategies as st

from retention.partition.grid import grid_of, leaf_table
from retention.partition.proof import prove
from retention.partition.quantiles import UNREACHED
from retention.partition.tree import Condition, FittedSplit, inner_nodes, leaves, refine, rule_of
from retention.wording import number_words
from tests.strategies import Nested, fitted, nested_trees

AOV, REGION = "avg_order_value", "region"
TREE: Nested = {"low": {"quiet": "A", "active": "B"}, "mid": {"quiet": "C", "active": "D"}, "high": "E"}


@pytest.mark.parametrize(
    ("value", "held"),
    [(nan, False), (None, False), (20.0, False), (nextafter(20, 99), True), (90.0, True), (nextafter(90, 99), False)],
)
def test_an_interval_is_open_below_and_closed_above(value: float | None, held: bool) -> None:
    assert Condition(AOV, "mid", interval=(20.0, 90.0)).holds(value) is held


def test_the_outer_intervals_hold_infinities() -> None:
    low, high = Condition(AOV, "low", interval=(-inf, 20.0)), Condition(AOV, "high", interval=(20.0, inf))
    assert [c.holds(v) for c in (low, high) for v in (-inf, inf)] == [True, False, False, True]


@pytest.mark.parametrize("value", [nan, None, "", "  "])
def test_missing_is_what_the_condition_says(value: float | str | None) -> None:
    assert Condition(REGION, "none", missing=True).holds(value)
    assert not Condition(REGION, "none", excluded=()).holds(value)


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (Condition(REGION, "n", values=("north",)), {"north", " NORTH"}),
        (Condition(REGION, "n", values=("north",), excluded=("south",)), {"north", " NORTH", "west"}),
        (Condition(REGION, "n", excluded=("north",)), {"south", "west"}),
        (Condition(REGION, "n", missing=True), set()),
    ],
)
def test_a_category_is_held_by_its_group_or_by_else(condition: Condition, held: set[str]) -> None:
    assert {value for value in ("north", " NORTH", "south", "west") if condition.holds(value)} == held


@pytest.mark.parametrize(
    ("condition", "token", "words"),
    [
        (Condition(AOV, "high", interval=(90.0, inf)), "AOV_High", "average order value over 90"),
        (Condition(AOV, "low", interval=(-inf, 20.5)), "AOV_Low", "average order value at most 20.50"),
        (Condition(AOV, "mid", interval=(20.0, 90.0)), "AOV_Mid", "average order value over 20 to 90"),
        (
            Condition(AOV, "low", interval=(-inf, 20.0), missing=True),
            "AOV_Low",
            "average order value at most 20 or unknown",
        ),
        (Condition(AOV, "none", missing=True), "AOV_None", "average order value unknown"),
        (Condition(AOV, "low", interval=(-inf, UNREACHED)), "AOV_Low", "any average order value"),
        (Condition(AOV, "high", interval=(UNREACHED, inf)), "AOV_High", "no average order value"),
        (
            Condition("days_since_last_order", "very old-hand", interval=(180.0, inf)),
            "DaysSinceLastOrder_VeryOldHand",
            "days since the last order over 180",
        ),
        (Condition(REGION, "home", values=("n", "s")), "Region_Home", "region n or s"),
        (Condition(REGION, "rest", excluded=("n", "s")), "Region_Rest", "region not n or s"),
        (Condition(REGION, "rest", excluded=("n",), missing=True), "Region_Rest", "region not n or unknown"),
        (Condition(REGION, "rest", missing=True), "Region_Rest", "region unknown"),
    ],
)
def test_a_condition_reads_as_a_token_and_in_words(condition: Condition, token: str, words: str) -> None:
    assert (condition.token, condition.words()) == (token, words)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "0.5"),
        (0.51234, "0.512"),
        (12.345, "12.35"),
        (0.0, "0"),
        (1e6, "1,000,000"),
        (1e16, "10,000,000,000,000,000.00"),
    ],
)
def test_a_cut_reads_shortly(value: float, words: str) -> None:
    assert number_words(value) == words


@pytest.mark.parametrize(
    ("members", "tokens"),
    [
        ([0], "AOV_Low AND Engagement_Quiet"),
        ([0, 1], "AOV_Low"),
        ([4], "AOV_High"),
        ([1, 3], "(AOV_Low AND Engagement_Active) OR (AOV_Mid AND Engagement_Active)"),
        ([0, 1, 2], "AOV_Low OR (AOV_Mid AND Engagement_Quiet)"),
        ([0, 1, 2, 3, 4], "All"),
    ],
)
def test_the_rule_of_some_leaves_names_whole_branches_as_the_branch(members: list[int], tokens: str) -> None:
    assert rule_of(fitted(TREE), members)[0] == tokens


def test_the_rule_in_words_joins_paths() -> None:
    root = fitted(TREE)
    assert rule_of(root, [1, 4])[1] == (
        "average order value at most 1 or unknown, engagement over 1; or average order value over 2"
    )
    assert rule_of(root, range(5))[1] == "everyone"


def test_leaves_and_splits_come_in_the_order_of_the_tree() -> None:
    root = fitted(TREE)
    assert [(leaf.index, leaf.name) for leaf in leaves(root)] == list(enumerate("ABCDE"))
    assert [len(node.path) for node in inner_nodes(root)] == [0, 1, 1]


@given(nested=nested_trees(), data=st.data())
def test_refining_splits_the_asked_leaves_and_stays_sound(nested: Nested, data: st.DataObject) -> None:
    root = fitted(nested)
    count = len(tuple(leaves(root)))
    members = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    low = Condition("cart_value", "low", interval=(-inf, 5.0), missing=True)
    high = Condition("cart_value", "high", interval=(5.0, inf))
    refined, fresh = refine(root, members, low, high)
    assert [len(new) for new in fresh] == [2 if old in members else 1 for old in range(count)]
    assert [index for new in fresh for index in new] == [leaf.index for leaf in leaves(refined)]
    grid = grid_of(refined)
    proof = prove(tuple(leaves(refined)), grid, leaf_table(refined, grid))
    assert (proof.gaps, proof.overlaps, proof.disagreements) == (0, 0, 0)


def test_a_refined_leaf_keeps_its_name_and_path_in_its_parts() -> None:
    low = Condition("cart_value", "low", interval=(-inf, 5.0), missing=True)
    high = Condition("cart_value", "high", interval=(5.0, inf))
    root, fresh = refine(fitted({"low": "A", "high": "B"}), [1], low, high)
    assert isinstance(root, FittedSplit)
    assert fresh == [(0,), (1, 2)]
    assert [leaf.name for leaf in leaves(root)] == ["A", "B / low", "B / high"]
    assert [[c.token for c in leaf.path] for leaf in leaves(root)][2] == ["AOV_High", "Cart_High"]
