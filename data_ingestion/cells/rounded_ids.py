"""Identifiers that a spreadsheet took for numbers and rounded, so that different ones have become the same."""

from collections import Counter

import pyarrow as pa

from data_ingestion.formats.words import counts_of
from retention.customers.contracts import Column
from retention.customers.keys import rounded_ids
from retention.wording import counted

_NAMING = frozenset({"order", "phone", "visit", "item", "zip"})


def rounded(column: Column, text: pa.Array) -> Counter[str]:
    """Return the identifiers of a column that were rounded, with the rows of each.

    >>> rounded(Column("customer", "id", ""), pa.array(["1.23457E+11", "1.23457E+11", "17"], pa.large_string()))
    Counter({'1.23457E+11': 2})
    """
    if column.kind != "id" and column.name not in _NAMING:
        return Counter()
    return counts_of(rounded_ids(text))


def rounded_words(name: str, column: str, ids: Counter[str]) -> str:
    """Return what a person should know of the rounded identifiers of a column."""
    shared = sum(count > 1 for count in ids.values())
    some = (
        f"of these {len(ids):,}, {shared:,} {'stands' if shared == 1 else 'stand'}" if len(ids) > 1 else "the id stands"
    )
    several = f", and {some} in several rows, which may be those of different customers"
    return (
        f"{name}: {counted(sum(ids.values()), 'cell')} of {column} rounded by a spreadsheet, as 1.23457E+11 is"
        f"{several if shared else ''}; export them as text"
    )
