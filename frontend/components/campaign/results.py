"""The fourth step: what customers did after the send, and what that shows; the check of the arms' sizes first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.experiment_results import costs_of
from analysis.outcome_days import Sent
from data_ingestion.outcomes.columns import OutcomeColumns
from frontend.components.campaign import experiment_outcomes, learning, results_effects, send_day, week
from frontend.components.campaign.experiment_outcomes import Measurement, ResultsRequest
from frontend.components.new_period import mapping_editor
from frontend.components.new_period.upload import TYPES
from frontend.state import AppState, Result
from frontend.utils import format as fmt, messages, pieces
from frontend.utils.files import OutcomeFiles
from frontend.utils.workspace import workspace
from retention.errors import InputError
from retention.experiment.guardrails import Guardrail, parse_guardrail
from retention.experiment.lift import Costs
from retention.experiment.words import CAUSES, ratio_words
from run_store import WeekState

T = TypeVar("T")
COLUMNS = {"customer": "Customer", "outcome": "Converted", "revenue": "Revenue", "covariate": "Covariate"}


def show(result: Result, state: AppState) -> None:
    """Draw the step for a week."""
    if result.run.experiment is None:
        _without()
        return
    known, top = week.state_of(result), st.container()
    uploads, request = _request(result, state, known)
    if not uploads or request is None:
        with top:
            learning.kept(result, state, known)
        return
    try:
        with st.spinner("Measuring", show_time=False):
            campaign = week.campaign_of(result, known.choice)
            measurement = experiment_outcomes.measured(campaign, request)
    except InputError as error:
        mapping_editor.refused(state, error, uploads, request.outcomes.reading)
        return
    if measurement.run_results.days is not None:
        st.info(fmt.plain(measurement.run_results.days.words), icon=":material/schedule:")
    _sizes(measurement)
    results_effects.show(result, measurement)
    for each in measurement.run_results.policies:
        st.markdown(fmt.plain(f"{each.arm}: {each.words}."))
    _account(measurement)
    learning.show(result, state, measurement, [run_id for run_id, _ in request.also])


def _without() -> None:
    pieces.nothing(
        "Nobody was held out of this week",
        "What a campaign achieves can only be measured against customers who were held out **before** it was sent. "
        "Do that under Hold out; then come back with what the customers did.",
        "Or choose a saved week whose campaign has a control group.",
    )


def _account(measurement: Measurement) -> None:
    outcome, lists, everyone = measurement.run_results, measurement.outcomes, measurement.run_results.universe
    out = "".join(
        f" + {fmt.counted(n, 'row')} left out ({reason.replace('_', ' ')})" for reason, n in lists.left_out.items() if n
    )
    customers = fmt.counted(outcome.found + outcome.foreign, "customer")
    rows = f"{fmt.counted(lists.read, 'row')} read; {customers}{out}"
    who = f"{fmt.count(outcome.found)} of this week, {fmt.count(outcome.foreign)} others"
    rule = (
        "The files name customers who did not convert, so anyone not in them is unknown"
        if lists.complete
        else "The files name only customers who converted, so anyone not in them counts as having done nothing"
    )
    st.caption(
        fmt.plain(f"{rows}: {who}. {rule} ({fmt.count(outcome.unknown)} of {fmt.count(everyone)} are left out).")
    )
    if outcome.periods > 1:
        again = f"{fmt.counted(outcome.again, 'time')} one of them appears again"
        st.caption(f"{outcome.periods} weeks: {fmt.counted(outcome.people, 'customer')} count once each; {again}.")


def _sizes(measurement: Measurement) -> None:
    results = measurement.run_results.results
    check = results.sample_ratio
    words = fmt.plain(ratio_words(check))
    if check.status == "mismatch":
        causes = "\n".join(f"- {fmt.plain(cause)}" for cause in CAUSES)
        st.error(
            f"{words}\n\nLikely causes:\n{causes}",
            title="The sizes of the arms do not match the plan",
            icon=":material/error:",
        )
    else:
        st.caption(f":material/check: The sizes of the arms match the plan. {words}")
    for warning in results.warnings:
        st.warning(fmt.plain(fmt.sentence(warning)), icon=":material/warning:")


def _request(result: Result, state: AppState, known: WeekState) -> tuple[Sequence[UploadedFile], ResultsRequest | None]:
    experiment = result.run.experiment
    with pieces.framed(
        f"Experiment {fmt.plain(experiment.name if experiment else '')}",
        "Upload a list of outcomes (a row per customer: who, converted 0 or 1, revenue), or the orders since then.",
    ):
        files = st.file_uploader(
            "Outcomes or orders", type=[*TYPES, "jsonl", "json"], accept_multiple_files=True, key="results-files"
        )
        sent, also = send_day.show(result, state, known), _also(result)
        limits = _limits()
        columns = None if limits is None else list_columns(tuple(each.name for each in limits[1]))
        costs = _costs(result)
    if columns is None or costs is None or limits is None:
        return files, None
    mappings, timezone = mapping_editor.answers(state, files), result.run.window.timezone
    reading = replace(state.reading, mappings=mappings, timezone=timezone)
    return files, ResultsRequest(OutcomeFiles(tuple(files), columns, sent, reading), costs, *limits, also)


def _also(result: Result) -> tuple[tuple[str, Sent | None], ...]:
    """Draw which further periods of the campaign are measured together with this one."""
    name = "" if result.run.experiment is None else result.run.experiment.name
    known = {each.id: each for each, _ in workspace().campaign(name) if each.id != result.run_id}
    if not known:
        return ()
    chosen = st.multiselect(
        "Together with these weeks of the campaign",
        list(known),
        format_func=lambda run_id: f"{known[run_id].name} ({known[run_id].window})",
        key=f"results-also-{result.key[:12]}",
        help="The files tell what their customers did as well. Each customer counts once, in the first week.",
    )
    return tuple((run_id, known[run_id].sent) for run_id in chosen)


def _limits() -> tuple[float | None, tuple[Guardrail, ...]] | None:
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
        guardrails = _sound(lambda: tuple(parse_guardrail(part) for part in named.split(",") if part.strip()))
    return None if guardrails is None else (None if cap is None else round(float(cap) / 100, 6), guardrails)


def list_columns(guardrails: tuple[str, ...] = ()) -> OutcomeColumns | None:
    """Draw the names of the columns of a list."""
    with st.expander("Columns of a list of outcomes", icon=":material/view_column:"):
        st.caption(
            "Usual names are found: user_id or email, converted, revenue, covariate. Enter them here if they differ."
        )
        with st.grid(4, min_column_width=160):
            columns = {
                name: st.text_input(label, key=f"results-column-{place}", placeholder="Usual names").strip()
                for place, (name, label) in enumerate(COLUMNS.items())
            }
        return _sound(lambda: OutcomeColumns(**columns, guardrails=guardrails))


def _costs(result: Result) -> Costs | None:
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
    return _sound(lambda: Costs(float(margin) / 100, float(contact), float(discount)))


def _sound(made: Callable[[], T]) -> T | None:
    """Return what was entered, or say why it cannot be."""
    try:
        return made()
    except InputError as error:
        st.warning(messages.title(error))
        return None
