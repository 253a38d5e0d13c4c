"""The form that asks what the columns of a file hold, in place under an upload of any page."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_ingestion import ColumnMapping, ReadOptions, mappings_to_yaml
from data_ingestion.formats.column_mapping import WORDED
from data_ingestion.formats.record_columns import SCHEMA
from frontend.components.new_period import questions
from frontend.state import AppState, Question
from frontend.utils import format as fmt, pieces, primary
from frontend.utils.files import safe_name
from frontend.utils.store import key_of
from retention.errors import ContractError, InputError, Setting

ABSENT = "Not in the file"
_PLAIN_WORD = re.compile(r"[^\W_]+(?:[ _-][^\W_]+)*")
LABELS = {
    "clock": "Time of day",
    "event": "What happened",
    "visit": "Visit",
    "order": "Order number",
    "completed": "Completed at",
    "bought": "Bought, or its order",
    "still_open": "Still abandoned",
    "status": "State",
}


def answers(state: AppState, sent: Sequence[UploadedFile]) -> tuple[ColumnMapping, ...]:
    """Return what a person said that the columns of uploaded files hold."""
    return tuple(state.answers[file.file_id] for file in sent if file.file_id in state.answers)


def refused(
    state: AppState,
    error: InputError,
    sent: Sequence[UploadedFile],
    options: ReadOptions,
    kinds: tuple[str, ...] = (),
) -> None:
    """Say why uploaded files cannot be used, and ask in place what the columns hold where an answer would help."""
    pieces.problem(error)
    if not any(Setting.MAPPING in remedy.settings for remedy in error.remedies):
        return
    # Of several files with one name the first that nobody has answered for.
    open_first = sorted(sent, key=lambda file: (safe_name(file.name) != error.where, file.file_id in state.answers))
    looks = questions.inspected(open_first[:1], options).files
    in_place(
        state,
        [replace(each, kinds=kinds or each.kinds) for each in questions.asked(looks, open_first[:1], lambda _: True)],
    )


def in_place(state: AppState, questions: Sequence[Question]) -> None:
    """Draw the form of one of the files that have questions."""
    if not questions:
        return
    with pieces.framed("What do the columns hold?"):
        by_file = {each.file_id: each for each in questions}
        chosen = next(iter(by_file))
        if len(by_file) > 1:
            chosen = pieces.pick("File", {each.file_id: each.name for each in questions}, "mapping-which")
        if _form(state, by_file[chosen]):
            st.rerun()


def _form(state: AppState, question: Question) -> bool:
    """Draw the questions of one file, take the answer, and return whether there is one."""
    st.markdown(f"**{fmt.plain(question.name)}** has no known layout. What you see here is a guess: please correct it.")
    kind = pieces.pick("One row is", {each: questions.KINDS[each] for each in question.kinds}, _key(question, "kind"))
    first, more = questions.columns_of(kind)
    chosen = _columns(question, kind, first)
    with st.expander("About the customers", expanded=any(name in question.columns[kind] for name in more)):
        chosen |= _columns(question, kind, more)
    meanings = _meanings(question, kind, chosen[WORDED[kind]]) if kind in WORDED else {}
    if lacking := questions.lacking(kind, chosen):
        words = "; for ".join(" or ".join(map(_label, group)) for group in lacking)
        st.warning(f"Choose a column for {words}.", icon=":material/rule:")
        return False
    try:
        mapping = questions.mapping_of(kind, chosen, meanings)
    except ContractError as error:
        st.warning(fmt.plain(fmt.sentence(error.what)), icon=":material/rule:")
        return False
    left, right = st.columns(2)
    used = left.button(**primary.look("Use this mapping"), width="stretch", key="mapping-use")
    if used:
        state.answers[question.file_id] = mapping
    with right:
        about = "Next month, upload it together with the files."
        draft = mappings_to_yaml([mapping]).encode
        pieces.download("Download mapping", draft, "column_mapping.yaml", key="mapping-draft", about=about)
    return used


def _columns(question: Question, kind: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Draw one choice a column, two beside each other, and return column -> header, empty where it is absent."""
    headers = {header: _with_samples(question.samples, header) for header in ("", *question.samples)}
    guesses = {column: question.columns[kind].get(column, "") for column in columns}
    labels = {column: (_label(column), SCHEMA[column].description) for column in columns}
    return _choices(headers, guesses, labels, lambda column: _key(question, f"{kind}-{column}"))


def _choices(
    words: Mapping[str, str],
    guesses: Mapping[str, str],
    labels: Mapping[str, tuple[str, str | None]],
    key_of: Callable[[str], str],
) -> dict[str, str]:
    """Draw a choice of the same words for each name, two beside each other, and return what was chosen for each."""
    chosen, names = dict[str, str](), list(guesses)
    for start in range(0, len(names), 2):
        for place, name in zip(st.columns(2), names[start : start + 2], strict=False):
            (label, about), guess = labels[name], list(words).index(guesses[name]) if guesses[name] in words else 0
            chosen[name] = pieces.pick(label, words, key_of(name), kind=place.selectbox, index=guess, help=about)
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
    labels = {word: (_word(word), None) for word in words}
    return _choices(
        questions.MEANINGS[kind], words, labels, lambda word: _key(question, f"{kind}-word-{header}-{word}")
    )


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
