"""The smallest repair of rules, written as a policy: who comes first, boundaries that move, an ELSE for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, nextafter
from typing import Any

import numpy as np
from pydantic import ValidationError

from retention.errors import RulesError
from retention.policy.policy import ALL, OTHER, Policy
from retention.policy.yaml_text import faults_of
from retention.rules.audit import Corner, Parts, RuleAudit, best_cut, regions_of
from retention.rules.cells import Box, RuleAxis, Space, mask_of
from retention.wording import free_name

MAX_LEAVES, MAX_CUTS, MAX_NODES = 500, 32, 50_000
REST, FEWER = "Everyone Else", "Merge rules, or audit some at a time"
CAMPAIGN = {
    "message": "Your cart is still here",
    "offer": "No discount",
    "channel": "E-mail",
    "timing": "Within 24 hours",
}


def repaired(audited: RuleAudit, name: str) -> Policy:
    """Return a policy that says what rules say, each customer in exactly one segment.

    Raises:
        RulesError: It would be beyond what a policy can hold.
    """
    if audited.stopped:
        raise RulesError(f"they cannot be repaired: {audited.stopped[0]}", where=audited.rules.source)
    names = [rule.segment for rule in audited.rules.rules]
    rest = audited.rules.otherwise or free_name(REST, names)
    tree = _Tree(audited.space, [names[place] for place in audited.order] + [rest])
    try:
        return tree.policy(tree.node(*regions_of(audited.space.whole)[0], _ranked(audited)), name, audited.rules.source)
    except RecursionError as error:
        raise RulesError("as a policy they would be a tree of hundreds of levels", hint=FEWER) from error


def _ranked(audited: RuleAudit) -> Parts:
    """Return the parts in the order of precedence, then gaps that a moved boundary closes."""
    gaps = [] if audited.rules.otherwise else [(gap.takes, gap) for gap in audited.gaps if gap.takes is not None]
    moved = [(take, *region) for take, gap in gaps for region in regions_of(gap.boxes[0])]
    low = np.vstack([audited.parts.low, *(low for _, low, _ in moved)])
    high = np.vstack([audited.parts.high, *(high for _, _, high in moved)])
    owner = audited.rank[[*audited.parts.rule.tolist(), *(take for take, _, _ in moved)]]
    by_rank = np.argsort(owner, kind="stable")
    return Parts(low[by_rank], high[by_rank], owner[by_rank])


Below = str | tuple[int, tuple["Child", ...]]
"""A segment, or an axis and what is below its positions."""
Child = tuple[tuple[int, int], Below]
"""Positions of an axis, both ends included, and what they lead to."""


@dataclass
class _Tree:
    """Grows a tree whose leaves say what the first rule says; equal branches become one.

    Args:
        names: The segment of each rule in the order of precedence, then that of everybody else.
    """

    space: Space
    names: list[str]
    used: set[str] = field(default_factory=lambda: {OTHER, ALL})
    campaigns: dict[str, dict[str, str]] = field(default_factory=dict)
    looked: int = 0

    def node(self, low: Corner, high: Corner, parts: Parts) -> Below:
        """Return what is below a region, where the parts that touch it decide in their order."""
        self.looked += 1
        holding = np.flatnonzero(parts.holding(low, high))
        if not len(parts.rule) or (len(holding) and not holding[0]):
            return self.names[parts.rule[0] if len(parts.rule) else -1]
        if self.looked > MAX_NODES:
            raise RulesError(f"as a policy they would be a tree of more than {MAX_NODES:,} nodes", hint=FEWER)
        # What comes after a part that holds everywhere decides nothing.
        parts = parts.of(np.arange(len(parts.rule)) <= holding[0]) if len(holding) else parts
        axis, cut = best_cut(parts, low, high)
        below, above = high.copy(), low.copy()
        below[axis], above[axis] = cut - 1, cut
        children = list[Child]()
        for least, most in ((low, below), (above, high)):
            child = self.node(least, most, parts.of(parts.touching(least, most)))
            children.append(((int(least[axis]), int(most[axis])), child))
        return _joined(axis, children, numeric=bool(self.space.axes[axis].starts))

    def policy(self, root: Below, name: str, source: str) -> Policy:
        """Return the policy of a tree."""
        tree = self._written(root, self.space.whole)
        content = {"name": name, "title": f"Repair of {source}"[:400], "tree": tree, "segments": self.campaigns}
        try:
            return Policy.model_validate({**content, "description": "Each customer in exactly one segment."})
        except ValidationError as error:
            what = f"they cannot be written as a policy: {'; '.join(faults_of(error))}"
            raise RulesError(what, where=source) from error

    def _written(self, node: Below, box: Box) -> Any:
        """Return a node as a policy file holds it."""
        if isinstance(node, str):
            return self._leaf(node, box)
        place, children = node
        axis = self.space.axes[place]
        split, masks = _numeric(axis, children) if axis.starts else _categorical(axis, children)
        below = {
            label: self._written(child, (*box[:place], box[place] & mask, *box[place + 1 :]))
            for label, (mask, child) in masks.items()
        }
        return {"split": axis.feature, **split, "branches": below}

    def _leaf(self, segment: str, box: Box) -> str:
        plain = " ".join(segment.split())
        name = plain if plain not in self.used else free_name(plain, self.used | set(self.names))
        self.used.add(name)
        if len(self.used) > MAX_LEAVES + 2:
            raise RulesError(f"as a policy they would be a tree of more than {MAX_LEAVES} leaves", hint=FEWER)
        self.campaigns[name] = {**CAMPAIGN, "audience": self.space.words(box)[:400]}
        return name


def _joined(axis: int, children: list[Child], *, numeric: bool) -> Below:
    """Return a split with the splits of the same axis below it as its own branches, equal neighbours joined."""
    flat, branches = list[Child](), list[Child]()
    for ends, below in children:
        flat += below[1] if isinstance(below, tuple) and below[0] == axis else [(ends, below)]
    for (first, last), below in flat:
        # A number's missing value keeps a place of its own, so that it may join any branch.
        same = bool(branches) and branches[-1][1] == below and not (numeric and branches[-1][0] == (0, 0))
        start = branches.pop()[0][0] if same else first
        branches.append(((start, last), below))
    if all(below == branches[0][1] for _, below in branches):
        return branches[0][1]
    return axis, tuple(branches if len(branches) <= MAX_CUTS + 1 else children)


Branches = dict[str, tuple[int, Below]]
"""Name of a branch -> mask of its positions, and its node."""


def _numeric(axis: RuleAxis, children: Sequence[Child]) -> tuple[dict[str, Any], Branches]:
    """Return a split by cuts, and its branches from the lowest on."""
    none, known = [child for ends, child in children if ends == (0, 0)], [e for e in children if e[0] != (0, 0)]
    step = (lambda start: start - 1) if axis.whole else (lambda start: nextafter(start, -inf))
    cuts = [step(axis.starts[first - 1]) for (first, _), _ in known[1:]]
    branches: Branches = {}
    for place, ((first, last), child) in enumerate(known):
        branches[f"to {cuts[place]!r}" if place < len(cuts) else "above"] = mask_of(first, last), child
    missing = next((label for label, (_, child) in branches.items() if [child] == none), None)
    if not cuts:
        # A split needs a cut: nobody is below what the column can hold, so the branch is that of missing values.
        cuts = [max(axis.starts[0], -1e299) - 1]
        return {"cuts": cuts, "missing": "missing"}, {"missing": (1, none[0]), **branches}
    if missing is None and none:
        return {"cuts": cuts, "missing": "missing"}, {**branches, "missing": (1, none[0])}
    label = missing or next(iter(branches))
    branches[label] = branches[label][0] | 1, branches[label][1]
    return {"cuts": cuts, "missing": label}, branches


def _categorical(axis: RuleAxis, children: Sequence[Child]) -> tuple[dict[str, Any], Branches]:
    """Return a split by groups of values, one for each node."""
    masks: dict[Below, int] = {}
    for (first, last), child in children:
        masks[child] = masks.get(child, 0) | mask_of(first, last)
    branches = {f"group {number}": (mask, child) for number, (child, mask) in enumerate(masks.items(), start=1)}
    of = {at: label for label, (mask, _) in branches.items() for at in range(axis.size) if mask >> at & 1}
    any_one = next(iter(branches))
    groups: dict[str, list[str]] = {}
    for place, values in enumerate(axis.groups, start=1):
        groups.setdefault(of.get(place, any_one), []).extend(sorted(values))
    other, missing = of.get(axis.size - 1, any_one), of.get(0, any_one)
    # A split needs a group: where no value is told from others, one stands for all.
    return {"groups": groups or {other: ["any value"]}, "else": other, "missing": missing}, branches
