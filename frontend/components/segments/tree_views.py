"""The tree three times from one model: a picture, a chart, and a table of rules."""

import streamlit as st

from frontend.components.segments import tree_page
from frontend.state import Result
from frontend.utils import figures, palette, pieces
from frontend.utils import format as fmt
from frontend.utils.drawing import drawing_of
from frontend.utils.store import Store, key_of
from retention.partition.outline import TreeNode, outline

OUTLINES = Store[tuple[TreeNode, ...]](entries=64, size=20_000, size_of=len)
PAGES = Store[str](entries=16, size=20_000_000, size_of=len)


def picture(result: Result) -> None:
    """Draw the tree; its size follows its content."""
    st.subheader("From all abandoners to segments", anchor=False)
    st.caption("Each box has its condition, customers and share; a segment also has its overall score and its colour.")
    st.iframe(
        _page(result),
        height="content",
        alt="Decision tree from all abandoners on the left to the segments; the table below has it in words",
    )


def chart(result: Result) -> None:
    """Draw the tree with heights as shares."""
    dark = palette.is_dark()
    pieces.heading("Shares at each step", "Heights are shares of all abandoners; each column is one more condition.")
    pieces.chart(
        drawing_of(result, "icicle", lambda: figures.icicle(_nodes(result), _colours(result), dark=dark), dark=dark),
        key="icicle",
        alt="Shares of all abandoners at each step of the tree; the table of rules has the same numbers",
    )


def rules(result: Result) -> None:
    """Draw the rules as a table that a keyboard and a screen reader can read."""
    pieces.heading("Rules in words", "Together the rules cover every customer, and no two of them overlap.")
    ends = [node for node in _nodes(result) if node.is_segment]
    pieces.table(
        {
            "Segment": [fmt.plain(node.segment) for node in ends],
            "Rule": [fmt.plain(fmt.sentence(node.rule)) for node in ends],
            "Customers": [f"{fmt.count(node.size)} \u00b7 {fmt.percent(node.share)}" for node in ends],
            "Overall": [fmt.UNKNOWN if node.overall is None else fmt.score(node.overall) for node in ends],
        },
        alt="Rule, size, share and overall score of each segment",
    )


def _nodes(result: Result) -> tuple[TreeNode, ...]:
    table = result.run.scores.table
    overall = dict(zip(table["Segment"].tolist(), table["Overall_Score"].tolist(), strict=True))
    return OUTLINES.get(result.key, lambda: outline(result.run.segmentation, overall))


def _page(result: Result) -> str:
    dark = palette.is_dark()
    return PAGES.get(key_of(result.key, dark), lambda: tree_page.page_of(_nodes(result), _colours(result), dark=dark))


def _colours(result: Result) -> dict[str, str]:
    return palette.of_segments(result.run.policy, result.run.scores.table["Segment"])
