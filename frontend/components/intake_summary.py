"""What reading uploaded files gave: every row accounted for."""

import streamlit as st

from data_ingestion import Intake
from frontend.components import quarantine
from frontend.utils import format as fmt
from retention.contracts import CONTRACT


def show(intake: Intake) -> None:
    """Draw the account of rows, the columns and the rejected rows of an upload."""
    accepted, rejected = len(intake.rows), len(intake.quarantine)
    st.caption(
        f"{fmt.counted(intake.read, 'row')} read: {fmt.count(accepted)} accepted, {fmt.count(rejected)} set aside"
    )
    if rejected:
        with st.expander("Rows set aside", icon=":material/report:"):
            quarantine.show(intake.quarantine, key="intake")
    with st.expander("Columns and formats", icon=":material/table_chart:"):
        for source in intake.sources:
            _source(source.name, source.columns, source.ignored, source.date_order, source.encoding)
    for warning in intake.warnings:
        st.caption(fmt.plain(fmt.sentence(warning)))


def _source(name: str, columns: tuple[str, ...], ignored: tuple[str, ...], order: str, encoding: str) -> None:
    missing = [column.name for column in CONTRACT if column.name not in columns]
    orders = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
    lines = [
        name,
        f"Found: {', '.join(columns)}",
        f"Not in the file: {', '.join(missing) or 'none'}",
        f"Not used: {', '.join(ignored) or 'none'}",
        f"Dates: {orders[order]}" + (f", text: {encoding}" if encoding else ""),
    ]
    for line in lines:
        st.caption(fmt.plain(line))
