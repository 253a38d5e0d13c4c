from typing import Any

import pytest
from pydantic import ValidationError

from retention.policy.policy import ALL, MAX_DEPTH, OTHER, Policy, Sizes, Weights, depth, features, leaf_names, splits
from tests.strategies import CAMPAIGN, cut, policy_data, policy_of

AOV = "avg_order_value"
HALVES = cut(AOV, ["q50"], {"low": "A", "high": "B"})


def region(**changes: Any) -> dict[str, Any]:
    base = {"split": "region", "groups": {"north": ["N", "NE"]}, "else": "rest", "missing": "rest"}
    return base | {"branches": {"north": "A", "rest": "B"}} | changes


def test_a_policy_may_be_a_single_leaf() -> None:
    policy = policy_of("Everyone")
    assert (depth(policy.tree), list(leaf_names(policy.tree)), features(policy)) == (0, ["Everyone"], ())


def test_missing_values_may_have_a_branch_of_their_own_listed_last() -> None:
    policy = policy_of(cut(AOV, [90], {"low": "A", "high": "B", "none": "C"}, missing="none"))
    assert list(leaf_names(policy.tree)) == ["A", "B", "C"]


def test_features_are_listed_once_in_the_order_of_the_contract() -> None:
    nested = cut("engagement_score", [0.5], {"low": cut(AOV, [1], {"a": "A", "b": "B"}), "high": "C"})
    policy = policy_of(cut(AOV, [90], {"low": nested, "high": "D"}))
    assert features(policy) == (AOV, "engagement_score")
    assert [split.split for split in splits(policy.tree)] == [AOV, "engagement_score", AOV]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (cut(AOV, ["q80", "q20"], {"a": "A", "b": "B", "c": "C"}), "cuts must increase: the quantiles"),
        (cut(AOV, [90, 20], {"a": "A", "b": "B", "c": "C"}), "cuts must increase: the values"),
        (cut(AOV, [90, 90], {"a": "A", "b": "B", "c": "C"}), "cuts must increase: the values"),
        (cut(AOV, ["q80", 50, "q20"], dict(zip("abcd", "ABCD", strict=True))), "cuts must increase: the quantiles"),
        (cut(AOV, ["q0"], {"a": "A", "b": "B"}), "cut 'q0' is neither a number nor a quantile between q0 and q100"),
        (cut(AOV, ["q0.0"], {"a": "A", "b": "B"}), "cut 'q0.0' is neither"),
        (cut(AOV, ["q100"], {"a": "A", "b": "B"}), "cut 'q100' is neither"),
        (cut(AOV, ["q-5"], {"a": "A", "b": "B"}), "cut 'q-5' is neither"),
        (cut(AOV, ["90"], {"a": "A", "b": "B"}), "cut '90' is neither"),
        (cut(AOV, ["q\u0663"], {"a": "A", "b": "B"}), "is neither a number nor a quantile"),
        (cut(AOV, [float("nan")], {"a": "A", "b": "B"}), "cut nan is neither a finite number"),
        (cut(AOV, [float("inf")], {"a": "A", "b": "B"}), "cut inf is neither a finite number"),
        (cut(AOV, [10**400], {"a": "A", "b": "B"}), "is neither a finite number"),
        (cut(AOV, [True], {"a": "A", "b": "B"}), "cut True is neither a finite number"),
        (cut(AOV, [], {"a": "A", "b": "B"}), "at least 1 item"),
        (cut(AOV, list(range(33)), {f"b{i}": f"L{i}" for i in range(34)}), "at most 32 items"),
        (cut(AOV, [1, 2], {"a": "A", "b": "B"}), "2 cuts make 3 branches"),
        (cut(AOV, [1], {"a": "A", "b": "B", "c": "C"}), "1 cuts make 2 branches"),
        (cut(AOV, [1], {"none": "C", "a": "A", "b": "B"}, missing="none"), "1 cuts make 2 branches"),
        (
            cut(AOV, [1], {"low": "A", "high": "B"}, missing="lwo"),
            "missing: 'lwo' is not a branch. Did you mean 'low'?",
        ),
        (cut(AOV, [1], {"low": "A", "high": "B"}) | {"else": "low"}, "'else' belongs to a categorical split"),
        (cut("avg_order_valu", [1], {"a": "A", "b": "B"}), "not a numeric column .* Did you mean 'avg_order_value'"),
        (cut("region", [1], {"a": "A", "b": "B"}), "'region' is not a numeric column"),
        (cut("user_id", [1], {"a": "A", "b": "B"}), "'user_id' is not a numeric column"),
        (cut("cart_abandoned_date", [1], {"a": "A", "b": "B"}), "'cart_abandoned_date' is not a numeric column"),
        (cut(AOV, [1], {"a": "A"}), "at least 2 items"),
        (cut(AOV, [1], {"a": "A", "b": "A"}), "tree: leaf name used twice: A"),
        (cut(AOV, [1], {"a": "A", "b": OTHER}), "'Other' is reserved"),
        (cut(AOV, [1], {"a": ALL, "b": "B"}), "'All abandoners' is reserved"),
        (cut(AOV, [1], {"a": " A", "b": "B"}), "should match pattern"),
        (cut(AOV, [1], {"a": "A\x00", "b": "B"}), "should match pattern"),
        (cut(AOV, [1], {"a": "A\nB", "b": "B"}), "should match pattern"),
        (cut(AOV, [1], {"a": "A" * 61, "b": "B"}), "at most 60 characters"),
        ({"split": AOV, "missing": "a", "branches": {"a": "A", "b": "B"}}, "needs either cuts or groups"),
        (region(cuts=[1]), "needs either cuts or groups"),
        (region(split="email"), "'email' is not a categorical column"),
        (region(split="regoin"), "Did you mean 'region'"),
        (region(**{"else": None}), "a categorical split needs 'else'"),
        (region(missing="none"), "branches must be those of groups, else and missing; these do not match: none"),
        (region(branches={"north": "A", "rest": "B", "x": "C"}), "do not match: x"),
        (region(groups={"north": []}), "groups: these list no value: north"),
        (region(groups={"north": ["N", " n "]}), "a value is listed twice or is empty: n"),
        (region(groups={"north": ["N", " "]}), "a value is listed twice or is empty"),
        (region(groups={"north": [False]}), "valid string"),
    ],
)
def test_a_tree_that_is_not_total_or_not_clear_is_refused(tree: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        policy_of(tree)


def test_a_split_without_missing_is_refused() -> None:
    tree = {key: value for key, value in HALVES.items() if key != "missing"}
    with pytest.raises(ValidationError, match=r"missing\n  Field required"):
        policy_of(tree)


def test_a_tree_deeper_than_the_limit_is_refused_and_one_at_the_limit_is_not() -> None:
    def chain(levels: int) -> Any:
        tree: Any = "end"
        for level in range(levels):
            tree = cut(AOV, [level], {"low": f"L{level}", "high": tree})
        return tree

    assert depth(policy_of(chain(MAX_DEPTH)).tree) == MAX_DEPTH
    with pytest.raises(ValidationError, match=f"deeper than {MAX_DEPTH} splits"):
        policy_of(chain(MAX_DEPTH + 1))


@pytest.mark.parametrize("names", [["A"], ["A", "B", "C"]])
def test_the_segments_must_be_the_leaves(names: list[str]) -> None:
    with pytest.raises(ValidationError, match="segments must list exactly the leaves of the tree"):
        Policy.model_validate(policy_data(HALVES) | {"segments": dict.fromkeys(names, CAMPAIGN)})


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"sizes": {"min_size": 100, "max_size": 50}}, "min_size 100 is above max_size 50"),
        ({"sizes": {"min_size": 0}}, "greater than or equal to 1"),
        ({"sizes": {"min_size": True}}, "valid integer"),
        ({"sizes": {"max_size": "50"}}, "valid integer"),
        ({"sizes": {"split_oversize": "yes"}}, "valid boolean"),
        ({"weights": dict.fromkeys(Weights.model_fields, 0)}, "at least one weight must be above 0"),
        ({"weights": {"lift": -0.1}}, "greater than or equal to 0"),
        ({"weights": {"lift": float("nan")}}, "finite number"),
        ({"weights": {"lift": 1e300}}, "less than or equal to"),
        ({"weights": {"lfit": 0.1}}, "Extra inputs"),
        ({"assumptions": {"margin": 1.01}}, "less than or equal to 1"),
        ({"assumptions": {"margin": "0.3"}}, "valid number"),
        ({"assumptions": {"contact_cost": float("inf")}}, "finite number"),
        ({"assumptions": {"lift": {"value": 0.5, "low": 0, "high": 0.4}}}, "lift must have low <= value <= high"),
        (
            {"assumptions": {"baseline_conversion": {"value": 0.5, "low": 0, "high": 0.4}}},
            "baseline_conversion must have low <= value <= high",
        ),
        ({"name": "Not A Slug"}, "should match pattern"),
        ({"name": "../x"}, "should match pattern"),
        ({"title": ""}, "at least 1 character"),
        ({"other": {"audience": "a"}}, "Field required"),
    ],
)
def test_the_parts_beside_the_tree_are_checked(part: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        policy_of(HALVES, **part)


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        policy_of(HALVES).sizes = Sizes()


def test_whole_and_broken_numbers_make_the_same_cut() -> None:
    whole, broken = (cut(AOV, [value], {"a": "A", "b": "B"}) for value in (90, 90.0))
    assert policy_of(whole) == policy_of(broken)
