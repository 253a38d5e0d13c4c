"""What reading customers gave: every row accounted for, what each file was taken for, and what is missing."""

import pandas as pd
import streamlit as st

from data_ingestion import IntakeSummary, SourceFile
from frontend.components.new_period import upload_intake
from frontend.components.trust import quarantine
from frontend.components.trust.quality import ORDERS, missing_columns
from frontend.state import Upload
from frontend.utils import format as fmt, pieces
from retention.activity.activity import Event
from retention.customers.contracts import COLUMNS
from retention.period import zone
from retention.wording import number_words

FIRST_ROWS = 5


def show(source: Upload, summary: IntakeSummary) -> None:
    """Draw the account of rows, the first of them, the files and the rejected rows of an upload or a query."""
    understood, preview = st.columns((2, 3), gap="medium")
    with understood:
        _understood(source, summary)
    with preview:
        _first_rows(source)


def _understood(source: Upload, summary: IntakeSummary) -> None:
    intake = source.intake
    accepted, rejected = intake.accepted, len(intake.quarantine)
    st.caption(
        f"{fmt.counted(intake.read, 'row')} read: {fmt.count(accepted)} accepted, {fmt.count(rejected)} set aside"
    )
    st.caption(fmt.plain(fmt.sentence(upload_intake.sentence(summary))))
    if summary.missing is not None:
        pieces.problem(summary.missing, kind="warning", icon=":material/help:")
    if rejected:
        with st.expander("Rows set aside", icon=":material/report:"):
            quarantine.show(intake.quarantine, key="intake")
    with st.expander("Columns and formats", icon=":material/table_chart:"):
        for file in intake.sources:
            _source(file)
    for warning in intake.warnings:
        st.caption(fmt.plain(fmt.sentence(warning)))


def _first_rows(source: Upload) -> None:
    """Draw the first rows as they were understood, without what says who somebody is."""
    activity = source.intake.activity
    if activity is None:
        rows = source.intake.rows.head(FIRST_ROWS)
        names = [name for name in rows if name in COLUMNS and COLUMNS[name].label]
        shown = rows[names].rename(columns={name: COLUMNS[name].label.capitalize() for name in names})
    else:
        times = pd.to_datetime(activity.time[:FIRST_ROWS], unit="us", utc=True)
        events = [upload_intake.EVENTS[Event(code)].capitalize() for code in activity.event[:FIRST_ROWS]]
        worth, items = activity.value[:FIRST_ROWS], activity.items[:FIRST_ROWS]
        local = times.tz_convert(zone(source.options.timezone))
        shown = pd.DataFrame({"Time": local, "What happened": events, "Value": worth, "Items": items})
    alt = "First rows as they were understood"
    st.caption(alt)
    pieces.cells(
        {name: (shown[name], st.column_config.Column(name), _cell) for name in map(str, shown)},
        placeholder=fmt.DASH,
        key="first-rows",
        alt=alt,
    )


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M}"
    return number_words(value) if isinstance(value, float) else str(value)


def _source(source: SourceFile) -> None:
    """Draw what one file was taken for, and what became of its rows and columns."""
    st.markdown(f"**{fmt.plain(source.name)}**")
    usable = source.rows_read - source.rows_quarantined
    set_aside = fmt.count(source.rows_quarantined)
    noticed, ignored = upload_intake.noticed_words(source), ", ".join(source.ignored)
    missing = ", ".join(missing_columns(source.columns)) or "none"
    lines = [
        f"Taken for: {upload_intake.title_of(source)}{' by a column mapping' if source.mapped else ''}",
        f"Rows: {fmt.count(source.rows_read)} read, {fmt.count(usable)} usable, {set_aside} set aside",
        *([f"Noticed: {noticed}"] if noticed else []),
        f"Found: {', '.join(source.columns)}",
        *([f"Not in the file: {missing}"] if source.layout == "customers" else []),
        f"Not used: {ignored or 'none'}",
        f"Dates: {ORDERS[source.date_order].lower()}, decimals: {source.decimal}"
        + (f", text: {source.encoding}" if source.encoding else ""),
    ]
    for line in lines:
        st.caption(fmt.plain(line))
