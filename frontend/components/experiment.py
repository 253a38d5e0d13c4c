"""The page Experiment: who is held out, what that can show, and the files to send."""

import streamlit as st

from frontend.components import audiences, experiment_form, experiment_keep, experiment_outlook, pieces
from frontend.state import AppState, Result
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from retention.errors import InputError


def show(result: Result, state: AppState, *, dark: bool) -> None:
    """Draw the page for a run, with or without an experiment of its own."""
    kept = result.run.experiment
    with st.container(border=True):
        if kept is None:
            draft = experiment_form.show(result)
        else:
            st.subheader(f"Experiment {fmt.plain(kept.name)}", anchor=False)
            st.caption(
                "Its arms were kept with this period and do not change: whoever was held out stays held out. "
                "For another design, open the period without an experiment."
            )
            draft = None
        lift, wanted = experiment_form.aims(result)
    if kept is None and draft is None:
        return
    try:
        experiment = kept if draft is None else draft.experiment()
        if experiment is None:
            return
        with st.spinner("Assigning customers", show_time=False):
            made = experiment_outcomes.design_of(result, experiment, lift, wanted)
    except InputError as error:
        pieces.problem(error)
        return
    experiment_outlook.show(made, dark=dark)
    if kept is None:
        experiment_keep.show(result, experiment, state)
    audiences.show(result, state)
