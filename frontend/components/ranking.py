"""The ranked table of segments; selecting a row opens the segment's card."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from frontend import state
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import palette
from retention.scores.measures import MEASURES

KEY = "ranking"
CHOICE = "segment"
ROW = 38
VIEWS = ("Overview", "Measures")
Columns = Mapping[str, ColumnConfig]


def show(result: Result) -> str:
    """Draw the table and return the name of the chosen segment."""
    table = result.run.scores.table
    names = table["Segment"].tolist()
    state.preset_unless(CHOICE, names, names[0])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Segments by overall score", anchor=False, width="content")
        view = st.segmented_control(
            "Columns", VIEWS, default=VIEWS[0], required=True, key="ranking-view", label_visibility="collapsed"
        )
    key = f"{KEY}-{view}"
    state.select_row(key, names.index(state.value_of(CHOICE)))
    frame = _overview(table) if view == VIEWS[0] else _measures(table)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=_overview_columns(result.run.currency, names) if view == VIEWS[0] else _measure_columns(names),
        key=key,
        on_select=lambda: _choose(key, names),
        selection_mode="single-row",
        row_height=ROW,
        height="content",
        alt="Segments ranked by overall score; selecting a row opens the segment's card",
    )
    _legend(table)
    chosen: str = st.selectbox("Segment in detail", names, key=CHOICE)
    return chosen


def _choose(key: str, names: Sequence[str]) -> None:
    row = state.selected_row(key)
    if row is not None:
        state.preset(CHOICE, names[row])


def _ranges(low: pd.Series, high: pd.Series) -> list[str]:
    return [fmt.interval(fmt.score(a), fmt.score(b)) for a, b in zip(low, high, strict=True)]


def _overview(table: pd.DataFrame) -> pd.DataFrame:
    ranks = zip(table["Rank_low"].astype(int), table["Rank_high"].astype(int), strict=True)
    return pd.DataFrame(
        {
            "Rank": range(1, len(table) + 1),
            "Segment": table["Segment"],
            "Customers": table["Size"],
            "Share": 100 * table["Size"] / max(int(table["Size"].sum()), 1),
            "Overall": table["Overall_Score"],
            "95 % interval": _ranges(table["Overall_Score_low"], table["Overall_Score_high"]),
            "Rank, 90 %": [fmt.interval(str(low), str(high)) for low, high in ranks],
            "P(best)": 100 * table["P_best"],
            "Profit": table["Incremental_Profit"],
            "Profit source": [[source] for source in table["Incremental_Profit_source"]],
            "Size": [["within limits"] if valid else ["outside limits"] for valid in table["Valid"]],
            "Flags": table["Flags"],
        }
    )


def _overview_columns(currency: str, names: Sequence[str]) -> Columns:
    c = st.column_config
    return {
        "Rank": c.NumberColumn(width=45, alignment="center"),
        "Segment": _name_column(names),
        "Customers": c.NumberColumn(format="localized", width=80),
        "Share": c.NumberColumn(format="%.0f %%", width=55),
        "Overall": c.ProgressColumn(min_value=0, max_value=1, format="%.2f", width=105),
        "95 % interval": c.TextColumn(width=92, help="The overall score is between these with 95 % confidence."),
        "Rank, 90 %": c.TextColumn(width=75, help="Ranks that the sampling error leaves open, with 90 % confidence."),
        "P(best)": c.NumberColumn(format="%.0f %%", width=62, help="Probability that this segment is truly the first."),
        "Profit": c.NumberColumn(
            format=f"{fmt.symbol(currency)}%,.0f", width=75, help="Expected incremental profit of the segment."
        ),
        "Profit source": _badges("Profit is", 88),
        "Size": c.MultiselectColumn(options=["within limits", "outside limits"], color=["gray", "red"], width=120),
        "Flags": c.TextColumn(help="What to know before trusting the numbers of a segment.", width=130),
    }


def _measures(table: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, object] = {"Segment": table["Segment"]}
    for name in (*MEASURES, "Overall_Score"):
        columns[name] = table[name]
        columns[f"{name}_range"] = _ranges(table[f"{name}_low"], table[f"{name}_high"])
        columns[f"{name}_source"] = [[source] for source in table[f"{name}_source"]]
    return pd.DataFrame(columns)


def _measure_columns(names: Sequence[str]) -> Columns:
    c = st.column_config
    shown: dict[str, ColumnConfig] = {"Segment": _name_column(names)}
    labels = {name: measure.label for name, measure in MEASURES.items()}
    for name, label in {**labels, "Overall_Score": "Overall"}.items():
        shown[name] = c.NumberColumn(label, format="%.2f", width=130)
        shown[f"{name}_range"] = c.TextColumn("95 %", width=95)
        shown[f"{name}_source"] = _badges("Source", 105)
    return shown


def _name_column(names: Sequence[str]) -> ColumnConfig:
    """Return the column of names, as wide as the longest one up to a limit."""
    return st.column_config.TextColumn(pinned=True, width=min(260, 24 + 7 * max(map(len, names))))


def _badges(label: str, width: int) -> ColumnConfig:
    return st.column_config.MultiselectColumn(
        label, options=list(palette.SOURCES), color=list(palette.SOURCES.values()), width=width
    )


def _legend(table: pd.DataFrame) -> None:
    """Say how the numbers came about; a number that nobody measured never looks measured."""
    used = {source for name in MEASURES for source in table[f"{name}_source"].tolist()}
    words = {
        "measured": "from the data",
        "modelled": "from a fitted model",
        "heuristic": "by a stated formula, not measured",
        "measured + assumed": "measured by an experiment, together with what the policy assumes",
        "assumed": "set in the policy until an experiment measures it",
    }
    badges = [f":{colour}-badge[{name}] {words[name]}" for name, colour in palette.SOURCES.items() if name in used]
    st.markdown(" \u2003 ".join(f":small[{badge}]" for badge in badges))
