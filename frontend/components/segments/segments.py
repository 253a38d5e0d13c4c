"""The segments of a run: the list in the order to contact, the details of one, and the charts of all."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from frontend.components.policies import policies_page
from frontend.components.policies.drafts import FIELDS
from frontend.components.segments import downloads, profile
from frontend.state import Result
from frontend.utils import figures, format as fmt, palette, pieces
from frontend.utils.drawing import drawing_of
from outputs.report.proof import SOURCES
from retention.policy.policy import Campaign
from retention.scores.measures import MEASURES
from segment_scorer import NO_CAMPAIGN, composition

COLUMNS = (3, 2, 3, 4)
"""Widths of name, reach, money and what to send; on a phone they stand below each other."""

VALUE = "Value of a year"
Row = Mapping[Any, Any]


def show(result: Result) -> None:
    """Draw a line for each segment, whose name opens its details, and all numbers as a table."""
    table = result.run.scores.recommended
    pieces.heading(
        "Segments, in the order to contact", "By expected profit per reachable person. A name opens its details."
    )
    for row in table.to_dict("records"):
        _line(result, row)
    _legend(table)
    numbers = st.expander("All numbers as a table", icon=":material/table:", on_change="rerun", key="all-numbers")
    if numbers.open:
        with numbers:
            _numbers_of_all(table, result.run.currency)


def _line(result: Result, row: Row) -> None:
    currency, source = result.run.currency, str(row["Incremental_Profit_source"])
    each, profit = (fmt.money(row[name], currency) for name in ("Profit_per_Send", "Incremental_Profit"))
    badge = f":{palette.SOURCES[source]}-badge[{source}]"
    texts = (
        f"**{row['Reachable']:,}** can be reached  \n:small[of {row['Size']:,}]",
        f"**{fmt.plain(profit)}** expected {badge}  \n:small[{fmt.plain(each)} each]",
        f":small[{fmt.plain(advice(result, str(row['Segment'])))}]",
    )
    before, note = f"{row['Send_Order']}. ", " ".join(notes(row))
    framed_line(result, row["Segment"], texts, COLUMNS, before=before, note=note)


def framed_line(
    result: Result, name: str, texts: Sequence[str], widths: Sequence[int], *, before: str = "", note: str = ""
) -> None:
    """Draw a segment in a frame: its name, which opens its details, then texts beside it, and a note below."""
    with st.container(border=True, gap="small"):
        first, *places = st.columns(widths, vertical_alignment="center")
        with first:
            opener(result, name, before)
        for place, text in zip(places, texts, strict=True):
            place.markdown(text)
        if note:
            st.caption(fmt.plain(note))


def advice(result: Result, name: str) -> str:
    """Return what to send, in one line."""
    if name in result.run.scores.stopped:
        return NO_CAMPAIGN
    campaign = next(each.campaign for each in result.run.segmentation.tree.segments if each.name == name)
    return f"{campaign.offer} \u00b7 {campaign.channel} \u00b7 {campaign.timing}"


def notes(row: Row) -> list[str]:
    """Return what to know before trusting the numbers of a segment."""
    size = [] if row["Valid"] else ["outside the size limits"]
    return [fmt.sentence(each) for each in [*map(_note, filter(None, str(row["Flags"]).split("; "))), *size]]


def _note(flag: str) -> str:
    """Return a flag of the files in words.

    >>> _note("few Conv_Pot"), _note("too few")
    ('conversion index based on few customers', 'too few customers to tell')
    """
    labels = {name: measure.label.lower() for name, measure in MEASURES.items()}
    for name, label in {**labels, "Incremental_Profit": "expected profit"}.items():
        flag = flag.replace(name, label)
    kind, _, rest = flag.partition(" ")
    known = {"no": f"{rest} not known", "few": f"{rest} based on few customers", "too": f"{flag} customers to tell"}
    return known.get(kind, flag)


def opener(result: Result, name: str, before: str = "") -> None:
    """Draw a segment's name, which opens its details; a script finds it by the place in the tree."""
    segments = result.run.segmentation.tree.segments
    code = [segment.name for segment in segments].index(name)
    colour = palette.of_segments(result.run.policy, [name])[name]
    label = f'{before}:color[\u25a0]{{foreground="{colour}"}} **{fmt.plain(name)}**'
    if st.button(label, key=f"open-{code}", type="tertiary"):
        st.dialog(fmt.plain(name), width="large")(_card)(result, code)


def _card(result: Result, code: int) -> None:
    tree, run = result.run.segmentation.tree, result.run
    segment, table = tree.segments[code], run.scores.table
    row = table[table["Segment"] == segment.name].iloc[0]
    st.markdown(fmt.plain(fmt.sentence(tree.rule(segment, run.currency))))
    numbers, campaign = st.columns(2, gap="medium")
    with campaign:
        _campaign(None if segment.name in run.scores.stopped else segment.campaign)
        if st.button("Edit these texts", icon=":material/edit:", key="edit-texts", type="tertiary"):
            policies_page.edit_texts(run.policy, segment.name)
        profile.differences(result, code)
    with numbers:
        _numbers(row, run.currency, run.segmentation.wave_counts[code])
    downloads.segment(result, code, "card", "Download this segment")


def _numbers_of_all(table: pd.DataFrame, currency: str) -> None:
    c = st.column_config
    columns: dict[str, pieces.ShownColumn] = {
        "Segment": (
            table["Segment"],
            c.TextColumn(pinned=True, width=min(260, 24 + 7 * max(map(len, table["Segment"])))),
        ),
        "Customers": (table["Size"], c.NumberColumn(format="localized")),
        "Reachable": (table["Reachable"], c.NumberColumn(format="localized")),
        "Profit each": pieces.money(table["Profit_per_Send"], currency),
        "Profit": pieces.money(table["Incremental_Profit"], currency),
        "Profit is": (table["Incremental_Profit_source"], c.TextColumn()),
    }
    if "Value_Year" in table:
        columns[VALUE] = pieces.money(table["Value_Year"], currency)
    labels = {name: measure.label for name, measure in MEASURES.items()}
    for name, label in {"Overall_Score": "Overall score", **labels}.items():
        columns[label] = (table[name], c.NumberColumn(), fmt.score)
        columns[f"{label}, 95 %"] = (_ranges(table, name), c.TextColumn())
        columns[f"{label} is"] = (table[f"{name}_source"], c.TextColumn())
    columns["Chance of the highest score"] = (table["P_best"], c.NumberColumn(), fmt.percent)
    ends = zip(table["Rank_low"].astype(int), table["Rank_high"].astype(int), strict=True)
    columns["Place by score, 90 %"] = ([fmt.interval(str(low), str(high)) for low, high in ends], c.TextColumn())
    pieces.cells(columns, key="ranking", alt="All numbers of the segments, in the order to contact")


def _ranges(table: pd.DataFrame, name: str) -> list[str]:
    ends = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [fmt.interval(fmt.score(low), fmt.score(high)) for low, high in ends]


def _legend(table: pd.DataFrame) -> None:
    """Say how the numbers came about; a number that nobody measured never looks measured."""
    used = {source for name in (*MEASURES, "Incremental_Profit") for source in table[f"{name}_source"].tolist()}
    badges = [f":{colour}-badge[{name}] {SOURCES[name]}" for name, colour in palette.SOURCES.items() if name in used]
    st.markdown(" \u2003 ".join(f":small[{badge}]" for badge in badges))


def _numbers(row: "pd.Series[float]", currency: str, waves: int) -> None:
    st.markdown("**Numbers**")
    lines: dict[str, tuple[str, str]] = {
        "Customers": (fmt.count(int(row["Size"])) + (f" in {waves} waves" if waves > 1 else ""), "measured"),
        "Can be reached": (fmt.count(int(row["Reachable"])), "measured"),
    }
    for label, name in {"Profit per contact": "Profit_per_Send", "Expected profit": "Incremental_Profit"}.items():
        ends = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
        lines[label] = (fmt.money_between(ends, currency), str(row["Incremental_Profit_source"]))
    if "Value_Year" in row:
        ends = (float(row[f"Value_Year{end}"]) for end in ("", "_low", "_high"))
        lines[VALUE] = (fmt.money_between(ends, currency), str(row["Value_Year_source"]))
    scored = {"Overall_Score": "Overall score"} | {name: each.label for name, each in MEASURES.items()}
    for name, label in scored.items():
        lines[label] = (_scored(row, name), str(row[f"{name}_source"]))
    pieces.facts(
        {
            label: f"{fmt.plain(text)} :{palette.SOURCES[source]}-badge[{source}]"
            for label, (text, source) in lines.items()
        },
        alt="Numbers of the segment with 95 % intervals and sources",
    )
    place = fmt.interval(str(int(row["Rank_low"])), str(int(row["Rank_high"])))
    st.caption(
        f"By overall score its place is {place} in 90 % of what chance allows; it is the highest in "
        f"{fmt.percent(float(row['P_best']))}."
    )


def _scored(row: "pd.Series[float]", column: str) -> str:
    low, high = (fmt.score(float(row[f"{column}_{end}"])) for end in ("low", "high"))
    value = fmt.score(float(row[column]))
    return value if low == high == value else f"{value} ({fmt.interval(low, high)})"


def _campaign(campaign: Campaign | None) -> None:
    st.markdown("**Recommended campaign**")
    if campaign is None:
        st.markdown(NO_CAMPAIGN)
        return
    lines = {label: fmt.plain(getattr(campaign, field)) for field, label in FIELDS.items()}
    pieces.facts(lines, alt="Recommended campaign")


def _map_words(table: pd.DataFrame) -> str:
    places = (
        f"{name}: conversion {fmt.score(conversion)}, profitability {fmt.score(profitability)}"
        for name, conversion, profitability in zip(
            table["Segment"], table["Conv_Pot"], table["Profitability"], strict=True
        )
    )
    return f"Priority map. {'; '.join(places)}."


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
            alt=_map_words(table),
        )
    pieces.framed_chart(
        "What makes up each score",
        "Each bar ends at the segment's overall score; a part is a measure times its weight.",
        drawing_of(result, "composition", lambda: figures.composition(composition(run.scores))),
        key="chart-composition",
    )
