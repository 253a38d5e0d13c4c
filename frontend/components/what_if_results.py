"""What follows from a draft: both policies side by side, who moves, and what sizing did."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.utils import figures_compare, palette, trials
from frontend.utils import format as fmt
from frontend.utils.moves import moves
from retention.partition.sizing import SizingStep

MOST = 8
"""Moves that the table lists."""
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""


def show(today: trials.Trial, draft: trials.Trial, *, dark: bool) -> None:
    """Draw the results of a draft beside today's."""
    changed = moves(draft.moves, today.segments, draft.segments)
    _headline(today, draft, int(changed["Customers"].sum()))
    _table(trials.side_by_side(today, draft))
    colours = palette.of_segments(list(dict.fromkeys([*today.segments, *draft.segments])))
    left, right = st.columns(2)
    with left:
        _sizes(trials.side_by_side(today, draft), colours, dark=dark)
    with right:
        _moves(changed, today, draft, colours, dark=dark)
    _log(draft.sizing_log)


def _headline(today: trials.Trial, draft: trials.Trial, changed: int) -> None:
    everyone = int(draft.moves.sum())
    best, was = draft.table["Segment"].iloc[0], today.table["Segment"].iloc[0]
    smallest = int(draft.table["Size"].min())
    with st.grid(4, min_column_width=150, gap="small"):
        pieces.number(
            "Change segment", fmt.count(changed), f"{fmt.percent(changed / everyone)} of {fmt.count(everyone)}"
        )
        pieces.number("Segments", fmt.count(len(draft.segments)), f"{fmt.count(len(today.segments))} today")
        pieces.number("Smallest", fmt.count(smallest), f"minimum {fmt.count(draft.minimum)}")
        note = "Ranked first, as today." if best == was else fmt.plain(fmt.sentence(f"ranked first; today {was}"))
        pieces.number("Best score", fmt.score(float(draft.table["Overall_Score"].iloc[0])), best, note)


def _table(table: pd.DataFrame) -> None:
    st.subheader("Today and draft side by side", anchor=False)
    c = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "Rank": [_ranks(a, b) for a, b in zip(table["Rank_today"], table["Rank_draft"], strict=True)],
                "Segment": table["Segment"],
                "Today": table["Size_today"],
                "Draft": table["Size_draft"],
                "Change": table["Size_change"].where(table["Size_change"] != 0),
                "Overall today": table["Overall_Score_today"],
                "Overall draft": table["Overall_Score_draft"],
                "Overall change": table["Overall_change"].where(table["Overall_change"].abs() >= SMALLEST),
            }
        ),
        hide_index=True,
        column_config={
            "Rank": c.TextColumn(width=70, help="By overall score: today and in the draft."),
            "Segment": c.TextColumn(pinned=True, width=150),
            "Today": c.NumberColumn("Customers today", format="localized", width=125),
            "Draft": c.NumberColumn("in the draft", format="localized", width=90),
            "Change": c.NumberColumn("Change", format="%+d", width=75),
            "Overall today": c.NumberColumn("Overall today", format="%.2f", width=105),
            "Overall draft": c.NumberColumn("in the draft", format="%.2f", width=90),
            "Overall change": c.NumberColumn("Change", format="%+.2f", width=75),
        },
        height="content",
        placeholder=fmt.DASH,
        key="what-if-table",
        alt="Rank, customers and overall score of each segment today and in the draft",
    )


def _ranks(today: float, draft: float) -> str:
    """Return both ranks of a segment, or one word where it is new or gone."""
    if math.isnan(today):
        return f"{draft:.0f}, new"
    if math.isnan(draft):
        return "gone"
    return f"{draft:.0f}" if today == draft else f"{today:.0f} \u2192 {draft:.0f}"


def _sizes(table: pd.DataFrame, colours: dict[str, str], *, dark: bool) -> None:
    sides = table.set_index("Segment")[["Size_today", "Size_draft"]]
    sides.columns = pd.Index(["Today", "Draft"])
    with st.container(border=True, height="stretch"):
        st.subheader("Customers per segment", anchor=False)
        st.caption("Upper bar, grey: today. Lower bar, coloured: the draft.")
        pieces.chart(
            figures_compare.before_after(sides, colours, lambda value: fmt.count(int(value)), dark=dark),
            key="what-if-sizes",
            alt="Customers per segment today and in the draft; the table above has the numbers",
        )


def _moves(
    changed: pd.DataFrame, today: trials.Trial, draft: trials.Trial, colours: dict[str, str], *, dark: bool
) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("Who moves", anchor=False)
        if changed.empty:
            st.caption("Nobody: the draft leaves every customer where today's policy puts them.")
            return
        st.caption("Left: today. Right: the draft. Strong bands change segment, faint ones stay.")
        pieces.chart(
            figures_compare.flows(draft.moves, today.segments, draft.segments, colours, dark=dark),
            key="what-if-flows",
            alt="Customers from today's segments to those of the draft; the table below has the largest moves",
        )
        shown = changed.head(MOST)
        pieces.table(
            {
                "From": [fmt.plain(name) for name in shown["From"]],
                "To": [fmt.plain(name) for name in shown["To"]],
                "Customers": [
                    f"{fmt.count(n)} ({fmt.percent(share)})"
                    for n, share in zip(shown["Customers"], shown["Share"], strict=True)
                ],
            },
            alt="The largest moves between segments, with the share of the segment they leave",
        )
        if len(changed) > MOST:
            st.caption(f"The {MOST} largest of {fmt.counted(len(changed), 'move')}.")


def _log(steps: Sequence[SizingStep]) -> None:
    with st.expander(f"What sizing does in the draft ({fmt.counted(len(steps), 'step')})", icon=":material/merge:"):
        if not steps:
            st.caption("Nothing: every segment is within the limits.")
        for step in steps:
            st.markdown(f"- {fmt.plain(fmt.sentence(str(step)))}")
