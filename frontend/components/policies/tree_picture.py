"""The tree of a draft as a picture, with the customers and the expected profit of the week on screen."""

import streamlit as st

from analysis.comparison import PolicyChange
from frontend.components.segments import tree_page
from frontend.utils import format as fmt, palette
from retention.partition.outline import outline
from retention.policy.policy import Policy


def show(draft: Policy, change: PolicyChange, currency: str) -> None:
    """Draw the tree as it is delivered: segments that are too small have joined others."""
    table = change.scores[1].table
    worth = {
        name: fmt.money(profit, currency)
        for name, profit in zip(table["Segment"], table["Incremental_Profit"], strict=True)
    }
    page = tree_page.page_of(
        outline(change.after, {}, currency),
        palette.of_segments(draft, list(worth)),
        dark=palette.is_dark(),
        worth=worth,
    )
    st.iframe(page, height="content", alt="Tree of the draft; the outline below has it in words")
    st.caption("Each segment has its customers, their share, and its expected profit in the week on screen.")
