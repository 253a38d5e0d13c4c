"""The page Audit of rules: rules are brought, checked when somebody asks, and mended as a policy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.audit import MendedRules, mended_rules
from frontend.components.policies import kept_policy
from frontend.state import AppState, Result, preset, value_of
from frontend.utils import files, format as fmt, pieces, primary
from frontend.utils.pieces import LASTING
from frontend.utils.store import Store, key_of
from outputs.names import slug
from retention.customers.contracts import COLUMNS
from retention.errors import InputError, RulesError
from retention.rules.audit import Finding, RuleAudit
from retention.rules.fault_words import example_words, idle, place_words, remedy, rule_name, verdict
from workers import job

AUDITS = Store[MendedRules](entries=16)
TEXT, UPLOAD, COUNTED = "audit-text", "audit-file", "audit-counted"
PLACE = "audit"
MOST_MB = 1
MOST, KEPT = 10, 1_000
"""Faults that are shown, and that the file has."""
TYPES = ("yaml", "yml", "csv", "tsv", "sql", "txt")
EXAMPLE = """\
VIP: avg_order_value >= 100 and engagement_score > .5
Large: avg_order_value >= 100 and sessions_last_30d < 10
Middle: 20 <= avg_order_value < 100
"""


@dataclass(frozen=True)
class RuleRequest:
    """Rules that somebody wants audited; `counted` is the key of the result whose customers are counted, if any."""

    text: str = field(repr=False)
    name: str
    counted: str


def show(state: AppState) -> None:
    """Draw the page."""
    with pieces.framed(
        "Rules",
        "YAML (one rule a line, a name and what it asks), a decision table as CSV, SQL with a CASE, or a policy. "
        "README says how each is written, under Rules of somebody else.",
    ):
        request = _form(state)
        # Below the field that they are about.
        place = st.container()
    with place:
        pieces.outcome(state, PLACE)
        if state.audited is None:
            return
        if state.audited != request:
            st.caption("The rules, or the week on screen, have changed since the last check.")
            return
        try:
            with st.spinner("Looking at every cell", show_time=False):
                audited = _audited(request, state.result)
        except InputError as error:
            pieces.problem(error)
            return
    _faults(audited.found, "" if state.result is None else state.result.run.currency)
    if isinstance(audited.repair, InputError):
        pieces.problem(audited.repair, kind="warning", title="No policy can hold the repair")
        return
    pieces.heading("The rules as a policy", "Repaired, so that every customer is in exactly one segment.")
    kept_policy.save_as(audited.repair, state, key="audit", place="audit-kept")


def _form(state: AppState) -> RuleRequest:
    with st.popover("From a file", icon=":material/upload:"):
        file = st.file_uploader(
            "Rules as a file", type=TYPES, key=UPLOAD, max_upload_size=MOST_MB, on_change=_take, args=(state,)
        )
    text = st.text_area("Rules", key=TEXT, height=220, placeholder=EXAMPLE, max_chars=MOST_MB << 20, **LASTING)
    counted = state.result is not None and st.checkbox(
        "Count the customers of the week on screen", value=True, key=COUNTED, **LASTING
    )
    name = "rules" if file is None else files.safe_name(file.name)
    request = RuleRequest(text or "", name, state.result.key if counted and state.result else "")
    with st.container(horizontal=True):
        if primary.button("Check the rules", ":material/rule:", key="audit-check"):
            state.audited = request
        st.button("Fill in an example", type="tertiary", key="audit-example", on_click=preset, args=(TEXT, EXAMPLE))
    return request


def _take(state: AppState) -> None:
    """Put an uploaded file into the field, where it can be corrected."""
    file: UploadedFile | None = value_of(UPLOAD)
    if file is None:
        return
    try:
        preset(TEXT, file.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        state.outcomes[PLACE] = RulesError("the file is not text in UTF-8", where=files.safe_name(file.name))


def _audited(request: RuleRequest, result: Result | None) -> MendedRules:
    """Return what is wrong with rules; made in a worker, as nobody knows what a text asks for."""
    week = result.run.segmentation if result is not None and request.counted else None
    name = slug(request.name.rpartition(".")[0] or request.name)
    work = partial(mended_rules, request.text, request.name, name, week)
    key = key_of("audit", request.text, request.name, request.counted)
    return AUDITS.get(key, lambda: job.done(key, lambda _: partial(job.silently, work), pieces.stoppable()))


def _faults(report: RuleAudit, currency: str) -> None:
    if report.clean:
        st.success(fmt.plain(verdict(report)), icon=":material/verified:")
    else:
        title = "Customers are left out, taken twice, or there are rules for nobody"
        st.warning(fmt.plain(verdict(report)), title=title, icon=":material/rule:")
    dead, gaps = list(idle(report)), () if report.rules.otherwise else report.gaps
    missed, twice = report.customers or (None, None)
    with pieces.numbers():
        pieces.number(
            "Rules", fmt.count(len(report.rules.rules)), f"{fmt.counted(report.space.cells, 'cell')} looked at"
        )
        pieces.number("Gaps", fmt.count(len(gaps)), _real(missed, "in no segment"))
        pieces.number("Overlaps", fmt.count(len(report.overlaps)), _real(twice, "in two segments"))
        pieces.number("Rules for nobody", fmt.count(len(dead)))
    if report.rules.otherwise:
        st.caption(fmt.plain(f"Customers whom no rule takes are in {report.rules.otherwise}."))
    _findings("Gaps", "Customers whom no rule takes.", gaps, report, currency)
    order = " The order settles them: the first rule that holds decides." if report.rules.ordered else ""
    _findings("Overlaps", f"Customers whom two segments claim.{order}", report.overlaps, report, currency)
    if dead:
        pieces.heading("Rules for nobody")
        pieces.points(dead)
    for note in (*report.stopped, *report.rules.notes):
        st.caption(fmt.plain(fmt.sentence(note)))


def _real(customers: int | None, where: str) -> str:
    return "" if customers is None else f"{fmt.counted(customers, 'customer')} {where}"


def _findings(title: str, about: str, findings: Sequence[Finding], report: RuleAudit, currency: str) -> None:
    if not findings:
        return
    pieces.heading(title, about)
    rows = [_row(report, finding, currency) for finding in findings[:KEPT]]
    shown = pd.DataFrame(rows[:MOST]).map(lambda cell: fmt.plain(str(cell)))
    # In one cell, so that a phone has room for both.
    shown["Where"] += "  \n:small[Such as: " + shown.pop("Such as") + "]"
    pieces.table({str(name): list(shown[name]) for name in shown}, alt=f"{title} of the rules, the largest first")
    if len(findings) > MOST:
        st.caption(f"The {MOST} largest of {fmt.count(len(findings))}; the file has up to {fmt.count(KEPT)}.")
        pieces.take(pd.DataFrame(rows), f"All {title} of the rules")


def _row(report: RuleAudit, finding: Finding, currency: str) -> dict[str, str]:
    row = {"Rules": " and ".join(rule_name(report, each) for each in finding.rules)} if finding.rules else {}
    row["Where"] = fmt.sentence(place_words(report, finding, currency)).removesuffix(".")
    example = report.space.example(finding.boxes[0])
    row["Such as"] = example_words({COLUMNS[name].label: value for name, value in example.items()})
    if finding.customers is not None:
        row["Customers"] = fmt.count(finding.customers)
        row["Carts"] = fmt.UNKNOWN if finding.value is None else fmt.money(finding.value, currency)
    row["Repair"] = fmt.sentence(remedy(report, finding)).removesuffix(".")
    return row
