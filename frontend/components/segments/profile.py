"""Who a segment is against everyone else, and how a column's values are spread over the segments."""

import numpy as np
import pandas as pd
import streamlit as st

from analysis import Run
from analysis.headline import GROUPS, grouped
from frontend.components.trends import figures_compare
from frontend.state import Result
from frontend.utils import format as fmt, pieces
from frontend.utils.drawing import drawing_of
from frontend.utils.store import Store
from retention.customers.contracts import COLUMNS

MOST = 6
OTHERS = "Others"
UNKNOWN = "Not known"

BREAKDOWNS = Store[dict[str, pd.DataFrame]](entries=64)


def differences(result: Result, code: int) -> None:
    """Draw the differences of a segment that matter, in plain words."""
    st.markdown("**Against everyone else**")
    notable, currency = result.run.stories[code], result.run.currency
    if not notable:
        st.caption("No difference that matters, or too few customers to say.")
    pieces.points([fmt.sentence(difference.words(currency)).rstrip(".") for difference in notable])


def show(result: Result) -> None:
    """Draw the breakdown by region, by archetype, where the input has them."""
    tables = BREAKDOWNS.get(result.key, lambda: breakdowns(result.run))
    if not tables:
        return
    with st.grid(2 if len(tables) > 1 else 1, min_column_width=340):
        for column, table in tables.items():
            _breakdown(result, column, table)


def _breakdown(result: Result, column: str, table: pd.DataFrame) -> None:
    title = f"{COLUMNS[column].label.capitalize()} in each segment"
    together = "; rarer values are shown together as others" if OTHERS in table.columns else ""
    sentence = f"Shares of a segment's customers{together}."
    figure, alt = lambda: figures_compare.shares(table), f"{title}. {sentence} The table below has the numbers."
    key = f"breakdown-{column}"
    pieces.framed_chart(title, sentence, drawing_of(result, key, figure), key=key, alt=alt)


def breakdowns(run: Run) -> dict[str, pd.DataFrame]:
    """Return the breakdown by each column that the input has and that tells customers apart."""
    present = [name for name in GROUPS if name in run.segmentation.customers.columns]
    tables = {name: breakdown(run, name) for name in present}
    return {name: table for name, table in tables.items() if len(table.columns.difference([UNKNOWN])) > 1}


def breakdown(run: Run, column: str) -> pd.DataFrame:
    """Return customers by segment (rows, in the order to contact) and value (columns, the most frequent first).

    Values beyond the most frequent ones are one column, and so are customers without a value.
    """
    segments = list(run.segmentation.tree.names)
    kept = run.overview.groups.get(column) or grouped(run.segmentation.in_parts([column]), column)
    sizes = {value: np.array(counts) for value, counts in kept.items()}
    unknown = sizes.pop("", np.zeros(len(segments), dtype=np.int64))
    ordered = sorted(sizes, key=lambda name: -int(sizes[name].sum()))
    shown = {name: sizes[name] for name in ordered[:MOST]}
    if len(ordered) > MOST:
        shown[OTHERS] = np.sum([sizes[name] for name in [*shown.keys() & {OTHERS}, *ordered[MOST:]]], axis=0)
    if unknown.any():
        shown[UNKNOWN] = shown.get(UNKNOWN, np.zeros_like(unknown)) + unknown
    table = pd.DataFrame(shown, index=pd.Index(segments, name="Segment"))
    return table.reindex(run.scores.recommended["Segment"].tolist())
