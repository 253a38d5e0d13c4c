"""How a customer table is read: the shop's zone, the date order, the encoding, and limits."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, Protocol, TypeVar, get_args

from data_ingestion.formats import Format
from data_ingestion.formats.column_mapping import ColumnMapping
from retention.customers.phone import checked_region
from retention.errors import OptionError, Setting
from retention.period import zone

DateOrder = Literal["auto", "dmy", "mdy", "ymd"]
Decimal = Literal["auto", "point", "comma"]

ENCODINGS: dict[str, str] = {
    "cp1252": "Western (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1254": "Turkish (Windows-1254)",
    "iso8859-2": "Central European (ISO-8859-2)",
    "iso8859-15": "Western (ISO-8859-15)",
    "mac-roman": "Mac Roman",
    "shift_jis": "Japanese (Shift_JIS)",
    "gbk": "Chinese (GBK)",
    "big5": "Chinese (Big5)",
    "cp949": "Korean (CP949)",
}
"""Encodings that a file may have which is not Unicode, by the names that people give them."""
_WIDER = {"shift_jis": "cp932", "gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "euc_kr": "cp949"}
"""Codecs that programs mean by the name of a narrower one."""

RATIO_FROM = 128 << 20
"""Decoded bytes from which on a file is held against `ReadLimits.ratio`: a small table of equal rows is no bomb."""


@dataclass(frozen=True)
class ReadLimits:
    """What a file may hold, checked while it is read; a small file can decode to a huge one.

    Args:
        decoded_bytes: Bytes after decompression, over all files.
        field_length: Bytes of one cell of an identifier or text; longer ones are quarantined `too_long`.
        ratio: How many times its own size a file may decode to, once that is more than `RATIO_FROM` bytes.
    """

    decoded_bytes: int = 8 << 30
    rows: int = 50_000_000
    columns: int = 2_000
    field_length: int = 32_768
    record_bytes: int = 4 << 20
    ratio: int = 200

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 1:
                raise OptionError(f"the limit {each.name} must be at least 1", where=Setting.LIMITS)


@dataclass(frozen=True)
class Repairs:
    """Rows of one file that a person corrected.

    Args:
        rows: Line -> text of the whole row, where it has no cells, and its cells in the order of the headers.
    """

    headers: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]] = field(repr=False)


Block = TypeVar("Block")


class Keep(Protocol):
    """Keeps a block until its file is read, in memory or elsewhere."""

    def __call__(self, block: Block, /) -> Block:
        """Return the block."""


def as_it_is(block: Block) -> Block:
    """Return a block that stays in memory."""
    return block


@dataclass(frozen=True)
class ReadOptions:
    """How to read.

    Args:
        timezone: The shop's zone: naive times are in it, instants are converted to it.
        date_order: Order of day and month in dates that do not start with the year; `auto` decides from
            all date columns of a file together.
        decimal: Decimal sign of numbers; `auto` decides from all number columns of a file together.
        encoding: Encoding of text that is not UTF-8, UTF-16 or UTF-32; `auto` finds it where only one is possible.
        threads: Blocks of a text file that are cast at the same time.
        formats: What to take a file for, by its name; others are judged by their columns.
        country: ISO 3166 code of the shop's country, by which national phone numbers are read; empty for none.
        mappings: Which headers hold what; each is used for the files that have all of its headers.
        lists: Other files of the analysis, such as lists of people, that a mapping may be for.
        repairs: Name of a file -> its rows that a person corrected, which stand in the place of those of the file.
        keep: Where blocks wait for the rest of their file.
        whole: Whether a file is judged in one piece; else its customers may be judged one after the other later.
    """

    timezone: str = "UTC"
    date_order: DateOrder = "auto"
    decimal: Decimal = "auto"
    encoding: str = "auto"
    limits: ReadLimits = field(default_factory=ReadLimits)
    threads: int = 2
    formats: Mapping[str, Format] = field(default_factory=dict)
    mappings: tuple[ColumnMapping, ...] = ()
    lists: tuple[Path, ...] = ()
    repairs: Mapping[str, Repairs] = field(default_factory=dict)
    country: str = ""
    keep: "Keep" = field(default=as_it_is, repr=False, compare=False)
    whole: bool = True

    @property
    def repairs_text(self) -> str:
        """The repairs as one text, equal for equal ones."""
        return repr([(name, each.headers, sorted(each.rows.items())) for name, each in sorted(self.repairs.items())])

    def __post_init__(self) -> None:
        zone(self.timezone)
        object.__setattr__(self, "country", checked_region(self.country))
        _check_word(self.date_order, DateOrder, "date order", Setting.DATE_ORDER)
        _check_word(self.decimal, Decimal, "decimal sign", Setting.DECIMAL)
        if self.encoding != "auto":
            _check_encoding(self.encoding)
        if self.threads < 1:
            raise OptionError("the number of reading threads must be at least 1")


def _check_word(word: str, known: object, what: str, setting: Setting) -> None:
    words = get_args(known)
    if word not in words:
        raise OptionError(f"the {what} '{word}' is not known", where=setting, hint=f"Use one of {', '.join(words)}")


def _check_encoding(name: str) -> None:
    try:
        codec_of(name)
    except LookupError as error:
        hint = f"Use one of {', '.join(ENCODINGS)}"
        raise OptionError(f"the encoding '{name}' is not known", where=Setting.ENCODING, hint=hint) from error


def codec_of(encoding: str) -> str:
    """Return Python's name of the codec that an encoding is read with.

    >>> codec_of("Shift_JIS"), codec_of("windows-1251")
    ('cp932', 'cp1251')

    Raises:
        LookupError: There is no such encoding of text.
    """
    name = codecs.lookup(encoding).name
    # There are codecs that are no encodings of text, which only this refuses.
    "".encode(name)
    return _WIDER.get(name, name)
