"""What nobody is sure of in uploaded files, as questions to a person; and their answers as column mappings."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_ingestion import ColumnMapping, ReadOptions
from data_ingestion.files.peek import Peek
from data_ingestion.formats.column_mapping import EITHER, TEMPLATES, WORDED, needed
from data_ingestion.inspection import ColumnLook, FileInspection, Inspection, inspect_files
from data_ingestion.recognition.guess import NO_SALE, LayoutGuess, guess_layouts, usual_meaning
from frontend.state import Question
from frontend.utils import files
from frontend.utils.store import key_of
from retention.customers.contracts import COLUMNS
from retention.errors import UnsureLayoutError
from workers import job

MOST_WORDS = 40
"""Different words from which on a column is not asked about as one of events."""
MASK = "***"
ASIDE = ""
"""Meaning of a word whose rows are to be set aside."""
MEANINGS: dict[str, dict[str, str]] = {
    "events": {
        "view": "looked at something",
        "cart": "put into the cart",
        "remove": "took out of the cart",
        "checkout": "began a checkout",
        "purchase": "bought",
        ASIDE: "set these rows aside",
    },
    "orders": {
        "purchase": "a sale",
        "cancelled": "cancelled",
        "refunded": "paid back",
        "unfinished": "not paid, failed or a draft",
    },
}
"""Format -> what its words can mean, for people."""
KINDS = {
    "events": "an event: somebody looked, put into a cart, bought",
    "orders": "an order, or a line of one",
    "checkouts": "a checkout that was begun",
    "people": "a customer of a list, without activity",
    "customers": "a customer with an abandoned cart",
}


def inspected(sent: Sequence[UploadedFile], options: ReadOptions) -> Inspection:
    """Return what uploaded files are taken for; not remembered, because it holds cells of them."""
    key = key_of("questions", *(file.file_id for file in sent))
    return job.done(key, lambda folder: partial(inspect_files, files.write_all(sent, folder), options))


def asked(
    looks: Sequence[FileInspection], sent: Sequence[UploadedFile], wanted: Callable[[FileInspection], bool]
) -> tuple[Question, ...]:
    """Return a question for each wanted file of those that were uploaded."""
    pairs = zip(looks, sent, strict=True)
    return tuple(_question(look, look.start, file.file_id) for look, file in pairs if look.start and wanted(look))


def mapping_of(kind: str, chosen: Mapping[str, str], meanings: Mapping[str, str]) -> ColumnMapping:
    """Return the mapping of column -> header and, for events, word -> meaning; a header may be empty.

    Raises:
        ContractError: Something needed is missing, or a header stands for two columns.
    """
    columns = {column: header for column, header in chosen.items() if header}
    words = {word: meaning for word, meaning in meanings.items() if meaning != ASIDE}
    return ColumnMapping(kind, columns, words if WORDED.get(kind) in columns else {})


def lacking(kind: str, chosen: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of columns of which a format needs one, and none has a header."""
    return needed(kind, [column for column, header in chosen.items() if header])


def columns_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of a format: those that it needs or that say what happened, and those that can wait."""
    first = [column for group in EITHER[kind] for column in group]
    others = [each.column for each in TEMPLATES[kind].fields if each.column not in first]
    waiting = [column for column in others if column in COLUMNS]
    return (*first, *(column for column in others if column not in waiting)), tuple(waiting)


def may_be_answered(look: FileInspection) -> bool:
    """Return whether a file was read by a guess or by an answer, or is open."""
    return look.how in ("guess", "mapping") if look.error is None else is_open(look)


def is_open(look: FileInspection) -> bool:
    """Return whether a file cannot be read because nobody is sure what its columns hold."""
    if look.error is None or not look.columns:
        return False
    return look.how in ("guess", "unknown", "mapping") or isinstance(look.error, UnsureLayoutError)


def _question(look: FileInspection, start: Peek, file_id: str) -> Question:
    guesses = {guess.template.name: guess for guess in look.guesses or guess_layouts(start)}
    given = {look.mapping.format: look.mapping.columns} if look.how == "mapping" and look.mapping else {}
    kinds = tuple(dict.fromkeys((*given, *guesses, *TEMPLATES)))
    best = next(iter(guesses.values()), None)
    usable = [each for each in look.columns if _is_usable(each.header, start.names)]
    columns = {kind: given.get(kind) or _guessed(guesses.get(kind, best), kind) for kind in kinds}
    return Question(
        file_id=file_id,
        name=look.name,
        samples={each.header: each.samples for each in usable},
        kinds=kinds,
        columns=columns,
        words={kind: _words(kind, usable, start, guesses.get(kind), look.mapping) for kind in MEANINGS},
    )


def _is_usable(header: str, names: Sequence[str]) -> bool:
    """Return whether a mapping can name a header: it has letters, and stands there once."""
    folded = Counter(name.strip().casefold() for name in names)
    return bool(header.strip()) and folded[header.strip().casefold()] == 1


def _guessed(guess: LayoutGuess | None, kind: str) -> dict[str, str]:
    known = {each.column for each in TEMPLATES[kind].fields}
    return {} if guess is None else {each.column: each.header for each in guess.columns if each.column in known}


def _words(
    kind: str, columns: Sequence[ColumnLook], start: Peek, guess: LayoutGuess | None, mapping: ColumnMapping | None
) -> dict[str, dict[str, str]]:
    """Return header -> word -> likely meaning of each column that may say what happened, or what became of orders."""
    stated = mapping.words if mapping is not None and mapping.format == kind else {}
    known = dict(stated) or (dict(guess.words) if guess else {})
    meanings = {}
    for each in columns:
        cells = start.cells.get(start.names.index(each.header))
        masked = any(sample.endswith(MASK) for sample in each.samples)
        words = [] if cells is None or masked else _different(cells)
        if 0 < len(words) <= MOST_WORDS:
            meanings[each.header] = {
                word: known.get(word) or usual_meaning(kind, word) or NO_SALE[kind] for word in words
            }
    return meanings


def _different(cells: pa.Array) -> list[str]:
    """Return the different words of a column as a mapping compares them, the most frequent first."""
    folded = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    counts = pc.value_counts(folded.filter(pc.not_equal(folded, ""))).to_pylist()
    return [each["values"] for each in sorted(counts, key=lambda each: (-each["counts"], each["values"]))]
