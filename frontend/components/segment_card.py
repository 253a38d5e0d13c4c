"""One segment: who is in it, what it is worth, what to send, and its file."""

import math

import pandas as pd
import streamlit as st

from frontend.components import downloads, pieces, profile
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import palette
from retention.policy.policy import Campaign
from retention.scores.measures import MEASURES
from segment_scorer import NO_CAMPAIGN


def show(result: Result, name: str) -> None:
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
