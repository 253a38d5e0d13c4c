"""Figures that are drawn once and shown many times."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from frontend.state import Result
from frontend.utils.store import Store, key_of


def warm_up() -> None:
    """Draw a figure for nobody: the first one of a process loads what describes every kind of chart."""
    bars = go.Bar(x=[1], y=["a"], orientation="h", text=["1"], marker={"color": "#000000"}, hovertemplate="%{x}")
    figure = go.Figure([bars, go.Scatter(x=[1], y=[1], mode="markers+text", marker={"size": [1]})])
    figure.update_layout(template="plotly_white", margin={"l": 0}, xaxis={"title": "x"}, legend={"title": "y"})
    figure.to_dict()


class Drawing(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A finished figure, which nobody changes any more; its description is made once.

    Streamlit asks a figure for its description at every rerun; making it anew took a third of the summary's.

    >>> drawing = Drawing(go.Figure(go.Bar(x=[1, 2])))
    >>> drawing.to_dict() is drawing.to_dict()
    True
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the description, the same one each time."""
        known: dict[str, Any] | None = getattr(self, "_described", None)
        if known is None:
            known = self._described = super().to_dict()
        return known


DRAWINGS = Store[Drawing](entries=128)


def drawing_of(result: Result, name: str, make: Callable[[], go.Figure], *, dark: bool = False) -> Drawing:
    """Return the figure of a run by its name, made once; drawing takes longer than all the rest of a rerun."""
    return DRAWINGS.get(key_of(result.key, name, dark), lambda: Drawing(make()))
