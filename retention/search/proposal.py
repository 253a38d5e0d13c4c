"""A found tree as a policy: names and campaigns proposed from its rules, to be edited by who knows the shop."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retention.customers.contracts import COLUMNS
from retention.partition.fitting import fit_nodes
from retention.partition.tree import Condition, leaves
from retention.policy.policy import Campaign, Policy, Sizes, Split
from retention.search.nodes import FoundLeaf, FoundNode, FoundSplit, found_leaves
from retention.wording import number_words, sentence

_LONGEST = 60


def proposed(
    tree: FoundNode, base: Policy, campaigns: Sequence[Campaign], *, minimum: int, currency: str = ""
) -> Policy:
    """Return a found tree as a policy; sizes, weights and assumptions are those of another one.

    Args:
        tree: The tree; its cuts stand in the policy as they were searched, so its leaves hold the same customers.
        base: The policy in use.
        campaigns: What each leaf gets, in order; who it is for is written anew.
        minimum: The smallest leaf that was allowed, so that the engine merges none.
        currency: Code of the money in words.
    """
    numbers = iter(range(1, 1 + sum(1 for _ in found_leaves(tree))))
    root = _node(tree, [f"Leaf {number}" for number in numbers])
    drawn = base.model_copy(update={"tree": root})
    paths = [_merged(leaf.path) for leaf in leaves(fit_nodes(drawn)[0])]
    names = _names(paths)
    audiences = [", ".join(each.words(currency) for each in path) or "everyone" for path in paths]
    segments = {
        name: campaign.model_copy(update={"audience": sentence(audience).removesuffix(".")[:400]})
        for name, audience, campaign in zip(names, audiences, campaigns, strict=True)
    }
    most = max(minimum, base.sizes.max_size)
    return Policy(
        name=f"{base.name[:48].rstrip('-')}-better",
        title=f"{len(names)} segments found by an exact search"[:400],
        description="The best tree of its depth on the bins that were searched. Names and campaigns are proposals.",
        tree=_node(tree, list(names)),
        segments=segments,
        other=base.other,
        sizes=Sizes(min_size=max(1, minimum), max_size=most, split_oversize=False),
        weights=base.weights,
        assumptions=base.assumptions,
    )


def _node(node: FoundNode, names: list[str]) -> Split | str:
    """Return a node as a policy writes it, its leaves named in order; names are used up."""
    if isinstance(node, FoundLeaf):
        return names.pop(0)
    sizes = [sum(leaf.size for leaf in found_leaves(side)) for side in (node.low, node.high)]
    axis, (last, missing_low) = node.binned.axis, node.binned.options[node.option]
    apart = node.binned.missing and last == node.binned.known
    labels = ("known", "unknown") if apart else ("low", "high") if axis.cuts else ("these", "others")
    # Where no customer lacks a value, one who does goes with the larger side.
    to_low = missing_low if node.binned.missing else sizes[0] >= sizes[1]
    branches = dict(zip(labels, (_node(side, names) for side in (node.low, node.high)), strict=True))
    missing = labels[0] if to_low else labels[1]
    if axis.cuts:
        cut = node.binned.top if apart else axis.cuts[last - 1]
        return Split(split=axis.feature, cuts=(cut,), missing=missing, branches=branches)
    otherwise = labels[0] if apart else labels[1]
    groups = {labels[0]: axis.categories[:last]}
    shape = {"split": axis.feature, "groups": groups, "else": otherwise, "missing": missing, "branches": branches}
    return Split.model_validate(shape)


def _merged(path: Sequence[Condition]) -> tuple[Condition, ...]:
    """Return the conditions of a path with one for each feature."""
    merged = []
    for feature in dict.fromkeys(each.feature for each in path):
        own = [each for each in path if each.feature == feature]
        ends = [each.interval for each in own if each.interval is not None]
        named = sorted({value for each in own for value in (*each.values, *(each.excluded or ()))})
        inside = tuple(value for value in named if all(each.holds(value) for each in own))
        others = bool(named) and all(each.excluded is not None for each in own)
        merged.append(
            replace(
                own[0],
                interval=(max(low for low, _ in ends), min(high for _, high in ends)) if ends else None,
                values=() if others else inside,
                excluded=tuple(value for value in named if value not in inside) if others else None,
                missing=all(each.missing for each in own),
            )
        )
    return tuple(merged)


def _names(paths: Sequence[Sequence[Condition]]) -> tuple[str, ...]:
    """Return a name for each leaf, none twice."""
    names: list[str] = []
    for number, path in enumerate(paths, start=1):
        parts = [_short(each) for each in path] or ["Everyone"]
        # The last splits tell neighbours apart, so the first ones go where a name has no room for all.
        while len(parts) > 1 and len(", ".join(parts)) > _LONGEST - 4:
            parts = parts[1:]
        name = ", ".join(parts)[: _LONGEST - 4].rstrip(" ,")
        names.append(name if name not in names else f"{name} {number}")
    return tuple(names)


def _short(condition: Condition) -> str:
    short = re.sub("(?<=[a-z])[A-Z]", lambda letter: f" {letter[0].lower()}", COLUMNS[condition.feature].short)
    if condition.interval is None:
        if not condition.values and condition.excluded is None:
            return f"{short} unknown"
        return f"{short} {'/'.join(condition.values)}" if condition.excluded is None else f"Other {short}"
    low, high = condition.interval
    if low == -np.inf:
        return f"{short} to {number_words(high)}"
    return (
        f"{short} over {number_words(low)}"
        if high == np.inf
        else f"{short} {number_words(low)} to {number_words(high)}"
    )


def found_at(split: FoundSplit) -> str:
    """Return a split for people, such as `cart value at 120`."""
    label, (last, _) = COLUMNS[split.binned.axis.feature].label, split.binned.options[split.option]
    if split.binned.missing and last == split.binned.known:
        return f"whether the {label} is known"
    if split.binned.axis.cuts:
        return f"{label} at {number_words(split.binned.axis.cuts[last - 1])}"
    return f"{label}: {', '.join(split.binned.axis.categories[:last])}"
