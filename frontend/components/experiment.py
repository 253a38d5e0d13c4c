"""The page Experiment: who is held out, what that can show, and the files to send."""

import streamlit as st

from frontend.components import audiences, experiment_form, experiment_outlook, primary
from frontend.state import AppState, Result, forget, value_of
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from retention.errors import InputError
from retention.experiment.arms import Experiment

NAME = "experiment-keep-name"


def show(result: Result, state: AppState) -> None:
    """Draw the page for a run, with or without an experiment of its own.

    Raises:
        InputError: A share or a name cannot be.
    """
    kept = result.run.experiment
    with st.container(border=True):
        draft = experiment_form.show(result) if kept is None else (kept, False)
        if kept is not None:
            st.subheader(f"Experiment {fmt.plain(kept.name)}", anchor=False)
            st.caption(
                "Its arms were kept with this period and do not change: whoever was held out stays held out. "
                "For another design, open the period without an experiment."
            )
        lift, wanted = experiment_form.aims(result)
    if draft is None:
        return
    with st.spinner("Assigning customers", show_time=False):
        experiment, balance = experiment_outcomes.balanced_of(result, draft[0], choose=draft[1])
        design = experiment_outcomes.design_of(result, experiment, lift, wanted)
    experiment_outlook.show(design, balance)
    if kept is None:
        _keep_form(result, experiment, state)
    audiences.show(result, state)


def _keep_form(result: Result, experiment: Experiment, state: AppState) -> None:
    """Draw the form that keeps the experiment."""
    with st.container(border=True), st.form("experiment-keep", border=False):
        st.subheader("Keep it before you send", anchor=False)
        st.caption(
            "A new saved period holds these customers, their segments and who is held out. Only then can its results "
            "be measured, and the files below leave the control out."
        )
        st.text_input(
            "Name of the period",
            key=NAME,
            placeholder=_usual(result, experiment),
            max_chars=200,
            help="Listed for all.",
        )
        st.form_submit_button(
            **primary.look("Keep experiment", ":material/bookmark_add:"),
            key="experiment-keep-button",
            on_click=_keep,
            args=(state, result, experiment),
        )


def _usual(result: Result, experiment: Experiment) -> str:
    base = result.name or f"Week of {fmt.day(result.run.window.start)}".replace(fmt.SPACE, " ")
    return f"{base}, experiment {experiment.name}"


def _keep(state: AppState, result: Result, experiment: Experiment) -> None:
    name = str(value_of(NAME) or "").strip() or _usual(result, experiment)
    try:
        kept = experiment_outcomes.keep(result, experiment, name)
    except InputError as error:
        state.failure = error
        return
    state.result, state.failure, state.unsaved = kept, None, None
    state.address, state.next_address = kept.run_id, kept.run_id
    state.notice = f"Kept as {fmt.plain(name)}. Its control group is left out of every audience file."
    forget(NAME)
