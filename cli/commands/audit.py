"""The command audit: rules in, their gaps and overlaps out, and their repair as a policy."""

import sys
from pathlib import Path

import typer

from analysis.audit import audit_rules, repair_of
from cli.inputs.database import is_database
from cli.inputs.intake import read_input
from cli.inputs.request import request_of
from cli.options.workbench import AuditOptions
from cli.shown.console import json_text, listed, say
from cli.shown.files import write_at
from cli.shown.progress import part, progress_bar
from cli.shown.rule_audit import audit_content, audit_lines
from outputs import check_file
from outputs.names import slug
from retention.errors import OptionError, Setting
from retention.policy.yaml_text import policy_to_yaml
from retention.rules.audit import shadowed
from retention.rules.fault_words import rule_name
from retention.wording import counted
from run_store.small_files import read_text

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
    found = audit_rules(text, path.name, intake, settings)
    policy = None if target is None else repair_of(found, slug(path.stem))
    currency = "" if settings is None else settings.currency
    say(json_text(audit_content(found)) if options.shown == "json" else "\n".join(audit_lines(found, currency)))
    if target is not None and policy is not None:
        write_at("--repair", target, policy_to_yaml(policy))
        say(f"The repair is in {target}: {counted(len(policy.segments), 'segment')}", sys.stderr)
        lost = [rule_name(found, place) for place in shadowed(found)]
        for line in listed("Earlier rules take everybody of", lost, apart=False):
            say(line, sys.stderr)
    if options.check and not found.clean:
        raise typer.Exit(FAULTY)
