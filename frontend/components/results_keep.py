"""Measured lifts into the next analyses: remembered in the workspace until they are forgotten or replaced."""

import streamlit as st

from analysis.experiment_results import RunResults
from frontend.components import pieces, primary
from frontend.state import AppState, Result, value_of
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from frontend.utils.measured import Measured
from retention.errors import InputError

TREATMENT = "results-lifts-of"


def show(result: Result, measured: Measured, state: AppState) -> None:
    """Draw the way into the next analyses."""
    results = measured.found.results
    if results.sample_ratio.status == "mismatch":
        return
    treatments = list(results.arms[1:])
    with st.container(border=True):
        st.subheader("Use what was measured", anchor=False)
        st.caption(
            "The next analyses of this workspace then score with what was measured, as far as it tells more than the "
            "policy's assumption: a small experiment moves little, a large one decides. Other experiments stay; "
            "Settings forgets each by its name."
        )
        if len(treatments) > 1:
            st.selectbox("Lift of", treatments, key=TREATMENT, help="The treatment that the next campaign will be.")
        changed = experiment_outcomes.changes(result, measured.found, _chosen(treatments))
        pieces.table(
            experiment_outcomes.changes_shown(changed, result.run.currency),
            alt="Lift, conversion without contact and expected profit of each segment, before and after",
        )
        st.button(
            **primary.look("Use in the next analyses", ":material/arrow_forward:"),
            key="results-use",
            on_click=_use,
            args=(state, result, measured.found, treatments),
        )


def _use(state: AppState, result: Result, found: RunResults, treatments: list[str]) -> None:
    try:
        lifts = experiment_outcomes.remember(result, found, _chosen(treatments))
    except InputError as error:
        state.failure = error
        return
    state.succeed(f"The next analyses use the measured lift of {fmt.counted(len(lifts), 'segment')}.")


def _chosen(treatments: list[str]) -> str:
    return treatments[0] if len(treatments) == 1 else str(value_of(TREATMENT) or treatments[0])
