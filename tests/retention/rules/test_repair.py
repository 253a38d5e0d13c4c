"""A repair is a policy that says what the first rule says, and whose own audit is clean."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given

from retention.errors import RulesError
from retention.partition.fitting import fit_nodes
from retention.partition.quantiles import FeatureSample
from retention.partition.tree import inner_nodes
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from retention.rules import repair
from retention.rules.audit import RuleAudit, audit, shadowed
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules, root_of, rules_of_tree
from retention.rules.repair import REST, repaired
from tests.foreign_rules import everybody, frame_of, inside, random_rules, some_columns, written
from tests.strategies import leaf_by_walking, policies


def audited(text: str, source: str = "rules.yaml") -> RuleAudit:
    rules = read_rules(text, source)
    assert isinstance(rules, RuleSet)
    return audit(rules)


def mended(found: RuleAudit) -> Policy:
    """Return the repair as it comes back from its file, after an audit of its own."""
    policy = policy_from_yaml(policy_to_yaml(repaired(found, "mended")))
    assert audit(rules_of_tree(root_of(policy, "p"), "p")).clean
    return policy


def leaf_of(policy: Policy, customer: Mapping[str, object]) -> str:
    root = root_of(policy, "p")
    asked = {node.feature for node in inner_nodes(root)}
    return leaf_by_walking(root, {name: customer[name] for name in asked}).name


def check(seed: int) -> None:
    """Hold the leaf of every customer against the first rule that holds, a moved boundary, or the ELSE."""
    rng = np.random.default_rng(seed)
    features = some_columns(rng)
    asked = random_rules(rng, features)
    found = audited("\n".join(f"{name}: {written(each)!r}" for name, each in asked.items()))
    policy, customers = mended(found), everybody(features)
    names = [rule.segment for rule in found.rules.rules]
    frame = frame_of(customers, features)
    expected = np.full(len(customers), REST, dtype=object)
    for gap in found.gaps:
        if gap.takes is not None:
            expected[inside(found.space, gap.boxes, frame)] = names[gap.takes]
    for place in reversed(found.order):
        expected[inside(found.space, found.space.boxes(found.rules.rules[place].when), frame)] = names[place]
    some = rng.choice(len(customers), min(len(customers), 150), replace=False)
    for each in some:
        name = leaf_of(policy, customers[each])
        assert name == expected[each] or name.rpartition(" ")[0] == expected[each]


@pytest.mark.parametrize("seed", range(40))
def test_a_repair_says_what_the_first_rule_says(seed: int) -> None:
    check(seed)


@pytest.mark.proof
def test_500_repairs_say_what_the_first_rule_says() -> None:
    for seed in range(1_000, 1_500):
        check(seed)


@given(policies())
def test_a_policy_as_rules_is_clean_but_for_leaves_that_no_number_reaches(policy: Policy) -> None:
    root, _ = fit_nodes(policy, lambda _: FeatureSample(np.linspace(0, 1, 100)), lambda *_: ())
    found = audit(rules_of_tree(root, "p.yaml"))
    assert (found.gaps, found.overlaps, found.stopped) == ((), (), ())
    again = mended(found)
    assert again.name == "mended"


def test_moved_boundaries_need_no_else() -> None:
    text = "Low: avg_order_value < 100 or avg_order_value is missing\nHigh: avg_order_value > 100"
    policy = mended(audited(text))
    assert set(policy.segments) == {"Low", "High"}
    assert [leaf_of(policy, {"avg_order_value": value}) for value in (99.0, 100.0, 100.01, None)] == [
        "Low",
        "Low",
        "High",
        "Low",
    ]


def test_a_rule_inside_another_comes_first_unless_the_order_is_given() -> None:
    text = "Good: avg_order_value >= 50\nVIP: avg_order_value >= 100\nRest: else"
    assert audited(text).order == (1, 0)
    assert set(mended(audited(text)).segments) == {"Good", "VIP", "Rest"}
    case = "CASE WHEN avg_order_value >= 50 THEN 'Good' WHEN avg_order_value >= 100 THEN 'VIP' ELSE 'Rest' END"
    assert set(mended(audited(case, "r.sql")).segments) == {"Good", "Rest"}


def test_a_chain_of_rules_inside_each_other_is_turned_round() -> None:
    text = "\n".join(f"R{n}: cart_value >= {n}" for n in range(6))
    found = audited(text)
    assert (found.order, shadowed(found)) == ((5, 4, 3, 2, 1, 0), ())


def test_names_of_leaves_are_numbered_and_avoid_those_that_are_taken() -> None:
    text = "Other: region = north\n'VIP': cart_value > 5 or region = south\n'VIP 2': cart_value < 1"
    names = set(mended(audited(text)).segments)
    assert "Other" not in names
    assert {"Other 2", "VIP", "VIP 2"} <= names


def test_only_missing_values_told_apart() -> None:
    policy = mended(audited("A: region is missing\nB: cart_value is missing\nC: else"))
    asked = [{"region": r, "cart_value": v} for r in (None, "x") for v in (None, 5.0)]
    assert [leaf_of(policy, each).split()[0] for each in asked] == ["A", "A", "B", "C"]


def test_what_a_policy_cannot_hold_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RulesError, match="segments"):
        repaired(audited(f"{'x' * 70}: cart_value > 5"), "mended")
    monkeypatch.setattr(repair, "MAX_LEAVES", 3)
    with pytest.raises(RulesError, match="more than 3 leaves"):
        repaired(audited("A: cart_value < 1\nB: cart_value < 2\nC: cart_value < 3\nD: cart_value < 4"), "mended")
    monkeypatch.setattr(repair, "MAX_NODES", 1)
    with pytest.raises(RulesError, match="more than 1 nodes"):
        repaired(audited("A: cart_value < 1 and region = x\nB: cart_value < 2 and country = y"), "mended")


def test_a_column_with_more_cuts_than_a_split_can_have_is_split_twice() -> None:
    rules = "\n".join(f"R{n}: cart_value >= {n} and cart_value < {n + 1}" for n in range(100))
    policy = mended(audited(rules))
    assert len(policy.segments) == 102
    assert leaf_of(policy, {"cart_value": 57.5}) == "R57"
