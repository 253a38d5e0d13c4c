"""How a customer table is read: the shop's zone, the date order, and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from data_ingestion.formats import Format
from data_ingestion.formats.column_mapping import ColumnMapping
from retention.errors import OptionError, Setting
from retention.period import zone

DateOrder = Literal["auto", "dmy", "mdy", "ymd"]
Decimal = Literal["auto", "point", "comma"]

RATIO_FROM = 128 << 20
"""Decoded bytes from which on a file is held against `ReadLimits.ratio`: a small table of equal rows is no bomb."""


@dataclass(frozen=True)
class ReadLimits:
    """What a file may hold, checked while it is read; a small file can decode to a huge one.

    Args:
        decoded_bytes: Bytes after decompression, over all files.
        rows: Rows over all files.
        columns: Columns of one file.
        field_length: Bytes of one cell of an identifier or text; longer ones are quarantined `too_long`.
        record_bytes: Bytes of one record of a text file.
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
        headers: Headers of the file.
        rows: Line -> text of the whole row, where it has no cells, and its cells in the order of the headers.
    """

    headers: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]] = field(repr=False)


@dataclass(frozen=True)
class ReadOptions:
    """How to read.

    Args:
        timezone: The shop's zone: naive times are in it, instants are converted to it.
        date_order: Order of day and month in dates that do not start with the year; `auto` decides from
            all date columns of a file together.
        decimal: Decimal sign of numbers; `auto` decides from all number columns of a file together.
        limits: What a file may hold.
        threads: Blocks of a text file that are cast at the same time.
        formats: What to take a file for, by its name; others are judged by their columns.
        mappings: Which headers hold what; each is used for the files that have all of its headers.
        repairs: Name of a file -> its rows that a person corrected, which stand in the place of those of the file.
    """

    timezone: str = "UTC"
    date_order: DateOrder = "auto"
    decimal: Decimal = "auto"
    limits: ReadLimits = field(default_factory=ReadLimits)
    threads: int = 2
    formats: Mapping[str, Format] = field(default_factory=dict)
    mappings: tuple[ColumnMapping, ...] = ()
    repairs: Mapping[str, Repairs] = field(default_factory=dict)

    @property
    def repairs_text(self) -> str:
        """The repairs as one text, equal for equal ones."""
        return repr([(name, each.headers, sorted(each.rows.items())) for name, each in sorted(self.repairs.items())])

    def __post_init__(self) -> None:
        zone(self.timezone)
        _check_word(self.date_order, DateOrder, "date order", Setting.DATE_ORDER)
        _check_word(self.decimal, Decimal, "decimal sign", Setting.DECIMAL)
        if self.threads < 1:
            raise OptionError("the number of reading threads must be at least 1")


def _check_word(word: str, known: object, what: str, setting: Setting) -> None:
    """Check that an option has one of the values that it can have."""
    words = get_args(known)
    if word not in words:
        raise OptionError(f"the {what} '{word}' is not known", where=setting, hint=f"Use one of {', '.join(words)}")
