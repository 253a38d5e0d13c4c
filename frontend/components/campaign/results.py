"""The fourth step: what customers did after the send, and what that shows; the check of the arms' sizes first."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis.experiment_results import RunResults, costs_of
from analysis.outcome_days import DAYS, LONGEST, Sent
from data_ingestion.outcomes.columns import OutcomeColumns
from frontend.components.campaign import experiment_outcomes, results_effects
from frontend.components.campaign.experiment_outcomes import Measurement, ResultsRequest, further_periods, remembered
from frontend.components.new_period import mapping_editor
from frontend.components.new_period.upload import TYPES
from frontend.state import AppState, Result, value_of
from frontend.utils import format as fmt
from frontend.utils import messages, pieces, primary
from retention.errors import InputError
from retention.experiment.guardrails import Guardrail, parse_guardrail
from retention.experiment.lift import Costs
from retention.experiment.words import CAUSES, ratio_words

TREATMENT = "results-lifts-of"


def show(result: Result, state: AppState) -> None:
    """Draw the page for a run."""
    if result.run.experiment is None:
        _without()
        return
    uploads, request = _request(result, state)
    if not uploads or request is None:
        return
    try:
        with st.spinner("Measuring", show_time=False):
            measurement = experiment_outcomes.measured(result, uploads, request)
    except InputError as error:
        mapping_editor.refused(state, error, uploads, request.reading)
        return
    _account(measurement)
    if measurement.run_results.days is not None:
        st.info(fmt.plain(measurement.run_results.days.words), icon=":material/schedule:")
    _sizes(measurement)
    results_effects.show(result, measurement)
    for each in measurement.run_results.policies:
        st.markdown(fmt.plain(f"{each.arm}: {each.words}."))
    _next_analyses(result, measurement, state)


def _without() -> None:
    pieces.nothing(
        "This period has no experiment",
        "What a campaign achieves can only be measured against customers who were held out **before** it was sent. "
        "Do that under Hold out; then come back with what the customers did.",
        "Or open a saved period that has an experiment. A table that has arms of its own is for the command line.",
    )


def _account(measurement: Measurement) -> None:
    """Say where every row and every customer went, and which rule holds for those who are not listed."""
    outcome, told, everyone = measurement.run_results, measurement.outcomes, measurement.run_results.universe
    out = "".join(f" + {fmt.count(n)} {reason.replace('_', ' ')}" for reason, n in told.left_out.items() if n)
    customers = fmt.counted(outcome.found + outcome.foreign, "customer")
    rows = f"{fmt.counted(told.read, 'row')} read; {customers}{out}"
    who = f"{fmt.count(outcome.found)} of this period, {fmt.count(outcome.foreign)} others"
    rule = (
        "The files name customers who did not convert, so anyone not in them is unknown"
        if told.complete
        else "The files name only customers who converted, so anyone not in them counts as having done nothing"
    )
    st.caption(
        fmt.plain(f"{rows}: {who}. {rule} ({fmt.count(outcome.unknown)} of {fmt.count(everyone)} are left out).")
    )
    if outcome.periods > 1:
        again = f"{fmt.counted(outcome.again, 'time')} one of them is there again"
        st.caption(f"{outcome.periods} periods: {fmt.counted(outcome.people, 'customer')} count once each; {again}.")


def _sizes(measurement: Measurement) -> None:
    """Draw the check of the arms' sizes, and what is to be known before the numbers are used."""
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
        st.success(words, title="The sizes of the arms match the plan", icon=":material/check:")
    for warning in results.warnings:
        st.warning(fmt.plain(fmt.sentence(warning)), icon=":material/warning:")


def _next_analyses(result: Result, measurement: Measurement, state: AppState) -> None:
    """Draw the way into the next analyses."""
    results = measurement.run_results.results
    if results.sample_ratio.status == "mismatch" or not measurement.final:
        return
    treatments = list(results.arms[1:])
    with pieces.framed(
        "Use what was measured",
        "The next analyses of this workspace then score with what was measured, as far as it tells more than the "
        "policy's assumption: a small experiment moves little, a large one decides. Other experiments stay; Settings "
        "forgets each by its name.",
    ):
        if len(treatments) > 1:
            st.selectbox("Lift of", treatments, key=TREATMENT, help="The treatment that the next campaign will be.")
        changed = experiment_outcomes.changes(result, measurement.run_results, _chosen(treatments))
        pieces.table(
            experiment_outcomes.changes_shown(changed, result.run.currency),
            alt="Lift, conversion without contact and expected profit of each segment, before and after",
        )
        st.button(
            **primary.look("Use in the next analyses", ":material/arrow_forward:"),
            key="results-use",
            on_click=_use,
            args=(state, result, measurement.run_results, treatments),
        )


def _use(state: AppState, result: Result, run_results: RunResults, treatments: list[str]) -> None:
    try:
        lifts = experiment_outcomes.remember(result, run_results, _chosen(treatments))
    except InputError as error:
        state.failure = error
        return
    state.succeed(f"The next analyses use the measured lift of {fmt.counted(len(lifts), 'segment')}.")


def _chosen(treatments: list[str]) -> str:
    return treatments[0] if len(treatments) == 1 else str(value_of(TREATMENT) or treatments[0])


def _request(result: Result, state: AppState) -> tuple[Sequence[UploadedFile], ResultsRequest | None]:
    """Draw the form and return the files with what they need; None where that cannot be."""
    experiment = result.run.experiment
    with pieces.framed(
        f"Experiment {fmt.plain(experiment.name if experiment else '')}",
        "Upload a list of outcomes (a row per customer: who, converted 0 or 1, revenue), or the orders since then.",
    ):
        files = st.file_uploader(
            "Outcomes or orders", type=[*TYPES, "jsonl", "json"], accept_multiple_files=True, key="results-files"
        )
        sent, also = _sent(result), _also(result)
        limits = _limits()
        columns = None if limits is None else _columns(tuple(each.name for each in limits[1]))
        costs = _costs(result)
    if columns is None or costs is None or limits is None:
        return files, None
    mappings, timezone = mapping_editor.answers(state, files), result.run.window.timezone
    reading = replace(state.reading, mappings=mappings, timezone=timezone)
    return files, ResultsRequest(columns, sent, costs, reading, *limits, also)


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


def _also(result: Result) -> tuple[tuple[str, Sent | None], ...]:
    """Draw which further periods of the campaign are measured together with this one."""
    known = further_periods(result)
    if not known:
        return ()
    chosen = st.multiselect(
        "Together with these periods of the campaign",
        list(known),
        format_func=lambda run_id: f"{known[run_id].name} ({known[run_id].window})",
        key=f"results-also-{result.key[:12]}",
        help="The files tell what their customers did as well. Each customer counts once, in the first period.",
    )
    return tuple((run_id, known[run_id].sent) for run_id in chosen)


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
