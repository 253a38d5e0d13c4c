"""Where the customers come from: synthetic, uploaded, or those of a saved period."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_generation import DEFAULT_SEED, DEFAULT_SIZE
from data_ingestion import ReadOptions
from frontend.components import intake_summary, periods_source
from frontend.state import AppState, SavedPeriod, Synthetic, Upload, value_of
from frontend.utils import format as fmt
from frontend.utils import loaders, messages
from retention.errors import InputError
from retention.period import Window

TYPES = ["csv", "tsv", "txt", "gz", "xz", "parquet", "xlsx"]
KEY = "source"
CHOICES = ["Synthetic", "Upload", "Saved"]
MAX_SYNTHETIC = 1_000_000


def show(state: AppState, window: Window, options: ReadOptions) -> Synthetic | Upload | SavedPeriod | None:
    """Draw the picker, keep what it gives in the state, and return the source that is ready, if one is."""
    choice = st.radio("Customers from", CHOICES, key=KEY)
    if choice == "Upload":
        _upload(state, options)
        return state.upload
    if choice == "Saved":
        return periods_source.show()
    _synthetic(state, window)
    return state.synthetic


def is_upload() -> bool:
    """Return whether uploading is chosen."""
    return bool(value_of(KEY) == "Upload")


def _synthetic(state: AppState, window: Window) -> None:
    left, right = st.columns(2)
    size = left.number_input(
        "How many", min_value=1, max_value=MAX_SYNTHETIC, value=DEFAULT_SIZE, step=1000, key="synthetic-size"
    )
    seed = right.number_input(
        "Seed", min_value=0, value=DEFAULT_SEED, step=1, key="synthetic-seed", help="The same seed, the same customers."
    )
    if st.button("Generate Synthetic Data", icon=":material/science:", width="stretch", key="generate"):
        state.synthetic = Synthetic(int(size), int(seed))
    if state.synthetic:
        with st.spinner("Drawing customers"):
            intake = loaders.synthetic_intake(state.synthetic.size, state.synthetic.seed, window.end, window.timezone)
        st.caption(f"{fmt.count(intake.read)} synthetic customers over the 30 days to {fmt.day(window.end)}")


def _upload(state: AppState, options: ReadOptions) -> None:
    files = st.file_uploader(
        "Customer tables",
        type=TYPES,
        accept_multiple_files=True,
        key="upload",
        help="CSV (any common delimiter, also gzip or xz), Parquet or Excel; one row per abandoned cart.",
    )
    st.download_button(
        "Sample file",
        data=loaders.sample,
        file_name="sample_customers.csv",
        mime="text/csv",
        key="sample",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
    _read(state, tuple(files), options)
    if state.upload_error:
        st.error(messages.details(state.upload_error), title=messages.title(state.upload_error))
    if state.upload:
        intake_summary.show(state.upload.intake)


def _read(state: AppState, files: tuple[UploadedFile, ...], options: ReadOptions) -> None:
    """Read what changed since the last rerun; unreadable files leave an error in the state and no upload."""
    ids = (*(file.file_id for file in files), options.timezone, options.date_order) if files else ()
    if ids == state.upload_ids:
        return
    state.upload_ids, state.upload, state.upload_error = ids, None, None
    if not files:
        return
    bar = st.progress(0.0, "Reading")

    def tell(name: str, share: float) -> None:
        bar.progress(min(share, 1.0), f"Reading {fmt.plain(name)}")

    try:
        intake = loaders.uploaded_intake(files, options, tell)
    except InputError as error:
        state.upload_error = error
    else:
        state.upload, state.window_is_new = Upload(intake), True
        st.rerun()
    finally:
        bar.empty()
