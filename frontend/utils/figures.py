"""Plotly figures of a run; each takes small frames and gives a figure, nothing else.

All text from people goes through `chart_text`; no figure can be dragged or zoomed, so a page scrolls over them.
"""

import html
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from frontend.utils import format as fmt, palette
from retention.scores.measures import MEASURES

LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": "", "traceorder": "normal"}
ROW = 46
MANY = 6
"""Names beside circles overlap from here on."""


def sizes(table: pd.DataFrame, colours: Mapping[str, str]) -> go.Figure:
    """Return bars of customers per segment, the first to contact on top.

    `table` has scores in the order to contact: `Segment`, `Size` [customers].
    """
    everyone = max(int(table["Size"].sum()), 1)
    names = table["Segment"].tolist()
    texts = [f"{fmt.count(n)} \u00b7 {fmt.percent(n / everyone)}" for n in table["Size"]]
    bar = go.Bar(
        x=table["Size"],
        y=_named(names),
        orientation="h",
        marker={"color": [colours[name] for name in names], "cornerradius": 4},
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )
    figure = go.Figure(bar)
    largest = int(table["Size"].max())
    figure.update_xaxes(visible=False, range=[0, 1.5 * largest])
    return plain(figure, height(len(names)))


def priority(table: pd.DataFrame, colours: Mapping[str, str], *, dark: bool) -> go.Figure:
    """Return the priority map: conversion x profitability, area = customers.

    `table` has scores in the order to contact: `Segment`, `Size`, `Conv_Pot`, `Profitability`, `Overall_Score`.
    """
    known = table.dropna(subset=["Conv_Pot", "Profitability"]).sort_values("Size", ascending=False)
    largest = max(int(table["Size"].max()), 1)
    columns = [known[name].tolist() for name in ("Segment", "Conv_Pot", "Profitability", "Size", "Overall_Score")]
    texts = [
        f"<b>{fmt.chart_text(name)}</b><br>Conversion {fmt.score(conversion)}, profitability {fmt.score(profitability)}"
        f"<br>{fmt.counted(size, 'customer')}, overall {fmt.score(overall)}"
        for name, conversion, profitability, size, overall in zip(*columns, strict=True)
    ]
    dots = go.Scatter(
        x=known["Conv_Pot"],
        y=known["Profitability"],
        mode="markers+text",
        text=_map_labels(table["Segment"].tolist(), known["Segment"].tolist()),
        textposition=_sides(known["Conv_Pot"].tolist(), known["Profitability"].tolist()),
        hovertext=texts,
        hoverinfo="text",
        cliponaxis=False,
        marker={
            "size": known["Size"],
            "sizemode": "area",
            "sizeref": 2 * largest / 40**2,
            "sizemin": 6,
            "color": [colours[name] for name in known["Segment"]],
            "opacity": 1,
            "line": {"width": 1.5, "color": palette.surface(dark).background},
        },
    )
    figure = go.Figure(dots)
    figure.update_xaxes(title="Conversion index", range=_padded(known["Conv_Pot"]), tickformat=".2f", nticks=6)
    figure.update_yaxes(title="Profitability", range=_padded(known["Profitability"]), tickformat=".2f", nticks=6)
    return plain(figure, min(560, height(len(table))))


def composition(parts: pd.DataFrame) -> go.Figure:
    """Return stacked bars of what each measure adds to the overall score.

    `parts` has `Segment` and a column per measure, in score points.
    """
    names = _named(parts["Segment"].tolist())
    figure = go.Figure()
    for column, measure in MEASURES.items():
        if column in parts.columns and bool((parts[column].fillna(0) > 0).any()):
            figure.add_bar(
                x=parts[column],
                y=names,
                name=measure.label,
                orientation="h",
                marker={"color": palette.OF_MEASURES[column], "line": {"width": 0}},
                hovertemplate=f"%{{y}}<br>{measure.label}: %{{x:.3f}}<extra></extra>",
            )
    figure.update_layout(barmode="stack", legend=LEGEND)
    figure.update_xaxes(title="Points of the overall score", tickformat=".2f", rangemode="tozero", nticks=7)
    return plain(figure, 150 + ROW * len(names))


def config(picture: str, name: str) -> dict[str, object]:
    """Return how a figure behaves: its one button gives it away as a picture, `png` or `svg`."""
    return {
        "displayModeBar": "hover",
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": picture, "filename": name, "scale": 2},
        "scrollZoom": False,
        "doubleClick": False,
        "responsive": True,
    }


def values_of(figure: go.Figure) -> pd.DataFrame:
    """Return what a figure shows as rows: one for each bar, point, field, band or box of its traces."""
    titles = [figure.layout[f"{axis}axis"].title.text or "" for axis in "xy"]
    read = [trace for trace in figure.data if trace.hoverinfo != "skip" and trace.type != "treemap"]
    rows = [row for trace in read for row in _rows(trace, *titles)]
    return pd.DataFrame(rows).map(_read).fillna("")


def _rows(trace: Any, across: str, up: str) -> Iterator[dict[str, object]]:
    if trace.type == "sankey":
        ends = zip(trace.link.source, trace.link.target, trace.link.value, strict=True)
        yield from ({"From": trace.node.label[a], "To": trace.node.label[b], "Customers": n} for a, b, n in ends)
    elif trace.type == "heatmap":
        for name, row in zip(trace.y, trace.text, strict=True):
            yield {"From": name, **dict(zip(map(str, trace.x), row, strict=True))}
    else:
        words = next((each for each in (trace.hovertext, trace.customdata, trace.text) if each is not None), trace.x)
        for x, y, label in zip(trace.x, trace.y, words, strict=False):
            words_of = {} if label is x or label == "" else {"Words": label}
            yield ({"Series": trace.name} if trace.name else {}) | {up or "Name": y, across or "Value": x} | words_of


def _read(cell: object) -> object:
    """Return a cell without what only a chart takes, and numbers in few digits."""
    if isinstance(cell, str):
        return html.unescape(re.sub(r"<[^>]*>", " ", cell)).replace("  ", " ").strip()
    return float(f"{cell:.4g}") if isinstance(cell, float) else cell


def height(bars: int) -> int:
    """Return the height of a chart with some bars."""
    return max(340, 40 + ROW * bars)


def plain(figure: go.Figure, pixels: int) -> go.Figure:
    """Return a figure without margins that cannot be dragged or zoomed; bars run from top to bottom."""
    figure.update_layout(height=pixels, margin={"l": 0, "r": 8, "t": 8, "b": 0}, dragmode=False, hovermode="closest")
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True, separatethousands=True)
    if figure.data and figure.data[0].type == "bar":
        figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
        figure.update_layout(bargap=0.35)
    return figure


def wrapped(text: str, width: int) -> str:
    """Return text for a chart in lines of some characters."""
    return "<br>".join(fmt.chart_text(line) for line in textwrap.wrap(text, width, break_on_hyphens=False) or [""])


def _named(names: Sequence[str]) -> list[str]:
    many = len(names) > MANY
    return [wrapped(f"{rank}. {name}" if many else name, 20) for rank, name in enumerate(names, start=1)]


def _map_labels(ranked: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Return the names beside the circles; numbers where so many names would overlap."""
    if len(ranked) > MANY:
        return [str(ranked.index(name) + 1) for name in shown]
    return [wrapped(name, 20) for name in shown]


def _padded(values: pd.Series) -> list[float] | None:
    """Return an axis range with room for the circles and their names."""
    if values.empty:
        return None
    low, high = float(values.min()), float(values.max())
    room = 0.35 * (high - low) or 0.1
    return [low - room, high + room]


def _sides(xs: Sequence[float], ys: Sequence[float]) -> list[str]:
    """Return where each name goes: below where another circle lies close above, else above."""
    wide, tall = (max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0) if xs else (1.0, 1.0)

    def crowded(place: int) -> bool:
        return any(
            abs(xs[other] - xs[place]) < 0.3 * wide and 0 <= ys[other] - ys[place] < 0.3 * tall
            for other in range(len(xs))
            if other != place
        )

    return ["bottom center" if crowded(place) else "top center" for place in range(len(xs))]
