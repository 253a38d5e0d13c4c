"""The option --limits: what a file may hold."""

import re
from dataclasses import fields

from data_ingestion import ReadLimits
from retention.errors import OptionError, did_you_mean

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_NAMES = tuple(each.name for each in fields(ReadLimits))


def limits_of(text: str) -> ReadLimits:
    """Return the limits with those that the text names replaced; K, M and G stand for powers of 1,024.

    >>> limits_of("columns=10000, decoded_bytes=16G").columns
    10000

    Raises:
        OptionError: A name or a number makes no sense.
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
    return key, int(match[1]) * _UNITS[match[2].upper()]
