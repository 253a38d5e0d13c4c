"""Rows that were set aside, read back after a person corrected them, and put in the place where they stand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_ingestion.files.blocks import BrokenRow, LineMap, Table, TextBlock
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.table import read_table
from data_ingestion.files.tokenizer import Tokenizer, Unclosed
from data_ingestion.formats.header import everything_under
from data_ingestion.options import ReadLimits, Repairs
from retention.errors import ContractError

OWN = ("file", "line", "column", "value", "reason", "faults", "suggestion")
"""Columns of the quarantine before those of the row."""
TEXT = pa.large_string()
Cells = tuple[str, ...]


def read_repairs(paths: Sequence[Path], limits: ReadLimits) -> dict[str, Repairs]:
    """Return the corrected rows of quarantine files by the name of the file that they were set aside from.

    Raises:
        SourceError: A file cannot be read as a table.
        ContractError: A file is no quarantine, names no line, or names one twice.
    """
    found = dict[str, Repairs]()
    for path in paths:
        header, rows = read_table(path, path.name, Meter(limits), _table, as_format=everything_under(OWN))
        if tuple(name.strip().casefold() for name in header[: len(OWN)]) != OWN:
            hint = f"Its first columns are {', '.join(OWN)}; correct the cells to the right of them"
            raise ContractError("the file is no quarantine of this program", where=path.name, hint=hint)
        for row in rows:
            _add(found, header[len(OWN) :], row, path.name)
    return found


def _table(table: Table) -> tuple[Cells, list[Cells]]:
    rows = list[Cells]()
    for make in table.parts:
        block = make()
        if block.broken:
            line, hint = block.broken[0].line, "Save the file again, with as many cells in each row as in the first"
            raise ContractError("a row has not the cells of the header", where=f"{table.name}, line {line}", hint=hint)
        columns = [block.columns[str(place)].to_pylist() for place in range(len(table.header.names))]
        rows += zip(*columns, strict=True)
    return table.header.names, rows


def _add(found: dict[str, Repairs], headers: Cells, row: Cells, where: str) -> None:
    file, number = row[0].removeprefix("'") if _shielded(row[0]) else row[0], row[1].strip()
    if not number.isascii() or not number.isdigit():
        raise ContractError(
            f"'{number[:20]}' is no line", where=where, hint="Leave the columns file and line as they are"
        )
    lines = found.setdefault(file, Repairs(headers, {})).rows
    if int(number) in lines:
        hint = "Keep one row for each line"
        raise ContractError(f"line {number} of {file} is there twice", where=where, hint=hint)
    found[file] = Repairs(headers, {**lines, int(number): (row[OWN.index("value")], *row[len(OWN) :])})


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
    different, counts = np.unique(lines, return_counts=True)
    # A row without cells was never shown whole; on a line of several rows nobody can say which one is meant.
    given = [line for line, row in repairs.rows.items() if any(row[1:])]
    at = np.flatnonzero(np.isin(lines, np.intersect1d(different[counts == 1], given)))
    mended = dict(_mended(block.broken, repairs, table.delimiter))
    if not len(at) and not mended:
        return block
    order = np.argsort(np.concatenate([lines, list(mended)]), kind="stable")
    rows = [(place, repairs.rows[int(lines[place])]) for place in at.tolist()]
    columns, typed = dict[str, pa.Array](), dict(block.typed)
    for place, column in table.header.found:
        cells = block.columns[column.name].to_pylist()
        for position, row in rows:
            cells[position] = _kept(row[1 + place], cells[position])
        cells += [row[place] for row in mended.values()]
        columns[column.name] = pa.array(cells, TEXT).take(pa.array(order))
        if column.name in typed:
            typed[column.name] = np.append(typed[column.name], np.zeros(len(mended), dtype=np.bool_))[order]
    left = tuple(row for row in block.broken if row.line not in mended)
    places = LineMap(0, np.concatenate([lines, list(mended)]).astype(np.int64)[order])
    return replace(block, columns=columns, rows=len(order), lines=places, broken=left, typed=typed)


def _mended(broken: Sequence[BrokenRow], repairs: Repairs, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """Yield line and cells of rows that can be cut now: by their cells, or else by their text."""
    for row in broken:
        text, *cells = repairs.rows.get(row.line, ("",))
        if not any(cells) and text and delimiter:
            cells = _cut(_kept(text, row.text), delimiter)
        if any(cells) and len(cells) == len(repairs.headers):
            yield row.line, tuple(_kept(cell, "") for cell in cells)


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        records = Tokenizer(delimiter.encode()).tokenize(text.encode(), final=True).records
    except Unclosed:
        return []
    fields = records[0].fields if len(records) == 1 else None
    return [field.decode() for field in fields or []]


def _kept(new: str, old: str) -> str:
    """Return a corrected cell; the old one where a spreadsheet only wrote it in another way.

    >>> _kept("'=1+1", "=1+1"), _kept("7", "007"), _kept("1.23457E+11", "123456789012"), _kept("'+49 30 1", "49")
    ('=1+1', '007', '123456789012', '+49 30 1')
    """
    if new != old and _number(new) is not None and _number(old) is not None:
        # A spreadsheet shows six digits of a long number, and saves what it shows.
        rounded = 1e-5 if "E+" in new.upper() else 0.0
        return old if math.isclose(float(new), float(old), rel_tol=rounded) else new
    return new[1:] if _shielded(new) and new != old else new


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _shielded(text: str) -> bool:
    """Return whether a cell has the apostrophe that keeps a spreadsheet from running it."""
    return text.startswith("'") and text[1:].lstrip()[:1] in {"=", "+", "-", "@"}
