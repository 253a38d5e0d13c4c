"""The strip of days with their carts, on which a click chooses a week."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import plotly.graph_objects as go

from frontend.state import preset, value_of
from frontend.utils import figures, format as fmt, palette, pieces
from retention.period import Window

KEY, CLICKS = "day-strip", "day-strip-clicks"
DAYS = 56
"""Days that are shown, whole weeks up to that of the last day of the data."""


def show(carts: Mapping[date, int], last: date, window: Window, first_day: str) -> None:
    """Draw the strip up to the last day of the data; a click puts the Monday of its week into the box `first_day`."""
    last = max(last, window.end)
    if window.start < last - timedelta(days=DAYS):
        last = window.end + timedelta(days=DAYS - 21)
    last += timedelta(days=6 - last.weekday())
    days = [last - timedelta(days=DAYS - 1 - place) for place in range(DAYS)]
    figure = _figure(days, carts, window, dark=palette.is_dark())
    alt = f"Abandoned carts by day, {fmt.days(window.start, window.end)} chosen"
    pieces.chart(figure, key=KEY, alt=alt, choose=partial(_choose, first_day))


def _choose(first_day: str) -> None:
    """Take the week that was clicked."""
    clicked = value_of(KEY)["selection"]["points"]
    if clicked:
        preset(first_day, date.fromisoformat(clicked[0]["id"]))
        preset(CLICKS, _clicks() + 1)


def _clicks() -> int:
    return int(value_of(CLICKS) or 0)


def _figure(days: list[date], carts: Mapping[date, int], window: Window, *, dark: bool) -> go.Figure:
    surface = palette.surface(dark)
    chosen = [window.start <= day <= window.end for day in days]
    # A day without carts has its place as well.
    least = 0.04 * max(carts.values(), default=25)
    heights = [max(carts.get(day, 0), least) for day in days]
    words = [fmt.day(day) + (f": {fmt.counted(carts.get(day, 0), 'cart')}" if carts else "") for day in days]
    colours = [palette.LINES[dark] if each else surface.line for each in chosen]
    bars = go.Bar(
        x=[day.isoformat() for day in days],
        y=heights,
        marker={"color": colours, "cornerradius": 2},
        customdata=words,
    )
    figure = figures.plain(go.Figure([bars, _weeks(days, carts)]), 96)
    start, end = (f"{day}T12:00" for day in (window.start - timedelta(days=1), window.end))
    figure.add_vrect(x0=start, x1=end, fillcolor=palette.faded(palette.LINES[dark], 0.16), line_width=0, layer="below")
    figure.update_xaxes(tickformat="%-d %b", tick0=days[7].isoformat(), dtick=14 * 86_400_000, showgrid=False)
    # As wide as the weeks on top.
    figure.update_xaxes(range=[f"{days[0] - timedelta(days=1)}T12:00", f"{days[-1]}T12:00"], automargin=False)
    figure.update_yaxes(visible=False, autorange=True, rangemode="tozero")
    figure.update_layout(bargap=0.2, margin={"r": 0, "b": 20})
    return figure


def _weeks(days: list[date], carts: Mapping[date, int]) -> go.Treemap:
    """Return clear boxes over the bars, one a week: a box answers to a finger, too, and a bar to a mouse alone."""
    weeks = [days[place : place + 7] for place in range(0, len(days), 7)]
    counts = [f": {fmt.counted(sum(carts.get(day, 0) for day in week), 'cart')}" if carts else "" for week in weeks]
    names = [fmt.days(week[0], week[-1]) + count for week, count in zip(weeks, counts, strict=True)]
    return go.Treemap(
        # A box that is clicked fills the strip until that is drawn anew, which it is for another name alone.
        name=str(_clicks()),
        ids=["all", *(week[0].isoformat() for week in weeks)],
        labels=["", *names],
        parents=["", *(["all"] * len(weeks))],
        values=[len(days), *map(len, weeks)],
        branchvalues="total",
        sort=False,
        tiling={"packing": "dice", "pad": 0},
        pathbar={"visible": False},
        marker={"colors": ["rgba(0,0,0,0)"] * (len(weeks) + 1), "pad": dict.fromkeys("tlrb", 0), "line": {"width": 0}},
        textinfo="none",
        hovertemplate="%{label}<extra></extra>",
    )
