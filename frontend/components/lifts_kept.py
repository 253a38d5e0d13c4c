"""The measured lifts that the next analyses use, and the way to forget them."""

import streamlit as st

from frontend.state import AppState
from frontend.utils import experiments, messages
from frontend.utils import format as fmt
from retention.errors import InputError


def show(state: AppState) -> None:
    """Draw the remembered lifts; nothing where there are none."""
    problem, lifts = experiments.lifts_problem(), experiments.lifts()
    if problem is None and not lifts:
        return
    with st.container(border=True):
        st.subheader("Measured lifts", anchor=False)
        if problem is not None:
            st.warning(messages.details(problem), title=messages.title(problem), icon=":material/warning:")
        else:
            st.caption(fmt.plain(experiments.lifts_words(lifts)))
            st.table(
                {
                    "Segment": [fmt.plain(lift.segment) for lift in lifts],
                    "Lift": [f"{_signed(lift.lift)} ({_signed(lift.low)} to {_signed(lift.high)})" for lift in lifts],
                    "Without contact": [fmt.percent(lift.baseline, 1) for lift in lifts],
                },
                border="horizontal",
                hide_index=True,
                alt="Measured lift with its interval, and conversion without contact, of each segment",
            )
        st.button("Forget them", icon=":material/delete:", key="lifts-forget", on_click=_forget, args=(state,))


def line() -> None:
    """Say in the sidebar that an analysis starts from measured lifts."""
    lifts = experiments.lifts()
    if lifts:
        st.caption(f":material/science: {fmt.plain(experiments.lifts_words(lifts))}")


def _signed(share: float) -> str:
    return f"{100 * share:+.0f}{fmt.SPACE}%"


def _forget(state: AppState) -> None:
    try:
        experiments.forget()
    except InputError as error:
        state.failure = error
    else:
        state.failure, state.notice = (
            None,
            "The measured lifts are forgotten; the next analyses use assumed ones again.",
        )
