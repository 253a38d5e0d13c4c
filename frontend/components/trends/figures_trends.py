"""Charts of weeks: what was predicted beside what came, and what the saved weeks were like over time."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from frontend.components.trends.week_points import Amount, WeekPoint, lift, share
from frontend.utils import figures, format as fmt, palette
from frontend.utils.figures import plain, wrapped

MOST = 8
"""Weeks that are named below a chart."""
ROW = 52
ENDS = ["Actual", "Actual_low", "Actual_high"]


def whiskers(ends: pd.DataFrame, colour: str) -> dict[str, object]:
    """Return the error bars of intervals; the columns are the values, their low and their high ends."""
    value, low, high = (ends.iloc[:, place] for place in range(3))
    bars = {"array": high - value, "arrayminus": value - low}
    return {"type": "data", "symmetric": False, "color": colour, "thickness": 2, "width": 6, **bars}


def sizes(weeks: Sequence[WeekPoint]) -> go.Figure:
    """Return the customers of each segment as bars on each other, one bar a week."""
    colours = {name: colour for week in weeks for name, colour in week.found.colours.items()}
    figure = go.Figure()
    for name, colour in colours.items():
        counts = [week.found.sizes.get(name, 0) for week in weeks]
        texts = [f"{fmt.chart_text(name)}<br>{fmt.counted(size, 'customer')}" for size in counts]
        look = {"color": colour, "line": {"width": 0}}
        figure.add_bar(
            x=_days(weeks), y=counts, name=fmt.chart_text(name), marker=look, hovertext=texts, hoverinfo="text"
        )
    plain(figure, 380)
    figure.update_yaxes(autorange=True, showgrid=True, title="Customers")
    return _over_time(figure, weeks, barmode="stack", bargap=0.5)


def recovery(weeks: Sequence[WeekPoint], *, dark: bool) -> go.Figure:
    """Return the share of each week who had bought again."""
    figure = go.Figure()
    _dots(figure, [(week.days, *week.found.recovered) for week in weeks], share, scale=100, colour=palette.LINES[dark])
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero", title="Recovered")
    return _over_time(plain(figure, 300), weeks)


def lifts(weeks: Sequence[WeekPoint], *, dark: bool) -> go.Figure:
    """Return the measured lift of each week's treatments."""
    figure = go.Figure()
    for place, arm in enumerate(dict.fromkeys(arm.arm for week in weeks for arm in week.arms)):
        rows = [(week.days, *each.lift) for week in weeks for each in week.arms if each.arm == arm]
        _dots(figure, rows, lift, scale=100, colour=_colour(place, dark), name=fmt.chart_text(arm))
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero", title="Lift")
    return _over_time(plain(figure, 300), weeks)


def money(weeks: Sequence[WeekPoint], *, dark: bool) -> go.Figure:
    """Return what each week was expected to bring and what its treatments brought, in the currency of the last week."""
    same = [week for week in weeks if week.summary.currency == weeks[-1].summary.currency]
    write, figure = same[-1].money, go.Figure()
    for place, arm in enumerate(dict.fromkeys(arm.arm for week in same for arm in week.arms)):
        rows = [(week.days, *each.net_profit) for week in same for each in week.arms if each.arm == arm]
        _dots(figure, rows, write, colour=_colour(place, dark), name=fmt.chart_text(f"{arm}, measured"))
    rows = [(week.days, *week.expected) for week in same]
    _dots(
        figure,
        rows,
        write,
        colour=palette.surface(dark).text,
        name="Expected",
        marker_symbol="diamond-open",
        marker_line_width=2,
    )
    figure.update_yaxes(tickprefix=fmt.symbol(weeks[-1].summary.currency), rangemode="tozero", title="Money")
    return _over_time(plain(figure, 300), weeks)


def _dots(
    figure: go.Figure,
    rows: Sequence[tuple[str, float, float, float]],
    write: Callable[[Amount], str],
    *,
    colour: str,
    scale: float = 1,
    **look: object,
) -> None:
    """Add what is known of the weeks as dots with their intervals; nothing where nothing is."""
    known = pd.DataFrame([row for row in rows if not math.isnan(row[1])], columns=["Week", "Value", "Low", "High"])
    ends = scale * known[["Value", "Low", "High"]]
    if len(known):
        figure.add_scatter(
            x=known["Week"],
            y=ends["Value"],
            mode="markers",
            marker={"size": 11, "color": colour},
            error_y=whiskers(ends, colour),
            customdata=[write(row[1:]) for row in rows if not math.isnan(row[1])],
            hovertemplate="%{x}<br>%{customdata}<extra></extra>",
            **look,
        )


def _days(weeks: Sequence[WeekPoint]) -> list[str]:
    return [week.days for week in weeks]


def _colour(place: int, dark: bool) -> str:
    return palette.QUIET[place % len(palette.QUIET)] if place else palette.LINES[dark]


def _tick(day: date, year: int | None) -> str:
    return f"{day.day} {day:%b}" + ("" if day.year == year else f"<br>{day.year}")


def _over_time(figure: go.Figure, weeks: Sequence[WeekPoint], **layout: object) -> go.Figure:
    """Return a figure whose columns are the weeks, in their order, its legend above the chart."""
    shown, days = weeks[:: -(-len(weeks) // MOST)], _days(weeks)
    years = [None, *(week.summary.window.start.year for week in shown)]
    # Weeks without a value keep their place.
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=days,
        range=[-0.5, len(days) - 0.5],
        tickvals=_days(shown),
        ticktext=[_tick(week.summary.window.start, year) for week, year in zip(shown, years, strict=False)],
    )
    several = len(figure.data) > 1
    margin = {"l": 0, "r": 8, "t": 48 if several else 12, "b": 0}
    return figure.update_layout(showlegend=several, legend=figures.LEGEND, margin=margin, **layout)


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
        error_x=whiskers(100 * table[ENDS], surface.line),
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
    # The legend has a strip of its own above the first interval.
    margin = {"l": 0, "r": 8, "t": 48, "b": 0}
    return figure.update_layout(showlegend=True, legend=figures.LEGEND, margin=margin)


def calibration(table: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Return actual against predicted shares of groups of customers; on the diagonal predictions are right.

    `table` has the rows of `backtest.Backtest.calibration`.
    """
    surface = palette.surface(dark)
    shares = table[["Predicted", *ENDS]].to_numpy(dtype=float)
    low, high = 100 * float(shares.min()), 100 * float(shares.max())
    room = 0.05 * max(high - low, 1)
    ends = [max(low - room, 0), high + room]
    figure = go.Figure()
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"dash": "dot", "color": surface.line}, hoverinfo="skip")
    figure.add_scatter(
        x=100 * table["Predicted"],
        y=100 * table["Actual"],
        mode="markers",
        marker={"size": 10, "color": palette.LINES[dark]},
        error_y=whiskers(100 * table[ENDS], surface.line),
        customdata=[
            f"{fmt.counted(int(row['Size']), 'customer')}: {fmt.percent(row['Predicted'])} predicted, "
            f"{fmt.percent(row['Actual'])} came back"
            for row in table.to_dict("records")
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    plain(figure, 360)
    figure.update_xaxes(range=ends, ticksuffix=" %", title="Predicted")
    figure.update_yaxes(range=ends, ticksuffix=" %", title="Came back", showgrid=True)
    _legible(figure, surface.text)
    return figure.update_layout(showlegend=False)


def _legible(figure: go.Figure, colour: str) -> None:
    """Write the axes in a colour that stands out: the grey that Streamlit gives them is too faint on white."""
    figure.update_xaxes(tickfont={"color": colour}, title_font={"color": colour})
    figure.update_yaxes(tickfont={"color": colour}, title_font={"color": colour})
