"""The page Results: what customers did after the send, and what that shows; the check of the arms' sizes first."""

import streamlit as st

from analysis.experiment_results import RunResults
from frontend.components import pieces, primary, results_effects, results_upload
from frontend.state import AppState, Result, value_of
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from frontend.utils.experiment_outcomes import Measurement
from retention.errors import InputError
from retention.experiment.words import CAUSES, ratio_words

TREATMENT = "results-lifts-of"


def show(result: Result, state: AppState) -> None:
    """Draw the page for a run.

    Raises:
        InputError: A file cannot be used, or what it needs was not told.
    """
    if result.run.experiment is None:
        _without()
        return
    uploads, request = results_upload.show(result)
    if not uploads or request is None:
        return
    with st.spinner("Measuring", show_time=False):
        measurement = experiment_outcomes.measured(result, uploads, request)
    _account(result, measurement)
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
        "Plan that on the page Experiment and keep it; then come back with what the customers did.",
        "Or open a saved period that has an experiment. To measure a table that has its own arms, use "
        "`python main.py lift FILE`.",
    )


def _account(result: Result, measurement: Measurement) -> None:
    """Say where every row and every customer went, and which rule holds for those who are not listed."""
    outcome, told, everyone = measurement.run_results, measurement.outcomes, result.run.accounting.universe
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
