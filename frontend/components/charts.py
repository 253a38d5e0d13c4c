"""The charts of the summary, each with a title, a sentence and a text for screen readers."""

import plotly.graph_objects as go
import streamlit as st

from frontend.state import Result
from frontend.utils import figures, loaders, palette
from segment_scorer import composition


def show(result: Result, *, dark: bool) -> None:
    """Draw sizes, the priority map and the composition of the scores."""
    table, run = result.run.scores.table, result.run
    colours = palette.of_segments([segment.name for segment in run.segmentation.tree.segments])
    left, right = st.columns(2)
    with left:
        _chart(
            "Customers per segment",
            "Best-ranked segment on top; shares of all abandoners of the window.",
            loaders.figure(result, "sizes", lambda: figures.sizes(table, colours)),
        )
    with right:
        _chart(
            "Priority map",
            "Right: likelier to come back. Up: worth more. Larger: more customers. Colour: overall score."
            + (" Numbers are ranks." if len(table) > figures.MANY else ""),
            loaders.figure(result, "priority", lambda: figures.priority(table, dark=dark), dark=dark),
        )
    _chart(
        "What makes up each score",
        "Each bar ends at the segment's overall score; a part is a measure times its weight.",
        loaders.figure(result, "composition", lambda: figures.composition(composition(run.scores))),
    )


def _chart(title: str, sentence: str, figure: go.Figure) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        st.caption(sentence)
        st.plotly_chart(figure, config=figures.CONFIG, key=f"chart-{title}", alt=f"{title}. {sentence}")
