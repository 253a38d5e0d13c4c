"""Uploaded files: read at once, asked about where nobody is sure what they hold, and accounted for."""

from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_ingestion import ColumnMapping, ReadOptions, mappings_from_yaml, mappings_to_yaml
from frontend.components import intake_summary
from frontend.state import AppState, Upload
from frontend.utils import format as fmt
from frontend.utils import loaders, messages, questions, uploads
from retention.errors import InputError, OptionError
from retention.features import FeatureRules

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "gz", "xz", "zip", "parquet", "xlsx"]
YAML = "column_mapping.yaml"


def show(state: AppState, options: ReadOptions, rules: FeatureRules) -> Upload | None:
    """Draw the upload, keep what it gives in the state, and return it if it can be used."""
    files = st.file_uploader(
        "Files of one analysis",
        type=TYPES,
        accept_multiple_files=True,
        key="upload",
        help="A table with one row per abandoned cart; or what customers did: an event log, or checkouts, orders and "
        "lists of customers together. CSV and text with any common delimiter, JSON lines, Parquet or Excel, also "
        "gzip, xz and zip.",
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
    try:
        mappings = _mappings(state, tuple(files))
    except OptionError as error:
        _problem(error)
        return None
    _read(state, tuple(files), replace(options, mappings=mappings))
    if state.upload_error:
        _problem(state.upload_error)
    if state.questions:
        _ask(state)
    if state.upload:
        intake_summary.show(state.upload.intake, loaders.told(state.upload, rules))
    return state.upload


def _problem(error: InputError) -> None:
    st.error(messages.details(error), title=messages.title(error))


def _mappings(state: AppState, files: tuple[UploadedFile, ...]) -> tuple[ColumnMapping, ...]:
    """Return what a person said that columns hold, on the page and in a file; draw the file's part."""
    there = [file.file_id for file in files]
    answers = [state.answers[file_id] for file_id in there if file_id in state.answers]
    given: tuple[ColumnMapping, ...] = ()
    with st.expander("Column mapping", icon=":material/rule:"):
        st.caption("For files of a layout of your own: which of their columns holds what.")
        sent = st.file_uploader("Mapping from before", type=["yaml", "yml"], key="mapping-file")
        if sent is not None:
            given = mappings_from_yaml(_text(sent), source=sent.name)
        used = {mappings_to_yaml([each]): each for each in (*answers, *given)}
        if used:
            st.download_button(
                "Download mapping",
                data=mappings_to_yaml(list(used.values())),
                file_name=YAML,
                mime="application/yaml",
                key="mapping-download",
                on_click="ignore",
                icon=":material/download:",
                help="For next month's files, here or with --mapping on the command line.",
            )
        if answers and st.button("Forget answers", icon=":material/undo:", key="mapping-forget"):
            state.answers.clear()
            st.rerun()
    return tuple(used.values())


def _text(sent: UploadedFile) -> str:
    try:
        return sent.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("the mapping is no text in UTF-8", where=sent.name, hint="Save it again as UTF-8") from error


def _ask(state: AppState) -> None:
    """Draw what is open, and the way to answer."""
    names = ", ".join(fmt.plain(each.name) for each in state.questions)
    st.caption(f"Nobody is sure what the columns of {names} hold.")
    if st.button("Say what the columns hold", icon=":material/rule:", width="stretch", key="mapping-ask"):
        state.asking = True


def _read(state: AppState, files: tuple[UploadedFile, ...], options: ReadOptions) -> None:
    """Read what changed since the last rerun; unreadable files leave an error in the state and no upload."""
    ids = (*(file.file_id for file in files), *uploads.reading_key(options)) if files else ()
    if ids == state.upload_ids:
        return
    state.upload_ids, state.upload, state.upload_error, state.questions = ids, None, None, ()
    if not files:
        return
    bar = st.progress(0.0, "Reading")

    def tell(name: str, share: float) -> None:
        bar.progress(min(share, 1.0), f"Reading {fmt.plain(name)}")

    try:
        intake = loaders.uploaded_intake(files, options, tell)
    except InputError as error:
        state.upload_error = error
        state.questions = questions.questions_of(loaders.inspected(files, options), [file.file_id for file in files])
    else:
        state.upload, state.window_is_new = Upload(intake, options), True
        st.rerun()
    finally:
        bar.empty()
