"""The shop's database as a source: one SELECT, asked once, accounted for like a file."""

import os
from collections.abc import Mapping

import streamlit as st

from data_ingestion import ReadOptions
from frontend.components import intake_summary, pieces
from frontend.state import AppState, Upload
from frontend.utils import upload_intake
from retention.activity.features import FeatureRules
from retention.errors import InputError

EXAMPLE = "SELECT customer_id AS user_id, abandoned_at AS cart_abandoned_date\nFROM carts ORDER BY 1, 2"


def address() -> str:
    """Return the URL of the shop's database, which is never shown; empty where the server's secrets name none."""
    if not st.secrets.load_if_toml_exists() or "database" not in st.secrets:
        return ""
    section = st.secrets["database"]
    url = section.get("url", "") if isinstance(section, Mapping) else ""
    return url if isinstance(url, str) else ""


def show(state: AppState, options: ReadOptions, rules: FeatureRules) -> Upload | None:
    """Draw the query, keep what it gives in the state, and return it if it can be used."""
    query = st.text_area(
        "Query",
        key="database-query",
        placeholder=EXAMPLE,
        height=130,
        help="One SELECT; columns are found by their names, as in a file. It runs on a connection that cannot write.",
    )
    if st.button("Read", icon=":material/database:", width="stretch", key="database-read"):
        _read(state, query, options)
    if state.queried is not None and state.queried.options != options:
        state.queried = None
        st.caption("The options have changed: read the data again.")
    if state.query_error is not None:
        pieces.problem(state.query_error)
    if state.queried is not None:
        intake_summary.show(state.queried.intake, upload_intake.told(state.queried, rules))
    return state.queried


def _read(state: AppState, query: str, options: ReadOptions) -> None:
    """Ask the database, anew each time because it changes; a refusal stays in the state until the next answer."""
    state.queried, state.query_error = None, None
    try:
        with st.spinner("Asking the database"):
            # Imported here: SQLAlchemy takes longer to load than most files take to be read.
            from data_ingestion.database import read_database  # noqa: PLC0415

            intake = read_database(address(), query, options=options, environment=os.environ)
    except InputError as error:
        state.query_error = error
        return
    state.queried, state.window_is_new = Upload(intake, options), True
    st.rerun()
