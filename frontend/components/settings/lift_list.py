"""The measured lifts that the next analyses use, and the way to forget those of an experiment."""

from functools import partial

import streamlit as st

from frontend.components.campaign import experiment_outcomes
from frontend.state import AppState
from frontend.utils import format as fmt, pieces
from frontend.utils.store import key_of
from frontend.utils.workspace import lifts, workspace
from run_store import Weeks


def show(state: AppState) -> None:
    """Draw the remembered lifts by experiment; nothing where there are none."""
    kept, problem = lifts()
    if problem is None and not kept:
        return
    with pieces.framed("Measured lifts"):
        if problem is not None:
            pieces.problem(problem, kind="warning")
            st.button("Forget them", icon=":material/delete:", key="lifts-forget", on_click=_forget, args=(state, None))
        for experiment in dict.fromkeys(lift.experiment for lift in kept):
            own = [lift for lift in kept if lift.experiment == experiment]
            st.caption(fmt.plain(experiment_outcomes.lifts_words(own)))
            pieces.table(
                {
                    "Segment": [fmt.plain(lift.segment) for lift in own],
                    "Bought when contacted": [_of(lift.converted, lift.customers) for lift in own],
                    "Bought without contact": [_of(lift.control_converted, lift.control_customers) for lift in own],
                },
                alt=f"Customers of each segment who bought, with and without contact, in experiment {experiment}",
            )
            st.button(
                f"Forget {fmt.plain(experiment)}",
                icon=":material/delete:",
                key=f"lifts-forget-{key_of(experiment)}",
                on_click=_forget,
                args=(state, experiment),
            )


def line() -> None:
    """Say in the form that an analysis starts from measured lifts."""
    kept, _ = lifts()
    if kept:
        st.caption(f":material/science: {fmt.plain(experiment_outcomes.lifts_words(kept))}")


def _of(converted: int, customers: int) -> str:
    return f"{fmt.count(converted)} of {fmt.count(customers)}"


def _forget(state: AppState, experiment: str | None) -> None:
    which = "The measured lifts" if experiment is None else f"The measured lifts of {experiment}"
    state.attempt(
        partial(Weeks(workspace()).forget, experiment), f"{which} are forgotten; the next analyses go without them."
    )
