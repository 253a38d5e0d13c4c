"""Who a segment is against everyone else, and how a column's values are spread over the segments."""

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.state import Result
from frontend.utils import breakdown, figures_compare
from frontend.utils import format as fmt
from frontend.utils.drawing import drawing_of
from frontend.utils.store import Store
from retention.partition.profiles import Difference, profiles

PROFILES = Store[tuple[tuple[Difference, ...], ...]](entries=64)
BREAKDOWNS = Store[dict[str, pd.DataFrame]](entries=64)


def differences(result: Result, code: int) -> None:
    """Draw the differences of a segment that matter, in plain words."""
    st.markdown("**Against everyone else**")
    notable = _profiles(result)[code]
    if not notable:
        st.caption("No difference that matters, or too few customers to say.")
    lines = [fmt.plain(fmt.sentence(difference.words()).rstrip(".")) for difference in notable]
    st.markdown("\n".join(f"- {line}" for line in lines))


def show(result: Result) -> None:
    """Draw the breakdown by region, by archetype, where the input has them."""
    tables = BREAKDOWNS.get(result.key, lambda: breakdown.breakdowns(result.run))
    if not tables:
        return
    with st.grid(2 if len(tables) > 1 else 1, min_column_width=340):
        for column, table in tables.items():
            _breakdown(result, column, table)


def _breakdown(result: Result, column: str, table: pd.DataFrame) -> None:
    title = f"{breakdown.title(column)} in each segment"
    together = "; smaller values are together as others" if breakdown.OTHERS in table.columns else ""
    sentence = f"Shares of a segment's customers{together}."
    with pieces.framed(title, sentence, stretched=True):
        pieces.chart(
            drawing_of(result, f"breakdown-{column}", lambda: figures_compare.shares(table)),
            key=f"breakdown-{column}",
            alt=f"{title}. {sentence} The table below has the numbers.",
        )
        with st.expander("As a table", icon=":material/table:"):
            st.dataframe(
                table.rename(columns=str).reset_index(),
                hide_index=True,
                height="content",
                key=f"breakdown-table-{column}",
                alt=f"Customers by segment and {breakdown.title(column).lower()}",
                column_config={"Segment": st.column_config.TextColumn(pinned=True)},
            )


def _profiles(result: Result) -> tuple[tuple[Difference, ...], ...]:
    """Return how each segment differs from everyone else, in the order of the tree."""
    segmentation = result.run.segmentation
    count = len(segmentation.tree.segments)
    return PROFILES.get(result.key, lambda: profiles(segmentation.customers, segmentation.codes, count))
