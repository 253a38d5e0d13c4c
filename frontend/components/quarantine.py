"""Rows that were set aside: how many, why, and the file of them."""

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.utils import format as fmt
from outputs.reports import table_csv
from retention.customers.reasons import Reason

FILE = "quarantine.spreadsheet.csv"


def show(rows: pd.DataFrame, *, key: str) -> None:
    """Draw the reasons and the download of rows `file, line, column, value, reason, faults`."""
    for reason, number in rows["reason"].value_counts(sort=True).items():
        st.markdown(f"**{fmt.count(int(number))}** {fmt.plain(Reason(str(reason)).sentence)}")
    pieces.download("Download rows set aside", lambda: table_csv(rows, "spreadsheet"), FILE, key=f"quarantine-{key}")
