"""The third step: a platform, who may be contacted, and one zip of files with the account of everybody left out."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.choice import Choice, ConsentSource
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
from data_ingestion import ReadOptions
from frontend.components.campaign import send_day, week
from frontend.components.new_period import mapping_editor
from frontend.components.new_period.upload import TYPES
from frontend.components.settings import options_form
from frontend.state import AppState, Result
from frontend.utils import files, format as fmt, pieces, primary
from frontend.utils.files import FileUpload
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import noted, preferences, workspace
from retention.errors import InputError
from run_store import Weeks, WeekState
from weekly.files import keep_files

PLANS = Store[AudiencePlan](entries=4, size=MOST_CUSTOMERS, size_of=lambda plan: len(plan.reasons), personal=True)

LISTS = {
    "agreed": "Who agreed",
    "unsubscribed": "Unsubscribed",
    "contacted": "Contacted, with a column date",
    "bought": "Bought since, with or without a column date",
    "coupons": "Coupons, a column code",
}
SINGLE = ("agreed", "contacted", "coupons")
"""Lists of which the first file counts."""


@dataclass(frozen=True)
class Form:
    """What a person asked for; the country, of national phone numbers, may be empty."""

    platform: str
    consent: ConsentSource
    country: str = ""
    within: int = 7
    lists: Mapping[str, Sequence[FileUpload]] = field(default_factory=dict)
    reading: ReadOptions = field(default_factory=ReadOptions)

    def key(self, result: Result) -> str:
        """Return a key of everything that decides the files."""
        digests = {kind: files.digests(self.lists.get(kind, ())) for kind in LISTS}
        today = str(week.today(result)) if self.lists.get("contacted") else ""
        read = self.reading.mappings, self.reading.encoding, self.reading.limits
        return key_of(result.key, self.platform, self.consent, self.country, self.within, *read, digests, today)


def plan_of(result: Result, form: Form) -> AudiencePlan:
    """Return who is in the files and who is left out; made once for the same form."""
    return PLANS.get(form.key(result), lambda: plan_audiences(result.run, _wanted(result, form)))


def account(plan: AudiencePlan) -> pd.DataFrame:
    """Return customers per segment: Segment, Customers, In files, and a column per reason that somebody has."""
    counts = plan.counts
    table = {
        "Segment": plan.run.segmentation.tree.names,
        "Customers": counts.sum(axis=1),
        "In files": counts[:, 0],
    }
    for place, reason in enumerate(LeftOut, start=1):
        if counts[:, place].any():
            table[reason.value] = counts[:, place]
    return pd.DataFrame(table)


def reached_words(plan: AudiencePlan) -> str:
    """Return where those whom the campaign is for are: in files, or left out for a reason of this export."""
    counts = plan.reached_counts.sum(axis=0).tolist()
    further = [f"{fmt.count(n)} {why.replace('_', ' ')}" for why, n in zip(LeftOut, counts[1:], strict=True) if n]
    parts = [f"{fmt.count(counts[0])} in files", *further]
    return f"{fmt.count(sum(counts))} chosen = {' + '.join(parts)}"


def _wanted(result: Result, form: Form) -> AudienceRequest:
    reading = replace(form.reading, timezone=result.run.window.timezone, country=form.country)
    read = partial(read_people, reading=reading)
    with tempfile.TemporaryDirectory(prefix="lists-") as folder:
        paths = {kind: files.write_all(form.lists.get(kind, ()), Path(folder, kind)) for kind in LISTS}
        coupons = [read_coupons(path, reading) for path in paths.pop("coupons")]
        people = {kind: [read(path) for path in listed] for kind, listed in paths.items()}
        agreed, contacted = people["agreed"], people["contacted"]
        return AudienceRequest(
            platform=form.platform,
            assume_consent=form.consent == "assumed",
            agreed=agreed[0] if agreed and form.consent == "list" else None,
            unsubscribed=tuple(people["unsubscribed"]),
            contacted=Contacted(contacted[0], form.within, week.today(result)) if contacted else None,
            bought=tuple(people["bought"]),
            coupons=coupons[0] if coupons else None,
            region=form.country,
        )


def show(result: Result, state: AppState) -> None:
    """Draw the form, the files that it gives for those who were chosen, and when they went out."""
    choice, known = week.choice_of(result), week.state_of(result)
    with st.spinner("Choosing customers", show_time=False):
        campaign = week.campaign_of(result, choice)
    held_out = result.run.experiment is not None
    pieces.heading(
        f"Files for {fmt.counted(campaign.run.reach.total, 'customer')}",
        "One file per segment for your mail or advertising platform, in one zip. "
        + ("None of them contains the control group." if held_out else "**Nobody is held out:** nothing is learnt."),
    )
    form = _form(choice, state)
    _prepared(campaign, form, state)
    _made(known)
    send_day.show(result, state, known)


def _form(choice: Choice, state: AppState) -> Form:
    with st.grid(2, min_column_width=240):
        titles = {name: platform.title for name, platform in PLATFORMS.items()}
        platform = pieces.pick("Platform", titles, "audience-platform", **pieces.LASTING)
        country = options_form.country(preferences()[0].country, "audience-country")
    opened = choice.consent == "list"
    with st.expander("Lists: consent, unsubscribed, contacted, bought, coupons", opened, icon=":material/upload_file:"):
        st.caption("Tables with a column user_id, email or phone. They are only read for this zip and are not stored.")
        with st.grid(2, min_column_width=280):
            lists = {kind: _list(label, kind) for kind, label in LISTS.items()}
            within = st.number_input("Contacted in the last days", 1, 365, 7, key="audience-within")
    mappings = mapping_editor.answers(state, [file for listed in lists.values() for file in listed])
    return Form(platform, choice.consent, country, int(within), lists, replace(state.reading, mappings=mappings))


def _made(known: WeekState) -> None:
    lines = [
        f"{PLATFORMS[each.platform].title}: {fmt.counted(each.customers, 'customer')}, {fmt.moment(each.made_at)}"
        for each in known.files
    ]
    if lines:
        st.caption(f"Made: {fmt.plain('; '.join(lines))}")


def _list(label: str, kind: str) -> Sequence[UploadedFile]:
    sent: list[UploadedFile] = st.file_uploader(label, type=TYPES, accept_multiple_files=True, key=f"audience-{kind}")
    return sent[:1] if kind in SINGLE else sent


def _prepared(result: Result, form: Form, state: AppState) -> None:
    if form.consent == "list" and not form.lists["agreed"]:
        st.warning("Upload the list of those who agreed, under Lists.")
        return
    try:
        with st.spinner("Choosing customers", show_time=False):
            plan = plan_of(result, form)
    except InputError as error:
        sent = [file for listed in form.lists.values() for file in listed if isinstance(file, UploadedFile)]
        mapping_editor.refused(state, error, sent, state.reading, ("people", "orders"))
        return
    totals = plan.counts.sum(axis=0).tolist()
    st.markdown(f"**{reached_words(plan)}**")
    pieces.download(
        primary.look("Download the zip", ":material/folder_zip:"),
        noted(lambda: _zip(result, plan), totals[0]),
        audience_zip_name(plan.run, plan.wanted),
        key="audience-zip",
    )
    with st.expander(f"Where all {fmt.counted(sum(totals), 'customer')} are", icon=":material/table_rows:"):
        _account(plan)


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
    for notice in plan.wanted.notices:
        st.caption(fmt.plain(notice))
    if plan.consent == "assumed":
        st.caption("Consent was assumed, not known.")
    if plan.platform.note:
        st.caption(fmt.plain(f"{plan.platform.title}: {plan.platform.note}"))
