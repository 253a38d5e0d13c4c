"""The page Audit of rules: rules are brought, checked when somebody asks, and mended as a policy."""

from dataclasses import dataclass, field
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.audit import MendedRules, mended_rules
from frontend.components.policies import keeping
from frontend.components.trust import rule_faults
from frontend.state import AppState, Result, preset, value_of
from frontend.utils import files, pieces, primary
from frontend.utils.store import Store, key_of
from outputs.names import slug
from retention.errors import InputError, RulesError
from workers import job

AUDITS = Store[MendedRules](entries=16)
TEXT, UPLOAD, COUNTED = "audit-text", "audit-file", "audit-counted"
PLACE = "audit"
MOST_MB = 1
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
        "README has how each is written, under Rules of somebody else.",
    ):
        request = _form(state)
        # Below the field that they are about.
        said = st.container()
    with said:
        pieces.outcome(state, PLACE)
        if state.audited is None:
            return
        if state.audited != request:
            st.caption("The rules, or the week on screen, are others since the last check.")
            return
        try:
            with st.spinner("Looking at every cell", show_time=False):
                audited = _audited(request, state.result)
        except InputError as error:
            pieces.problem(error)
            return
    rule_faults.show(audited.found, "" if state.result is None else state.result.run.currency)
    if isinstance(audited.repair, InputError):
        pieces.problem(audited.repair, kind="warning", title="No policy can hold the repair")
        return
    pieces.heading("The rules as a policy", "Mended, so that every customer is in exactly one segment.")
    keeping.save_as(audited.repair, state, key="audit", place="audit-kept")


def _form(state: AppState) -> RuleRequest:
    """Draw what is asked, and return it."""
    with st.popover("From a file", icon=":material/upload:"):
        file = st.file_uploader(
            "Rules as a file", type=TYPES, key=UPLOAD, max_upload_size=MOST_MB, on_change=_take, args=(state,)
        )
    text = st.text_area(
        "Rules", key=TEXT, height=220, placeholder=EXAMPLE, max_chars=MOST_MB << 20, persist_state="session"
    )
    counted = state.result is not None and st.checkbox(
        "Count the customers of the week on screen", value=True, key=COUNTED, persist_state="session"
    )
    name = "rules" if file is None else files.safe_name(file.name)
    request = RuleRequest(text or "", name, state.result.key if counted and state.result else "")
    with st.container(horizontal=True):
        if st.button(**primary.look("Check the rules", ":material/rule:"), key="audit-check"):
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
        state.outcomes[PLACE] = RulesError("the file is no text in UTF-8", where=files.safe_name(file.name))


def _audited(request: RuleRequest, result: Result | None) -> MendedRules:
    """Return what is wrong with rules; made in a worker, as nobody knows what a text asks for."""
    customers = result.run.segmentation.customers if result is not None and request.counted else None
    name = slug(request.name.rpartition(".")[0] or request.name)
    work = partial(mended_rules, request.text, request.name, name, customers)
    key = key_of("audit", request.text, request.name, request.counted)
    return AUDITS.get(key, lambda: job.done(key, lambda _: partial(job.silently, work), pieces.stoppable()))
