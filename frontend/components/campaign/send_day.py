"""When the campaign of a week went out: asked where the files are made and where results come in, kept at once."""

from functools import partial
from typing import Any

import streamlit as st

from analysis.outcome_days import DAYS, LONGEST, Sent
from frontend.components.campaign import week
from frontend.state import AppState, Result, value_of
from frontend.utils import format as fmt, pieces
from run_store import WeekState


def show(result: Result, state: AppState, known: WeekState) -> Sent | None:
    """Draw the day of the send, which starts from what the week remembers, and return it."""
    key, sent = f"sent-{result.key[:12]}", known.sent
    keep: dict[str, Any] = {"on_change": _keep, "args": (state, result, key)}
    with st.grid(2, min_column_width=200):
        about = "Orders need it. Without it nobody knows whether the outcome days of a list are over."
        day = st.date_input("Sent on", None if sent is None else sent.day, key=f"{key}-day", help=about, **keep)
        usual = DAYS if sent is None else sent.days
        about = "The last of them is the day from which results are final."
        label, ends = "Days in which an order counts", (1.0, LONGEST, usual)
        days = st.number_input(label, *ends, 1.0, format="%g", key=f"{key}-days", help=about, **keep)
    pieces.outcome(state, "sent")
    return None if day is None else Sent(day, float(days))


def _keep(state: AppState, result: Result, key: str) -> None:
    day = value_of(f"{key}-day")
    if day is not None and result.run_id:
        sent = Sent(day, float(value_of(f"{key}-days") or DAYS))
        state.attempt_at("sent", partial(week.weeks().sent, result.run_id, sent), f"Sent on {fmt.day(day)}: kept.")
