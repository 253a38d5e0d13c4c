"""Where the customers come from: synthetic, uploaded, the shop's database, or those of a saved period."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from data_generation import DEFAULT_SEED, DEFAULT_SIZE
from data_ingestion import ReadOptions
from frontend.components.new_period import intake_summary, intakes, upload, upload_intake
from frontend.state import AppState, SyntheticRequest, Upload, preset_unless, value_of
from frontend.utils import format as fmt, pieces
from frontend.utils.pieces import LASTING
from frontend.utils.store import key_of
from frontend.utils.workspace import periods, titles
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.period import Window
from run_store import RunSummary
from workers import job

EXAMPLE = "SELECT customer_id AS user_id, abandoned_at AS cart_abandoned_date\nFROM carts ORDER BY 1, 2"

PERIOD = "source-period"

KEY = "source"
CHOICES = ["Synthetic", "Upload", "Saved"]
DATABASE = "Database"
MAX_SYNTHETIC = 1_000_000


def show(
    state: AppState, window: Window, options: ReadOptions, rules: FeatureRules
) -> SyntheticRequest | Upload | RunSummary | None:
    """Draw the picker, keep what it gives in the state, and return the source that is ready, if one is."""
    choices = [*CHOICES, DATABASE] if address() else CHOICES
    choice = st.radio("Customers from", choices, key=KEY, horizontal=True, **LASTING)
    if choice == "Upload":
        return upload.show(state, options, rules)
    if choice == DATABASE:
        return _queried(state, options, rules)
    if choice == "Saved":
        return _saved()
    return _synthetic(state, window)


def given(state: AppState) -> Upload | None:
    """Return what was uploaded or asked of the database, where that is chosen."""
    choice = value_of(KEY)
    if choice == "Upload":
        return state.upload
    return state.queried if choice == DATABASE else None


def _synthetic(state: AppState, window: Window) -> SyntheticRequest:
    """Draw what decides the customers, and return what was typed; the button only shows them before the run."""
    left, right = st.columns(2)
    size = pieces.whole("How many", (1, MAX_SYNTHETIC, DEFAULT_SIZE), "synthetic-size", step=1000, place=left)
    seed = pieces.whole("Seed", (0, None, DEFAULT_SEED), "synthetic-seed", place=right)
    st.caption("The same seed draws the same customers.")
    request = SyntheticRequest(size, seed)
    if st.button("Generate Synthetic Data", icon=":material/science:", key="generate"):
        state.synthetic = request
    if state.synthetic == request:
        with st.spinner("Drawing customers"):
            intake = intakes.synthetic(request.size, request.seed, window.end, window.timezone)
        st.caption(f"{fmt.count(intake.read)} synthetic customers over the 30 days to {fmt.day(window.end)}")
    return request


def _saved() -> RunSummary | None:
    """Draw the choice and return the period, if there is one."""
    saved, problem = periods()
    if problem is not None:
        pieces.problem(problem)
        return None
    if not saved:
        st.caption("Nothing is saved yet: run an analysis and choose **Save week** at the top of its page.")
        return None
    of_id = {period.id: period for period in saved}
    preset_unless(PERIOD, list(of_id), saved[0].id)
    period = of_id[pieces.pick("Week", titles(saved), PERIOD, **LASTING)]
    days = fmt.days(period.window.start, period.window.end)
    st.caption(
        f"{fmt.counted(period.rows, 'customer')} of {days}, {fmt.plain(period.window.timezone)}. "
        "They are analysed again with the policy and the options below; the week above does not apply."
    )
    return period


def address() -> str:
    """Return the URL of the shop's database, which is never shown; empty where the server's secrets name none."""
    if not st.secrets.load_if_toml_exists() or "database" not in st.secrets:
        return ""
    section = st.secrets["database"]
    url = section.get("url", "") if isinstance(section, Mapping) else ""
    return url if isinstance(url, str) else ""


def _queried(state: AppState, options: ReadOptions, rules: FeatureRules) -> Upload | None:
    """Draw the query, keep what it gives in the state, and return it if it can be used."""
    query = st.text_area(
        "Query",
        key="database-query",
        **LASTING,
        placeholder=EXAMPLE,
        height=130,
        help="One SELECT; columns are found by their names, as in a file. It runs on a connection that cannot write.",
    )
    if st.button("Read", icon=":material/database:", key="database-read"):
        state.asking, state.queried, state.query_error = (query, key_of(query, datetime.now(UTC)), options), None, None
    _await_answer(state)
    if state.queried is not None and state.queried.options != options:
        state.queried = None
        st.caption("The options have changed: read the data again.")
    if state.query_error is not None:
        pieces.problem(state.query_error)
    if state.queried is not None:
        intake_summary.show(state.queried, upload_intake.summary(state.queried, rules))
    return state.queried


def _await_answer(state: AppState) -> None:
    """Wait for the database, which is asked anew each time because it changes; a touched page waits on.

    A refusal stays in the state until the next answer.
    """
    if state.asking is None:
        return
    query, key, options = state.asking
    st.button("Cancel", icon=":material/close:", key="cancel-query", on_click=_cancel, args=(state,))
    try:
        with st.spinner("Asking the database"):
            # Imported here: SQLAlchemy takes longer to load than most files take to be read.
            from data_ingestion.database import read_database  # noqa: PLC0415

            work = partial(read_database, address(), query, options=options, environment=dict(os.environ))
            intake = job.done(key, lambda _: work, pieces.stoppable())
        state.queried, state.window_is_new = Upload(intake, options), True
    except InputError as error:
        state.query_error = error
    state.asking = None
    st.rerun()


def _cancel(state: AppState) -> None:
    """Wait for the answer no more; the query then ends."""
    state.asking, state.query_error = None, job.cancelled()
