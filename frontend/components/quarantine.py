"""Rows that were set aside: how many, why, and the file of them."""

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.utils import exports
from frontend.utils import format as fmt
from retention.customers.reasons import Reason


def show(rows: pd.DataFrame, *, key: str) -> None:
    """Draw the reasons and the download.

    Args:
        rows: `file, line, column, value, reason, faults`.
        key: Tells the places of this component apart.
    """
    for reason, number in rows["reason"].value_counts(sort=True).items():
        st.markdown(f"**{fmt.count(int(number))}** {fmt.plain(Reason(str(reason)).sentence)}")
    pieces.download(
        "Download rows set aside", lambda: exports.quarantine(rows), exports.QUARANTINE, key=f"quarantine-{key}"
    )
