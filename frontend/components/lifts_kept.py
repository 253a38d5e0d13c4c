"""The measured lifts that the next analyses use, and the way to forget them."""

import streamlit as st

from frontend.components import pieces
from frontend.state import AppState
from frontend.utils import experiment_outcomes
from frontend.utils import format as fmt
from frontend.utils.workspace import lifts, workspace


def show(state: AppState) -> None:
    """Draw the remembered lifts; nothing where there are none."""
    kept, problem = lifts()
    if problem is None and not kept:
        return
    with pieces.framed("Measured lifts"):
        if problem is not None:
            pieces.problem(problem, kind="warning")
        else:
            st.caption(fmt.plain(experiment_outcomes.lifts_words(kept)))
            pieces.table(
                {
                    "Segment": [fmt.plain(lift.segment) for lift in kept],
                    "Lift": [f"{_signed(lift.lift)} ({_signed(lift.low)} to {_signed(lift.high)})" for lift in kept],
                    "Without contact": [fmt.percent(lift.baseline, 1) for lift in kept],
                },
                alt="Measured lift with its interval, and conversion without contact, of each segment",
            )
        st.button("Forget them", icon=":material/delete:", key="lifts-forget", on_click=_forget, args=(state,))


def line() -> None:
    """Say in the sidebar that an analysis starts from measured lifts."""
    kept, _ = lifts()
    if kept:
        st.caption(f":material/science: {fmt.plain(experiment_outcomes.lifts_words(kept))}")


def _signed(share: float) -> str:
    return f"{100 * share:+.0f}{fmt.SPACE}%"


def _forget(state: AppState) -> None:
    state.attempt(
        workspace().forget_lifts, "The measured lifts are forgotten; the next analyses use assumed ones again."
    )
