"""Rows as they stand in their files, for those that are set aside: the files are read a second time, where they are."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.files.blocks import Table, TextBlock
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.repairs import repaired
from data_ingestion.files.table import read_table
from data_ingestion.formats.header import everything_under
from data_ingestion.options import ReadOptions, Repairs
from data_ingestion.rows.intake import ORIGINALS, Intake
from data_ingestion.rows.judged_file import JudgedFile
from retention.customers.contracts import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from retention.customers.universe import repeated_rows

TEXT = pa.large_string()
PLACE = ["file", "line"]
EMPTY = pa.scalar("", TEXT)


def with_originals(intake: Intake, files: Sequence[JudgedFile], paths: Sequence[Path], options: ReadOptions) -> Intake:
    """Return an intake whose rejected rows are shown whole."""
    again = repeated_rows(intake.rows["user_id"]) if len(intake.rows) else np.empty(0, np.int64)
    # A policy may split on their columns, and then their rows are set aside, too.
    cells = intake.cells[intake.cells["column"].isin([*NUMERIC_FEATURES, *CATEGORICAL_FEATURES])]
    wanted = [each[PLACE] for each in (intake.quarantine, cells, intake.locate(again)) if len(each)]
    if not wanted:
        return intake
    originals = read_originals(pd.concat(wanted, ignore_index=True), files, paths, options)
    intake = replace(intake, originals=originals)
    return replace(intake, quarantine=intake.with_original(intake.quarantine))


def read_originals(
    wanted: pd.DataFrame, files: Sequence[JudgedFile], paths: Sequence[Path], options: ReadOptions
) -> pd.DataFrame:
    """Return `file, line, original` of some rows, as `Intake` has them."""
    tables = [
        _of_file(file, path, lines, options)
        for file, path in zip(files, paths, strict=True)
        if len(lines := np.unique(wanted["line"][wanted["file"] == file.source.name]))
    ]
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return frame


def _of_file(file: JudgedFile, path: Path, wanted: NDArray[np.int64], options: ReadOptions) -> pa.Table:
    starts = np.maximum.accumulate([0, *map(_first_line, file.blocks)])[1:]
    blocks = frozenset((np.searchsorted(starts, wanted, side="right") - 1).tolist())
    name = file.source.name
    take = partial(_rows, wanted=wanted, blocks=blocks, repairs=options.repairs.get(name))
    same = replace(options, encoding=file.source.encoding or options.encoding)
    table = read_table(path, name, Meter(options.limits), take, same, as_format=everything_under(file.headers))
    return table.append_column("file", pa.repeat(pa.scalar(name, TEXT), table.num_rows)).select(list(ORIGINALS))


def _first_line(block: FinishedBlock) -> int:
    first = block.lines.at(np.zeros(min(1, block.rows), dtype=np.int64)).tolist()
    return min([*first, *block.rejected["line"][:1].to_pylist()], default=0)


def _rows(table: Table, wanted: NDArray[np.int64], blocks: frozenset[int], repairs: Repairs | None) -> pa.Table:
    """Return `line, original` of rows at lines that are wanted, as they were corrected."""
    parts = [pa.table({"line": pa.array([], pa.int64()), "original": pa.array([], TEXT)})]
    for number, make in enumerate(table.parts):
        if number in blocks:
            block = make() if repairs is None else repaired(make(), table, repairs)
            parts.append(_in_block(block, table.header.names, wanted))
    return pa.concat_tables(parts)


def _in_block(block: TextBlock, names: Sequence[str], wanted: NDArray[np.int64]) -> pa.Table:
    lines = block.lines.at(np.arange(block.rows))
    at = np.flatnonzero(np.isin(lines, wanted))
    # A line of JSON can hold several rows, which its number does not tell apart.
    different, rows = np.unique(lines[at], return_counts=True)
    at = at[np.isin(lines[at], different[rows == 1])]
    uncut = np.setdiff1d(np.intersect1d([row.line for row in block.broken], wanted), different).astype(np.int64)
    nothing = pa.repeat(EMPTY, len(uncut))
    columns = {place: pa.concat_arrays([text.take(pa.array(at)), nothing]) for place, text in block.columns.items()}
    blank = pa.repeat(EMPTY, len(at) + len(uncut))
    cells = [columns.get(str(place), blank) for place in range(len(names))]
    return pa.table({"line": np.concatenate([lines[at], uncut]), "original": _json(names, cells)})


def _json(names: Iterable[str], columns: Sequence[pa.Array]) -> pa.Array:
    """Return rows as JSON objects, header -> cell; control characters stay as they are."""
    pairs = [
        _joined(f'"{_escaped(pa.scalar(name, TEXT))}": "', _escaped(cells), '"')
        for name, cells in zip(names, columns, strict=True)
    ]
    return _joined("{", pc.binary_join_element_wise(*pairs, pa.scalar(", ", TEXT)), "}")


def _joined(start: str, cells: pa.Array, end: str) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(start, TEXT), cells, pa.scalar(end, TEXT), EMPTY)


def _escaped(cells: pa.Array | pa.Scalar) -> pa.Array | pa.Scalar:
    return pc.replace_substring(pc.replace_substring(cells, "\\", "\\\\"), '"', '\\"')
