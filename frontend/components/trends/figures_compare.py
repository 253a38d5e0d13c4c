"""Plotly figures of two states beside each other: before and after, who moves, and shares of a column's values."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from frontend.utils import format as fmt, palette
from frontend.utils.figures import LEGEND, plain, wrapped

PAIR = 58


def before_after(
    sides: pd.DataFrame, colours: Mapping[str, str], write: Callable[[float], str], *, dark: bool
) -> go.Figure:
    """Return two bars per segment, the earlier one grey.

    `sides` has two columns by segment, the state before and the one after, NaN where there is none.
    """
    names = [wrapped(name, 20) for name in sides.index]
    fills = [palette.surface(dark).line, [colours[name] for name in sides.index]]
    figure = go.Figure()
    for column, fill in zip(sides.columns, fills, strict=True):
        figure.add_bar(
            x=sides[column],
            y=names,
            name=str(column),
            orientation="h",
            marker={"color": fill, "cornerradius": 3},
            text=["" if np.isnan(value) else write(value) for value in sides[column]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}<br>{column}: %{{text}}<extra></extra>",
        )
    figure.update_xaxes(visible=False, range=[0, 1.25 * float(np.nanmax(sides.to_numpy(), initial=0)) or 1])
    plain(figure, 60 + PAIR * len(names))
    return figure.update_layout(barmode="group", bargap=0.25, bargroupgap=0.08, showlegend=False)


def flows(
    matrix: npt.NDArray[np.int64],
    before: Sequence[str],
    after: Sequence[str],
    colours: Mapping[str, str],
    *,
    dark: bool,
) -> go.Figure:
    """Return a Sankey diagram of customers from segments on the left to segments on the right.

    Those who stay are faint, those who change have the colour of where they come from.
    """
    surface = palette.surface(dark)
    names = [*before, *after]
    totals = [*matrix.sum(axis=1).tolist(), *matrix.sum(axis=0).tolist()]
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [f"{fmt.chart_text(n)} {fmt.count(t)}" for n, t in zip(names, totals, strict=True)],
                "x": [0.001] * len(before) + [0.999] * len(after),
                "y": [*_places(totals[: len(before)]), *_places(totals[len(before) :])],
                "color": [colours[name] for name in names],
                "line": {"width": 0},
                "thickness": 14,
                "pad": 18,
                "hovertemplate": "%{label}<extra></extra>",
            },
            link=_links(matrix, before, after, colours),
            textfont={"color": surface.text, "size": 13, "shadow": "none"},
        )
    )
    return plain(figure, 80 + 62 * max(len(before), len(after))).update_layout(margin={"l": 2, "r": 2, "t": 8, "b": 24})


def _links(
    matrix: npt.NDArray[np.int64], before: Sequence[str], after: Sequence[str], colours: Mapping[str, str]
) -> dict[str, object]:
    links = [(i, j, int(matrix[i, j])) for i, j in np.argwhere(matrix > 0).tolist()]
    texts = [
        f"{fmt.chart_text(before[i])} to {fmt.chart_text(after[j])}: {fmt.counted(n, 'customer')}" for i, j, n in links
    ]
    return {
        "source": [i for i, _, _ in links],
        "target": [len(before) + j for _, j, _ in links],
        "value": [n for _, _, n in links],
        "color": [palette.faded(colours[before[i]], 0.16 if before[i] == after[j] else 0.62) for i, j, _ in links],
        "customdata": texts,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def heat(matrix: npt.NDArray[np.int64], before: Sequence[str], after: Sequence[str], *, dark: bool) -> go.Figure:
    """Return customers by segment before (rows) and after (columns), coloured by the share of their row.

    Columns carry the numbers of the rows, which leaves room for any number of segments on a phone.
    """
    surface = palette.surface(dark)
    sums = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / sums
    texts = [
        [f"{fmt.count(int(n))}<br>{fmt.percent(float(s))}" if n else "" for n, s in zip(*row, strict=True)]
        for row in zip(matrix, shares, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[str(place) for place in range(1, len(after) + 1)],
            y=[wrapped(f"{place}. {name}", 20) for place, name in enumerate(before, start=1)],
            customdata=[[fmt.chart_text(name) for name in after]] * len(before),
            text=texts,
            texttemplate="%{text}",
            colorscale=[[0, surface.panel], [1, palette.SHARES[dark]]],
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            showscale=False,
            textfont={"color": surface.text, "size": 12},
            hovertemplate="%{y} to %{customdata}<br>%{text}<extra></extra>",
        )
    )
    plain(figure, 110 + 54 * len(before))
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", title="")
    return figure.update_xaxes(side="top", showgrid=False, tickangle=0, type="category", title="")


def shares(table: pd.DataFrame) -> go.Figure:
    """Return stacked bars of the shares of a column's values in each segment, from customers by segment and value."""
    names = [wrapped(str(name), 20) for name in table.index]
    parts = table.div(table.sum(axis=1).clip(lower=1), axis=0)
    figure = go.Figure()
    for place, value in enumerate(table.columns):
        share = parts[value].tolist()
        figure.add_bar(
            x=share,
            y=names,
            name=fmt.chart_text(str(value)),
            orientation="h",
            marker={"color": palette.QUIET[place % len(palette.QUIET)], "line": {"width": 1}},
            text=[fmt.percent(part) if part >= 0.1 else "" for part in share],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#ffffff", "size": 12},
            hovertemplate="%{y}<br>%{fullData.name}: %{x:.1%}<extra></extra>",
        )
    figure.update_xaxes(visible=False, range=[0, 1])
    return plain(figure, 110 + 42 * len(names)).update_layout(barmode="stack", legend=LEGEND)


def _places(totals: Sequence[int]) -> list[float]:
    """Return the middles of nodes one below the other, in the order given; 0 is the top."""
    gap = 0.06
    scale = (1 - gap * (len(totals) - 1)) / max(sum(totals), 1)
    tops = np.cumsum([0.0, *(total * scale + gap for total in totals[:-1])])
    return [float(min(max(top + total * scale / 2, 0.001), 0.999)) for top, total in zip(tops, totals, strict=True)]
