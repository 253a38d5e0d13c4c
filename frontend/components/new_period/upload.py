"""Uploaded files: read at once, asked about where nobody is sure what they hold, and accounted for."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_ingestion import ColumnMapping, Intake, ReadOptions, mappings_from_yaml, mappings_to_yaml, sample_bytes
from frontend.components.new_period import intake_summary, intakes, mapping_editor, questions, upload_intake
from frontend.components.trust import quarantine
from frontend.state import AppState, Upload, value_of
from frontend.utils import format as fmt, pieces, runs
from frontend.utils.primary import Look
from retention.activity.features import FeatureRules
from retention.errors import CancelledError, InputError, OptionError
from workers import job, memory

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "gz", "xz", "zip", "parquet", "xlsx"]
MAPPINGS = ["yaml", "yml"]
YAML = "column_mapping.yaml"
FIELD = "upload"
SAMPLE = "sample_customers.csv"
PEAK = 3
"""How many times its size a file of text takes at most, from the upload to the analysis: 2.8 for 509 MB of CSV."""
BASE = 400 << 20
"""What the server and a worker take before that."""


def show(state: AppState, options: ReadOptions, rules: FeatureRules) -> Upload | None:
    """Draw the upload, keep what it gives in the state, and return it if it can be used."""
    sent = _field(state)
    tables = tuple(file for file in sent if not _is_mapping(file))
    try:
        mappings = _mappings(state, tables, [file for file in sent if _is_mapping(file)])
    except OptionError as error:
        # Without identifiers the files count as unread, so they are read as soon as the mapping is right.
        state.upload, state.upload_ids = None, ()
        pieces.problem(error)
        return None
    if mappings:
        _keep(mappings)
    files = tuple(file.file_id for file in tables)
    if files != state.upload_ids[: len(files)] or not files:
        state.repairs = {}
    options = replace(options, mappings=mappings, repairs=dict(state.repairs))
    _read(state, tables, options)
    for reason in state.upload_errors:
        if state.upload:
            pieces.problem(reason, kind="warning", after="The other files are used without it.")
        else:
            pieces.problem(reason)
        if isinstance(reason, CancelledError):
            st.button("Read again", icon=":material/replay:", key="read-again", on_click=_again, args=(state,))
    if state.upload and any(source.mapped for source in state.upload.intake.sources):
        _change(state, tables, options)
    mapping_editor.in_place(state, state.questions)
    if state.upload:
        intake_summary.show(state.upload, upload_intake.summary(state.upload, rules))
        quarantine.correct(state.upload.intake.quarantine)
    return state.upload


def _field(state: AppState) -> tuple[UploadedFile, ...]:
    """Draw the field and the sample, and return the files that were brought, also before another page was opened."""
    st.file_uploader(
        "Files of one analysis",
        type=[*TYPES, *MAPPINGS],
        accept_multiple_files=True,
        key=FIELD,
        on_change=_brought,
        args=(state,),
        max_upload_size=most_megabytes(),
        help="A table with one row per abandoned cart; or what customers did: an event log, or checkouts, orders and "
        "lists of customers together. CSV and text with any common delimiter, JSON lines, Parquet or Excel, also "
        "gzip, xz and zip; and column mappings from before (YAML).",
    )
    pieces.download(
        Look(label="Sample file", icon=":material/download:", type="tertiary"), sample_bytes, SAMPLE, key="sample"
    )
    if state.sent and not value_of(FIELD):
        st.caption(f"Brought before: {fmt.plain(', '.join(file.name for file in state.sent))}")
    return state.sent


def _brought(state: AppState) -> None:
    # Why the last run stopped says nothing about other files.
    state.sent, state.stopped = tuple(value_of(FIELD) or ()), None


def most_megabytes() -> int:
    """Return the largest file that is taken: as the server says, or as much as can be read in the memory there is."""
    return max(1, min(int(st.get_option("server.maxUploadSize")), (memory.usable() - BASE) // PEAK >> 20))


def _is_mapping(file: UploadedFile) -> bool:
    return PurePosixPath(file.name).suffix.lower() in {".yaml", ".yml"}


def _mappings(
    state: AppState, tables: Sequence[UploadedFile], sent: Sequence[UploadedFile]
) -> tuple[ColumnMapping, ...]:
    """Return what a person said that columns hold: on the page, and in mapping files; each once."""
    answers = mapping_editor.answers(state, tables)
    given = [mapping for file in sent for mapping in mappings_from_yaml(_text(file), source=file.name)]
    return tuple({mappings_to_yaml([each]): each for each in (*answers, *given)}.values())


def _keep(mappings: tuple[ColumnMapping, ...]) -> None:
    """Draw the file of the mappings that are used."""
    pieces.download(
        Look(label="Download mapping", icon=":material/download:", type="tertiary"),
        mappings_to_yaml(mappings).encode,
        YAML,
        key="mapping-download",
        about="Upload it with next month's files, or pass it to the command line with --mapping.",
    )


def _text(sent: UploadedFile) -> str:
    try:
        return sent.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("the mapping is not text in UTF-8", where=sent.name, hint="Save it again as UTF-8") from error


def _change(state: AppState, tables: Sequence[UploadedFile], options: ReadOptions) -> None:
    """Draw the button that opens or closes the form, to answer anew what was guessed or said before."""
    if st.button("Change what the columns hold", icon=":material/rule:", key="mapping-ask"):
        if state.questions:
            state.questions = ()
        else:
            looks = questions.inspected(tables, options).files
            state.questions = questions.asked(looks, tables, questions.may_be_answered)


def _read(state: AppState, tables: tuple[UploadedFile, ...], options: ReadOptions) -> None:
    """Read what changed since the last rerun; unreadable files leave an error in the state and no upload."""
    ids = (*(table.file_id for table in tables), *upload_intake.reading_key(options)) if tables else ()
    # Files that could not be read stop here too on each rerun: they are not tried again until something changes.
    if ids == state.upload_ids:
        return
    state.upload, state.upload_errors, state.questions = None, (), ()
    if not tables:
        state.upload_ids = ids
        return
    slot = st.empty()
    with slot.container():
        bar = st.progress(0.0, "Reading")
        st.button("Cancel", icon=":material/close:", key="cancel-reading", on_click=_cancel, args=(state, ids))

    def tell(name: str, share: float) -> None:
        bar.progress(min(share, 1.0), f"Reading {fmt.plain(name)}")

    try:
        intake = _usable(state, tables, options, tell)
    finally:
        slot.empty()
    # Counts as read only here: whoever touches the page meanwhile waits on for the same work.
    state.upload_ids = ids
    if intake is not None:
        # The window and the form stand above and were drawn without these rows, so the page is drawn again.
        state.upload, state.window_is_new = Upload(intake, options), True
        st.rerun()


def _usable(
    state: AppState, tables: Sequence[UploadedFile], options: ReadOptions, tell: runs.Progress
) -> Intake | None:
    """Return what the files give that can be used, if any; the state says why others cannot, and what would help."""
    try:
        return intakes.uploaded(tables, options, tell)
    except InputError as error:
        try:
            looked = questions.inspected(tables, options)
        except InputError:  # what could not be read may not even be looked at
            state.upload_errors += (error,)
            return None
        reasons = [look.error or (error if look.name == error.where else None) for look in looked.files]
        state.upload_errors += tuple(filter(None, reasons)) or (error,)
        state.questions += questions.asked(looked.files, tables, questions.is_open)
        rest = [file for file, reason in zip(tables, reasons, strict=True) if reason is None]
        if len(rest) in (0, len(tables)):
            return None
        used, unused = (
            [look.mapping for look, reason in zip(looked.files, reasons, strict=True) if bool(reason) is left]
            for left in (False, True)
        )
        mappings = tuple(each for each in options.mappings if each in used or each not in unused)
        return _usable(state, rest, replace(options, mappings=mappings), tell)


def _again(state: AppState) -> None:
    """Read files whose reading was cancelled."""
    state.upload_ids = ()


def _cancel(state: AppState, ids: tuple[Hashable, ...]) -> None:
    """Wait for the files no more; their reading then ends."""
    state.upload_ids, state.upload_errors = ids, (job.cancelled(),)
