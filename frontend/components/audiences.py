"""The files to send: a platform, who may be contacted, and one zip with the account of everybody left out."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from audience_export import PLATFORMS, AudiencePlan, LeftOut, audience_zip_name, zip_of
from frontend.components import options_form, pieces, primary
from frontend.state import AppState, Result
from frontend.utils import audiences
from frontend.utils import format as fmt
from frontend.utils.audiences import Consent, Form
from frontend.utils.workspace import preferences
from retention.errors import InputError

TYPES = ["csv", "txt", "tsv"]
CONSENT: dict[Consent, str] = {
    "column": "As the data says",
    "list": "Only those on a list",
    "assumed": "Everybody agreed",
}


def show(result: Result, state: AppState) -> None:
    """Draw the form, and the files that it asked for last."""
    with pieces.framed(
        "Audience files",
        "One file per segment for your mail or advertising platform, in one zip. "
        + (
            "None of them contains the control group of this period."
            if result.run.experiment is not None
            else "**Nobody is held out:** keep the experiment first, or nothing can be measured later."
        ),
    ):
        with st.form("audiences", border=False):
            form = _form(result)
            submitted = st.form_submit_button("Prepare files", icon=":material/inventory_2:", key="audiences-prepare")
        if submitted:
            state.audience = form.key(result)
        if state.audience == form.key(result):
            _prepared(result, form)


def _form(result: Result) -> Form:
    with st.grid(2, min_column_width=240):
        platform = st.selectbox(
            "Platform", list(PLATFORMS), format_func=lambda name: PLATFORMS[name].title, key="audience-platform"
        )
        country = options_form.country(preferences()[0].country, "audience-country")
    options: list[Consent] = ["column", "list"] if audiences.says_consent(result) else ["list", "assumed"]
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
            agreed = _list("Who agreed", "agreed")
            unsubscribed = _list("Unsubscribed", "unsubscribed")
            contacted = _list("Contacted, with a column date", "contacted")
            bought = _list("Bought since, with or without a column date", "bought")
            coupons = _list("Coupons, a column code", "coupons")
            within = st.number_input("Contacted in the last days", 1, 365, 7, key="audience-within")
    return Form(platform, consent, country, int(within), agreed[:1], unsubscribed, contacted[:1], bought, coupons[:1])


def _list(label: str, key: str) -> tuple[UploadedFile, ...]:
    files: Sequence[UploadedFile] = st.file_uploader(
        label, type=TYPES, accept_multiple_files=True, key=f"audience-{key}"
    )
    return tuple(files)


def _prepared(result: Result, form: Form) -> None:
    """Draw the account and the zip, or why there is none."""
    try:
        if form.consent == "list" and not form.agreed:
            st.warning("Upload the list of those who agreed, under Lists.")
            return
        with st.spinner("Choosing customers", show_time=False):
            plan = audiences.plan_of(result, form)
    except InputError as error:
        pieces.problem(error)
        return
    totals = plan.counts.sum(axis=0).tolist()
    st.markdown(
        f"**{fmt.count(sum(totals))} customers = {fmt.count(totals[0])} in files + "
        f"{fmt.count(sum(totals[1:]))} left out**"
    )
    st.markdown(audiences.reached_words(plan))
    _account(plan)
    pieces.download(
        primary.look("Download the zip", ":material/folder_zip:"),
        lambda: zip_of(plan),
        audience_zip_name(plan.run, plan.wanted),
        key="audience-zip",
    )


def _account(plan: AudiencePlan) -> None:
    c, table = st.column_config, audiences.account(plan)
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
