"""The tree three times from one model: a picture, a chart, and a table of rules."""

import streamlit as st

from frontend.state import Result
from frontend.utils import figures, loaders, palette
from frontend.utils import format as fmt


def picture(result: Result, *, dark: bool) -> None:
    """Draw the tree; its size follows its content."""
    st.subheader("From all abandoners to segments", anchor=False)
    st.caption("Each box has its condition, customers and share; a segment also has its overall score and its colour.")
    st.iframe(
        loaders.tree_page(result, dark=dark),
        height="content",
        alt="Decision tree from all abandoners on the left to the segments; the table below has it in words",
    )


def chart(result: Result, *, dark: bool) -> None:
    """Draw the tree with heights as shares."""
    colours = palette.of_segments([segment.name for segment in result.run.segmentation.tree.segments])
    st.subheader("Shares at each step", anchor=False)
    st.caption("Heights are shares of all abandoners; each column is one more condition.")
    st.plotly_chart(
        loaders.figure(
            result, "icicle", lambda: figures.icicle(loaders.tree_nodes(result), colours, dark=dark), dark=dark
        ),
        config=figures.CONFIG,
        key="icicle",
        alt="Shares of all abandoners at each step of the tree; the table of rules has the same numbers",
    )


def rules(result: Result) -> None:
    """Draw the rules as a table that a keyboard and a screen reader can read."""
    st.subheader("Rules in words", anchor=False)
    st.caption("Together the rules cover every customer, and no two of them overlap.")
    ends = [node for node in loaders.tree_nodes(result) if node.is_segment]
    st.table(
        {
            "Segment": [fmt.plain(node.segment) for node in ends],
            "Rule": [fmt.plain(fmt.sentence(node.rule)) for node in ends],
            "Customers": [f"{fmt.count(node.size)} \u00b7 {fmt.percent(node.share)}" for node in ends],
            "Overall": [fmt.UNKNOWN if node.overall is None else fmt.score(node.overall) for node in ends],
        },
        border="horizontal",
        hide_index=True,
        alt="Rule, size, share and overall score of each segment",
    )
