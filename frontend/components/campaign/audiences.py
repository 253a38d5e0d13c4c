"""The third step: a platform, who may be contacted, and one zip of files with the account of everybody left out."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from audience_export import (
    PLATFORMS,
    AudiencePlan,
    AudienceRequest,
    Contacted,
    LeftOut,
    audience_zip_name,
    plan_audiences,
    read_coupons,
    read_people,
    zip_of,
)
from audience_export.consent import COLUMN
from data_ingestion import ColumnMapping
from frontend.components.new_period import mapping_editor
from frontend.components.settings import options_form
from frontend.state import AppState, Result
from frontend.utils import files, pieces, primary
from frontend.utils import format as fmt
from frontend.utils.files import FileUpload
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import preferences, workspace
from retention.errors import InputError
from retention.period import zone
from run_store import Weeks
from weekly.files import keep_files

PLANS = Store[AudiencePlan](entries=4, size=MOST_CUSTOMERS, size_of=lambda plan: len(plan.people), personal=True)

Consent = Literal["column", "list", "assumed"]
LISTS = {
    "agreed": "Who agreed",
    "unsubscribed": "Unsubscribed",
    "contacted": "Contacted, with a column date",
    "bought": "Bought since, with or without a column date",
    "coupons": "Coupons, a column code",
}
SINGLE = ("agreed", "contacted", "coupons")
"""Lists of which the first file counts."""
TYPES = ["csv", "txt", "tsv"]
CONSENT: dict[Consent, str] = {
    "column": "As the data says",
    "list": "Only those on a list",
    "assumed": "Everybody agreed",
}


@dataclass(frozen=True)
class Form:
    """What a person asked for.

    Args:
        platform: Name of the platform.
        consent: Where consent is known from.
        country: Country of national phone numbers; may be empty.
        within: Days after a contact in which a customer is left alone.
        lists: Uploaded files by what they list, as in `LISTS`.
        mappings: What a person said that their columns hold.
    """

    platform: str
    consent: Consent
    country: str = ""
    within: int = 7
    lists: Mapping[str, Sequence[FileUpload]] = field(default_factory=dict)
    mappings: tuple[ColumnMapping, ...] = ()

    def key(self, result: Result) -> str:
        """Return a key of everything that decides the files."""
        digests = {
            kind: [hashlib.sha256(one.getbuffer()).hexdigest() for one in self.lists.get(kind, ())] for kind in LISTS
        }
        today = str(_today(result)) if self.lists.get("contacted") else ""
        return key_of(result.key, self.platform, self.consent, self.country, self.within, self.mappings, digests, today)


def says_consent(result: Result) -> bool:
    """Return whether the data itself says who agreed."""
    return COLUMN in result.people.segmentation.customers


def plan_of(result: Result, form: Form) -> AudiencePlan:
    """Return who is in the files and who is left out; made once for the same form.

    Raises:
        InputError: A list cannot be used, codes are too few, or nothing says who agreed.
    """
    return PLANS.get(form.key(result), lambda: plan_audiences(result.people, _wanted(result, form)))


def account(plan: AudiencePlan) -> pd.DataFrame:
    """Return customers per segment: Segment, Customers, In files, and a column per reason that somebody has."""
    counts = plan.counts
    table = {
        "Segment": [segment.name for segment in plan.run.segmentation.tree.segments],
        "Customers": counts.sum(axis=1),
        "In files": counts[:, 0],
    }
    for place, reason in enumerate(LeftOut, start=1):
        if counts[:, place].any():
            table[reason.value] = counts[:, place]
    return pd.DataFrame(table)


def reached_words(plan: AudiencePlan) -> str:
    """Return where those who can be reached are: in files, or left out for a reason of this export."""
    counts = plan.reached_counts.sum(axis=0).tolist()
    further = [f"{fmt.count(n)} {why.replace('_', ' ')}" for why, n in zip(LeftOut, counts[1:], strict=True) if n]
    parts = [f"{fmt.count(counts[0])} in files", *further]
    return f"{fmt.count(sum(counts))} who can be reached = {' + '.join(parts)}"


def _today(result: Result) -> date:
    return datetime.now(zone(result.run.window.timezone)).date()


def _wanted(result: Result, form: Form) -> AudienceRequest:
    read = partial(read_people, timezone=result.run.window.timezone, region=form.country, mappings=form.mappings)
    with tempfile.TemporaryDirectory(prefix="lists-") as folder:
        paths = {kind: files.write_all(form.lists.get(kind, ()), Path(folder, kind)) for kind in LISTS}
        coupons = [read_coupons(path) for path in paths.pop("coupons")]
        people = {kind: [read(path) for path in listed] for kind, listed in paths.items()}
        agreed, contacted = people["agreed"], people["contacted"]
        return AudienceRequest(
            platform=form.platform,
            assume_consent=form.consent == "assumed",
            agreed=agreed[0] if agreed and form.consent == "list" else None,
            unsubscribed=tuple(people["unsubscribed"]),
            contacted=Contacted(contacted[0], form.within, _today(result)) if contacted else None,
            bought=tuple(people["bought"]),
            coupons=coupons[0] if coupons else None,
            region=form.country,
        )


def show(result: Result, state: AppState) -> None:
    """Draw the form, and the files that it asked for last."""
    with pieces.framed(
        "Audience files",
        "One file per segment for your mail or advertising platform, in one zip. "
        + (
            "None of them contains the control group of this period."
            if result.run.experiment is not None
            else "**Nobody is held out:** do that first, or nothing can be measured later."
        ),
    ):
        with st.form("audiences", border=False):
            form = _form(result, state)
            submitted = st.form_submit_button("Prepare files", icon=":material/inventory_2:", key="audiences-prepare")
        # What the columns hold is said only after the files were asked for.
        key = replace(form, mappings=()).key(result)
        if submitted:
            state.audience = key
        if state.audience == key:
            _prepared(result, form, state)


def _form(result: Result, state: AppState) -> Form:
    with st.grid(2, min_column_width=240):
        platform = st.selectbox(
            "Platform", list(PLATFORMS), format_func=lambda name: PLATFORMS[name].title, key="audience-platform"
        )
        country = options_form.country(preferences()[0].country, "audience-country")
    options: list[Consent] = ["column", "list"] if says_consent(result) else ["list", "assumed"]
    consent = st.radio(
        "Who agreed to be contacted",
        options,
        format_func=CONSENT.__getitem__,
        key="audience-consent",
        horizontal=True,
        help="The column email_consent of the data; a missing answer is a no. A no there holds against any list.",
    )
    with st.expander("Lists: consent, unsubscribed, contacted, bought, coupons", icon=":material/upload_file:"):
        st.caption(
            "CSV files with a column user_id, email or phone. They are only read for this zip and are not stored."
        )
        with st.grid(2, min_column_width=280):
            lists = {kind: _list(label, kind) for kind, label in LISTS.items()}
            within = st.number_input("Contacted in the last days", 1, 365, 7, key="audience-within")
    mappings = mapping_editor.answers(state, [file for listed in lists.values() for file in listed])
    return Form(platform, consent, country, int(within), lists, mappings)


def _list(label: str, kind: str) -> Sequence[UploadedFile]:
    sent: list[UploadedFile] = st.file_uploader(label, type=TYPES, accept_multiple_files=True, key=f"audience-{kind}")
    return sent[:1] if kind in SINGLE else sent


def _prepared(result: Result, form: Form, state: AppState) -> None:
    """Draw the account and the zip, or why there is none."""
    try:
        if form.consent == "list" and not form.lists["agreed"]:
            st.warning("Upload the list of those who agreed, under Lists.")
            return
        with st.spinner("Choosing customers", show_time=False):
            plan = plan_of(result, form)
    except InputError as error:
        sent = [file for listed in form.lists.values() for file in listed if isinstance(file, UploadedFile)]
        mapping_editor.refused(state, error, sent, state.reading, ("people", "orders"))
        return
    totals = plan.counts.sum(axis=0).tolist()
    st.markdown(
        f"**{fmt.count(sum(totals))} customers = {fmt.count(totals[0])} in files + "
        f"{fmt.count(sum(totals[1:]))} left out**"
    )
    st.markdown(reached_words(plan))
    _account(plan)
    pieces.download(
        primary.look("Download the zip", ":material/folder_zip:"),
        lambda: _zip(result, plan),
        audience_zip_name(plan.run, plan.wanted),
        key="audience-zip",
    )


def _zip(result: Result, plan: AudiencePlan) -> bytes:
    """Return the zip, and keep with a saved week that it was made."""
    content, exported = zip_of(plan)
    if result.run_id:
        name = audience_zip_name(plan.run, plan.wanted)
        keep_files(Weeks(workspace()), result.run_id, exported, name, datetime.now(UTC))
    return content


def _account(plan: AudiencePlan) -> None:
    c, table = st.column_config, account(plan)
    labels = {name: fmt.sentence(name.replace("_", " ")).rstrip(".") for name in table.columns[1:]}
    numbers = {name: (table[name], c.NumberColumn(label, format="localized")) for name, label in labels.items()}
    pieces.cells(
        {"Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)), **numbers},
        key="audience-account",
        alt="Customers of each segment in the files, and left out by reason",
    )
    counts = plan.counts.sum(axis=0).tolist()
    for reason, count in zip(LeftOut, counts[1:], strict=True):
        if count:
            st.caption(fmt.plain(f"{fmt.count(count)} {reason.value.replace('_', ' ')}: {reason.sentence}"))
    if plan.consent.source == "assumed":
        st.caption("Consent was assumed, not known.")
    if plan.platform.note:
        st.caption(fmt.plain(f"{plan.platform.title}: {plan.platform.note}"))
