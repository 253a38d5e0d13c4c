"""The strip of days with their carts, on which a click chooses a week."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import plotly.graph_objects as go

from frontend.state import preset, value_of
from frontend.utils import format as fmt, palette, pieces
from frontend.utils.drawing import kept
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
    alt = f"Abandoned carts by day, {fmt.days(window.start, window.end)} chosen"
    dark = palette.is_dark()
    figure = kept(lambda: _figure(days, carts, window, dark=dark), KEY, last, carts, window, dark, _clicks())
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
    line, marked = palette.surface(dark).line, palette.LINES[dark]
    # A day without carts has its place as well.
    least = 0.04 * max(carts.values(), default=25)
    heights = [max(carts.get(day, 0), least) for day in days]
    words = [fmt.day(day) + (f": {fmt.counted(carts.get(day, 0), 'cart')}" if carts else "") for day in days]
    marker = {"color": [marked if window.start <= day <= window.end else line for day in days], "cornerradius": 2}
    bars = go.Bar(x=[day.isoformat() for day in days], y=heights, marker=marker, customdata=words)
    start, end = (f"{day}T12:00" for day in (window.start - timedelta(days=1), window.end))
    week = {"type": "rect", "x0": start, "x1": end, "y0": 0, "y1": 1, "yref": "y domain", "layer": "below"}
    week |= {"fillcolor": palette.faded(marked, 0.16), "line": {"width": 0}}
    across = {"tickformat": "%-d %b", "tick0": days[7].isoformat(), "dtick": 14 * 86_400_000, "showgrid": False}
    # As wide as the weeks on top.
    across |= {"range": [f"{days[0] - timedelta(days=1)}T12:00", f"{days[-1]}T12:00"], "automargin": False}
    # Given with the traces: each change of a figure that is there takes as long as to make it.
    layout = {"height": 96, "margin": {"l": 0, "r": 0, "t": 8, "b": 20}, "dragmode": False, "hovermode": "closest"}
    layout |= {"bargap": 0.2, "shapes": [week], "xaxis": across | {"fixedrange": True}}
    layout |= {"yaxis": {"visible": False, "rangemode": "tozero", "fixedrange": True}}
    return go.Figure([bars, _weeks(days, carts)], layout)


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
