"""The bar at the top of every page: the week on screen, the way to the others, and to a new one."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from frontend.components.frame import login, periods_record
from frontend.state import AppState, preset, value_of
from frontend.utils import format as fmt, pieces, places
from frontend.utils.workspace import newest, periods, titles
from run_store import RunSummary

WEEK = "week"
NOT_SAVED = "not saved"


def show(state: AppState, *, on_form: bool) -> DeltaGenerator:
    """Draw the bar, in which choosing a week leads to its address; return the place for what runs meanwhile."""
    saved, unread = periods()
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        _week(state, newest(saved))
        # The form itself needs no way to it, and those who use keys none past what they came for.
        if not on_form and state.result is not None:
            periods_record.show(state, state.result)
        if not on_form and st.button("New Analysis Period", icon=":material/add:", key="new-period"):
            places.go(places.FORM)
        login.account()
    if unread is not None:
        pieces.problem(unread)
    if state.unsaved is not None:
        pieces.problem(
            state.unsaved,
            kind="warning",
            title="This analysis is not saved",
            after="The result stays on this screen until you leave; download what you need.",
        )
    return st.container()


def _week(state: AppState, saved: Sequence[RunSummary]) -> None:
    """Draw the choice of a week; nothing before there is one."""
    names, result = titles(saved), state.result
    words = {week.id: f"{names[week.id]} \u00b7 {week.week.step}" for week in saved}
    shown = "" if result is None else result.run_id
    if result is not None and shown not in words:
        days = fmt.days(result.run.window.start, result.run.window.end)
        words = {shown: f"{days} \u00b7 {NOT_SAVED}", **words}
    if not words:
        return
    if result is None:
        words = {"": "Choose a week", **words}
    preset(WEEK, shown)
    label = "Week on screen"
    pieces.pick(label, words, WEEK, label_visibility="collapsed", on_change=_go, args=(state,), width=380)


def _go(state: AppState) -> None:
    """Lead to the chosen week."""
    state.next_address = value_of(WEEK)
