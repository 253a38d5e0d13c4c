"""The command audit: rules in, their gaps and overlaps out, and their repair as a policy."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from analysis.audit import audit_rules, repair_of
from cli.inputs.database import is_database
from cli.inputs.intake import read_input
from cli.inputs.request import request_of
from cli.options.workbench import AuditOptions
from cli.shown.console import json_text, listed, say
from cli.shown.files import write_at
from cli.shown.progress import part, progress_bar
from outputs import check_file
from outputs.names import slug
from retention.errors import OptionError, Setting
from retention.policy.yaml_text import policy_to_yaml
from retention.rules.audit import Finding, RuleAudit, shadowed
from retention.rules.fault_words import example_words, idle, place_words, remedy, rule_name, verdict
from retention.wording import counted, money
from run_store.small_files import read_text

SHOWN, KEPT = 10, 1_000
"""Findings on a terminal, and for programs; all are counted."""
FAULTY = 3
"""Rules that leave somebody out, take somebody twice, or are for nobody."""


def audit_command(options: AuditOptions) -> None:
    """Print what is wrong with rules, and write their repair where asked."""
    if any(map(is_database, options.source.inputs)):
        raise OptionError("customers are read from files here, not from a database", where=Setting.DATABASE)
    path, target = options.file, options.repair
    text = read_text(path, where=str(path))
    if target is not None:
        inputs = (path, *map(Path, options.source.inputs))
        check_file("--repair", target, inputs=inputs, overwrite=options.placing.overwrite)
    intake, settings = None, None
    if options.source.inputs:
        request = request_of(options.source, options.rules)
        settings = request.settings
        with progress_bar() as advance:
            intake = read_input(request, part(advance, 0.0, 1.0))
    report = audit_rules(text, path.name, intake, settings)
    policy = None if target is None else repair_of(report, slug(path.stem))
    currency = "" if settings is None else settings.currency
    say(json_text(_plain(report)) if options.shown == "json" else "\n".join(_lines(report, currency)))
    if target is not None and policy is not None:
        write_at("--repair", target, policy_to_yaml(policy))
        say(f"The repair is in {target}: {counted(len(policy.segments), 'segment')}", sys.stderr)
        lost = [rule_name(report, place) for place in shadowed(report)]
        for line in listed("Earlier rules take everybody of", lost, apart=False):
            say(line, sys.stderr)
    if options.check and not report.clean:
        raise typer.Exit(FAULTY)


def _lines(report: RuleAudit, currency: str = "") -> Iterator[str]:
    rules, columns = report.rules, ", ".join(axis.feature for axis in report.space.axes) or "no column"
    audited = f"{counted(len(rules.rules), 'rule')} of {rules.source} ({rules.kind}) over {columns}"
    yield f"{audited}: {counted(report.space.cells, 'cell')}{'' if report.stopped else ', all of them looked at'}"
    if rules.ordered:
        yield "The first rule that holds decides, so the order settles each overlap."
    if rules.otherwise:
        yield f"Customers whom no rule takes are in {rules.otherwise}."
    gaps = () if rules.otherwise else report.gaps
    yield from _findings(report, "in no segment", gaps, currency, 0)
    yield from _findings(report, "in two segments", report.overlaps, currency, 1)
    yield from listed("Rules for nobody", list(idle(report)))
    yield from listed("Please note", [*report.stopped, *rules.notes])
    yield ""
    yield verdict(report)


def _findings(report: RuleAudit, where: str, findings: Sequence[Finding], currency: str, place: int) -> Iterator[str]:
    kind = "gap" if not place else "overlap"
    real = "" if report.customers is None else f"; {counted(report.customers[place], 'real customer')} {where}"
    yield ""
    yield f"{counted(len(findings), kind)}{real}"
    for finding in findings[:SHOWN]:
        named = " and ".join(rule_name(report, each) for each in finding.rules)
        yield f"  - {named}{': ' if named else ''}{place_words(report, finding, currency)}"
        yield f"    Such as: {example_words(report.space.example(finding.boxes[0]))}{_real(finding, currency)}"
        yield f"    Repair: {remedy(report, finding)}"
    if len(findings) > SHOWN:
        yield f"  and {len(findings) - SHOWN:,} more"


def _real(finding: Finding, currency: str) -> str:
    if not finding.customers:
        return "" if finding.customers is None else " (no real customer)"
    worth = "" if finding.value is None else f", carts of {money(finding.value, currency)}"
    return f" ({counted(finding.customers, 'real customer')}{worth})"


def _plain(report: RuleAudit) -> dict[str, Any]:
    return {
        "rules": len(report.rules.rules),
        "kind": report.rules.kind,
        "columns": [axis.feature for axis in report.space.axes],
        "cells": report.space.cells,
        "first_match": report.rules.ordered,
        "otherwise": report.rules.otherwise or None,
        "clean": report.clean,
        "gaps": _content(report, () if report.rules.otherwise else report.gaps, 0),
        "overlaps": _content(report, report.overlaps, 1),
        "for_nobody": list(idle(report)),
        "notes": [*report.stopped, *report.rules.notes],
    }


def _content(report: RuleAudit, findings: Sequence[Finding], place: int) -> dict[str, Any]:
    return {
        "count": len(findings),
        "customers": None if report.customers is None else report.customers[place],
        "largest": [
            {
                "segments": [report.rules.rules[each].segment for each in finding.rules],
                "where": [report.space.words(box) for box in finding.boxes[:SHOWN]],
                "example": report.space.example(finding.boxes[0]),
                "customers": finding.customers,
                "cart_value": finding.value,
                "repair": remedy(report, finding),
            }
            for finding in findings[:KEPT]
        ],
    }
