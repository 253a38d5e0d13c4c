"""The tree three times from one model: a picture, a chart, and a table of rules."""

import streamlit as st

from frontend.components.segments import segments, tree_page
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
    st.header("From all abandoners to segments", anchor=False)
    st.caption(
        "Each box has its condition, customers and share; a segment also has its overall score and its colour. "
        "A click on one opens its details."
    )
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
    """Draw the rules, each beside its segment, whose name opens the details: the picture as words and buttons."""
    pieces.heading("Rules in words", "Together the rules cover every customer, and no two of them overlap.")
    for node in (node for node in _nodes(result) if node.is_segment):
        with st.container(border=True, gap="small"):
            name, rule, size = st.columns((3, 6, 2), vertical_alignment="center")
            with name:
                segments.opener(result, node.segment)
            rule.markdown(fmt.plain(fmt.sentence(node.rule)))
            size.markdown(f"**{fmt.count(node.size)}** \u00b7 {fmt.percent(node.share)}")


def _nodes(result: Result) -> tuple[TreeNode, ...]:
    table = result.run.scores.table
    overall = dict(zip(table["Segment"].tolist(), table["Overall_Score"].tolist(), strict=True))
    return OUTLINES.get(result.key, lambda: outline(result.run.segmentation, overall, result.run.currency))


def _page(result: Result) -> str:
    dark = palette.is_dark()
    return PAGES.get(key_of(result.key, dark), lambda: _drawn(result, dark))


def _drawn(result: Result, dark: bool) -> str:
    places = {segment.name: code for code, segment in enumerate(result.run.segmentation.tree.segments)}
    return tree_page.page_of(_nodes(result), _colours(result), places=places, dark=dark)


def _colours(result: Result) -> dict[str, str]:
    return palette.of_segments(result.run.policy, result.run.scores.table["Segment"])
