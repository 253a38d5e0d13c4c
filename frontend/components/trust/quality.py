"""What the data of a run is like: files, columns, derived scores, and rows that were set aside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analysis import Run
from data_ingestion import SourceFile
from frontend.components.new_period import upload_intake
from frontend.components.trust import accounting, quarantine
from frontend.state import Result
from frontend.utils import format as fmt, palette, pieces
from frontend.utils.store import Store
from frontend.utils.workspace import noted
from outputs.reports import table_csv
from retention.customers.contracts import COLUMNS, CONTRACT
from retention.customers.derive import FORMULAS, MARKER
from retention.customers.reasons import Reason
from retention.scores.arithmetic import ScoreSource

SAMPLE = 50
ORDERS = {"dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
CONVERSION: dict[ScoreSource, str] = {
    "measured": "The log goes on after the week, so it shows who came back.",
    "modelled": "A model learned from earlier weeks of the log who comes back; page Backtest shows how good it is.",
    "heuristic": "Engagement and recency stand in for it: the input does not show who came back.",
}
FORMATS = {
    "csv": "CSV",
    "database": "query",
    "frame": "generated",
    "jsonl": "JSON lines",
    "parquet": "Parquet",
    "xlsx": "Excel",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class ColumnQuality:
    """One column of the contract over the customers of the window, and how it was derived where it was."""

    name: str
    present: bool
    missing: int
    derived: int = 0
    formula: str = ""


def columns_of(run: Run) -> tuple[ColumnQuality, ...]:
    """Return the quality of every column of the contract."""
    derived, missing, rows = Counter[str](), Counter[str](), 0
    for part in run.segmentation.in_parts():
        derived += _derived(part.customers)
        missing.update({str(name): int(count) for name, count in part.customers.isna().sum().items()})
        rows += len(part.customers)
    present = frozenset(run.segmentation.customers.columns)
    return tuple(
        ColumnQuality(name, True, missing[name], derived[name], FORMULAS[name] if derived[name] else "")
        if name in present
        else ColumnQuality(name, present=False, missing=rows)
        for name in (column.name for column in CONTRACT)
    )


def sample_of(quarantine: pd.DataFrame) -> pd.DataFrame:
    """Return the first rows that were set aside, with values that may tell who somebody is made unreadable."""
    first = quarantine.head(SAMPLE)
    values = [masked(column, value) for column, value in zip(first["column"], first["value"].fillna(""), strict=True)]
    return first.assign(value=values)


def reasons_of(quarantine: pd.DataFrame, file: str) -> str:
    """Return why rows of a file were set aside and how many, the most frequent reason first.

    >>> rows = pd.DataFrame({"file": ["a", "a", "b"], "reason": ["duplicate", "duplicate", "not_a_date"]})
    >>> reasons_of(rows, "a")
    'duplicate: 2'
    """
    counts = quarantine.loc[quarantine["file"] == file, "reason"].astype("str").value_counts()
    return ", ".join(f"{str(reason).replace('_', ' ')}: {fmt.count(int(number))}" for reason, number in counts.items())


def masked(column: str, value: str) -> str:
    """Return a value as the page may show it: as it is only in a column that identifies nobody.

    >>> masked("cart_value", "12,50"), masked("email", "ann@example.com"), masked("email", "")
    ('12,50', '15 characters, not shown', '')
    """
    known = COLUMNS.get(column)
    if not value:
        return ""
    if known is not None and not known.personal:
        return value
    return f"{len(value)} characters, not shown"


def missing_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns of the contract that a file does not have."""
    return [column.name for column in CONTRACT if column.name not in columns]


def _derived(customers: pd.DataFrame) -> Counter[str]:
    counts: Counter[str] = Counter()
    if MARKER in customers.columns:
        for names, number in customers[MARKER].value_counts().items():
            counts.update(dict.fromkeys(filter(None, str(names).split(";")), int(number)))
    return counts


COLUMN_QUALITIES = Store[tuple[ColumnQuality, ...]](entries=64)


def files(result: Result) -> None:
    """Draw what was read from each file, and how."""
    run = result.run
    st.header("Files", anchor=False)
    pieces.table(
        {
            "File": [fmt.plain(source.name) for source in run.sources],
            "Taken for": [
                fmt.plain(fmt.sentence(upload_intake.title_of(source)).rstrip(".")) for source in run.sources
            ],
            "Rows read": [fmt.count(source.rows_read) for source in run.sources],
            "Set aside": [fmt.count(source.rows_quarantined) for source in run.sources],
        },
        alt="Files with their rows",
    )
    together = sum(source.rows_quarantined for source in run.sources)
    later = run.accounting.quarantined - together
    more = f" {fmt.counted(later, 'more row')} were set aside when rows were assigned to customers." if later else ""
    st.caption(fmt.plain(f"Times are in the zone {run.window.timezone}.{more}"))
    for source in run.sources:
        with st.expander(f"{fmt.plain(source.name)}: reasons, notes and columns"):
            for label, text in _facts(result, source):
                st.markdown(f"**{label}:** {fmt.plain(text)}")


def whole(result: Result) -> None:
    """Draw the account of all rows, and what the conversion potential rests on."""
    left, right = st.columns(2)
    with left, pieces.framed("All rows", stretched=True):
        accounting.table(result)
    with right, pieces.framed("Conversion potential"):
        source = result.run.scores.evidence.conversion
        st.markdown(f":{palette.SOURCES[source]}-badge[{source}] {CONVERSION[source]}")
        for note in result.run.scores.evidence.conversion_notes:
            st.caption(fmt.plain(fmt.sentence(note)))


def columns(result: Result) -> None:
    """Draw how many customers lack a value, column by column, and which scores were derived."""
    qualities = COLUMN_QUALITIES.get(result.key, lambda: columns_of(result.run))
    everyone = max(result.run.accounting.universe, 1)
    about = f"Over the {fmt.count(everyone)} abandoners of the window. Missing values are no fault."
    pieces.heading("Columns", about)
    c = st.column_config
    known = [100 * (everyone - each.missing) / everyone for each in qualities]
    share = c.ProgressColumn(min_value=0, max_value=100, format="%.0f %%", width=130)
    count = c.NumberColumn(format="localized", width=80)
    pieces.cells(
        {
            "Column": ([each.name for each in qualities], c.TextColumn(pinned=True, width=155)),
            "Known": (known, share),
            "Missing": ([each.missing for each in qualities], count),
            "Derived": ([each.derived for each in qualities], count),
            "Status": ([_status(each) for each in qualities], c.TextColumn(width=120)),
            "Holds": ([COLUMNS[each.name].description for each in qualities], c.TextColumn(width=420)),
        },
        alt="Columns of the contract: share of known values, missing and derived ones",
    )
    for each in qualities:
        if each.derived:
            st.markdown(
                f"**{fmt.plain(each.name)}** was missing for {fmt.counted(each.derived, 'customer')} and derived as "
                f"{fmt.plain(each.formula)}"
            )


def rejected(result: Result) -> None:
    """Draw why rows were set aside, some of them, and the file of all."""
    rows = result.run.quarantine
    st.header("Rows set aside", anchor=False)
    if rows.empty:
        st.markdown("None: every row could be used.")
        return
    quarantine.show(rows, key="quality")
    sample = sample_of(rows)
    st.caption(
        f"The first {fmt.counted(len(sample), 'row')}; values that may identify a person are not shown here. "
        "The file has them all."
    )
    reasons = [Reason(reason).sentence for reason in sample["reason"]]
    shown = sample[["file", "line", "column", "value"]].rename(columns=str.capitalize)
    shown = shown.assign(Why=reasons, Faults=sample["faults"])
    st.dataframe(shown, hide_index=True, alt="Rows that were set aside, with the reason of each")


def unread(result: Result) -> None:
    """Draw which cells of accepted rows cannot be read, and the file of them."""
    cells = result.run.cells
    if cells.empty:
        return
    pieces.heading("Cells that cannot be read", "They count as missing (a consent as not given); their rows are used.")
    counts = cells.groupby(["column", "reason"], sort=False).size()
    pieces.table(
        {
            "Column": [fmt.plain(str(column)) for column, _ in counts.index],
            "Cells": [fmt.count(int(number)) for number in counts],
            "Why": [Reason(str(reason)).sentence for _, reason in counts.index],
        },
        alt="Cells that cannot be read, by column and reason",
    )
    name = "cells.spreadsheet.csv"
    build = noted(lambda: table_csv(cells, "spreadsheet"), len(cells), "cells that cannot be read")
    pieces.download("Download these cells", build, name, key="quality-cells")


def _format(source: SourceFile) -> str:
    parts = [FORMATS.get(source.format, source.format)]
    if source.delimiter:
        parts.append(f"{DELIMITERS.get(source.delimiter, source.delimiter)} between fields")
    return ", ".join([*parts, *([source.encoding] if source.encoding else [])])


def _facts(result: Result, source: SourceFile) -> list[tuple[str, str]]:
    facts = [("Read as", _format(source)), ("Set aside", reasons_of(result.run.quarantine, source.name) or "none")]
    if noticed := upload_intake.noticed_words(source):
        facts.append(("Noticed in rows that were kept", noticed))
    facts.append(("Dates", "As they are" if source.format == "frame" else ORDERS[source.date_order]))
    facts.append(("Decimals", source.decimal))
    facts.append(("Found", ", ".join(source.columns) or "none"))
    if source.layout == "customers":
        facts.append(("Not in the file", ", ".join(missing_columns(source.columns)) or "none"))
    return [*facts, ("Not used", ", ".join(source.ignored) or "none")]


def _status(column: ColumnQuality) -> str:
    if not column.present:
        return "not in the data"
    if column.derived:
        return "partly derived"
    return "complete" if not column.missing else "partly missing"
