"""What is wrong with rules, as people and programs read it."""

from collections.abc import Iterator, Sequence
from typing import Any

from cli.shown.console import listed
from retention.rules.audit import Finding, RuleAudit
from retention.rules.fault_words import example_words, idle, place_words, remedy, rule_name, verdict
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
    yield from listed("Rules for nobody", list(idle(found)))
    yield from listed("Please note", [*found.stopped, *rules.notes])
    yield ""
    yield verdict(found)


def _findings(found: RuleAudit, where: str, findings: Sequence[Finding], currency: str, place: int) -> Iterator[str]:
    kind = "gap" if not place else "overlap"
    real = "" if found.customers is None else f"; {counted(found.customers[place], 'real customer')} {where}"
    yield ""
    yield f"{counted(len(findings), kind)}{real}"
    for finding in findings[:SHOWN]:
        named = " and ".join(rule_name(found, each) for each in finding.rules)
        yield f"  - {named}{': ' if named else ''}{place_words(found, finding, currency)}"
        yield f"    Such as: {example_words(found.space.example(finding.boxes[0]))}{_real(finding, currency)}"
        yield f"    Repair: {remedy(found, finding)}"
    if len(findings) > SHOWN:
        yield f"  and {len(findings) - SHOWN:,} more"


def _real(finding: Finding, currency: str) -> str:
    if not finding.customers:
        return "" if finding.customers is None else " (no real customer)"
    worth = "" if finding.value is None else f", carts of {money(finding.value, currency)}"
    return f" ({counted(finding.customers, 'real customer')}{worth})"


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
        "for_nobody": list(idle(found)),
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
