"""The segments of a run: the ranked table, the card of the chosen one, and the charts of all."""

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from frontend.components.segments import downloads, profile
from frontend.state import Result
from frontend.utils import figures, palette, pieces
from frontend.utils import format as fmt
from frontend.utils.drawing import drawing_of
from outputs.report.proof import SOURCES
from retention.policy.policy import Campaign
from retention.scores.measures import MEASURES
from segment_scorer import NO_CAMPAIGN, composition

KEY = "ranking"
CHOICE = "segment"
ROW = 38
VIEWS = ("Overview", "Measures")
Columns = Mapping[str, pieces.Column]


def show(result: Result) -> str:
    """Draw the table and return the name of the chosen segment."""
    table = result.run.scores.recommended
    names = table["Segment"].tolist()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Segments, in the order to contact", anchor=False, width="content")
        view = st.segmented_control(
            "Columns", VIEWS, default=VIEWS[0], required=True, key="ranking-view", label_visibility="collapsed"
        )
    pieces.choice_of_row(
        _overview(table, result.run.currency) if view == VIEWS[0] else _measures(table),
        names,
        choice=CHOICE,
        key=f"{KEY}-{view}",
        row_height=ROW,
        alt="Segments by expected profit per contact, the best first; selecting a row opens the segment's card",
    )
    _legend(table)
    chosen: str = st.selectbox("Segment in detail", names, key=CHOICE)
    return chosen


def _ranges(table: pd.DataFrame, name: str) -> list[str]:
    ends = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [fmt.interval(fmt.score(low), fmt.score(high)) for low, high in ends]


def _overview(table: pd.DataFrame, currency: str) -> Columns:
    c = st.column_config
    ends = zip(table["Rank_low"].astype(int), table["Rank_high"].astype(int), strict=True)
    ranks = [fmt.interval(str(low), str(high)) for low, high in ends]
    overall = c.ProgressColumn(min_value=0, max_value=1, format="%.2f", width=105)
    interval = c.TextColumn(width=92, help="The overall score is between these with 95 % confidence.")
    order = c.NumberColumn(width=50, alignment="center", help="By expected profit per contact, the best first.")
    reachable = c.NumberColumn(format="localized", width=80, help="Customers who can be reached.")
    rank = c.TextColumn(width=75, help="Ranks by overall score that the sampling error leaves open.")
    best = c.NumberColumn(format="%.0f %%", width=62, help="Probability of truly having the highest score.")
    money = f"{fmt.symbol(currency)}%,"
    each = c.NumberColumn(format=f"{money}.2f", width=85, help="Expected profit of contacting one of them.")
    profit = c.NumberColumn(format=f"{money}.0f", width=75, help="Expected incremental profit of the segment.")
    within, outside = "within limits", "outside limits"
    size = c.MultiselectColumn(options=[within, outside], color=["gray", "red"], width=120)
    flags = c.TextColumn(help="What to know before trusting the numbers of a segment.", width=130)
    return {
        "Order": (table["Send_Order"], order),
        "Segment": (table["Segment"], _name_column(table)),
        "Customers": (table["Size"], c.NumberColumn(format="localized", width=80)),
        "Reachable": (table["Reachable"], reachable),
        "Profit each": (table["Profit_per_Send"], each),
        "Overall": (table["Overall_Score"], overall),
        "95 % interval": (_ranges(table, "Overall_Score"), interval),
        "Rank, 90 %": (ranks, rank),
        "P(best)": (100 * table["P_best"], best),
        "Profit": (table["Incremental_Profit"], profit),
        "Profit source": ([[source] for source in table["Incremental_Profit_source"]], _badges("Profit is", 88)),
        "Size": ([[within if valid else outside] for valid in table["Valid"]], size),
        "Flags": (table["Flags"], flags),
    }


def _measures(table: pd.DataFrame) -> Columns:
    c = st.column_config
    columns: dict[str, pieces.Column] = {"Segment": (table["Segment"], _name_column(table))}
    labels = {name: measure.label for name, measure in MEASURES.items()}
    for name, label in {**labels, "Overall_Score": "Overall"}.items():
        sources = [[source] for source in table[f"{name}_source"]]
        columns[name] = (table[name], c.NumberColumn(label, format="%.2f", width=130))
        columns[f"{name}_range"] = (_ranges(table, name), c.TextColumn("95 %", width=95))
        columns[f"{name}_source"] = (sources, _badges("Source", 105))
    return columns


def _name_column(table: pd.DataFrame) -> ColumnConfig:
    """Return the column of names, as wide as the longest one up to a limit."""
    return st.column_config.TextColumn(pinned=True, width=min(260, 24 + 7 * max(map(len, table["Segment"]))))


def _badges(label: str, width: int) -> ColumnConfig:
    return st.column_config.MultiselectColumn(
        label, options=list(palette.SOURCES), color=list(palette.SOURCES.values()), width=width
    )


def _legend(table: pd.DataFrame) -> None:
    """Say how the numbers came about; a number that nobody measured never looks measured."""
    used = {source for name in MEASURES for source in table[f"{name}_source"].tolist()}
    badges = [f":{colour}-badge[{name}] {SOURCES[name]}" for name, colour in palette.SOURCES.items() if name in used]
    st.markdown(" \u2003 ".join(f":small[{badge}]" for badge in badges))


def card(result: Result, name: str) -> None:
    """Draw the card of a segment."""
    segments = result.run.segmentation.tree.segments
    code = [segment.name for segment in segments].index(name)
    table = result.run.scores.table
    row = table[table["Segment"] == name].iloc[0]
    with pieces.framed(fmt.plain(name)):
        st.markdown(fmt.plain(fmt.sentence(segments[code].words)))
        numbers, campaign = st.columns(2, gap="medium")
        with numbers:
            _numbers(row, result.run.currency, result.run.segmentation.wave_counts[code])
        with campaign:
            profile.differences(result, code)
            _campaign(None if name in result.run.scores.stopped else segments[code].campaign)
        downloads.segment(result, code, "card", "Download this segment")


def _numbers(row: "pd.Series[float]", currency: str, waves: int) -> None:
    st.markdown("**Numbers**")
    lines: dict[str, tuple[str, str]] = {
        "Customers": (fmt.count(int(row["Size"])) + (f" in {waves} waves" if waves > 1 else ""), "measured"),
        "Overall score": (_scored(row, "Overall_Score"), str(row["Overall_Score_source"])),
    }
    lines |= {each.label: (_scored(row, name), str(row[f"{name}_source"])) for name, each in MEASURES.items()}
    lines["Can be reached"] = (fmt.count(int(row["Reachable"])), "measured")
    for label, name in {"Profit per contact": "Profit_per_Send", "Incremental profit": "Incremental_Profit"}.items():
        lines[label] = (_money(row, name, currency), str(row["Incremental_Profit_source"]))
    pieces.facts(
        {
            label: f"{fmt.plain(text)} :{palette.SOURCES[source]}-badge[{source}]"
            for label, (text, source) in lines.items()
        },
        alt="Numbers of the segment with 95 % intervals and sources",
    )


def _money(row: "pd.Series[float]", name: str, currency: str) -> str:
    value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if math.isnan(value):
        return fmt.UNKNOWN
    shown = fmt.money(value, currency)
    # One customer has a value and no interval.
    if math.isnan(low):
        return shown
    return f"{shown} ({fmt.interval(fmt.money(low, currency), fmt.money(high, currency))})"


def _scored(row: "pd.Series[float]", column: str) -> str:
    low, high = (fmt.score(float(row[f"{column}_{end}"])) for end in ("low", "high"))
    value = fmt.score(float(row[column]))
    return value if low == high == value else f"{value} ({fmt.interval(low, high)})"


def _campaign(campaign: Campaign | None) -> None:
    st.markdown("**Recommended campaign**")
    if campaign is None:
        st.markdown(NO_CAMPAIGN)
        return
    lines = {
        "Audience": campaign.audience,
        "Message": campaign.message,
        "Offer": campaign.offer,
        "Channel": campaign.channel,
        "Timing": campaign.timing,
    }
    pieces.facts({label: fmt.plain(text) for label, text in lines.items()}, alt="Recommended campaign")


def charts(result: Result) -> None:
    """Draw sizes, the priority map and the composition of the scores."""
    table, run, dark = result.run.scores.recommended, result.run, palette.is_dark()
    colours = palette.of_segments(run.policy, table["Segment"])
    left, right = st.columns(2)
    with left:
        pieces.framed_chart(
            "Customers per segment",
            "The segment to contact first on top; shares of all abandoners of the window.",
            drawing_of(result, "sizes", lambda: figures.sizes(table, colours)),
            key="chart-sizes",
        )
    with right:
        pieces.framed_chart(
            "Priority map",
            "Right: likelier to come back. Up: worth more. Larger: more customers."
            + (" Numbers are the order to contact." if len(table) > figures.MANY else ""),
            drawing_of(result, "priority", lambda: figures.priority(table, colours, dark=dark), dark=dark),
            key="chart-priority",
        )
    pieces.framed_chart(
        "What makes up each score",
        "Each bar ends at the segment's overall score; a part is a measure times its weight.",
        drawing_of(result, "composition", lambda: figures.composition(composition(run.scores))),
        key="chart-composition",
    )
