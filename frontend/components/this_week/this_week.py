"""The home: what the week is worth, whom to contact in which order, and what is open."""

import streamlit as st

from analysis.choice import Choice, planned
from analysis.experiment_design import WISHED_LIFT
from frontend.components.campaign import week
from frontend.components.segments import headline, segments
from frontend.components.this_week.open_points import OpenPoint, points_of
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, places
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import weeks
from retention.experiment.power import Plan, advice_words
from retention.partition.profiles import beyond_rule
from run_store import WeekState
from segment_scorer import NO_CAMPAIGN

COLUMNS = (3, 2, 3, 4, 2)
"""Widths of name, reach, money, what to send and the file; on a phone they stand below each other."""

ADVICE = Store[str](entries=128)


def show(result: Result, state: AppState) -> None:
    """Draw the page of a week."""
    known = week.state_of(result)
    headline.show(result, change=True)
    choice = known.choice or Choice.usual(result.run)
    advised = ADVICE.get(key_of(result.key, choice), lambda: advice(result, choice))
    _open(points_of(known, weeks(), result, advised), state)
    pieces.heading("Whom to contact", "In the order of expected profit per reachable person. A name opens its details.")
    for row in result.run.scores.recommended.to_dict("records"):
        _line(result, row, known)


def advice(result: Result, choice: Choice) -> str:
    """Return what holding out a tenth can show in this week, of those whom the campaign is for, in one sentence."""
    sends = planned(result.run, choice).table.set_index("segment")["sends"]
    baselines = result.run.scores.table.set_index("Segment")["Baseline"]
    reached = int(sends.sum())
    baseline = float((baselines.reindex(sends.index) * sends).sum()) / max(1, reached)
    if not 0 < baseline * (1 + WISHED_LIFT) < 1:
        return "Nobody is held out yet."
    return advice_words(Plan(reached, baseline, 0.1), WISHED_LIFT)


def _open(points: list[OpenPoint], state: AppState) -> None:
    """Draw what is open, each with the button that does it."""
    pieces.heading("What is open")
    for place, point in enumerate(points):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(fmt.plain(point.text), width="stretch")
            if st.button(point.action, key=f"open-point-{place}"):
                if point.run_id:
                    state.next_address = point.run_id
                if point.step:
                    week.go_to(point.step)
                places.go(point.page)
    if not points:
        st.markdown("Nothing: this week is done.")


def _line(result: Result, row: segments.Row, known: WeekState) -> None:
    """Draw one segment: its reach, its money with label and interval, what to send, and the state of its file."""
    currency, source, name = result.run.currency, str(row["Incremental_Profit_source"]), str(row["Segment"])
    profit, low, high = (
        fmt.plain(fmt.money(row[f"Incremental_Profit{end}"], currency)) for end in ("", "_low", "_high")
    )
    texts = (
        f"**{row['Reachable']:,}** can be reached",
        f"**{profit}** :{palette.SOURCES[source]}-badge[{source}]  \n:small[{low} to {high}]",
        f":small[{fmt.plain(segments.advice(result, name))}]  \n:small[{fmt.plain(unusual(result, name))}]",
        f":small[{file_words(name, known, stopped=name in result.run.scores.stopped)}]",
    )
    segments.framed_line(result, name, texts, COLUMNS, before=f"{row['Send_Order']}. ")


def unusual(result: Result, name: str) -> str:
    """Return the most telling difference of a segment that its rule didn't make, in words; empty if there is none."""
    tree = result.run.segmentation.tree
    place = tree.names.index(name)
    differences = beyond_rule(result.run.stories[place], tree.features)
    return f"Unusual: {differences[0].words(result.run.currency)}." if differences else ""


def file_words(name: str, known: WeekState, *, stopped: bool) -> str:
    """Return how far the file of a segment has come.

    >>> file_words("VIP", WeekState(), stopped=False)
    'no file yet'
    """
    if stopped:
        return NO_CAMPAIGN
    if not any(name in each.segments for each in known.files):
        return "no file yet"
    return "file made" if known.sent is None else f"sent on {fmt.day(known.sent.day)}"
