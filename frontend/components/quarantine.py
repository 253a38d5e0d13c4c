"""Rows that were set aside: how many, why, the files of them, and the table in which they are corrected."""

import pandas as pd
import streamlit as st

from data_ingestion import Repairs
from data_ingestion.files.repairs import OWN
from frontend.components import pieces, primary
from frontend.state import current
from frontend.utils import format as fmt
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
    pieces.download("Download rows set aside", lambda: quarantine_download(rows, name), name, key=f"quarantine-{key}")


def correct(rows: pd.DataFrame) -> None:
    """Draw the button that opens rows of uploaded files for correction."""
    if (rows["original"] != "").any() and st.button("Correct rows", icon=":material/edit:", key="quarantine-correct"):
        _dialog(rows)


@st.dialog("Rows set aside", width="large")
def _dialog(rows: pd.DataFrame) -> None:
    st.caption("Correct the cells on the right and read again. Rows that you leave as they are stay set aside.")
    changed = dict[str, Repairs]()
    for place, table in enumerate(quarantine_tables(rows[rows["original"] != ""])):
        if len(table) > MOST:
            st.caption(f"The first {fmt.count(MOST)} of {fmt.counted(len(table), 'row')}; the file has them all.")
        before = table.head(MOST).set_axis([str(each) for each in range(table.shape[1])], axis=1)
        labels = [*map(str.capitalize, OWN), *table.columns[len(OWN) :]]
        after = st.data_editor(
            before,
            disabled=[str(each) for each, name in enumerate(OWN) if name != "value"],
            column_config={str(each): fmt.plain(label) or " " for each, label in enumerate(labels)},
            hide_index=True,
            key=f"quarantine-table-{place}",
        )
        _collect(changed, before, after.fillna(""), tuple(table.columns[len(OWN) :]))
    if st.button(**primary.look("Read again"), disabled=not changed, key="quarantine-again"):
        state = current()
        for name, repairs in changed.items():
            earlier = state.repairs.get(name)
            known = earlier.rows if earlier else {}
            state.repairs[name] = Repairs(repairs.headers, {**known, **repairs.rows})
        st.rerun()


def _collect(changed: dict[str, Repairs], before: pd.DataFrame, after: pd.DataFrame, headers: tuple[str, ...]) -> None:
    """Add the rows that were changed."""
    value, first = str(OWN.index("value")), len(OWN)
    for (_, old), (_, new) in zip(before.iterrows(), after.iterrows(), strict=True):
        if not old.equals(new):
            name, line = str(old["0"]), int(old["1"])
            known = changed[name].rows if name in changed else {}
            cells = (str(new[value]), *map(str, new.iloc[first:]))
            changed[name] = Repairs(headers, {**known, line: cells})
