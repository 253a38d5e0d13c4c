"""Rows that were set aside: how many, why, the files of them, and the table in which they are corrected."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from data_ingestion import Repairs
from data_ingestion.files.repairs import OWN
from frontend.state import current
from frontend.utils import format as fmt, pieces, primary
from frontend.utils.workspace import noted
from outputs.archive import quarantine_download
from outputs.reports import quarantine_tables
from retention.customers.reasons import Reason

FILE = "quarantine.spreadsheet"
MOST = 500
"""Rows of one layout that are corrected in the browser; more are corrected in the file."""


def show(rows: pd.DataFrame, *, key: str) -> None:
    """Draw the reasons and the download of rows as `Intake.quarantine` has them."""
    for reason, number in rows["reason"].value_counts(sort=True).items():
        st.markdown(f"**{fmt.count(int(number))}** {fmt.plain(Reason(str(reason)).sentence)}")
    # Files may have other headers, and then there is a table for each.
    name = f"{FILE}.csv" if rows["file"].nunique() == 1 else f"{FILE}.zip"
    build = noted(lambda: quarantine_download(rows, name), len(rows), "rows set aside")
    pieces.download("Download rows set aside", build, name, key=f"quarantine-{key}")


def correct(rows: pd.DataFrame) -> None:
    """Draw the button that opens rows of uploaded files for correction."""
    if (rows["original"] != "").any() and st.button("Correct rows", icon=":material/edit:", key="quarantine-correct"):
        _dialog(rows)


@st.dialog("Rows set aside", width="large")
def _dialog(rows: pd.DataFrame) -> None:
    st.caption("Correct the cells on the right and read again. Rows that you leave as they are stay set aside.")
    changed = list[tuple[str, int, Repairs]]()
    for place, table in enumerate(quarantine_tables(rows[rows["original"] != ""])):
        if len(table) > MOST:
            st.caption(f"The first {fmt.count(MOST)} of {fmt.counted(len(table), 'row')}; the file has them all.")
        before = table.head(MOST).set_axis([str(each) for each in range(table.shape[1])], axis=1)
        labels = [*map(str.capitalize, OWN), *table.columns[len(OWN) :]]
        after = st.data_editor(
            before,
            disabled=[str(each) for each, name in enumerate(OWN) if name != "value"],
            column_config={str(each): label or " " for each, label in enumerate(labels)},
            hide_index=True,
            key=f"quarantine-table-{place}",
        )
        changed += _changed(before, after.fillna(""), tuple(table.columns[len(OWN) :]))
    if primary.button("Read again", key="quarantine-again", enabled=bool(changed)):
        state = current()
        for name, line, repairs in changed:
            earlier = state.repairs.get(name, repairs)
            state.repairs[name] = replace(earlier, rows={**earlier.rows, line: repairs.rows[line]})
        st.rerun()


def _changed(before: pd.DataFrame, after: pd.DataFrame, headers: tuple[str, ...]) -> list[tuple[str, int, Repairs]]:
    value, first, repairs = str(OWN.index("value")), len(OWN), list[tuple[str, int, Repairs]]()
    for place in np.flatnonzero((before != after).any(axis=1)):
        row = after.iloc[place]
        cells = (str(row[value]), *map(str, row.iloc[first:]))
        repairs.append((str(row["0"]), int(row["1"]), Repairs(headers, {int(row["1"]): cells})))
    return repairs
