"""What follows from a draft: both policies side by side, who moves, and what sizing did."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.utils import figures_compare, palette, trials
from frontend.utils import format as fmt
from frontend.utils.moves import moves, moves_words
from retention.partition.sizing import SizingStep

MOST = 8
"""Moves that the table lists."""
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""


def show(today: trials.Trial, draft: trials.Trial) -> None:
    """Draw the results of a draft beside today's."""
    changed = moves(draft.moves, today.segments, draft.segments)
    _headline(today, draft, int(changed["Customers"].sum()))
    _table(trials.side_by_side(today, draft))
    colours = palette.of_segments(list(dict.fromkeys([*today.segments, *draft.segments])))
    left, right = st.columns(2)
    with left:
        _sizes(trials.side_by_side(today, draft), colours)
    with right:
        _moves(changed, today, draft, colours)
    _log(draft.sizing_log)


def _headline(today: trials.Trial, draft: trials.Trial, changed: int) -> None:
    everyone = int(draft.moves.sum())
    best, was = draft.table["Segment"].iloc[0], today.table["Segment"].iloc[0]
    smallest = int(draft.table["Size"].min())
    with pieces.numbers():
        pieces.number(
            "Change segment", fmt.count(changed), f"{fmt.percent(changed / everyone)} of {fmt.count(everyone)}"
        )
        pieces.number("Segments", fmt.count(len(draft.segments)), f"{fmt.count(len(today.segments))} today")
        pieces.number("Smallest", fmt.count(smallest), f"minimum {fmt.count(draft.minimum)}")
        note = "Ranked first, as today." if best == was else fmt.plain(fmt.sentence(f"ranked first; today {was}"))
        pieces.number("Best score", fmt.score(float(draft.table["Overall_Score"].iloc[0])), best, note)


def _table(table: pd.DataFrame) -> None:
    pieces.heading("Today and draft side by side")
    c = st.column_config
    ranks = [_ranks(a, b) for a, b in zip(table["Rank_today"], table["Rank_draft"], strict=True)]
    size_change = table["Size_change"].where(table["Size_change"] != 0)
    score_change = table["Overall_change"].where(table["Overall_change"].abs() >= SMALLEST)
    pieces.cells(
        {
            "Rank": (ranks, c.TextColumn(width=70, help="By overall score: today and in the draft.")),
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)),
            "Today": (table["Size_today"], c.NumberColumn("Customers today", format="localized", width=125)),
            "Draft": (table["Size_draft"], c.NumberColumn("in the draft", format="localized", width=90)),
            "Change": (size_change, c.NumberColumn("Change", format="%+d", width=75)),
            "Overall today": (table["Overall_Score_today"], c.NumberColumn("Overall today", format="%.2f", width=105)),
            "Overall draft": (table["Overall_Score_draft"], c.NumberColumn("in the draft", format="%.2f", width=90)),
            "Overall change": (score_change, c.NumberColumn("Change", format="%+.2f", width=75)),
        },
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


def _sizes(table: pd.DataFrame, colours: dict[str, str]) -> None:
    sides = table.set_index("Segment")[["Size_today", "Size_draft"]]
    sides.columns = pd.Index(["Today", "Draft"])
    pieces.framed_chart(
        "Customers per segment",
        "Upper bar, grey: today. Lower bar, coloured: the draft.",
        figures_compare.before_after(sides, colours, lambda value: fmt.count(int(value)), dark=palette.is_dark()),
        key="what-if-sizes",
        alt="Customers per segment today and in the draft; the table above has the numbers",
    )


def _moves(
    changed: pd.DataFrame,
    today: trials.Trial,
    draft: trials.Trial,
    colours: dict[str, str],
) -> None:
    with pieces.framed("Who moves", stretched=True):
        if changed.empty:
            st.caption("Nobody: the draft leaves every customer where today's policy puts them.")
            return
        st.caption("Left: today. Right: the draft. Strong bands change segment, faint ones stay.")
        pieces.chart(
            figures_compare.flows(draft.moves, today.segments, draft.segments, colours, dark=palette.is_dark()),
            key="what-if-flows",
            alt="Customers from today's segments to those of the draft; the table below has the largest moves",
        )
        alt = "The largest moves between segments, with the share of the segment they leave"
        pieces.table(moves_words(changed.head(MOST)), alt=alt)
        if len(changed) > MOST:
            st.caption(f"The {MOST} largest of {fmt.counted(len(changed), 'move')}.")


def _log(steps: Sequence[SizingStep]) -> None:
    with st.expander(f"What sizing does in the draft ({fmt.counted(len(steps), 'step')})", icon=":material/merge:"):
        if not steps:
            st.caption("Nothing: every segment is within the limits.")
        for step in steps:
            st.markdown(f"- {fmt.plain(fmt.sentence(str(step)))}")
