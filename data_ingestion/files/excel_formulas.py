"""Formulas whose result the workbook does not hold: a library wrote them and nobody opened the file since."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 20
_MOST = 1 << 24
"""Bytes without an end of a row that are looked at together."""
_EMPTY = re.compile(
    rb"<(?:\w+:)?c (?P<marks>[^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE, _TEXT = re.compile(rb"\br=[\"']([A-Z]{1,3})\d+[\"']"), re.compile(rb"\bt=[\"']str[\"']")


def formulas_without_value(sheet: IO[bytes]) -> Counter[int]:
    """Return how many formulas of each column, by its place, have no stored result.

    Args:
        sheet: The XML of the sheet.
    """
    found = Counter[int]()
    for rows in _rows(sheet):
        # Most sheets hold no formula at all, which is quick to see.
        if b"f>" not in rows and b"f/>" not in rows and b"<f" not in rows:
            continue
        for cell in _EMPTY.finditer(rows):
            place = _PLACE.search(cell["marks"])
            # A formula whose result is an empty text has one.
            if place and not _TEXT.search(cell["marks"]):
                found[_number(place[1])] += 1
    return found


def _rows(sheet: IO[bytes]) -> Iterator[bytes]:
    """Yield the sheet in pieces that end where a row does."""
    rest = b""
    while chunk := sheet.read(CHUNK):
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end > 3 or len(rest) > _MOST:
            end = end if end > 3 else len(rest)
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _number(letters: bytes) -> int:
    """Return the place of a column from its letters: A is 0."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
