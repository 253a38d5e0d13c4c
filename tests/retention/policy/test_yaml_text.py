import json
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given

from retention.errors import PolicyError
from retention.policy.policy import Policy, Split
from retention.policy.strict_yaml import MAX_CHARACTERS
from retention.policy.yaml_text import policy_from_yaml, policy_hash, policy_schema, policy_to_yaml
from tests.strategies import cut, policies, policy_data, policy_of

TEXT = dedent("""\
    name: halves
    title: Two halves
    description: By order value.
    tree:
      split: avg_order_value
      cuts: [q50]
      missing: low
      branches:
        low: A
        high: B
    segments:
      A: {audience: a, message: m, offer: o, channel: c, timing: t}
      B: {audience: a, message: m, offer: o, channel: c, timing: t}
    """)
AOV = "avg_order_value"


def load(old: str = "", new: str = "") -> Policy:
    assert old in TEXT
    return policy_from_yaml(TEXT.replace(old, new, 1) if old else TEXT, source="halves.yaml")


def same(a: Policy, b: Policy) -> bool:
    """Compare two policies with the order of their branches, which `==` of mappings does not see."""
    return repr(a) == repr(b)


def test_a_text_becomes_the_policy_that_it_says() -> None:
    policy = load()
    assert isinstance(policy.tree, Split)
    assert policy.tree.cuts == ("q50",)
    assert policy.tree.branches == {"low": "A", "high": "B"}
    assert policy.segments["B"].channel == "c"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  missing: low\n", "", r"^halves.yaml: tree.missing: is missing"),
        ("  missing:", "  mising:", r"tree.mising: unknown key"),
        ("title:", "titel: x\ntitle:", r"^halves.yaml: titel: unknown key"),
        ("[q50]", "[q80, q20]", r"tree.cuts: cuts must increase: the quantiles \[80.0, 20.0\] do not"),
        ("high: B", "high: A", r"tree: leaf name used twice: A"),
        ("    high: B\n", "    high: B\n    high: C\n", r"^halves.yaml, line 11: key 'high' is used twice"),
        ("title: Two halves", "name: x", r"^halves.yaml, line 2: key 'name' is used twice"),
        ("    low: A", "    no: A", r"^halves.yaml, line 9: key 'False' is not text; put it in quotes"),
        ("    low: A", "    1: A", r"line 9: key '1' is not text"),
        ("    low: A", "    ? [a, b]\n    : A", r"line 9: key .* is not text"),
        ("name: halves", "name: !!str halves", r"^halves.yaml, line 1: tags \(!name\) are not allowed"),
        ("By order value.", "!!timestamp x", r"line 3: tags"),
        ("By order value.", "!!bool x", r"line 3: tags"),
        ("By order value.", "!!int ''", r"line 3: tags"),
        ("By order value.", "!!python/object/apply:os.getcwd []", r"line 3: tags"),
        ("By order value.", "2024-01-01", r"description: Input should be a valid string"),
        ("By order value.", "2024-13-45", r"the file cannot be read as YAML"),
        ("By order value.", '"\\ud800"', r"description: Input should be a valid string"),
        ("By order value.", '"\x00"', r"the file cannot be read as YAML"),
        ("name: halves", "<<: {name: halves}", r"line 1"),
        ("[q50]", "[.nan]", r"tree.cuts: cut nan is neither"),
        ("[q50]", "[-.inf]", r"tree.cuts: cut -inf is neither"),
        ("[q50]", "[1e999]", r"tree.cuts: cut '1e999' is neither"),
        ("[q50]", "[q100]", r"tree.cuts: cut 'q100' is neither"),
        ("[q50]", f"[{'9' * 5000}]", r"the file cannot be read as YAML"),
        ("[q50]", "q50", r"tree.cuts: Input should be a valid tuple"),
        ("high: B", "high: {split: engagement_score}", r"tree.branches.high.missing: is missing"),
        ("high: B", "high: 7", r"tree.branches.high: Input should be a valid string"),
        ("split: avg_order_value", "split: avg_order_valu", r"tree: .*Did you mean 'avg_order_value'"),
        ("split: avg_order_value", "split: region", r"tree: 'region' is not a numeric column"),
        ("A: {", "C: {", r"these do not match: A, C"),
        ("high: B", "high: [B", r"^halves.yaml, line 11: "),
        ("tree:\n", "---\ntree:\n", r"line 4: but found another document"),
    ],
)
def test_a_fault_is_named_with_its_path(old: str, new: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        load(old, new)


def test_else_has_one_spelling() -> None:
    tree = "{split: region, groups: {n: [N]}, otherwise: x, missing: x, branches: {n: A, x: B}}"
    head, tail = TEXT.split("tree:\n")[0], TEXT[TEXT.index("segments:") :]
    with pytest.raises(PolicyError, match=r"tree.otherwise: unknown key"):
        policy_from_yaml(f"{head}tree: {tree}\n{tail}")
    assert policy_from_yaml(f"{head}tree: {tree.replace('otherwise', 'else')}\n{tail}").name == "halves"


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words", "7"])
def test_a_text_without_a_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"^p.yaml: the file contains no policy. A policy file starts with name:"):
        policy_from_yaml(text, source="p.yaml")


def test_aliases_are_refused_where_they_stand() -> None:
    with pytest.raises(PolicyError, match=r"^p.yaml, line 2: aliases \(\*name\) are not allowed"):
        policy_from_yaml("a: &x [1]\nb: [*x, *x]\n", source="p.yaml")


def test_a_text_nested_too_deeply_is_refused() -> None:
    with pytest.raises(PolicyError, match="the file is nested too deeply"):
        policy_from_yaml("a: " + "[" * 1000)


@pytest.mark.parametrize("levels", [13, 40, 120, 250])
def test_a_tree_nested_too_deeply_is_refused(levels: int) -> None:
    tree = "Z"
    for level in range(levels):
        tree = f"{{split: avg_order_value, cuts: [1], missing: a, branches: {{a: L{level}, b: {tree}}}}}"
    with pytest.raises(PolicyError, match=r"deeper than 12 splits|nested too deeply"):
        policy_from_yaml(f"name: p\ntitle: t\ndescription: d\ntree: {tree}\n{TEXT[TEXT.index('segments') :]}")


def test_a_huge_text_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(PolicyError, match="longer than 250,000 characters"):
        policy_from_yaml("[" * (MAX_CHARACTERS + 1))


def test_a_long_fault_is_cut_and_five_are_told() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_yaml(TEXT.replace("q50", "'" + "x" * 10_000 + "'"))
    assert len(str(caught.value)) < 500
    with pytest.raises(PolicyError) as caught:
        policy_from_yaml("\n".join(f"k{i}: 1" for i in range(100)))
    assert str(caught.value).count("; ") == 4


@given(policy=policies())
def test_yaml_round_trip(policy: Policy) -> None:
    again = policy_from_yaml(policy_to_yaml(policy))
    assert same(again, policy)
    assert policy_hash(again) == policy_hash(policy)


def test_the_round_trip_keeps_sizes_weights_and_assumptions() -> None:
    policy = policy_of(
        cut(AOV, [1e16, "q80"], {"a": "A", "b": "B", "c": "C"}),
        sizes={"min_size": 7, "max_size": 9, "split_oversize": True},
        weights={"lift": 1e-7},
        assumptions={
            "lift": {"value": -0.1, "low": -0.5, "high": 0.0},
            "baseline_conversion": {"value": 0.1, "low": 0.05, "high": 0.2},
        },
    )
    assert same(policy_from_yaml(policy_to_yaml(policy)), policy)


def changes() -> list[dict[str, Any]]:
    tree = cut(AOV, [20, 90], {"low": "A", "mid": "B", "high": "C"})
    base = policy_data(tree)
    swapped = cut(AOV, [20, 90], {"mid": "B", "low": "A", "high": "C"}, missing="low")
    campaign = base["segments"]["A"] | {"message": "other"}
    return [
        base,
        base | {"tree": tree | {"cuts": [20, 91]}},
        base | {"tree": tree | {"cuts": ["q20", 90]}},
        base | {"tree": tree | {"missing": "mid"}},
        base | {"tree": tree | {"split": "cart_value"}},
        base | {"tree": swapped},
        base | {"title": "other"},
        base | {"segments": base["segments"] | {"A": campaign}},
        base | {"sizes": {"min_size": 3}},
        base | {"weights": {"lift": 0.26}},
        base | {"assumptions": {"margin": 0.31}},
        base | {"other": campaign},
    ]


def test_the_hash_changes_with_every_change() -> None:
    hashes = [policy_hash(Policy.model_validate(data)) for data in changes()]
    assert len(set(hashes)) == len(hashes)


def test_the_hash_does_not_change_with_the_order_of_keys_or_with_stated_defaults() -> None:
    data = changes()[0]
    turned = {key: data[key] for key in reversed(data)} | {"segments": dict(reversed(data["segments"].items()))}
    stated = data | {"sizes": {"min_size": None, "max_size": 20_000}, "weights": {"lift": 0.25}}
    assert {policy_hash(Policy.model_validate(each)) for each in (data, turned, stated)} == {
        policy_hash(Policy.model_validate(data))
    }


def test_branches_and_groups_may_have_any_names() -> None:
    labels = {"branches": "A", "missing": "B", "split": "C", "leaf": "D"}
    groups = {label: [label] for label in labels}
    tree = {"split": "region", "groups": groups, "else": "leaf", "missing": "missing", "branches": labels}
    policy = policy_of(tree)
    assert same(policy_from_yaml(policy_to_yaml(policy)), policy)
    assert len(policy_hash(policy)) == 64


def test_the_schema_is_json_and_knows_each_field() -> None:
    schema = json.loads(json.dumps(policy_schema()))
    assert set(schema["properties"]) == set(Policy.model_fields)
    assert schema["additionalProperties"] is False
    assert {"else", "groups", "missing"} <= set(schema["$defs"]["Split"]["properties"])
