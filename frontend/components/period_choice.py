"""Two periods to compare: saved ones, and the run on screen."""

from collections.abc import Sequence

import streamlit as st

from frontend import state
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils.period_pair import Period
from frontend.utils.workspace import workspace

FIRST = "compare-first"
SECOND = "compare-second"
FEWEST = 2


def known(result: Result | None) -> list[Period]:
    """Return the periods to choose from, the latest window first.

    Raises:
        WorkspaceError: The saved ones cannot be listed.
    """
    saved = [
        Period(s.id, f"{s.name} \u00b7 {fmt.days(s.window.start, s.window.end)}", s.window, True, s.erased)
        for s in workspace().periods()
    ]
    if result is not None:
        window = result.run.window
        title = f"On screen now \u00b7 {fmt.days(window.start, window.end)}"
        saved.insert(0, Period(result.key, title, window, False))
    return sorted(saved, key=lambda period: period.window.start, reverse=True)


def show(periods: Sequence[Period]) -> tuple[Period, Period]:
    """Draw two pickers of at least two periods, the latest first; return the chosen ones, the earlier window first."""
    of_key = {period.key: period for period in periods}
    titles = {period.key: period.title for period in periods}
    earlier = next((p.key for p in periods if p.window.start < periods[0].window.start), periods[1].key)
    with st.grid(FEWEST, min_column_width=260):
        first = _pick("Earlier period", FIRST, titles, earlier)
        second = _pick("Later period", SECOND, titles, periods[0].key)
    chosen = sorted((of_key[first], of_key[second]), key=lambda period: period.window.start)
    return chosen[0], chosen[1]


def _pick(label: str, key: str, titles: dict[str, str], preferred: str) -> str:
    state.preset_unless(key, list(titles), preferred)
    chosen: str = st.selectbox(label, list(titles), format_func=titles.__getitem__, key=key, persist_state="session")
    return chosen
