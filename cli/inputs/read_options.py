"""The options about how files are read, turned into what the readers take."""

import re
from dataclasses import fields
from pathlib import Path

from cli.options.shared import Reading
from data_ingestion import ReadLimits, ReadOptions
from data_ingestion.formats.column_mapping import ColumnMapping, mappings_from_yaml
from retention.errors import OptionError, did_you_mean
from run_store import Preferences
from run_store.small_files import read_text
from workers.memory import UNITS

_NAMES = tuple(each.name for each in fields(ReadLimits))


def read_options(reading: Reading, usual: Preferences | None = None) -> ReadOptions:
    """Return how files are read."""
    usual = usual or Preferences()
    return ReadOptions(
        timezone=usual.timezone if reading.timezone is None else reading.timezone,
        country=usual.country if reading.country is None else reading.country,
        date_order=reading.date_order,
        decimal=reading.decimal,
        encoding=reading.encoding,
        limits=limits_of(reading.limits or ""),
        mappings=mappings_of(reading.mapping),
    )


def limits_of(text: str) -> ReadLimits:
    """Return the limits with those that the text names replaced; K, M and G stand for powers of 1,024.

    >>> limits_of("columns=10000, decoded_bytes=16G").columns
    10000
    """
    return ReadLimits(**dict(_limit(part) for part in text.split(",") if part.strip()))


def _limit(part: str) -> tuple[str, int]:
    name, _, number = (each.strip() for each in part.partition("="))
    key = name.lower().replace("-", "_")
    if key not in _NAMES:
        raise OptionError(f"'{name}' is not a limit", where="--limits", hint=did_you_mean(key, _NAMES))
    match = re.fullmatch(r"([0-9]{1,15})([KMG]?)", number, re.IGNORECASE)
    if match is None:
        raise OptionError(
            f"the limit {key} is not a whole number",
            where="--limits",
            hint="Write --limits columns=5000,decoded_bytes=16G",
        )
    return key, int(match[1]) * UNITS[match[2].upper()]


def mappings_of(path: Path | None) -> tuple[ColumnMapping, ...]:
    """Return the mappings that a file holds; none without a file."""
    if path is None:
        return ()
    return mappings_from_yaml(read_text(path, where=f"--mapping {path}"), source=path.name)
