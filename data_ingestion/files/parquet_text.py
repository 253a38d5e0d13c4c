"""Parquet -> blocks of text columns; typed columns become text, so that one set of rules holds for all files."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_ingestion.files.blocks import LineMap, Table, TextBlock, Texts, ready
from data_ingestion.files.byte_source import Meter, hash_file
from data_ingestion.files.parquet_batches import BATCH_BYTES, open_batches, plain, sized_batches
from data_ingestion.formats import Format
from data_ingestion.formats.header import EVERYTHING, Header, recognise
from data_ingestion.formats.words import as_text
from retention.customers.contracts import Column
from retention.errors import ContractError, SourceError

STRETCH = 65_536
"""Rows that are looked at together: those of a part, which then stays where they lie."""
EXACT_INTEGER = 2.0**53
"""From here on a float64 no longer tells neighbouring whole numbers apart."""


def open_parquet(path: Path, name: str, meter: Meter, as_format: Format | None = None) -> Table:
    """Read the schema of a Parquet file and prepare its rows.

    Raises:
        SourceError: The file is damaged or encrypted.
        ContractError: It lacks required columns, or one of them is nested.
    """
    meter.begin(path.stat().st_size)
    try:
        file = open_batches(path)
        names = file.schema_arrow.names
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(name) from error
    meter.check_columns(len(names), name)
    header = recognise(names, name, as_format)
    if as_format is not None and as_format.name == EVERYTHING.name:
        header = replace(header, found=tuple(each for each in header.found if not _nested(file, each[0])))
    for place, column in header.found:
        if _nested(file, place):
            what = f"the column '{column.name}' holds nested values ({file.schema_arrow.field(place).type})"
            raise ContractError(what, where=name, hint="Write one value per row")
    blocks = _blocks(file, header, name, meter) if header.found else iter(())
    return Table(name, "parquet", header, ready(blocks), partial(hash_file, path))


def _blocks(file: pq.ParquetFile, header: Header, name: str, meter: Meter) -> Iterator[TextBlock]:
    total, row = max(1, file.metadata.num_rows), 1
    try:
        for rows in _stretches(file, header, name, meter):
            columns = Texts({column.name: _cells(rows[place], column, name) for place, column in header.found})
            count = len(rows[header.found[0][0]])
            typed = {column.name: np.full(count, _is_number(rows[place].type)) for place, column in header.found}
            yield TextBlock(columns, count, LineMap(row), (), min(1.0, (row + count) / total), typed)
            row += count
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name) from error
    finally:
        file.close()


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _stretches(file: pq.ParquetFile, header: Header, name: str, meter: Meter) -> Iterator[dict[int, pa.Array]]:
    """Yield many rows at a time, by place of the column, although few are decoded at once."""
    wanted = {place: header.names[place] for place, _ in header.found}
    held, rows, taken = list[pa.RecordBatch](), 0, 0
    for batch, size in sized_batches(file, list(wanted.values())):
        meter.add_bytes(size, name)
        rest = max(0, rows + batch.num_rows - STRETCH)
        held.append(batch.slice(0, batch.num_rows - rest))
        rows, taken = rows + batch.num_rows, taken + size
        if rows >= STRETCH or taken > BATCH_BYTES:
            yield _joined(held, wanted)
            held, rows, taken = [batch.slice(batch.num_rows - rest)] if rest else [], rest, 0
    if held:
        yield _joined(held, wanted)


def _joined(batches: list[pa.RecordBatch], wanted: dict[int, str]) -> dict[int, pa.Array]:
    return {place: pa.concat_arrays([plain(b.column(name)) for b in batches]) for place, name in wanted.items()}


def _cells(cells: pa.Array, column: Column, name: str) -> pa.Array:
    """Return the cells as text, or as they are where they are numbers or times that their text would give back.

    Raises:
        ContractError: Identifiers are stored as numbers that have lost digits.
    """
    kind = cells.type
    number = column.kind == "number" and (pa.types.is_float64(kind) or pa.types.is_integer(kind))
    if number or (column.kind == "time" and pa.types.is_timestamp(kind)):
        return cells
    if column.kind == "id" and pa.types.is_floating(kind):
        return _whole_ids(cells, name)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_string(kind):
        # A damaged file can hold other bytes in a column of text, too.
        return _utf8(cells, column, name)
    return as_text(cells)


def _whole_ids(cells: pa.Array, name: str) -> pa.Array:
    """Return identifiers that were stored as floats, as a blank among whole numbers makes some tools do."""
    largest = pc.max(pc.abs(cells)).as_py()
    if largest is not None and largest >= EXACT_INTEGER:
        raise ContractError(
            "user_id is stored as a floating-point number above 2^53, so its last digits are lost",
            where=name,
            hint="Write it as text or as a whole number",
        )
    whole = pc.all(pc.equal(cells, pc.floor(cells)), min_count=0).as_py()
    text = cells.cast(pa.int64()) if whole and not pc.any(pc.is_nan(cells)).as_py() else cells
    return pc.if_else(pc.is_nan(cells).fill_null(True), "", text.cast(pa.large_string())).cast(pa.large_string())


def _utf8(cells: pa.Array, column: Column, name: str) -> pa.Array:
    try:
        return cells.cast(pa.large_binary()).cast(pa.large_string()).fill_null("")
    except pa.ArrowInvalid as error:
        raise ContractError(
            f"the column '{column.name}' holds bytes that are not UTF-8 text", where=name, hint="Write it as text"
        ) from error


def _nested(file: pq.ParquetFile, place: int) -> bool:
    return bool(pa.types.is_nested(file.schema_arrow.field(place).type))


def _damaged(name: str) -> SourceError:
    return SourceError("the Parquet file is damaged or encrypted", where=name, hint="Export it again")
