"""The strip of days with their carts, and the seven that are to be analysed."""

from collections.abc import Mapping
from datetime import date, timedelta

import plotly.graph_objects as go

from frontend.utils import figures, palette, pieces
from frontend.utils import format as fmt
from retention.period import Window

KEY = "day-strip"
DAYS = 56
"""Days that are shown, up to the last one of the data."""


def show(carts: Mapping[date, int], last: date, window: Window) -> None:
    """Draw the strip up to the last day of the data."""
    last = max(last, window.end)
    days = [last - timedelta(days=DAYS - 1 - place) for place in range(DAYS)]
    if window.start < days[0]:
        days = [window.start - timedelta(days=14) + timedelta(days=place) for place in range(DAYS)]
    alt = f"Abandoned carts by day, {fmt.days(window.start, window.end)} chosen"
    pieces.chart(_figure(days, carts, window, dark=palette.is_dark()), key=KEY, alt=alt)


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
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure = figures.plain(go.Figure(bars), 96)
    start, end = (f"{day}T12:00" for day in (window.start - timedelta(days=1), window.end))
    figure.add_vrect(x0=start, x1=end, fillcolor=palette.faded(palette.LINES[dark], 0.16), line_width=0, layer="below")
    figure.update_xaxes(tickformat="%-d %b", tick0="2024-01-01", dtick=14 * 86_400_000, showgrid=False)
    figure.update_yaxes(visible=False, autorange=True, rangemode="tozero")
    figure.update_layout(bargap=0.2)
    return figure
