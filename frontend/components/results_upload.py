"""The files that say what customers did after the send, and how they say it."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.experiment_results import costs_of
from analysis.outcome_days import DAYS, LONGEST, Sent
from data_ingestion.outcomes.columns import OutcomeColumns
from frontend.components import pieces
from frontend.components.upload import TYPES
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import messages
from frontend.utils.experiment_outcomes import ResultsRequest, remembered
from retention.errors import InputError
from retention.experiment.guardrails import Guardrail, parse_guardrail
from retention.experiment.lift import Costs


def show(result: Result) -> tuple[Sequence[UploadedFile], ResultsRequest | None]:
    """Draw the form and return the files with what they need; None where that cannot be."""
    experiment = result.run.experiment
    with pieces.framed(
        f"Experiment {fmt.plain(experiment.name if experiment else '')}",
        "Upload a list of outcomes (a row per customer: who, converted 0 or 1, revenue), or the orders since then.",
    ):
        files = st.file_uploader(
            "Outcomes or orders", type=[*TYPES, "jsonl", "json"], accept_multiple_files=True, key="results-files"
        )
        sent = _sent(result)
        limits = _limits()
        columns = None if limits is None else _columns(tuple(each.name for each in limits[1]))
        costs = _costs(result)
    if columns is None or costs is None or limits is None:
        return files, None
    return files, ResultsRequest(columns, sent, costs, *limits)


def _sent(result: Result) -> Sent | None:
    """Draw when the campaign went out; it starts from what the period remembers."""
    known, key = remembered(result), result.key[:12]
    with st.grid(2, min_column_width=200):
        day = st.date_input(
            "Day of the send",
            value=None if known is None else known.day,
            key=f"results-sent-{key}",
            help="Orders need it. Without it nobody knows whether the outcome days of a list are over.",
        )
        usual = DAYS if known is None else known.days
        days = st.number_input(
            "Days in which an order counts", 1.0, LONGEST, usual, 1.0, format="%g", key=f"results-days-{key}"
        )
    return None if day is None else Sent(day, float(days))


def _limits() -> tuple[float | None, tuple[Guardrail, ...]] | None:
    """Draw what must not get worse, and where money is cut off."""
    with st.expander("Guardrails and largest purchases", icon=":material/shield:"):
        st.caption(
            "Columns of what must not get worse, with how much they may rise: unsubscribed=0.005, refunds=5%. Below 0 "
            "it is how far they may fall. Without a bound half a percentage point, or 5 % of an amount, is allowed."
        )
        with st.grid(2, min_column_width=200):
            named = st.text_input("Guardrails", key="results-guardrails", placeholder="None")
            cap = st.number_input(
                "Cap money at a quantile, %",
                50.0,
                99.9,
                None,
                0.5,
                format="%g",
                key="results-cap",
                help="What a customer spent above this quantile of purchases does not count. Choose before looking.",
            )
        try:
            guardrails = tuple(parse_guardrail(part) for part in named.split(",") if part.strip())
        except InputError as error:
            st.warning(messages.title(error))
            return None
    return None if cap is None else round(float(cap) / 100, 6), guardrails


def _columns(guardrails: tuple[str, ...]) -> OutcomeColumns | None:
    """Draw the names of the columns of a list."""
    with st.expander("Columns of a list of outcomes", icon=":material/view_column:"):
        st.caption(
            "Usual names are found: user_id or email, converted, revenue, covariate. Enter them here if they differ."
        )
        with st.grid(4, min_column_width=160):
            customer, outcome, revenue, covariate = [
                st.text_input(label, key=f"results-column-{place}", placeholder="Usual names").strip()
                for place, label in enumerate(("Customer", "Converted", "Revenue", "Covariate"))
            ]
        try:
            return OutcomeColumns(
                customer=customer, outcome=outcome, revenue=revenue, covariate=covariate, guardrails=guardrails
            )
        except InputError as error:
            st.warning(messages.title(error))
            return None


def _costs(result: Result) -> Costs | None:
    """Draw what turns revenue into profit; it starts from what the run assumes."""
    usual, money = costs_of(result.run), fmt.symbol(result.run.currency)
    with st.expander("Costs", icon=":material/payments:"), st.grid(3, min_column_width=180):
        key = f"results-{result.key[:12]}"
        margin = st.number_input(
            "Contribution margin, %", 0.0, 100.0, 100 * usual.margin, 1.0, format="%g", key=f"{key}-margin"
        )
        contact = st.number_input(
            fmt.plain(f"Cost of one contact {money}".strip()), 0.0, None, usual.contact_cost, 0.01, key=f"{key}-contact"
        )
        discount = st.number_input(
            fmt.plain(f"Discount of one conversion {money}".strip()), 0.0, None, usual.discount, 0.5, key=f"{key}-off"
        )
    try:
        return Costs(float(margin) / 100, float(contact), float(discount))
    except InputError as error:
        st.warning(messages.title(error))
        return None
