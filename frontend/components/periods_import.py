"""An exported period comes back."""

from functools import partial
from typing import BinaryIO

import streamlit as st

from frontend.components import primary
from frontend.state import AppState
from frontend.utils.workspace import workspace
from retention.errors import InputError

KEY = "import-file"


def show(state: AppState) -> None:
    """Draw the way in for exported files."""
    with (
        st.expander("Import a period", icon=":material/upload:", key="import"),
        st.form("import-form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            "Exported period", type=["zip"], key=KEY, help="A file that Export wrote, here or elsewhere."
        )
        st.caption("Everything in the file is checked before anything is saved.")
        if st.form_submit_button(**primary.look("Import")):
            _take_in(state, file)
            st.rerun()


def _take_in(state: AppState, file: BinaryIO | None) -> None:
    if file is None:
        state.failure = InputError("no file was chosen", hint="Choose a file that Export wrote")
        return
    with st.spinner("Checking the file"):
        state.attempt(partial(workspace().take_in, file), "Imported; the period is in the list.")
