"""Plotly figures of a backtest: predicted against actual shares, by segment and by predicted probability."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from frontend.utils import format as fmt
from frontend.utils import palette
from frontend.utils.figures import plain, wrapped

LINE = ("#2774d3", "#6ea2f2")
"""The line of a curve, on light and on dark pages."""
ROW = 52
"""Pixels of a segment."""


def by_segment(table: pd.DataFrame, colours: Mapping[str, str], *, dark: bool) -> go.Figure:
    """Return, per segment, the actual share with its interval as a dot and line, the predicted one as a diamond.

    `table` has the rows of `backtest.Backtest.segments`.
    """
    names = [wrapped(name, 20) for name in table["Segment"]]
    surface = palette.surface(dark)
    figure = go.Figure()
    figure.add_scatter(
        x=100 * table["Actual"],
        y=names,
        mode="markers",
        name="Came back",
        marker={"size": 12, "color": [colours[name] for name in table["Segment"]]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": 100 * (table["Actual_high"] - table["Actual"]),
            "arrayminus": 100 * (table["Actual"] - table["Actual_low"]),
            "color": surface.line,
            "thickness": 2,
            "width": 6,
        },
        customdata=[
            f"{fmt.percent(a)} came back ({fmt.percent(low)} to {fmt.percent(high)})"
            for a, low, high in zip(table["Actual"], table["Actual_low"], table["Actual_high"], strict=True)
        ],
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=100 * table["Predicted"],
        y=names,
        mode="markers",
        name="Predicted",
        marker={"size": 12, "symbol": "diamond-open", "color": surface.text, "line": {"width": 2}},
        customdata=[f"{fmt.percent(value)} predicted" for value in table["Predicted"]],
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )
    figure.update_xaxes(ticksuffix=" %", rangemode="tozero", title="")
    plain(figure, 80 + ROW * len(names))
    figure.update_yaxes(autorange="reversed")
    _legible(figure, surface.text)
    return figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.12, "x": 0})


def calibration(table: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Return actual against predicted shares of groups of customers; on the diagonal predictions are right.

    `table` has the rows of `backtest.Backtest.calibration`.
    """
    surface = palette.surface(dark)
    top = 100 * max(float(table["Actual_high"].max()), float(table["Predicted"].max())) * 1.05
    figure = go.Figure()
    figure.add_scatter(
        x=[0, top], y=[0, top], mode="lines", line={"dash": "dot", "color": surface.line}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=100 * table["Predicted"],
        y=100 * table["Actual"],
        mode="lines+markers",
        marker={"size": 10, "color": LINE[dark]},
        line={"color": LINE[dark]},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": 100 * (table["Actual_high"] - table["Actual"]),
            "arrayminus": 100 * (table["Actual"] - table["Actual_low"]),
            "color": surface.line,
        },
        customdata=[
            f"{fmt.counted(int(row['Size']), 'customer')}: {fmt.percent(row['Predicted'])} predicted, "
            f"{fmt.percent(row['Actual'])} came back"
            for row in table.to_dict("records")
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    plain(figure, 360)
    figure.update_xaxes(range=[0, top], ticksuffix=" %", title="Predicted")
    figure.update_yaxes(range=[0, top], ticksuffix=" %", title="Came back", showgrid=True)
    _legible(figure, surface.text)
    return figure.update_layout(showlegend=False)


def _legible(figure: go.Figure, colour: str) -> None:
    """Write the axes in a colour that stands out: the grey that Streamlit gives them is too faint on white."""
    figure.update_xaxes(tickfont={"color": colour}, title_font={"color": colour})
    figure.update_yaxes(tickfont={"color": colour}, title_font={"color": colour})
