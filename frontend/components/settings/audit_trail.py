"""The audit trail: who did what with customers, when, and with how many."""

from zoneinfo import ZoneInfo

import streamlit as st

from frontend.utils import format as fmt, pieces
from frontend.utils.workspace import trail

MOST = 200


def show(timezone: str) -> None:
    """Draw the last entries, with times in a zone."""
    pieces.heading(
        "Audit trail",
        "Who analysed, exported, learnt, erased and deleted: the login, or the account that the program runs under. "
        "It names no customer.",
    )
    entries, problem = trail(MOST)
    if problem is not None:
        pieces.problem(problem, kind="warning")
    elif not entries:
        st.caption("Nothing yet.")
    else:
        text = st.column_config.TextColumn
        columns = {
            "When": [fmt.moment(each.moment.astimezone(ZoneInfo(timezone))) for each in entries],
            "Who": [each.who for each in entries],
            "What": [fmt.sentence(each.action).rstrip(".") for each in entries],
            "How many": [f"{fmt.count(each.count)} {each.things}" for each in entries],
            "Run": [each.run for each in entries],
        }
        about = {"When": f"In the time zone {timezone}."}
        pieces.cells(
            {name: (values, text(help=about.get(name))) for name, values in columns.items()},
            key="audit-trail",
            alt="What was done in this workspace, the last first",
        )
