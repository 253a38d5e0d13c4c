"""Where every input row went, what sizing did, and what a person should know."""

from collections.abc import Sequence

import streamlit as st

from frontend.components.trust import quarantine
from frontend.state import Result
from frontend.utils import format as fmt, pieces
from outputs.report.proof import account_rows
from retention.partition.sizing import SizingStep


def warnings(result: Result) -> None:
    """Draw the warnings of a run, if it has any."""
    notes = result.run.warnings
    if notes:
        with st.expander(f"{fmt.counted(len(notes), 'note')} on this run", icon=":material/info:"):
            for text in notes:
                st.markdown(f"- {fmt.plain(fmt.sentence(text))}")


def show(result: Result) -> None:
    """Draw the account of rows and the log of sizes."""
    left, right = st.columns(2)
    with left, pieces.framed("Data accounting", stretched=True):
        table(result)
        if result.run.accounting.quarantined:
            quarantine.show(result.run.quarantine, key="run")
    limits = result.run.segmentation.tree.limits
    most = f"At least {fmt.count(limits.minimum)}, at most {fmt.count(limits.maximum)} customers"
    with right, pieces.framed("Segment sizes", most):
        _sizing(result.run.segmentation.sizing_log)


def table(result: Result) -> None:
    """Draw where every input row went, as a table."""
    pieces.facts(dict(account_rows(result.run)), alt="Where every input row went")


def _sizing(steps: Sequence[SizingStep]) -> None:
    if not steps:
        st.markdown("Every segment is within the limits; nothing was merged or divided.")
    for step in steps:
        st.markdown(f"- {fmt.plain(fmt.sentence(str(step)))}")
