"""Identifiers that a spreadsheet took for numbers and rounded, so that different ones have become the same."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention.customers.contracts import Column

_SCIENTIFIC = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}\s*$"
_LONG, _CUT = r"^[0-9]{16,}$", r"^[0-9]{15}0+$"
_NAMING = frozenset({"order", "phone", "visit", "item", "zip"})
_FEWEST = 3


def rounded(column: Column, text: pa.Array) -> Counter[str]:
    """Return the identifiers of a column that were rounded, with the rows of each.

    >>> rounded(Column("customer", "id", ""), pa.array(["1.23457E+11", "1.23457E+11", "17"], pa.large_string()))
    Counter({'1.23457E+11': 2})
    """
    if column.kind != "id" and column.name not in _NAMING:
        return Counter()
    found = text.filter(pc.match_substring_regex(text, _SCIENTIFIC)) if _has(text, b"+") else text[:0]
    # Beyond the fifteenth digit a spreadsheet writes zeros. One identifier may end so by itself.
    long = text.filter(pc.greater_equal(pc.binary_length(text), 16))
    digits = long.filter(pc.match_substring_regex(long, _LONG))
    if len(digits) >= _FEWEST and pc.all(pc.match_substring_regex(digits, _CUT)).as_py():
        found = digits
    return Counter({each["values"]: each["counts"] for each in pc.value_counts(found).to_pylist()})


def _has(text: pa.Array, sign: bytes) -> bool:
    """Return whether a sign may be in the text; bytes beside the text do no harm."""
    data = text.buffers()[2]
    return data is not None and bool((np.frombuffer(data, dtype=np.uint8) == sign[0]).any())


def rounded_words(name: str, column: str, ids: Counter[str]) -> str:
    """Return what a person should know of the rounded identifiers of a column."""
    shared = sum(count > 1 for count in ids.values())
    several = f", and {shared:,} of these {len(ids):,} stand in several rows, which may be those of different customers"
    return (
        f"{name}: {sum(ids.values()):,} cells of {column} were rounded by a spreadsheet, as 1.23457E+11 is"
        f"{several if shared else ''}; export them as text"
    )
