"""Uploaded files: read at once, asked about where nobody is sure what they hold, and accounted for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_ingestion import ColumnMapping, ReadOptions, mappings_from_yaml, mappings_to_yaml
from frontend.components import intake_summary
from frontend.state import AppState, Upload
from frontend.utils import format as fmt
from frontend.utils import loaders, messages, questions, uploads
from retention.activity.features import FeatureRules
from retention.errors import InputError, OptionError

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "gz", "xz", "zip", "parquet", "xlsx"]
MAPPINGS = ["yaml", "yml"]
YAML = "column_mapping.yaml"


def show(state: AppState, options: ReadOptions, rules: FeatureRules) -> Upload | None:
    """Draw the upload, keep what it gives in the state, and return it if it can be used."""
    sent = st.file_uploader(
        "Files of one analysis",
        type=[*TYPES, *MAPPINGS],
        accept_multiple_files=True,
        key="upload",
        help="A table with one row per abandoned cart; or what customers did: an event log, or checkouts, orders and "
        "lists of customers together. CSV and text with any common delimiter, JSON lines, Parquet or Excel, also "
        "gzip, xz and zip; and column mappings from before (YAML).",
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
    tables = tuple(file for file in sent if not _is_mapping(file))
    try:
        mappings = _mappings(state, tables, [file for file in sent if _is_mapping(file)])
    except OptionError as error:
        state.upload, state.upload_ids = None, ()
        _problem(error)
        return None
    if mappings:
        _keep(mappings)
    options = replace(options, mappings=mappings)
    _read(state, tables, options)
    if state.upload_error:
        _problem(state.upload_error)
    if state.questions or (state.upload and any(source.mapped for source in state.upload.intake.sources)):
        _ask(state, tables, options)
    if state.upload:
        intake_summary.show(state.upload.intake, loaders.told(state.upload, rules))
    return state.upload


def _problem(error: InputError) -> None:
    st.error(messages.details(error), title=messages.title(error))


def _is_mapping(file: UploadedFile) -> bool:
    return PurePosixPath(file.name).suffix.lower() in {".yaml", ".yml"}


def _mappings(
    state: AppState, tables: Sequence[UploadedFile], sent: Sequence[UploadedFile]
) -> tuple[ColumnMapping, ...]:
    """Return what a person said that columns hold: on the page, and in mapping files; each once."""
    answers = [state.answers[file.file_id] for file in tables if file.file_id in state.answers]
    given = [mapping for file in sent for mapping in mappings_from_yaml(_text(file), source=file.name)]
    return tuple({mappings_to_yaml([each]): each for each in (*answers, *given)}.values())


def _keep(mappings: tuple[ColumnMapping, ...]) -> None:
    """Draw the file of the mappings that are used."""
    st.download_button(
        "Download mapping",
        data=mappings_to_yaml(mappings),
        file_name=YAML,
        mime="application/yaml",
        key="mapping-download",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        help="Upload it with next month's files, or pass it to the command line with --mapping.",
    )


def _text(sent: UploadedFile) -> str:
    try:
        return sent.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("the mapping is not text in UTF-8", where=sent.name, hint="Save it again as UTF-8") from error


def _ask(state: AppState, tables: Sequence[UploadedFile], options: ReadOptions) -> None:
    """Draw the way to answer what is open, or to answer anew what was guessed or said before."""
    label = "Say what the columns hold" if state.questions else "Change what the columns hold"
    if st.button(label, icon=":material/rule:", width="stretch", key="mapping-ask"):
        if not state.questions:
            ids = [table.file_id for table in tables]
            state.questions = questions.questions_of(loaders.inspected(tables, options), ids, again=True)
        state.asking = True


def _read(state: AppState, files: tuple[UploadedFile, ...], options: ReadOptions) -> None:
    """Read what changed since the last rerun; unreadable files leave an error in the state and no upload."""
    ids = (*(file.file_id for file in files), *uploads.reading_key(options)) if files else ()
    if ids == state.upload_ids:
        return
    state.upload_ids, state.upload, state.upload_error, state.questions = ids, None, None, ()
    more, state.asking = state.asking, False
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
        # A dialog that was answered for one file goes on with the next.
        state.asking = more and bool(state.questions)
    else:
        state.upload, state.window_is_new = Upload(intake, options), True
        st.rerun()
    finally:
        bar.empty()
