"""The tree twice from one model: a picture, and rules in words."""

import streamlit as st

from frontend.components.segments import segments, tree_page
from frontend.state import Result
from frontend.utils import format as fmt, palette, pieces
from frontend.utils.store import Store, key_of
from retention.partition.outline import TreeNode, outline

OUTLINES = Store[tuple[TreeNode, ...]](entries=64, size=20_000, size_of=len)
PAGES = Store[str](entries=16, size=20_000_000, size_of=len)


def picture(result: Result) -> None:
    """Draw the tree; its size follows its content."""
    pieces.heading(
        "From all abandoners to segments",
        "Each box has its condition, customers and share; a segment also has its overall score and its colour. "
        "A click on one opens its details.",
    )
    st.iframe(
        _page(result),
        height="content",
        alt="Decision tree from all abandoners on the left to the segments; the table below has it in words",
    )


def rules(result: Result) -> None:
    """Draw the rules, each beside its segment, whose name opens the details: the picture as words and buttons."""
    pieces.heading("Rules in words", "Together the rules cover every customer, and no two of them overlap.")
    for node in (node for node in _nodes(result) if node.is_segment):
        rule, size = fmt.plain(fmt.sentence(node.rule)), f"**{fmt.count(node.size)}** \u00b7 {fmt.percent(node.share)}"
        segments.framed_line(result, node.segment, (rule, size), (3, 6, 2))


def _nodes(result: Result) -> tuple[TreeNode, ...]:
    table = result.run.scores.table
    overall = dict(zip(table["Segment"].tolist(), table["Overall_Score"].tolist(), strict=True))
    return OUTLINES.get(result.key, lambda: outline(result.run.segmentation, overall, result.run.currency))


def _page(result: Result) -> str:
    dark = palette.is_dark()
    places = {segment.name: code for code, segment in enumerate(result.run.segmentation.tree.segments)}
    colours = palette.of_segments(result.run.policy, places)
    return PAGES.get(
        key_of(result.key, dark), lambda: tree_page.page_of(_nodes(result), colours, places=places, dark=dark)
    )
