"""Figures that are drawn once and shown many times."""

from typing import Any

import plotly.graph_objects as go


def warm_up() -> None:
    """Draw a figure for nobody: the first one of a process loads what describes every kind of chart."""
    bars = go.Bar(x=[1], y=["a"], orientation="h", text=["1"], marker={"color": "#000000"}, hovertemplate="%{x}")
    figure = go.Figure([bars, go.Scatter(x=[1], y=[1], mode="markers+text", marker={"size": [1]})])
    figure.update_layout(template="plotly_white", margin={"l": 0}, xaxis={"title": "x"}, legend={"title": "y"})
    figure.to_dict()


class Drawn(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A finished figure, which nobody changes any more; its description is made once.

    Streamlit asks a figure for its description at every rerun; making it anew took a third of the summary's.

    >>> drawn = Drawn(go.Figure(go.Bar(x=[1, 2])))
    >>> drawn.to_dict() is drawn.to_dict()
    True
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the description, the same one each time."""
        known: dict[str, Any] | None = getattr(self, "_described", None)
        if known is None:
            known = self._described = super().to_dict()
        return known
