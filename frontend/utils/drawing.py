"""Figures that are drawn once and shown many times."""

from collections.abc import Callable

import plotly.graph_objects as go

from frontend.state import Result
from frontend.utils.store import Store, key_of


def warm_up() -> None:
    """Draw a figure for nobody: the first one of a process loads what describes every kind of chart."""
    bars = go.Bar(x=[1], y=["a"], orientation="h", text=["1"], marker={"color": "#000000"}, hovertemplate="%{x}")
    figure = go.Figure([bars, go.Scatter(x=[1], y=[1], mode="markers+text", marker={"size": [1]})])
    figure.update_layout(template="plotly_white", margin={"l": 0}, xaxis={"title": "x"}, legend={"title": "y"})
    figure.to_dict()


def finished(figure: go.Figure) -> go.Figure:
    """Return a figure that nobody changes any more; its description is made once.

    Streamlit asks a figure for its description at every rerun; making it anew took a third of the summary's.

    >>> figure = finished(go.Figure(go.Bar(x=[1, 2])))
    >>> figure.to_dict() is figure.to_dict()
    True
    """
    described = figure.to_dict()
    figure.to_dict = lambda: described
    return figure


DRAWINGS = Store[go.Figure](entries=128)


def drawing_of(result: Result, name: str, make: Callable[[], go.Figure], *, dark: bool = False) -> go.Figure:
    """Return the figure of a run by its name, made once; drawing takes longer than all the rest of a rerun."""
    return kept(make, result.key, name, dark)


def kept(make: Callable[[], go.Figure], *parts: object) -> go.Figure:
    """Return the figure that is made from some parts, made once."""
    return DRAWINGS.get(key_of(*parts), lambda: finished(make()))
