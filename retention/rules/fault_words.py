"""What is wrong with rules, and what mends it, in words."""

from collections.abc import Iterator

from retention.rules.audit import Finding, RuleAudit
from retention.wording import counted


def verdict(audited: RuleAudit) -> str:
    """Return what an audit says, and what mends the rules."""
    if audited.clean:
        return "Each customer is in exactly one segment."
    gaps = () if audited.rules.otherwise else audited.gaps
    steps = {
        "let the first rule that holds decide, in the order given": audited.overlaps and not audited.rules.ordered,
        "move the boundaries named": any(gap.takes is not None for gap in gaps),
        "add an ELSE": any(gap.takes is None for gap in gaps),
        "remove the rules for nobody, or write them wider": any(idle(audited)),
    }
    mended = "; ".join(step for step, needed in steps.items() if needed)
    return f"To repair it: {mended}." if mended else "What was looked at has no fault."


def place_words(audited: RuleAudit, finding: Finding, currency: str = "") -> str:
    """Return where a gap or an overlap is."""
    more = f"; and {counted(len(finding.boxes) - 1, 'more place')}" if len(finding.boxes) > 1 else ""
    return f"{audited.space.words(finding.boxes[0], currency)}{more}"


def rule_name(audited: RuleAudit, place: int) -> str:
    """Return the name of a rule, with its place where the name stands for several."""
    rule = audited.rules.rules[place]
    alone = sum(each.segment == rule.segment for each in audited.rules.rules) == 1
    return f"'{rule.segment}'" if alone else f"'{rule.segment}' ({rule.place})"


def remedy(audited: RuleAudit, finding: Finding) -> str:
    """Return the smallest change that mends a gap or an overlap."""
    if not finding.rules:
        if finding.takes is None:
            return "an ELSE"
        return f"move the boundary of {rule_name(audited, finding.takes)}, so that it takes them"
    first, second = (rule_name(audited, place) for place in sorted(finding.rules, key=audited.order.index))
    if audited.rules.ordered:
        return f"none is needed, {first} comes first"
    boundary = f", or move the boundary of {second}" if finding.takes is not None else ""
    return f"{first} before {second}{boundary}"


def example_words(customer: dict[str, float | str | None]) -> str:
    """Return a customer as text: the columns that the rules read."""
    values = ((n, f"{each:,}".removesuffix(".0") if isinstance(each, float) else each) for n, each in customer.items())
    return ", ".join(f"{name} {shown or 'missing'}" for name, shown in values)


def idle(audited: RuleAudit) -> Iterator[str]:
    """Yield each rule that is for nobody, and why."""
    yield from (f"{rule_name(audited, place)}: nobody can satisfy it" for place in audited.never)
    yield from (f"{rule_name(audited, place)}: earlier rules take everybody" for place in audited.shadowed)
    if audited.rules.otherwise and not audited.gaps:
        yield f"the ELSE '{audited.rules.otherwise}': nobody is left"
