"""Cells that could not be used -> what they plainly mean, as the file writes it: a date or a number in another form."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.cells.casts import number_faults
from data_ingestion.cells.dates import BAD, OUTSIDE, parse_dates
from data_ingestion.cells.numbers import DecimalSign, parse_numbers
from retention.customers.contracts import Column

REWRITTEN = (
    (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$", r"\1-\3-\2"),
    (r"^(\d{1,2})[ ,_](\d{1,2})[ ,_](\d{4})$", r"\1-\2-\3"),
)
"""Forms of a date that are not read by themselves, and how to write them."""


def suggestions(column: Column, raw: pa.Array, decimal: DecimalSign) -> pa.Array:
    """Return what to write in place of cells of a column; `""` where there is none, or more than one way to read it.

    >>> from retention.customers.contracts import COLUMNS
    >>> suggestions(COLUMNS["last_order_date"], pa.array(["24.09.2025", "03/04/2025"], pa.large_string()), "point")[0]
    <pyarrow.LargeStringScalar: '2025-09-24'>
    """
    if column.kind == "time":
        return _dates(raw)
    if column.kind == "number":
        return _numbers(column, raw, decimal)
    return pa.repeat(pa.scalar("", pa.large_string()), len(raw))


def _dates(raw: pa.Array) -> pa.Array:
    forms = [raw, *(pc.replace_substring_regex(pc.ascii_trim_whitespace(raw), *each) for each in REWRITTEN)]
    parsed = [parse_dates(text) for text in forms]
    readings = np.array([cells.resolve(order) for cells in parsed for order in ("dmy", "mdy")])
    # An offset or a number since 1970 says more than a day and a time; such a cell is for a person to judge.
    instant = np.any([np.zeros(len(raw)) if cells.instant is None else cells.instant for cells in parsed], axis=0)
    known = (readings > OUTSIDE) & ~instant
    last = np.where(known, readings, BAD).max(axis=0)
    one = known.any(axis=0) & (np.where(known, readings, np.iinfo(np.int64).max).min(axis=0) == last)
    text = pa.array(np.where(one, last, 0)).cast(pa.timestamp("us")).cast(pa.large_string())
    return pc.if_else(pa.array(one), pc.replace_substring_regex(text, r"( 00:00:00)?\.0+$", ""), "")


def _numbers(column: Column, raw: pa.Array, decimal: DecimalSign) -> pa.Array:
    cells = parse_numbers(raw, column)
    values, wrong = cells.resolve("comma" if decimal == "point" else "point")
    # A number that both signs allow may be either, and a currency beside it must not get lost.
    sound = ~np.isnan(values) & np.isnan(cells.resolve(decimal)[0])
    if cells.sign is not None:
        sound &= cells.sign < 0
    sound[number_faults(column, values, wrong).positions] = False
    text = pa.array(np.where(sound, values, 0)).cast(pa.large_string())
    if decimal == "comma":
        text = pc.replace_substring(text, ".", ",")
    return pc.if_else(pa.array(sound), text, "")
