"""The page Results: what customers did after the send, and what that shows; the check of the arms' sizes first."""

import streamlit as st

from frontend.components import pieces, results_effects, results_keep, results_upload
from frontend.state import AppState, Result
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from frontend.utils.measured import Measured
from retention.errors import InputError
from retention.experiment.words import CAUSES, ratio_words


def show(result: Result, state: AppState, *, dark: bool) -> None:
    """Draw the page for a run."""
    if result.run.experiment is None:
        _without()
        return
    uploads, asked = results_upload.show(result)
    if not uploads or asked is None:
        return
    try:
        with st.spinner("Measuring", show_time=False):
            measured = experiment_outcomes.measured(result, uploads, asked)
    except InputError as error:
        pieces.problem(error)
        return
    _account(result, measured)
    if measured.found.days is not None:
        st.info(fmt.plain(measured.found.days.words), icon=":material/schedule:")
    _sizes(measured)
    results_effects.show(result, measured, dark=dark)
    results_keep.show(result, measured, state)


def _without() -> None:
    pieces.nothing(
        "This period has no experiment",
        "What a campaign achieves can only be measured against customers who were held out **before** it was sent. "
        "Plan that on the page Experiment and keep it; then come back with what the customers did.",
        "Or open a saved period that has an experiment. To measure a table that has its own arms, use "
        "`python main.py lift FILE`.",
    )


def _account(result: Result, measured: Measured) -> None:
    """Say where every row and every customer went, and which rule holds for those who are not listed."""
    found, everyone = measured.found, result.run.accounting.universe
    out = "".join(f" + {fmt.count(n)} {reason.replace('_', ' ')}" for reason, n in measured.left_out.items() if n)
    rows = f"{fmt.counted(measured.read, 'row')} read; {fmt.counted(measured.customers, 'customer')}{out}"
    who = f"{fmt.count(found.found)} of this period, {fmt.count(found.foreign)} others"
    rule = (
        "The files name customers who did not convert, so anyone not in them is unknown"
        if measured.complete
        else "The files name only customers who converted, so anyone not in them counts as having done nothing"
    )
    st.caption(fmt.plain(f"{rows}: {who}. {rule} ({fmt.count(found.unknown)} of {fmt.count(everyone)} are left out)."))


def _sizes(measured: Measured) -> None:
    """Draw the check of the arms' sizes, and what is to be known before the numbers are used."""
    results = measured.found.results
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
