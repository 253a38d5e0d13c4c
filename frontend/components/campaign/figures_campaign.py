"""Plotly figures of a campaign: effects with intervals, profit by number of sends."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from frontend.utils import format as fmt, palette
from frontend.utils.figures import plain, wrapped

LANE = 64


def forest(groups: pd.DataFrame, colours: Mapping[str, str], *, dark: bool) -> go.Figure:
    """Return the effect of a treatment per segment: by itself in grey above, in the light of the others below.

    `groups` has `group`, `difference` and `shrunk_difference` with `_low` and `_high`, as shares.
    """
    surface = palette.surface(dark)
    names = groups["group"].tolist()
    figure = go.Figure()
    _intervals(figure, groups, "difference", "by itself", -0.17, surface.muted)
    _intervals(figure, groups, "shrunk_difference", "shrunk", 0.17, [colours[name] for name in names])
    figure.add_vline(x=0, line={"color": surface.text, "width": 1})
    figure.update_xaxes(title="Percentage points of conversion", ticksuffix="", zeroline=False, nticks=6)
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[wrapped(name, 18) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        ticksuffix="  ",
    )
    return plain(figure, 90 + LANE * len(names)).update_layout(showlegend=False)


def _intervals(
    figure: go.Figure, groups: pd.DataFrame, column: str, name: str, offset: float, colour: str | list[str]
) -> None:
    colours = [colour] * len(groups) if isinstance(colour, str) else colour
    for place, row in enumerate(groups.to_dict("records")):
        value, low, high = (100 * row[f"{column}{end}"] for end in ("", "_low", "_high"))
        figure.add_scatter(
            x=[low, value, high],
            y=[place + offset] * 3,
            mode="lines+markers",
            line={"color": colours[place], "width": 3},
            marker={
                "size": [1, 11, 1],
                "color": colours[place],
                "opacity": 1,
                "line": {"width": 0},
                "symbol": "square" if offset < 0 else "circle",
            },
            hovertemplate=f"{fmt.chart_text(row['group'])}, {name}<br>{value:+.2f} points "
            f"({low:+.2f} to {high:+.2f})<extra></extra>",
        )


def profit_curve(curve: pd.DataFrame, *, sends: int, money: str, dark: bool) -> go.Figure:
    """Return the expected profit by number of sends, the best segments first, with its interval.

    `curve` has `segment, sends, profit, low, high`, in its first row nobody; `sends` of the plan are marked.
    """
    surface, line = palette.surface(dark), palette.LINES[dark]
    figure = go.Figure()
    figure.add_scatter(
        x=[*curve["sends"], *curve["sends"][::-1]],
        y=[*curve["high"], *curve["low"][::-1]],
        fill="toself",
        fillcolor=palette.faded(line, 0.2),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
    )
    last = curve.iloc[-1]
    figure.add_scatter(
        x=[0, last["sends"]],
        y=[0, last["profit"]],
        mode="lines",
        line={"color": surface.muted, "dash": "dot", "width": 2},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=curve["sends"],
        y=curve["profit"],
        mode="lines+markers",
        line={"color": line, "width": 3},
        marker={"size": 8},
        text=[f"up to {fmt.chart_text(name)}" if name else "nobody" for name in curve["segment"]],
        hovertemplate="%{text}<br>%{x:,} sends: " + fmt.chart_text(money) + "%{y:,.0f}<extra></extra>",
    )
    figure.add_vline(x=sends, line={"color": surface.text, "width": 1.5})
    figure.update_xaxes(title="Sends", tickformat=",", rangemode="tozero", zeroline=False, nticks=6)
    figure.update_yaxes(title="Expected profit", tickprefix=fmt.chart_text(money), tickformat=",.0f", nticks=6)
    return plain(figure, 400).update_layout(showlegend=False)
