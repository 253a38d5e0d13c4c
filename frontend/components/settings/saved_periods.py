"""The saved periods: a table, the card of the chosen one, the way back for exported ones, and erasing a customer."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from frontend.components.policies import policies_page
from frontend.state import AppState, forget, value_of
from frontend.utils import files, format as fmt, pieces, places, policies, primary
from frontend.utils.store import forget_customers, key_of
from frontend.utils.workspace import export_name, titles, workspace
from retention.errors import InputError
from run_store import RunSummary
from workers import job

IMPORTED = "import-file"

ERASE, AGAIN = "erase-id", "erase-again"

TABLE, CHOICE = "periods", "period"
ROW = 38


def table(periods: Sequence[RunSummary], timezone: str) -> RunSummary:
    """Draw the table of at least one period and return the chosen one; times of saving are in the zone."""
    known = {period.id: period for period in periods}
    pieces.choice_of_row(
        _columns(periods, timezone),
        list(known),
        choice=CHOICE,
        key=TABLE,
        row_height=ROW,
        alt="Saved weeks, the last saved first; selecting a row opens its card",
    )
    return known[pieces.pick("Week in detail", titles(periods), CHOICE)]


def amount(value: float | None, currency: str) -> str:
    """Return an amount that may not be known."""
    return fmt.UNKNOWN if value is None else fmt.money(value, currency)


def saved(period: RunSummary, timezone: str) -> str:
    """Return when a period was saved."""
    return fmt.moment(period.saved_at.astimezone(ZoneInfo(timezone)))


def _columns(periods: Sequence[RunSummary], timezone: str) -> dict[str, pieces.ShownColumn]:
    c = st.column_config
    profit = c.TextColumn(alignment="right", width=105, help="As assumed when it was saved; not measured.")
    moments = c.TextColumn(width=135, help=f"In the time zone {timezone}.")
    weeks = [fmt.days(period.window.start, period.window.end) for period in periods]
    at_stake = [amount(period.at_stake, period.currency) for period in periods]
    return {
        "Name": ([period.name for period in periods], c.TextColumn(pinned=True, width=165)),
        "Week": (weeks, c.TextColumn(width=120)),
        "Policy": ([period.policy for period in periods], c.TextColumn(width=105)),
        "Customers": ([period.rows for period in periods], c.NumberColumn(format="localized", width=82)),
        "Value at stake": (at_stake, c.TextColumn(alignment="right", width=100)),
        "Expected profit": ([amount(period.profit, period.currency) for period in periods], profit),
        "Saved": ([saved(period, timezone) for period in periods], moments),
    }


def card(state: AppState, period: RunSummary, timezone: str) -> None:
    """Draw the card of a period."""
    with pieces.framed(fmt.plain(period.name)):
        pieces.facts(_facts(period, timezone), alt="What is saved of the week")
        with st.container(horizontal=True):
            if primary.button("Open week", ":material/folder_open:", key="open-period"):
                state.next_address = period.id
                places.go(places.SUMMARY)
            if period.policy in policies.known() and st.button(
                "Show policy", icon=":material/tune:", key="show-policy"
            ):
                policies_page.open_policy(period.policy)
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
        "Policy": policies.told(period.policy, period.policy_hash),
        "Rows read": f"{fmt.count(period.read)}, {fmt.count(period.quarantined)} of them set aside",
        "Customers": f"{fmt.count(period.universe)} in {fmt.counted(period.segments, 'segment')}{erased}",
        "Value at stake": amount(period.at_stake, period.currency),
        "Expected profit, not measured": amount(period.profit, period.currency),
        "Source": period.source,
        "Saved": f"{saved(period, timezone)}, {timezone}",
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
        "week",
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


def erase_form(state: AppState) -> None:
    """Draw the form."""
    with st.expander("Erase a customer", icon=":material/person_remove:", key="erase-form"):
        st.caption(
            "Removes one customer from every saved analysis, those without a name included. Sizes, scores and counts "
            "stay as they were. Exported and downloaded files, and uploads in pages that are open, are not changed."
        )
        user_id = (
            st.text_input("User id", key=ERASE, autocomplete="off", help="Exactly as in the customer table.") or ""
        )
        analyses = _count(user_id) if user_id else 0
        if not user_id or not analyses:
            return
        again = st.text_input("Type the id once more to confirm", key=AGAIN, autocomplete="off")
        icon, same, arguments = ":material/person_remove:", again == user_id, (state, user_id)
        primary.button("Erase for good", icon, key="erase", enabled=same, on_click=_erase, args=arguments)


def _count(user_id: str) -> int:
    try:
        analyses = workspace().count_with(user_id)
    except InputError as error:
        pieces.problem(error)
        return 0
    if analyses:
        st.markdown(f"This customer is in **{_analyses(analyses)}**.")
    else:
        st.markdown("No saved analysis holds a customer with this id.")
    return analyses


def _erase(state: AppState, user_id: str) -> None:
    try:
        touched = workspace().erase(user_id)
    except InputError as error:
        state.failure = error
        return
    # What is in memory would erase_form them until the server starts anew.
    forget_customers()
    state.succeed(f"Erased one customer from {_analyses(touched)}.")
    forget(ERASE, AGAIN)


def _analyses(number: int) -> str:
    return f"{fmt.count(number)} saved {'analysis' if number == 1 else 'analyses'}"


def import_form(state: AppState) -> None:
    """Draw the way in for exported files."""
    with (
        st.expander("Import a week", icon=":material/upload:", key="import"),
        st.form("import-form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            "Exported week", type=["zip"], key=IMPORTED, help="A file that Export wrote, here or elsewhere."
        )
        st.caption("Everything in the file is checked before anything is saved.")
        if st.form_submit_button(**primary.look("Import")):
            _take_in(state, file)
            st.rerun()


def _take_in(state: AppState, file: UploadedFile | None) -> None:
    if file is None:
        state.failure = InputError("no file was chosen", hint="Choose a file that Export wrote")
        return
    with st.spinner("Checking the file"):
        state.attempt(partial(_import, file), "Imported; the week is in the list.")


def _import(file: UploadedFile) -> None:
    """Save a file that is not trusted, in a process that it cannot fill."""
    key, take_in = key_of("import", file.file_id), workspace().take_in
    job.done(key, lambda folder: partial(job.silently, partial(take_in, *files.write_all([file], folder))))
