"""Column mappings: which header of a shop's file holds what, as a value, as YAML, and as a format to read with."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import yaml

from data_ingestion.formats import CUSTOMERS, Field, Format
from data_ingestion.formats.base import KEYS, folded
from data_ingestion.formats.generic import GENERIC, events, orders
from data_ingestion.formats.order_states import STATES
from retention.activity.activity import Event
from retention.errors import ContractError, OptionError, Setting, did_you_mean
from retention.policy.strict_yaml import load_strictly

TEMPLATES: dict[str, Format] = {each.name: each for each in (*GENERIC, CUSTOMERS)}
"""What a mapping can make of a file, by its name in YAML."""

MEANINGS: dict[str, tuple[str, ...]] = {"events": tuple(event.name.lower() for event in Event), "orders": STATES}
"""What a word for an event, or for the state of an order, can mean, as YAML says it."""
WORDED: dict[str, str] = {"events": "event", "orders": "status"}
"""The column of each template whose words mean something."""

EITHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "events": (KEYS, ("time",), ("event",)),
    "orders": (KEYS, ("time",)),
    "checkouts": (KEYS, ("time",)),
    "people": (KEYS,),
    "customers": (("user_id", *KEYS[1:]), ("cart_abandoned_date",)),
}
"""What each template needs: one column of each group."""

_LINE_ENDS = frozenset("\x85\u2028\u2029\ufeff")
"""Characters that YAML reads as line ends or leaves out, and that are therefore written as escapes."""
_KEYS = ("format", "columns", "words")


@dataclass(frozen=True)
class ColumnMapping:
    """What the columns of files of one layout hold.

    Args:
        format: Name of a template in `TEMPLATES`.
        columns: Column that the template reads -> header of the file.
        words: For events and orders: the source's word -> one of `MEANINGS`, compared without case and accents. None
            takes the words that the template knows; orders take those as well.

    Raises:
        ContractError: A name is not known, something needed is missing, or a header is used twice.
    """

    format: str
    columns: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.format not in TEMPLATES:
            raise _fault(f"the format '{self.format}' is not known", did_you_mean(self.format, TEMPLATES))
        known = [each.column for each in TEMPLATES[self.format].fields]
        for column in self.columns:
            if column not in known:
                raise _fault(f"'{column}' is not a column of {self.format}", did_you_mean(column, known))
        headers = [folded(header) for header in self.columns.values()]
        for header in self.columns.values():
            if not header.strip() or headers.count(folded(header)) > 1:
                raise _fault(f"the header '{header.strip()}' is blank or stands for several columns", "Use each once")
        for group in needed(self.format, self.columns):
            raise _fault(
                f"{self.format} need a column for {' or '.join(group)}", f"Add '{group[0]}: <header>' to columns"
            )
        self._check_words()

    def _check_words(self) -> None:
        column = WORDED.get(self.format)
        if self.words and column is None:
            raise _fault(f"{self.format} do not use words for what happened", "Leave out 'words'")
        if self.words and column not in self.columns:
            raise _fault("there are words, but no column that holds them", f"Add '{column}: <header>' to columns")
        for word, meaning in self.words.items():
            if meaning not in MEANINGS[self.format]:
                hint = did_you_mean(meaning, MEANINGS[self.format])
                raise _fault(f"'{word[:60]}' cannot mean '{meaning[:60]}'", hint)

    def fits(self, names: Sequence[str]) -> bool:
        """Return whether a file with these headers has all that the mapping names."""
        headers = set(map(folded, names))
        return all(folded(header) in headers for header in self.columns.values())

    def as_format(self) -> Format:
        """Return the format that reads files by this mapping."""
        template = TEMPLATES[self.format]
        fields = tuple(Field(column, (header.strip(),), required=True) for column, header in self.columns.items())
        text = mappings_to_yaml([self])
        layout = replace(template, fields=fields, mapped=hashlib.sha256(text.encode()).hexdigest())
        if not self.words:
            return layout
        named = self.format == "events"
        words = {word: meaning.upper() if named else meaning for word, meaning in self.words.items()}
        return replace(layout, normalise=partial(events if named else orders, words=words))

    def told(self) -> str:
        """Return the mapping in one line for a person."""
        return ", ".join(f"{column} = '{one_line(header)}'" for column, header in self.columns.items())


def one_line(header: str) -> str:
    r"""Return a header as it is shown in a sentence.

    >>> one_line(" Order\n date ")
    'Order date'
    """
    return " ".join(header.split())


def needed(template: str, columns: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of columns of which a template needs one, and none is there.

    >>> needed("events", ["email", "time"])
    (('event',),)
    """
    given = set(columns)
    return tuple(group for group in EITHER[template] if not given.intersection(group))


def fitting(mappings: Sequence[ColumnMapping], names: Sequence[str]) -> ColumnMapping | None:
    """Return the mapping that names most headers of a file, of those that fit it; the first of equals."""
    return max((each for each in mappings if each.fits(names)), key=lambda each: len(each.columns), default=None)


def mappings_to_yaml(mappings: Sequence[ColumnMapping]) -> str:
    """Return YAML text from which `mappings_from_yaml` makes equal mappings.

    >>> print(mappings_to_yaml([ColumnMapping("people", {"email": "E-mail"})]), end="")
    format: people
    columns:
      email: E-mail
    """
    parts = [_plain(each) for each in mappings]
    data = parts[0] if len(parts) == 1 else {"mappings": parts}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    if not _LINE_ENDS.intersection(text):
        return text
    return yaml.safe_dump(data, sort_keys=False, width=110)


def _plain(mapping: ColumnMapping) -> dict[str, Any]:
    plain: dict[str, Any] = {"format": mapping.format, "columns": dict(mapping.columns)}
    return plain | ({"words": dict(mapping.words)} if mapping.words else {})


def mappings_from_yaml(text: str, *, source: str = "mapping") -> tuple[ColumnMapping, ...]:
    """Return the mappings that a YAML text holds: one, or several under `mappings`.

    Args:
        text: The YAML text.
        source: Where it came from, for messages.

    Raises:
        OptionError: Not YAML, an unknown key, a value that is no text, or a mapping that cannot be.
    """
    data = load_strictly(text, source, OptionError, "mapping")
    several = isinstance(data, dict) and set(data) == {"mappings"} and isinstance(data["mappings"], list)
    parts = data["mappings"] if several else [data]
    if not parts:
        raise OptionError("the file contains no mapping", where=source, hint="Write format: and columns:")
    places = [f"{source}, mapping {number}" for number in range(1, len(parts) + 1)] if len(parts) > 1 else [source]
    return tuple(_mapping(part, place) for part, place in zip(parts, places, strict=True))


def _mapping(data: Any, source: str) -> ColumnMapping:
    if not isinstance(data, dict) or "format" not in data or "columns" not in data:
        raise OptionError("the file contains no mapping", where=source, hint="A mapping has format: and columns:")
    for key in data:
        if key not in _KEYS:
            raise OptionError(f"'{key}' is not a key of a mapping", where=source, hint=did_you_mean(key, _KEYS))
    columns, words = _texts(data["columns"], "columns", source), _texts(data.get("words") or {}, "words", source)
    if not isinstance(data["format"], str):
        raise OptionError("format: is not text", where=source, hint=f"Known: {', '.join(sorted(TEMPLATES))}")
    try:
        return ColumnMapping(data["format"], columns, words)
    except ContractError as error:
        raise OptionError(error.what, where=source, hint=error.hint) from error


def _texts(data: Any, key: str, source: str) -> dict[str, str]:
    """Return a mapping of texts; what YAML takes for a number or a date must be quoted."""
    if not isinstance(data, dict):
        raise OptionError(f"{key}: contains no names", where=source, hint=f"Write {key}: and then name: value lines")
    for name, value in data.items():
        if not isinstance(value, str):
            raise OptionError(f"{key}.{name} is not text", where=source, hint="Put the value in quotes")
    return dict(data)


def _fault(what: str, hint: str) -> ContractError:
    return ContractError(what, where=Setting.MAPPING, hint=hint)
