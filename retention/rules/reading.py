"""Rules as a text -> rules as values; what kind of text it is shows in its name or in itself."""

import re
from math import inf, nextafter
from typing import Any

import yaml

from retention.errors import RulesError
from retention.partition.fitting import fit_nodes
from retention.partition.tree import Condition, FittedNode, leaves
from retention.policy.policy import Policy, splits
from retention.policy.strict_yaml import StrictLoader, load_strictly
from retention.policy.yaml_text import policy_from_yaml
from retention.rules.decision_table import ELSE, read_table
from retention.rules.expressions import read_expression
from retention.rules.logic import Clause, Joined, Node, Rule, RuleSet, rule_set
from retention.rules.sql_case import read_case

_CASE = re.compile(r"\bcase\b.*\bwhen\b.*\bend\b", re.IGNORECASE | re.DOTALL)


def read_rules(text: str, source: str) -> RuleSet | Policy:
    """Return the rules, or the policy, that a text holds.

    Args:
        text: YAML, a decision table as CSV, or SQL with a CASE.
        source: The file's name: where it came from, and by its ending what it is.

    Raises:
        InputError: It is none of them, or something in it is not understood.
    """
    ending = source.lower().rpartition(".")[2]
    known = {"csv": read_table, "tsv": read_table, "sql": read_case, "yaml": _read_yaml, "yml": _read_yaml}
    if ending in known:
        return known[ending](text, source)
    if _CASE.search(text):
        return read_case(text, source)
    first = text.lstrip().partition("\n")[0]
    return (_read_yaml if ":" in first or first.startswith(("#", "-")) else read_table)(text, source)


def _read_yaml(text: str, source: str) -> RuleSet | Policy:
    data = load_strictly(text, source, RulesError, "file of rules")
    if isinstance(data, dict) and {"tree", "segments"} <= data.keys():
        return policy_from_yaml(text, source=source)
    entries = [data] if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RulesError(
            "the file does not list rules by name", where=source, hint="Write rules such as VIP: cart_value >= 100"
        )
    pairs = (pair for entry in entries for pair in entry.items())
    numbered = enumerate(pairs, start=1)
    return rule_set(source, "rules", (_entry(name, rule, n, text, source) for n, (name, rule) in numbered))


def _entry(name: str, rule: object, number: int, text: str, source: str) -> tuple[str, str, Node | None]:
    place = f"rule {number}"
    try:
        if not isinstance(rule, str):
            raise RulesError("the rule is not text", hint="Write it in one line after the name and a colon")
        return name, place, None if rule.strip().lower() in ELSE else read_expression(rule).yes
    except RulesError as error:
        where = f"{source}, line {_line(text, number)}, {place} ('{name[:60]}')"
        raise RulesError(error.what, where=where, hint=error.hint) from error


def _line(text: str, number: int) -> int:
    """Return the line of a rule; looked up only where one is refused, as reading twice takes as long as reading."""
    root: Any = yaml.compose(text, Loader=StrictLoader)
    entries = [root] if isinstance(root, yaml.MappingNode) else root.value
    lines = [key.start_mark.line for entry in entries for key, _ in entry.value]
    return int(lines[number - 1]) + 1


def root_of(policy: Policy, source: str) -> FittedNode:
    """Return the tree of a policy whose cuts are all plain numbers.

    Raises:
        RulesError: Others are known of customers only.
    """
    if not all(isinstance(cut, float) for split in splits(policy.tree) for cut in split.asked):
        hint = "Give the customers as well"
        raise RulesError("the policy has cuts that are found in customers", where=source, hint=hint)
    return fit_nodes(policy)[0]


def rules_of_tree(root: FittedNode, source: str) -> RuleSet:
    """Return the leaves of a policy's tree as rules."""
    paths = ((leaf, Joined(True, tuple(map(_clause, leaf.path)), 1)) for leaf in leaves(root))
    return RuleSet(source, "policy", tuple(Rule(leaf.name, f"leaf {leaf.index + 1}", path) for leaf, path in paths))


def _clause(condition: Condition) -> Clause:
    # Intervals are closed on the right: one begins with the first number over its lower end.
    low, high = (nextafter(end, inf) if end > -inf else end for end in condition.interval or (inf, inf))
    ranges = ((low, high),) if low < high else ()
    listed = frozenset(condition.values if condition.excluded is None else condition.excluded)
    return Clause(condition.feature, ranges, listed, condition.excluded is not None, condition.missing)
