"""What reading customers gave: every row accounted for, what each file was taken for, and what is missing."""

import streamlit as st

from data_ingestion import Intake, SourceFile
from frontend.components.new_period import upload_intake
from frontend.components.new_period.upload_intake import Told
from frontend.components.trust import quarantine
from frontend.components.trust.quality import missing_columns
from frontend.utils import format as fmt
from frontend.utils import pieces

ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


def show(intake: Intake, told: Told) -> None:
    """Draw the account of rows, the files and the rejected rows of an upload or a query."""
    accepted, rejected = intake.accepted, len(intake.quarantine)
    st.caption(
        f"{fmt.counted(intake.read, 'row')} read: {fmt.count(accepted)} accepted, {fmt.count(rejected)} set aside"
    )
    st.caption(fmt.plain(fmt.sentence(told.sentence)))
    if told.missing is not None:
        pieces.problem(told.missing, kind="warning", icon=":material/help:")
    if rejected:
        with st.expander("Rows set aside", icon=":material/report:"):
            quarantine.show(intake.quarantine, key="intake")
    with st.expander("Columns and formats", icon=":material/table_chart:"):
        for source in intake.sources:
            _source(source)
    for warning in intake.warnings:
        st.caption(fmt.plain(fmt.sentence(warning)))


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
        f"Dates: {ORDERS[source.date_order]}, decimals: {source.decimal}"
        + (f", text: {source.encoding}" if source.encoding else ""),
    ]
    for line in lines:
        st.caption(fmt.plain(line))
