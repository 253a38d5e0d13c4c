"""One saved period: what it is, and what can be done with it."""

from functools import partial

import streamlit as st

from frontend.components import periods_list, pieces, primary
from frontend.state import AppState, forget, value_of
from frontend.utils import format as fmt
from frontend.utils.workspace import export_name, workspace
from run_store import RunSummary

SUMMARY = "views/segments.py"


def show(state: AppState, period: RunSummary, timezone: str) -> None:
    """Draw the card of a period."""
    with pieces.framed(fmt.plain(period.name)):
        pieces.facts(_facts(period, timezone), alt="What is saved of the period")
        with st.container(horizontal=True):
            if st.button(**primary.look("Open period", ":material/folder_open:"), key="open-period"):
                state.next_address = period.id
                st.switch_page(SUMMARY)
            _renaming(state, period)
            pieces.download(
                "Export",
                partial(workspace().exported, period.id),
                export_name(period),
                key="export-period",
                about="One file to keep elsewhere or to import into another workspace. It holds the customers.",
            )
            if st.button("Delete", icon=":material/delete:", key="delete-period"):
                _confirm(state, period)


def _facts(period: RunSummary, timezone: str) -> dict[str, str]:
    days = fmt.days(period.window.start, period.window.end)
    erased = f", {fmt.count(period.erased)} of them erased" if period.erased else ""
    facts = {
        "Week": f"{days}, {period.window.timezone}",
        "Policy": period.policy,
        "Rows read": f"{fmt.count(period.read)}, {fmt.count(period.quarantined)} of them set aside",
        "Customers": f"{fmt.count(period.universe)} in {fmt.counted(period.segments, 'segment')}{erased}",
        "Value at stake": periods_list.amount(period.at_stake, period.currency),
        "Expected profit, not measured": periods_list.amount(period.profit, period.currency),
        "Source": period.source,
        "Saved": f"{periods_list.saved(period, timezone)}, {timezone}",
    }
    return {label: fmt.plain(text) for label, text in facts.items()}


def _renaming(state: AppState, period: RunSummary) -> None:
    key = f"rename-{period.id}"
    with st.popover("Rename", icon=":material/edit:"), st.form("rename-form", border=False):
        st.text_input("New name", value=period.name, key=key, max_chars=200)
        st.form_submit_button(**primary.look("Rename"), on_click=_rename, args=(state, period, key))


def _rename(state: AppState, period: RunSummary, key: str) -> None:
    name = str(value_of(key) or "").strip()
    if state.attempt(partial(workspace().rename, period.id, name), f"Renamed to {fmt.plain(name)}."):
        forget(key)


def _confirm(state: AppState, period: RunSummary) -> None:
    days = fmt.days(period.window.start, period.window.end)
    pieces.ask_before_deleting(
        "period",
        f"**{fmt.plain(period.name)}**, {days}: its {fmt.counted(period.rows, 'customer')} and its results are removed "
        "from the disk for good. Links to it will stop working. Exported files are not touched.",
        key="delete",
        delete=partial(_delete, state, period),
    )


def _delete(state: AppState, period: RunSummary) -> None:
    deleted = state.attempt(partial(workspace().delete, period.id), f"Deleted {fmt.plain(period.name)}.")
    # Else the next drawing would find the period gone and say so as a failure.
    if deleted and state.address == period.id:
        state.next_address = ""
