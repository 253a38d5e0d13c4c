"""What the data of a run is like: files, columns, derived scores, and rows that were set aside."""

import pandas as pd
import streamlit as st

from data_ingestion import SourceFile
from frontend.components import quarantine
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import loaders
from frontend.utils.quality import ColumnQuality, missing_columns, sample_of
from retention.contracts import COLUMNS
from retention.reasons import Reason

ORDERS = {"dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def files(result: Result) -> None:
    """Draw what was read from each file, and how."""
    run = result.run
    st.subheader("Files", anchor=False)
    st.table(
        {
            "File": [fmt.plain(source.name) for source in run.sources],
            "Rows read": [fmt.count(source.rows_read) for source in run.sources],
            "Usable": [fmt.count(source.rows_read - source.rows_quarantined) for source in run.sources],
            "Set aside": [fmt.count(source.rows_quarantined) for source in run.sources],
            "Read as": [fmt.plain(_format(source)) for source in run.sources],
            "Dates": [_dates(source) for source in run.sources],
        },
        border="horizontal",
        hide_index=True,
        alt="Files with their rows and formats",
    )
    together = sum(source.rows_quarantined for source in run.sources)
    later = run.accounting.quarantined - together
    more = f" {fmt.counted(later, 'more row')} were set aside when customers were told apart." if later else ""
    st.caption(fmt.plain(f"Times are in the zone {run.window.timezone}.{more}"))
    for source in run.sources:
        _headers(source, alone=len(run.sources) == 1)


def columns(result: Result) -> None:
    """Draw how many customers lack a value, column by column, and which scores were derived."""
    found = loaders.column_quality(result)
    everyone = max(len(result.run.segmentation.customers), 1)
    st.subheader("Columns", anchor=False)
    st.caption(f"Over the {fmt.count(everyone)} abandoners of the window. Missing values are no fault.")
    c = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "Column": [each.name for each in found],
                "Known": [100 * (everyone - each.missing) / everyone for each in found],
                "Missing": [each.missing for each in found],
                "Derived": [each.derived for each in found],
                "Status": [_status(each) for each in found],
                "Holds": [COLUMNS[each.name].description for each in found],
            }
        ),
        hide_index=True,
        height="content",
        column_config={
            "Column": c.TextColumn(pinned=True, width=155),
            "Known": c.ProgressColumn(min_value=0, max_value=100, format="%.0f %%", width=130),
            "Missing": c.NumberColumn(format="localized", width=80),
            "Derived": c.NumberColumn(format="localized", width=80),
            "Status": c.TextColumn(width=120),
            "Holds": c.TextColumn(width=420),
        },
        alt="Columns of the contract: share of known values, missing and derived ones",
    )
    for each in found:
        if each.derived:
            st.markdown(
                f"**{fmt.plain(each.name)}** was missing for {fmt.counted(each.derived, 'customer')} and derived as "
                f"{fmt.plain(each.formula)}"
            )


def rejected(result: Result) -> None:
    """Draw why rows were set aside, some of them, and the file of all."""
    rows = result.run.quarantine
    st.subheader("Rows set aside", anchor=False)
    if rows.empty:
        st.markdown("None: every row could be used.")
        return
    quarantine.show(rows, key="quality")
    sample = sample_of(rows)
    st.caption(
        f"The first {fmt.counted(len(sample), 'row')}; values that may identify a person are not shown here. "
        "The file has them all."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "File": sample["file"],
                "Line": sample["line"],
                "Column": sample["column"],
                "Value": sample["value"],
                "Why": [Reason(reason).sentence for reason in sample["reason"]],
                "Faults": sample["faults"],
            }
        ),
        hide_index=True,
        alt="Rows that were set aside, with the reason of each",
    )


def _format(source: SourceFile) -> str:
    names = {"csv": "CSV", "parquet": "Parquet", "xlsx": "Excel", "frame": "generated"}
    parts = [names.get(source.format, source.format)]
    if source.delimiter:
        parts.append(f"{DELIMITERS.get(source.delimiter, source.delimiter)} between fields")
    return ", ".join([*parts, *([source.encoding] if source.encoding else [])])


def _dates(source: SourceFile) -> str:
    return "As they are" if source.format == "frame" else ORDERS[source.date_order]


def _headers(source: SourceFile, *, alone: bool) -> None:
    missing = missing_columns(source.columns)
    with st.expander("Columns found" if alone else f"Columns found in {fmt.plain(source.name)}"):
        for label, names in (("Found", source.columns), ("Not in the file", missing), ("Not used", source.ignored)):
            st.markdown(f"**{label}:** {fmt.plain(', '.join(names) or 'none')}")


def _status(column: ColumnQuality) -> str:
    if not column.present:
        return "not in the data"
    if column.derived:
        return "partly derived"
    return "complete" if not column.missing else "partly missing"
