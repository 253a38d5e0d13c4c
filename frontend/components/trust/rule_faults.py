"""What an audit found, as the page tells it: the verdict, and a row for each gap and each overlap."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend.utils import format as fmt
from frontend.utils import pieces
from retention.customers.contracts import COLUMNS
from retention.rules.audit import Finding, RuleAudit
from retention.rules.fault_words import example_words, idle, place_words, remedy, rule_name, verdict

MOST = 10
"""Rows that are shown; the file has up to `KEPT`."""
KEPT = 1_000


def show(found: RuleAudit, currency: str) -> None:
    """Draw what is wrong with rules, the verdict first."""
    if found.clean:
        st.success(fmt.plain(verdict(found)), icon=":material/verified:")
    else:
        title = "Customers are left out, taken twice, or there are rules for nobody"
        st.warning(fmt.plain(verdict(found)), title=title, icon=":material/rule:")
    dead, gaps = list(idle(found)), () if found.rules.otherwise else found.gaps
    missed, twice = found.customers or (None, None)
    with pieces.numbers():
        pieces.number("Rules", fmt.count(len(found.rules.rules)), f"{fmt.counted(found.space.cells, 'cell')} looked at")
        pieces.number("Gaps", fmt.count(len(gaps)), _real(missed, "in no segment"))
        pieces.number("Overlaps", fmt.count(len(found.overlaps)), _real(twice, "in two segments"))
        pieces.number("Rules for nobody", fmt.count(len(dead)))
    if found.rules.otherwise:
        st.caption(fmt.plain(f"Whom no rule takes is in {found.rules.otherwise}."))
    _findings("Gaps", "Customers whom no rule takes.", gaps, found, currency)
    order = " The order settles them: the first rule that holds decides." if found.rules.ordered else ""
    _findings("Overlaps", f"Customers whom two segments claim.{order}", found.overlaps, found, currency)
    if dead:
        pieces.heading("Rules for nobody")
        pieces.points(dead)
    for note in (*found.stopped, *found.rules.notes):
        st.caption(fmt.plain(fmt.sentence(note)))


def _real(customers: int | None, where: str) -> str:
    return "" if customers is None else f"{fmt.counted(customers, 'customer')} {where}"


def _findings(title: str, about: str, findings: Sequence[Finding], found: RuleAudit, currency: str) -> None:
    if not findings:
        return
    pieces.heading(title, about)
    rows = [_row(found, finding, currency) for finding in findings[:KEPT]]
    shown = pd.DataFrame(rows[:MOST]).map(lambda cell: fmt.plain(str(cell)))
    # In one cell, so that a phone has room for both.
    shown["Where"] += "  \n:small[Such as: " + shown.pop("Such as") + "]"
    pieces.table({str(name): list(shown[name]) for name in shown}, alt=f"{title} of the rules, the largest first")
    if len(findings) > MOST:
        st.caption(f"The {MOST} largest of {fmt.count(len(findings))}; the file has up to {fmt.count(KEPT)}.")
        pieces.take(pd.DataFrame(rows), f"All {title} of the rules")


def _row(found: RuleAudit, finding: Finding, currency: str) -> dict[str, str]:
    row = {"Rules": " and ".join(rule_name(found, each) for each in finding.rules)} if finding.rules else {}
    row["Where"] = fmt.sentence(place_words(found, finding, currency)).removesuffix(".")
    example = found.space.example(finding.boxes[0])
    row["Such as"] = example_words({COLUMNS[name].label: value for name, value in example.items()})
    if finding.customers is not None:
        row["Customers"] = fmt.count(finding.customers)
        row["Carts"] = fmt.UNKNOWN if finding.value is None else fmt.money(finding.value, currency)
    row["Repair"] = fmt.sentence(remedy(found, finding)).removesuffix(".")
    return row
