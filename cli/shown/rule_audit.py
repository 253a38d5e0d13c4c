"""What is wrong with rules, as people and programs read it."""

from collections.abc import Iterator, Sequence
from typing import Any

from cli.shown.console import listed
from retention.rules.audit import Finding, RuleAudit
from retention.wording import counted, money

SHOWN, KEPT = 10, 1_000
"""Findings on a terminal, and for programs; all are counted."""


def audit_lines(found: RuleAudit, currency: str = "") -> Iterator[str]:
    """Yield an audit as text."""
    rules, columns = found.rules, ", ".join(axis.feature for axis in found.space.axes) or "no column"
    told = f"{counted(len(rules.rules), 'rule')} of {rules.source} ({rules.kind}) over {columns}"
    yield f"{told}: {counted(found.space.cells, 'cell')}{'' if found.stopped else ', all of them looked at'}"
    if rules.ordered:
        yield "The first rule that holds decides, so the order settles each overlap."
    if rules.otherwise:
        yield f"Whom no rule takes is in {rules.otherwise}."
    gaps = () if rules.otherwise else found.gaps
    yield from _findings(found, "in no segment", gaps, currency, 0)
    yield from _findings(found, "in two segments", found.overlaps, currency, 1)
    yield from listed("Rules for nobody", list(_idle(found)))
    yield from listed("Please note", [*found.stopped, *rules.notes])
    yield ""
    yield "Each customer is in exactly one segment." if found.clean else _verdict(found)


def _verdict(found: RuleAudit) -> str:
    gaps = () if found.rules.otherwise else found.gaps
    steps = {
        "let the first rule that holds decide, in the order that is told": found.overlaps and not found.rules.ordered,
        "move the boundaries that are told": any(gap.takes is not None for gap in gaps),
        "add an ELSE": any(gap.takes is None for gap in gaps),
        "remove the rules for nobody, or write them wider": any(_idle(found)),
    }
    mended = "; ".join(step for step, needed in steps.items() if needed)
    return f"To mend it: {mended}." if mended else "What was looked at has no fault."


def _findings(found: RuleAudit, where: str, findings: Sequence[Finding], currency: str, place: int) -> Iterator[str]:
    kind = "gap" if not place else "overlap"
    real = "" if found.customers is None else f"; {counted(found.customers[place], 'real customer')} {where}"
    yield ""
    yield f"{counted(len(findings), kind)}{real}"
    for finding in findings[:SHOWN]:
        named = " and ".join(rule_name(found, each) for each in finding.rules)
        more = f"; and {counted(len(finding.boxes) - 1, 'more place')}" if len(finding.boxes) > 1 else ""
        yield f"  - {named}{': ' if named else ''}{found.space.words(finding.boxes[0], currency)}{more}"
        yield f"    Such as: {example_words(found.space.example(finding.boxes[0]))}{_real(finding, currency)}"
        yield f"    Repair: {remedy(found, finding)}"
    if len(findings) > SHOWN:
        yield f"  and {len(findings) - SHOWN:,} more"


def _real(finding: Finding, currency: str) -> str:
    if not finding.customers:
        return "" if finding.customers is None else " (no real customer)"
    worth = "" if finding.value is None else f", carts of {money(finding.value, currency)}"
    return f" ({counted(finding.customers, 'real customer')}{worth})"


def rule_name(found: RuleAudit, place: int) -> str:
    """Return the name of a rule, with its place where the name stands for several."""
    rule = found.rules.rules[place]
    alone = sum(each.segment == rule.segment for each in found.rules.rules) == 1
    return f"'{rule.segment}'" if alone else f"'{rule.segment}' ({rule.place})"


def remedy(found: RuleAudit, finding: Finding) -> str:
    """Return the smallest change that mends a gap or an overlap."""
    if not finding.rules:
        if finding.takes is None:
            return "an ELSE"
        return f"move the boundary of {rule_name(found, finding.takes)}, so that it takes them"
    first, second = (rule_name(found, place) for place in sorted(finding.rules, key=found.order.index))
    if found.rules.ordered:
        return f"none is needed, {first} stands first"
    boundary = f", or move the boundary of {second}" if finding.takes is not None else ""
    return f"{first} before {second}{boundary}"


def example_words(customer: dict[str, float | str | None]) -> str:
    """Return a customer as text: the columns that the rules read."""
    told = ((n, f"{each:,}".removesuffix(".0") if isinstance(each, float) else each) for n, each in customer.items())
    return ", ".join(f"{name} {shown or 'missing'}" for name, shown in told)


def _idle(found: RuleAudit) -> Iterator[str]:
    yield from (f"{rule_name(found, place)}: nobody can satisfy it" for place in found.never)
    yield from (f"{rule_name(found, place)}: earlier rules take everybody" for place in found.shadowed)
    if found.rules.otherwise and not found.gaps:
        yield f"the ELSE '{found.rules.otherwise}': nobody is left"


def audit_content(found: RuleAudit) -> dict[str, Any]:
    """Return an audit as plain values."""
    return {
        "rules": len(found.rules.rules),
        "kind": found.rules.kind,
        "columns": [axis.feature for axis in found.space.axes],
        "cells": found.space.cells,
        "first_match": found.rules.ordered,
        "otherwise": found.rules.otherwise or None,
        "clean": found.clean,
        "gaps": _content(found, () if found.rules.otherwise else found.gaps, 0),
        "overlaps": _content(found, found.overlaps, 1),
        "for_nobody": list(_idle(found)),
        "notes": [*found.stopped, *found.rules.notes],
    }


def _content(found: RuleAudit, findings: Sequence[Finding], place: int) -> dict[str, Any]:
    return {
        "count": len(findings),
        "customers": None if found.customers is None else found.customers[place],
        "largest": [
            {
                "segments": [found.rules.rules[each].segment for each in finding.rules],
                "where": [found.space.words(box) for box in finding.boxes[:SHOWN]],
                "example": found.space.example(finding.boxes[0]),
                "customers": finding.customers,
                "cart_value": finding.value,
                "repair": remedy(found, finding),
            }
            for finding in findings[:KEPT]
        ],
    }
