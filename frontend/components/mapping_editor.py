"""The dialog that asks what the columns of a file hold, and reads the files again with the answer."""

import re
from collections.abc import Mapping

import streamlit as st

from data_ingestion import mappings_to_yaml
from data_ingestion.formats.column_mapping import WORDED
from data_ingestion.formats.record_columns import SCHEMA
from frontend.components import primary
from frontend.state import AppState, Question, current
from frontend.utils import format as fmt
from frontend.utils import questions
from frontend.utils.store import key_of
from retention.errors import ContractError

ABSENT = "Not in the file"
_PLAIN_WORD = re.compile(r"[^\W_]+(?:[ _-][^\W_]+)*")
LABELS = {
    "clock": "Time of day",
    "event": "What happened",
    "visit": "Visit",
    "order": "Order number",
    "completed": "Completed at",
    "status": "State",
}


def show(state: AppState) -> None:
    """Draw the dialog while it is open."""
    if state.asking and state.questions:
        _dialog()


def _close() -> None:
    state = current()
    state.asking = False
    if state.upload is not None:
        # Everything was read already: nothing is open any more.
        state.questions = ()


@st.dialog("What do the columns hold?", width="medium", on_dismiss=_close)
def _dialog() -> None:
    state = current()
    if not state.questions:
        return
    names = {each.file_id: each.name for each in state.questions}
    by_file = {each.file_id: each for each in state.questions}
    chosen = next(iter(by_file))
    if len(by_file) > 1:
        chosen = st.selectbox("File", list(by_file), format_func=names.__getitem__, key="mapping-which")
    _form(state, by_file[chosen])


def _form(state: AppState, question: Question) -> None:
    """Draw the questions of one file and take the answer."""
    st.markdown(f"**{fmt.plain(question.name)}** has no known layout. What you see here is a guess: please correct it.")
    kind = st.selectbox(
        "One row is", question.kinds, format_func=questions.KINDS.__getitem__, key=_key(question, "kind")
    )
    first, more = questions.columns_of(kind)
    chosen = _columns(question, kind, first)
    with st.expander("About the customers", expanded=any(name in question.columns[kind] for name in more)):
        chosen |= _columns(question, kind, more)
    meanings = _meanings(question, kind, chosen[WORDED[kind]]) if kind in WORDED else {}
    if lacking := questions.lacking(kind, chosen):
        words = "; for ".join(" or ".join(map(_label, group)) for group in lacking)
        st.warning(f"Choose a column for {words}.", icon=":material/rule:")
        return
    try:
        mapping = questions.mapping_of(kind, chosen, meanings)
    except ContractError as error:
        st.warning(fmt.plain(fmt.sentence(error.what)), icon=":material/rule:")
        return
    left, right = st.columns(2)
    if left.button(**primary.look("Use this mapping"), width="stretch", key="mapping-use"):
        state.answers[question.file_id] = mapping
        # The rerun reads the files with this answer; the dialog stays open while other files have questions.
        state.asking = len(state.questions) > 1
        st.rerun()
    right.download_button(
        "Download mapping",
        data=mappings_to_yaml([mapping]),
        file_name="column_mapping.yaml",
        mime="application/yaml",
        key="mapping-draft",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="Next month, upload it together with the files.",
    )


def _columns(question: Question, kind: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Draw one choice a column, two beside each other, and return column -> header, empty where it is absent."""
    headers = ["", *question.samples]
    chosen = {}
    for start in range(0, len(columns), 2):
        for place, column in zip(st.columns(2), columns[start : start + 2], strict=False):
            guess = question.columns[kind].get(column, "")
            chosen[column] = place.selectbox(
                _label(column),
                headers,
                index=headers.index(guess) if guess in headers else 0,
                format_func=lambda header: _with_samples(question.samples, header),
                key=_key(question, f"{kind}-{column}"),
                help=SCHEMA[column].description,
            )
    return chosen


def _meanings(question: Question, kind: str, header: str) -> dict[str, str]:
    """Draw what each word of a column of events or states means, and return word -> meaning."""
    if not header:
        return {}
    words = question.words[kind].get(header)
    if words is None:
        st.caption(
            "This column holds too many different words, or none, to ask what each means: the usual ones are known."
        )
        return {}
    st.markdown("**What each word means**")
    labels, chosen, items = questions.MEANINGS[kind], dict[str, str](), list(words.items())
    meanings = list(labels)
    for start in range(0, len(items), 2):
        for place, (word, guess) in zip(st.columns(2), items[start : start + 2], strict=False):
            chosen[word] = place.selectbox(
                _word(word),
                meanings,
                index=meanings.index(guess),
                format_func=labels.__getitem__,
                key=_key(question, f"{kind}-word-{header}-{word}"),
            )
    return chosen


def _word(word: str) -> str:
    """Return a word as a label; escaped only where it must be, because screen readers read the marks as well."""
    return word if _PLAIN_WORD.fullmatch(word) else fmt.plain(word)


def _label(column: str) -> str:
    return LABELS.get(column, column.replace("_", " ").capitalize())


def _with_samples(samples: Mapping[str, tuple[str, ...]], header: str) -> str:
    if not header:
        return ABSENT
    shown = ", ".join(samples[header])
    return f"{' '.join(header.split())}: {shown}" if shown else " ".join(header.split())


def _key(question: Question, part: str) -> str:
    return f"mapping-{key_of(question.file_id, part)[:16]}"
