"""The saved weeks over time: how large their segments were, who came back, and what their campaigns brought."""

from collections.abc import Sequence

import streamlit as st

from frontend.components.trends import figures_trends
from frontend.components.trends.week_points import WeekPoint, lift, points, share
from frontend.utils import format as fmt, palette, pieces
from frontend.utils.workspace import workspace
from run_store import Weeks

RECOVERED = "Measured: the share of all abandoners who had bought again, with its 95 % interval."
LIFT = "Measured against the customers held out, with the 95 % interval."
MONEY = "Dots: measured net profit. Diamonds: expected when the week was analysed. Both with their 95 % intervals."
MISSING = {
    "recovery": "The data of these weeks doesn't tell who bought again. An event log, or checkouts with orders, does.",
    "lift": "No campaign has results yet: hold customers out, say when it was sent, and bring the orders.",
    "money": "No cart value is known, so no money is expected, and no campaign has results yet.",
}


def show() -> None:
    """Draw the page, or say what it takes."""
    weeks = points(Weeks(workspace()).listed())
    if not weeks:
        pieces.nothing("No saved weeks yet", "Every analysis that is saved adds a point to each line of this page.")
        return
    if len(weeks) == 1:
        st.info("One week is saved: a start, and no trend yet. Save the analysis of another week to see one.")
    dark = palette.is_dark()
    figure = figures_trends.sizes(weeks)
    pieces.framed_chart("Customers in each segment", _change(weeks), figure, key="weeks-sizes", stretched=False)
    with st.grid(3, min_column_width=300):
        for key, title, sentence, figure in (
            ("recovery", "Recovered by the cutoff", RECOVERED, figures_trends.recovery(weeks, dark=dark)),
            ("lift", "Lift of the campaigns", LIFT, figures_trends.lifts(weeks, dark=dark)),
            ("money", "Money of the campaigns", f"{MONEY}{_left_out(weeks)}", figures_trends.money(weeks, dark=dark)),
        ):
            if figure.data:
                pieces.framed_chart(title, sentence, figure, key=f"weeks-{key}")
            else:
                with pieces.framed(title, MISSING[key], stretched=True):
                    pass
    _table(weeks)


def _left_out(weeks: Sequence[WeekPoint]) -> str:
    """Return which weeks have no point among the money, because they are in another currency than the last."""
    shown = weeks[-1].summary.currency
    others = [week.days for week in weeks if week.summary.currency != shown]
    return f" Not drawn, in another currency than {shown or 'the last week'}: {'; '.join(others)}." if others else ""


def _change(weeks: Sequence[WeekPoint]) -> str:
    last, size = weeks[-1], weeks[-1].summary.universe
    count = f"{fmt.counted(size, 'abandoner')} in the week of {last.days}"
    if len(weeks) == 1:
        return f"{count}."
    before = weeks[-2].summary.universe
    return f"{count}, {fmt.change(size - before)} ({fmt.percent_change(size / before - 1)}) against the one before."


def _table(weeks: Sequence[WeekPoint]) -> None:
    pieces.heading("All numbers", "Each with its interval where it has one.")
    rows, c = weeks[::-1], st.column_config
    text = c.TextColumn()
    money = [_arms(week, [week.money(arm.net_profit) for arm in week.arms]) for week in rows]
    pieces.cells(
        {
            "Week": ([week.days for week in rows], c.TextColumn(pinned=True)),
            "State": ([str(week.summary.week.step) for week in rows], text),
            "Abandoners": ([week.summary.universe for week in rows], c.NumberColumn(format="localized")),
            "Recovered": ([share(week.found.recovered) for week in rows], text),
            "Expected profit": ([week.money(week.expected) for week in rows], text),
            "Profit is": ([", ".join(week.found.sources) for week in rows], text),
            "Lift measured": ([_arms(week, [lift(arm.lift) for arm in week.arms]) for week in rows], text),
            "Net profit measured": (money, text),
        },
        key="weeks-table",
        alt="The saved weeks, the newest first",
    )


def _arms(week: WeekPoint, texts: Sequence[str]) -> str:
    several = len(texts) > 1
    return "; ".join(f"{arm.arm} {text}" if several else text for arm, text in zip(week.arms, texts, strict=True))
