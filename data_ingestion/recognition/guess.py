"""What an unknown file may be: a template and a mapping of its columns, by their names and by what they hold."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.cells.header_zone import header_zone
from data_ingestion.cells.text_rows import ENDS, says_total
from data_ingestion.files.peek import Peek
from data_ingestion.formats import Field, Format
from data_ingestion.formats.base import KEYS
from data_ingestion.formats.column_mapping import EITHER, TEMPLATES, WORDED, ColumnMapping, needed
from data_ingestion.formats.generic import WORDS
from data_ingestion.formats.header import looks_like_data, rather_data
from data_ingestion.formats.order_states import UNFINISHED, UNKNOWN, state_of
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.formats.words import SPELLINGS, counts_of, squeezed
from data_ingestion.recognition.cell_fit import FirstCells

SURE = 0.9
"""Confidence from which a guess is used without asking."""
PLAUSIBLE = 0.4
"""Confidence from which a guess is worth showing."""
_OPTIONAL = 0.6
_ALIKE, _SPELLED = 0.85, 0.9
_PEOPLE_COLUMNS = 3
_HALF, _WEAKLY = 0.5, 0.7
_PLAIN = 0.8
MOST_WORDS = 200
"""Distinct words for events or states that a mapping lists."""
NO_SALE: dict[str, str] = {"events": "view", "orders": UNFINISHED}
"""What a word that nobody knows is put down as in a mapping that a person is to correct."""

_WEAK: dict[str, list[str]] = SPELLINGS["weak_headers"]
"""Names that often hold a column, and often something else; yes or no to one of a status undoes a sale, or a cart."""
# Names that end like a column's, and say that they are another's.
_OTHERS: dict[str, re.Pattern[str]] = {
    column: re.compile(words, re.IGNORECASE)
    for column, words in {
        "customer": r"sell|staff|employee|product|item|order|store|shop|vendor|pay|transaction|session|categor|company"
        r"|coupon|ship|event|campaign|device|card|file|brand|owner|point|segment|artikel|titel|first|last|given|famil",
        "bought": r"^(not|un)",
        "email": r"^to\b|sell|staff|employee|store|shop|owner|vendor|\brep\b|agent|manage|assign|operator|merchant"
        r"|handle|support|supplier|admin|sender|cashier|advis|consult|affiliate|referr|author|created|process",
        "time": r"updat|modif|chang|ship|deliver|approv|estimat|last|first|expir|birth|opt|confirm|paid|payment|fulfil"
        r"|due|cancel|complet|refund|sign|profile|regist|versand|zahlung|zone",
        "total": r"sub|tax|vat|ship|discount|refund|fee|coupon|quantity|qty|weight|balance|net|tip|point|code|impact"
        r"|total.?spen[dt]$|shipped|converted",
    }.items()
}
# Share of the cells that must fit for them alone to hint at a column, whatever its name, and how strong the hint is.
_BY_CELLS: dict[str, tuple[float, float]] = {
    "time": (0.95, 0.5),
    # Nothing else looks like a time of day.
    "clock": (0.95, 0.7),
    "event": (0.6, 0.5),
    "email": (0.9, 0.95),
    # A column of states that goes unnoticed would make sales of cancelled orders.
    "status": (0.6, 0.95),
}
_OF_ORDERS = ("order", "item", "total", "price", "quantity")
# Columns that only a table with one row a customer has.
_PER_CUSTOMER = frozenset(
    {"last_order_date", "avg_order_value", "sessions_last_30d", "engagement_score", "profitability_score"}
)


@dataclass(frozen=True)
class Guess:
    """A column and the header that may hold it.

    Args:
        confidence: From 0 to 1: how telling its name is, times the share of its cells that fit.
    """

    column: str
    header: str
    confidence: float


@dataclass(frozen=True)
class LayoutGuess:
    """A template that a file may be read by.

    Args:
        words: For events and orders: each word of the file -> what it may mean, one of `column_mapping.MEANINGS`.
        unsure: Words of them that nobody knows; they stand for `NO_SALE`.
        missing: Groups of columns of which the template needs one, and no header may hold one.
    """

    template: Format
    columns: tuple[Guess, ...]
    words: Mapping[str, str]
    unsure: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]

    @property
    def confidence(self) -> float:
        """How sure the guess is, from 0 to 1: as its least sure needed column."""
        if self.missing:
            return 0.0
        # A chain is as strong as its weakest link: one doubtful needed column makes the whole reading doubtful.
        best = (self.of_any(group) for group in EITHER[self.template.name])
        return min(best)

    @property
    def open_state(self) -> bool:
        """Whether a column may hold states or money; without it cancelled orders would be sales, or all worthless."""
        return any(0 < self.of_any(columns) < SURE for columns in (("status",), ("total", "price")))

    def of_any(self, group: Sequence[str]) -> float:
        """Return the confidence of the surest of some columns."""
        return max((each.confidence for each in self.columns if each.column in group), default=0.0)

    def mapping(self, at_least: float = 0.0) -> ColumnMapping:
        """Return the mapping of the columns that are at least so sure.

        Raises:
            ContractError: Something that the template needs is missing.
        """
        columns = {each.column: each.header for each in self.columns if each.confidence >= at_least}
        words = self.words if WORDED.get(self.template.name) in columns else {}
        return ColumnMapping(self.template.name, columns, words)


def guess_layouts(start: Peek) -> tuple[LayoutGuess, ...]:
    """Return what a file may be, the likeliest first; only what is worth showing."""
    start = _without_totals(start)
    cells = _first_cells(start)
    guesses = [_guess(template, start, cells) for template in TEMPLATES.values()]
    # Where cells stand in the place of headers, a name that looks like one may be a cell, too.
    least = SURE if rather_data(start.names) else PLAUSIBLE
    worth = [each for each in guesses if each.confidence >= least and (_has_people(each) or not _of_people(each))]
    # The templates stand in the order of how much they need; of several that are sure the first says most.
    return tuple(sorted(worth, key=_rank, reverse=True))


def _first_cells(start: Peek) -> Mapping[int, FirstCells]:
    return {place: FirstCells(cells) for place, cells in start.cells.items()}


def _without_totals(start: Peek) -> Peek:
    """Return the start of a file without totals at its end: of few cells one that fits nothing would be many."""
    ends = range(max(0, start.rows - ENDS), start.rows)
    rows = {row: [cells[row].as_py() for cells in start.cells.values()] for row in ends}
    gone = [row for row, cells in rows.items() if any(map(says_total, cells)) and "@" not in "".join(cells)]
    kept = pa.array(sorted({*range(start.rows)}.difference(gone)), pa.int64())
    return replace(start, cells={at: cells.take(kept) for at, cells in start.cells.items()}) if gone else start


def _rank(guess: LayoutGuess) -> tuple[bool, bool, bool, bool, float]:
    first = _per_customer(guess), _of_people(guess) or _says_what(guess), not _of_people(guess)
    if guess.confidence >= SURE:
        return *first, True, 0.0
    # Where no name says so, a time and money are rather an order's than a checkout's, and a time alone is none's.
    doubt = 0.01 if guess.template.name == ("checkouts" if guess.of_any(_OF_ORDERS) else "orders") else 0.0
    return *first, False, sum(e.confidence for e in guess.columns) - doubt


def _says_what(guess: LayoutGuess) -> bool:
    """Return whether more than a person and some time stands in a table: what happened, an order or money."""
    return guess.of_any(("event", *_OF_ORDERS)) > 0 or guess.of_any(("time",)) >= SURE


def _of_people(guess: LayoutGuess) -> bool:
    return guess.template.name == "people"


def _has_people(guess: LayoutGuess) -> bool:
    """Return whether a table says more about its people than who they are."""
    return sum(each.confidence >= SURE for each in guess.columns) >= _PEOPLE_COLUMNS


def without_time(start: Peek) -> tuple[Format, str] | None:
    """Return what a file plainly is without times, and the header that promises them; None: it lacks something else."""
    cells = _first_cells(start)
    for name, telling in (("events", "event"), ("orders", "order")):
        guess = _guess(TEMPLATES[name], start, cells)
        others = [group for group in EITHER[name] if group != ("time",)]
        plain = all(guess.of_any(group) >= PLAUSIBLE for group in others) and guess.of_any((telling,)) >= _PLAIN
        if guess.missing == (("time",),) and plain:
            time = next(field for field in guess.template.fields if field.column == "time")
            return guess.template, next((name for name in start.names if _name_score(time, name) >= _WEAKLY), "")
    return None


def _per_customer(guess: LayoutGuess) -> bool:
    """Return whether a table is plainly one of customers, but for the spelling of a header."""
    if guess.template.name != "customers":
        return False
    spelled = {
        each.column
        for each in guess.columns
        if get_close_matches(_squeezed(each.header), [_squeezed(each.column)], 1, _SPELLED)
    }
    return bool(spelled & _PER_CUSTOMER) or {"user_id", "cart_abandoned_date"} <= spelled


def _guess(template: Format, start: Peek, cells: Mapping[int, FirstCells]) -> LayoutGuess:
    taken = _unusable(start.names)
    columns = list[Guess]()
    groups = EITHER[template.name]
    # The customer comes after address and number: beside one that is sure a weak guess would make other customers.
    first = [name for group in groups for name in reversed(group)]
    for field in sorted(template.fields, key=lambda each: first.index(each.column) if each.column in first else 99):
        best = _best(field, start.names, cells, taken)
        lowest = PLAUSIBLE if field.column in first else _OPTIONAL
        known = [each.confidence for each in columns if each.column in KEYS]
        if field.column in ("customer", "user_id") and max(known, default=0.0) >= SURE:
            lowest = SURE
        if best is not None and best[1] >= lowest:
            taken.add(best[0])
            columns.append(Guess(field.column, start.names[best[0]], best[1]))
    words, unsure = _words(template, columns, start)
    missing = needed(template.name, [each.column for each in columns])
    return LayoutGuess(template, tuple(columns), words, unsure, missing)


def _unusable(names: Sequence[str]) -> set[int]:
    """Return the places of headers that are no names: blank ones, doubles, and cells of a file without a header."""
    folded = [name.strip().casefold() for name in names]
    counts = Counter(folded)
    return {place for place, name in enumerate(folded) if not name or counts[name] > 1 or looks_like_data(name)}


def _best(
    field: Field, names: Sequence[str], cells: Mapping[int, FirstCells], taken: set[int]
) -> tuple[int, float] | None:
    """Return the place of the likeliest header of a column, and how sure it is."""
    scored = [
        ((score, _is_total(field, header)), place)
        for place, header in enumerate(names)
        if place in cells and place not in taken and (score := _score(field, header, cells[place])) > 0
    ]
    if not scored:
        return None
    scored.sort(key=lambda each: each[0], reverse=True)
    (best, _), place = scored[0]
    # Two headers that say the same leave it open which one is meant.
    # The lower score keeps such a guess below `SURE`, so a person is asked and nothing is taken by position.
    open_ = len(scored) > 1 and scored[1][0] == scored[0][0]
    return place, round(best * (0.8 if open_ else 1.0), 2)


def _is_total(field: Field, header: str) -> bool:
    """Return whether a header says total: the order's value beside it may be the one without shipping and taxes."""
    return field.column == "total" and "total" in _squeezed(header)


def _score(field: Field, header: str, cells: FirstCells) -> float:
    """Return how sure a header and its cells are a column's, from 0 to 1."""
    name, alone = _name_score(field, header), _BY_CELLS.get(field.column, (2.0, 0.0))
    other = field.column in _OTHERS and _OTHERS[field.column].search(header) is not None
    if not max(name, alone[1]) or (other and name < 1):
        return 0.0
    share = cells.fit(field.column)
    if field.column == "status" and name:
        # Words that nobody knows make it no less a column of states: they are to be asked about. A day is no state.
        if name < 1 and cells.fit("time") > _HALF:
            return 0.0
        return max(name, alone[1] if share >= alone[0] else 0.0)
    # A telling name with cells that do not fit is no proof, hence the product; cells alone count only for kinds
    # that little else looks like, and never for bare digits, which may be identifiers as well as times.
    return max(name * share, alone[1] if share >= alone[0] and not cells.digits else 0.0)


@lru_cache(1 << 14)
def _name_score(field: Field, header: str) -> float:
    """Return how telling a header's name is for a column: 1 says it, 0 says nothing."""
    # What stands in parentheses is a remark, such as a unit, a zone or whose address it is.
    plain = re.sub(r"\([^()]*\)", "", header)
    if SCHEMA[field.column].kind == "time" and (zone := header_zone(plain).said):
        # A column beside it that names no zone goes first.
        return 0.95 * _name_score(field, plain.replace(zone, ""))
    name = _squeezed(plain) or _squeezed(header)
    spellings = [_squeezed(each) for each in (*field.headers, field.column)]
    if name in spellings:
        return 1.0
    if not name:
        return 0.0
    weak = [_squeezed(each) for each in _WEAK.get(field.column, ())]
    # The scores order the evidence: an exact name is sure (1), a common ambiguous one is below `SURE` (0.7), a
    # mere resemblance is worth showing only (0.6). They are judgements; no formula gives them.
    if name in weak:
        return 0.7
    ends = any(len(each) > 3 and name.endswith(each) for each in (*spellings, *weak))
    return 0.6 if ends or get_close_matches(name, spellings, 1, _ALIKE) else 0.0


@lru_cache(4096)
def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _words(template: Format, columns: Sequence[Guess], start: Peek) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what each word for an event or a state may mean, and which words nobody knows."""
    guess = next((each for each in columns if each.column == WORDED.get(template.name)), None)
    if guess is None:
        return {}, ()
    cells = start.cells[start.names.index(guess.header)]
    folded = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    counts = counts_of(folded.filter(pc.not_equal(folded, "")))
    words = sorted(counts, key=lambda word: (-counts[word], word))
    usual = {word: usual_meaning(template.name, word) for word in words}
    known = {word: meaning for word, meaning in usual.items() if meaning}
    if any(meaning == "cart" and "add" in word for word, meaning in known.items()):
        # Beside a word for adding, the bare word is the page of the cart.
        known |= {word: "view" for word in ("cart", "carts", "basket") if word in known}
    unsure = tuple(word for word in words if word not in known)
    meanings = {word: known.get(word, NO_SALE[template.name]) for word in words[:MOST_WORDS]}
    # Words that the template reads so by itself need no list.
    return ({} if usual == known else meanings), unsure


def usual_meaning(template: str, word: str) -> str:
    """Return what a word means by itself, as mappings say it; `""`: nobody knows."""
    if template == "events":
        return WORDS.get(squeezed(word), "").lower()
    meaning = state_of(word)
    return "" if meaning == UNKNOWN else meaning
