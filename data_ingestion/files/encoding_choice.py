"""A table that is not UTF-8 -> the encoding it is in, where its text leaves no choice; else a person is asked."""

import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow.compute as pc

from data_ingestion.files.blocks import Table
from data_ingestion.formats import Format
from data_ingestion.formats.column_mapping import ColumnMapping, fitting
from data_ingestion.formats.header import EVERYTHING, recognise
from data_ingestion.options import ENCODINGS, codec_of
from retention.errors import ContractError, Remedy, Setting, SourceError

BYTES = "latin-1"
"""Read in it, the text of a table has one character for each byte of the file."""
_MOST_WORDS, _MOST_ODD = 5_000, 0.02
_SHOWN, _SHOWN_LETTERS, _SHOWN_ENCODINGS = 3, 24, 4
_WORD = re.compile(r"\d[‰†‡¶•]\d|(?:[A-Za-z]|[^\x00-\x7f\s])*[^\x00-\x7f\s](?:[A-Za-z]|[^\x00-\x7f\s])*")
"""A word that is not ASCII alone, or a number cut by a sign that no number holds."""
_JOINS = frozenset("’‘ʼ´·‐–—")  # noqa: RUF001 - apostrophes and hyphens as people write them
_EAST = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "FULLWIDTH", "IDEOGRAPHIC"})
_LATIN = frozenset({"FEMININE", "MASCULINE"})
_NO_LETTERS = frozenset("‰†‡¶•")
_ODD = re.compile(r"\?|[aAlUL](?:S[aAlUL]|K|U[al])|K[aAlUL]|SS|[al]U|lA")
"""What no word holds: signs inside it, capitals after small letters, characters that are none."""
_NAMES_FIRST = ("first_name", "last_name", "shipping_first_name", "shipping_last_name")


@dataclass(frozen=True)
class _Bytes:
    """What of a table is not ASCII.

    Args:
        cells: Place of a column -> its different cells.
        broken: Starts of records that are no rows.
    """

    names: tuple[bytes, ...]
    cells: Mapping[int, tuple[bytes, ...]]
    broken: tuple[bytes, ...]


@dataclass(frozen=True)
class _Reading:
    """The same in one encoding.

    Args:
        cells: Place of a column -> its cells.
        used: Places of the columns that are used -> their names; None: the headers are not those asked for.
        mapped: Whether a person's mapping names the headers.
    """

    encoding: str
    names: tuple[str, ...]
    cells: Mapping[int, tuple[str, ...]]
    used: Mapping[int, str] | None
    mapped: bool

    @property
    def text(self) -> tuple[object, ...]:
        """The text of the columns that are used, each with its name: a list of people knows refusals by that alone."""
        return tuple((place, self.of(place)) for place in sorted(self.cells if self.used is None else self.used))

    def of(self, place: int) -> tuple[str, ...]:
        """Return the name and the cells of a column."""
        return (self.names[place], *self.cells.get(place, ()))

    def samples(self, others: Sequence["_Reading"]) -> list[str]:
        """Return a few cells that are spelled differently in other readings of the same columns, names first."""
        used = self.used or {}
        places = sorted(used or self.cells, key=lambda place: (used.get(place) not in _NAMES_FIRST, place))
        spelled = [
            text
            for place in places
            for text, *same in zip(self.of(place), *(other.of(place) for other in others), strict=True)
            if len(set(same)) > 1
        ]
        # The words that differ are enough to judge by; the rest of a cell may say whose it is.
        return [" ".join(_WORD.findall(each))[:_SHOWN_LETTERS] for each in spelled[:_SHOWN]]

    @property
    def plausible(self) -> bool:
        """Whether people write such words."""
        text = "\n".join((*self.names, *("\n".join(cells) for cells in self.cells.values())))
        words = _WORD.findall(text)
        words = words[:: len(words) // _MOST_WORDS + 1]
        return sum(map(_odd, words)) <= _MOST_ODD * len(words)


def choose_encoding(table: Table, as_format: Format | None, mappings: Sequence[ColumnMapping]) -> str:
    """Return the encoding of a table whose bytes are not UTF-8.

    Args:
        table: The table with all its columns, read as `BYTES`; it is used up.
        as_format: What it is taken for; `EVERYTHING` is a look at its start, for which the likeliest will do.
        mappings: What a person says that headers hold.

    Raises:
        SourceError: Several encodings give different text in the columns that are used, so a person has to say which.
    """
    look = as_format is EVERYTHING
    sample = _bytes(table, parts=1 if look else None)
    readings = [each for name in ENCODINGS if (each := _read(sample, name, table.name, as_format, mappings))]
    # Headers that are asked for speak for an encoding; words that nobody writes speak against it.
    for speaks in (lambda each: each.mapped, lambda each: each.used is not None, lambda each: each.plausible):
        readings = [each for each in readings if speaks(each)] or readings
    different = {each.text: each for each in reversed(readings)}
    likeliest = _likeliest(sample, [each for each in readings if different[each.text] is each])
    if len(likeliest) > 1 and not look:
        raise _unsure(likeliest, table.name)
    return likeliest[0].encoding


def _bytes(table: Table, parts: int | None) -> _Bytes:
    """Return what of a table is not ASCII."""
    cells, broken = dict[int, set[str]](), list[str]()
    for make in islice(table.parts, parts):
        block = make()
        broken += [row.text for row in block.broken]
        for place, text in block.columns.items():
            foreign = text.filter(pc.invert(pc.string_is_ascii(text)))
            if len(foreign):
                cells.setdefault(int(place), set()).update(pc.unique(foreign).to_pylist())
    packed = {place: tuple(sorted(map(_packed, texts))) for place, texts in sorted(cells.items())}
    return _Bytes(tuple(map(_packed, table.header.names)), packed, tuple(map(_packed, broken)))


def _packed(text: str) -> bytes:
    return text.encode(BYTES)


def _read(
    sample: _Bytes, encoding: str, name: str, as_format: Format | None, mappings: Sequence[ColumnMapping]
) -> _Reading | None:
    """Return a table in an encoding; None if that does not fit."""
    codec = codec_of(encoding)
    try:
        for start in sample.broken:
            # It may have been cut in the middle of a letter.
            getincrementaldecoder(codec)().decode(start)
        names = tuple(each.decode(codec) for each in sample.names)
        cells = {place: tuple(each.decode(codec) for each in texts) for place, texts in sample.cells.items()}
    except UnicodeDecodeError:
        return None
    try:
        used = {place: column.name for place, column in recognise(names, name, as_format).found}
    except ContractError:
        used = None
    return _Reading(encoding, names, cells, used, fitting(mappings, names) is not None)


def _odd(word: str) -> bool:
    """Return whether nobody writes such a word, so that it comes of reading another encoding.

    >>> [_odd(word) for word in ("Müller", "Mьller", "MŸller", "‰X", "0†0", "山田")]
    [False, True, True, True, True, False]
    """
    marks = "".join(map(_mark, word))
    scripts = {_script(letter) for letter, mark in zip(word, marks, strict=True) if mark in "aAlUL"} - {""}
    return len(scripts) > 1 or _ODD.search(marks) is not None


def _mark(letter: str) -> str:
    """Return what kind of letter it is, for `_ODD`: `a` and `A` in ASCII, `l`, `U` and `L` beyond, `S` for a symbol."""
    kind = unicodedata.category(letter)
    if letter.isascii() or letter in _JOINS:
        return letter if letter in _JOINS else "aA"[letter.isupper()]
    if kind in ("Cc", "Cn", "Co", "Cs") or "\ufb00" <= letter <= "\ufb06":
        return "?"
    if kind in ("Sk", "Sm") or letter in _NO_LETTERS:
        return "K"
    return {"Ll": "l", "Lu": "U"}.get(kind, "S" if kind[0] in "SP" and letter < "\u3000" else kind[0])


def _script(letter: str) -> str:
    """Return the script of a letter; none for marks that letters of several share."""
    first = "" if letter in _JOINS else unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if first in _EAST else "LATIN" if first in _LATIN else first


def _likeliest(sample: _Bytes, readings: Sequence[_Reading]) -> list[_Reading]:
    if len(readings) == 1:
        return list(readings)
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need it

    cells = [each for texts in sample.cells.values() for each in texts[:_MOST_WORDS]]
    ranked = from_bytes(
        b"\n".join((*cells, *sample.names)), cp_isolation=[codec_of(each.encoding) for each in readings]
    )
    places = {codec_of(name): place for place, match in enumerate(ranked) for name in match.could_be_from_charset}
    return sorted(readings, key=lambda each: places.get(codec_of(each.encoding), len(places)))


def _unsure(readings: Sequence[_Reading], name: str) -> SourceError:
    """Return the error of text that several encodings spell differently; the likeliest comes first."""
    shown = readings[:_SHOWN_ENCODINGS]
    samples = [f"{ENCODINGS[each.encoding]}: {', '.join(each.samples(shown))}" for each in shown]
    return SourceError(
        f"the text is not UTF-8, and may be {'; or '.join(samples)}",
        where=name,
        hint="Say which one spells the names right, or another one",
        remedies=(Remedy(Setting.ENCODING, tuple(each.encoding for each in shown)),),
    )
