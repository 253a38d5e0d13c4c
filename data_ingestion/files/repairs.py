"""Rows that were set aside, read back after a person corrected them, and put in the place where they stand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_ingestion.files.blocks import BrokenRow, LineMap, Table, TextBlock
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.jsonl_text import rows_of
from data_ingestion.files.table import read_table
from data_ingestion.files.tokenizer import Tokenizer, Unclosed
from data_ingestion.formats.header import everything_under
from data_ingestion.options import ReadOptions, Repairs
from retention.errors import ContractError

OWN = ("file", "line", "column", "value", "reason", "faults", "suggestion")
"""Columns of the quarantine before those of the row."""
Cells = tuple[str, ...]


def read_repairs(paths: Sequence[Path], options: ReadOptions) -> dict[str, Repairs]:
    """Return the corrected rows of quarantine files by the name of the file that they were set aside from.

    Raises:
        SourceError: A file cannot be read as a table.
        ContractError: A file is no quarantine, or does not say of each row which one line it is.
    """
    repairs = dict[str, Repairs]()
    for path in paths:
        header, rows = read_table(
            path, path.name, Meter(options.limits), _rows, options, as_format=everything_under(OWN)
        )
        for row in rows:
            file, line = _kept(row[0], ""), row[1].strip()
            known = repairs.get(file, Repairs(header[len(OWN) :], {}))
            if not line.isdecimal() or int(line) in known.rows or known.headers != header[len(OWN) :]:
                what = f"'{line[:20]}' is not a line of {file}, or is listed twice"
                hint = "Leave the first line and the columns file and line as they are, and keep one row for each line"
                raise ContractError(what, where=path.name, hint=hint)
            cells = (row[OWN.index("value")], *row[len(OWN) :])
            repairs[file] = Repairs(known.headers, {**known.rows, int(line): cells})
    return repairs


def _rows(table: Table) -> tuple[Cells, list[Cells]]:
    names, blocks = table.header.names, [make() for make in table.parts]
    if tuple(name.strip().casefold() for name in names[: len(OWN)]) != OWN or any(block.broken for block in blocks):
        hint = f"Its first columns are {', '.join(OWN)}, and each row has as many cells as the first line"
        raise ContractError("the file is not a quarantine file of this program", where=table.name, hint=hint)
    columns = ([block.columns[str(place)].to_pylist() for place in range(len(names))] for block in blocks)
    return names, [row for each in columns for row in zip(*each, strict=True)]


def repaired(block: TextBlock, table: Table, repairs: Repairs) -> TextBlock:
    """Return a block with corrected rows in the place of those that stand on the same lines.

    Raises:
        ContractError: The headers of the corrected rows are not those of the file.
    """
    names = table.header.names
    if [_kept(name, old) for name, old in zip(repairs.headers, names, strict=False)] != list(names):
        hint = "Leave the first line as it is"
        raise ContractError("the columns of the corrected rows are not those of the file", where=table.name, hint=hint)
    lines = block.lines.at(np.arange(block.rows))
    known, counts = np.unique(lines, return_counts=True)
    # A row without cells was never shown whole; on a line of several rows nobody can say which one is meant.
    given = np.intersect1d(known[counts == 1], [line for line, row in repairs.rows.items() if any(row[1:])])
    at = np.flatnonzero(np.isin(lines, given)).tolist()
    mended = dict(_mended(block.broken, repairs, table))
    if not at and not mended:
        return block
    lines = np.append(lines, np.array(list(mended), dtype=np.int64))
    order = np.argsort(lines, kind="stable")
    columns, typed = dict[str, pa.Array](), dict(block.typed)
    for place, column in table.header.found:
        cells = block.columns[column.name].to_pylist()
        for position in at:
            cells[position] = _kept(repairs.rows[int(lines[position])][1 + place], cells[position])
        cells += [row[place] for row in mended.values()]
        columns[column.name] = pa.array(cells, pa.large_string()).take(pa.array(order))
        if column.name in typed:
            typed[column.name] = np.append(typed[column.name], np.zeros(len(mended), dtype=np.bool_))[order]
    left = tuple(row for row in block.broken if row.line not in mended)
    return replace(block, columns=columns, rows=len(order), lines=LineMap(0, lines[order]), broken=left, typed=typed)


def _mended(broken: Sequence[BrokenRow], repairs: Repairs, table: Table) -> Iterator[tuple[int, Cells]]:
    """Yield line and cells of rows that can be cut now: by their cells, or else by their text."""
    for row in broken:
        text, *cells = repairs.rows.get(row.line, ("",))
        if not any(cells) and text and table.delimiter:
            cells = _cut(_kept(text, row.text), table.delimiter)
        elif not any(cells) and text and table.kind == "jsonl":
            rows = rows_of(text.encode(), row.line)
            cells = [one.get(name, "") for one in rows[:1] if one and not rows[1:] for name in table.header.names]
        if any(cells) and len(cells) == len(repairs.headers):
            yield row.line, tuple(_kept(cell, "") for cell in cells)


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        records = Tokenizer(delimiter.encode()).tokenize(text.encode(), final=True).records
    except Unclosed:
        return []
    return [] if len(records) != 1 else [field.decode() for field in records[0].fields or []]


def _kept(new: str, old: str) -> str:
    """Return a corrected cell; the old one where a spreadsheet only wrote it in another way.

    >>> _kept("'=1+1", "=1+1"), _kept("7", "007"), _kept("1.23457E+11", "123456789012"), _kept("'+49 30 1", "49")
    ('=1+1', '007', '123456789012', '+49 30 1')
    """
    if new == old:
        return old
    # The apostrophe keeps a spreadsheet from running what follows.
    plain = new[1:] if new.startswith("'") and new[1:].lstrip()[:1] in {"=", "+", "-", "@"} else new
    try:
        # A spreadsheet shows six digits of a long number, and saves what it shows.
        same = math.isclose(float(plain), float(old), rel_tol=1e-5 if "E+" in plain.upper() else 0.0)
    except ValueError:
        return plain
    return old if same else plain
