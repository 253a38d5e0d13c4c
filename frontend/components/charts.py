"""The charts of the summary, each with a title, a sentence and a text for screen readers."""

import streamlit as st

from frontend.components import pieces
from frontend.state import Result
from frontend.utils import figures, palette
from frontend.utils.drawing import drawing_of
from segment_scorer import composition


def show(result: Result) -> None:
    """Draw sizes, the priority map and the composition of the scores."""
    table, run, dark = result.run.scores.recommended, result.run, palette.is_dark()
    colours = palette.of_segments([segment.name for segment in run.segmentation.tree.segments])
    left, right = st.columns(2)
    with left:
        pieces.framed_chart(
            "Customers per segment",
            "The segment to contact first on top; shares of all abandoners of the window.",
            drawing_of(result, "sizes", lambda: figures.sizes(table, colours)),
            key="chart-sizes",
        )
    with right:
        pieces.framed_chart(
            "Priority map",
            "Right: likelier to come back. Up: worth more. Larger: more customers. Colour: overall score."
            + (" Numbers are the order to contact." if len(table) > figures.MANY else ""),
            drawing_of(result, "priority", lambda: figures.priority(table, dark=dark), dark=dark),
            key="chart-priority",
        )
    pieces.framed_chart(
        "What makes up each score",
        "Each bar ends at the segment's overall score; a part is a measure times its weight.",
        drawing_of(result, "composition", lambda: figures.composition(composition(run.scores))),
        key="chart-composition",
    )
