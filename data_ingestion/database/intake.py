"""One query -> an `Intake`, chunk by chunk, judged by the rules of files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from sys import getsizeof
from typing import Any

import pandas as pd
from sqlalchemy.engine import URL, Connection, CursorResult
from sqlalchemy.exc import SQLAlchemyError

from data_ingestion.database.cells import RowsHash, as_cells, which_numbers
from data_ingestion.database.engine import connected
from data_ingestion.database.faults import fault
from data_ingestion.database.query import single_select
from data_ingestion.database.url import database_url, shown_name
from data_ingestion.files.blocks import LineMap, Table, TextBlock, ready
from data_ingestion.files.byte_source import Meter
from data_ingestion.formats.header import Header, recognise
from data_ingestion.formats.record_columns import NESTED
from data_ingestion.options import ReadOptions
from data_ingestion.reading import Progress, may_be_parted, typed_blocks
from data_ingestion.rows.account import make_intake
from data_ingestion.rows.intake import ORIGINALS, Intake
from data_ingestion.rows.judged_file import JudgedFile, judge
from data_ingestion.rows.parts import PartedIntake, in_parts
from data_ingestion.rows.spool import Spool
from retention.errors import ContractError, SourceError

STEP_ROWS = 100
"""Rows fetched at once, however large they are."""
CHUNK_ROWS, CHUNK_BYTES = 10_000, 16 << 20
"""Rows and bytes that are cast together, about; what bounds the memory apart from the rows that are kept."""
USUAL_ROWS = 100_000
"""A result does not tell how many rows it has; after so many the progress bar stands in the middle."""


def read_database(
    url: str | URL,
    query: str,
    *,
    options: ReadOptions | None = None,
    progress: Progress | None = None,
    environment: Mapping[str, str] | None = None,
) -> Intake:
    """Return the customers that a query gives, every row accounted for; `line` is the row's number, from 1.

    The `input_hash` covers the cells that were read, in their order, and not the place they came from: an
    ORDER BY makes it the same each time. Nothing that is returned or raised holds a secret of the URL.

    Args:
        url: A SQLAlchemy URL, `env:NAME`, or one with `${NAME}` in it.
        query: One SELECT.
        options: Zone, date order, limits.
        progress: Called with the database's shown name and a fraction that grows.
        environment: Variables that the URL may name.

    Raises:
        OptionError: The URL or the query is not what it should be, or a driver is missing.
        SourceError: The database cannot be reached or refuses the query, or no row can be used.
        ContractError: Required columns are missing, or a column holds what is no single value.
    """
    options = options or ReadOptions()
    return make_intake([_judged(url, query, options, progress, environment or {})], options)


def read_database_parts(
    url: str | URL,
    query: str,
    spool: Spool,
    *,
    options: ReadOptions | None = None,
    progress: Progress | None = None,
    environment: Mapping[str, str] | None = None,
) -> PartedIntake | Intake:
    """Return the same customers in parts; whole, where `read_parts` would not give a file's in parts.

    What is fetched goes to the disk as the typed blocks of a file do, so that both give the same rows and hash.
    """
    options = replace(options or ReadOptions(), keep=spool)
    file = _judged(url, query, options, progress, environment or {})
    if not may_be_parted([file]):
        return make_intake([file], options)
    # A row of a database stands in no file that could be looked at again.
    return in_parts([file], options, spool, lambda _: pd.DataFrame(columns=ORIGINALS))


def _judged(
    url: str | URL, query: str, options: ReadOptions, progress: Progress | None, environment: Mapping[str, str]
) -> JudgedFile:
    """Return what a query gives as a file, judged; arguments as `read_database`."""
    place = database_url(url, environment) if isinstance(url, str) else url
    statement = single_select(query, place.get_backend_name())
    name, seen, meter = shown_name(place), RowsHash(), Meter(options.limits)
    most = options.limits.record_bytes
    with (
        connected(place, options.timezone, most) as connection,
        closing(_result(connection, statement, name)) as result,
    ):
        header = _header(result, name, options)
        parts = ready(_blocks(result, header, name, meter, seen))
        table = Table(name, "database", header, parts, seen.hexdigest)
        blocks = typed_blocks(table, options, meter, progress)
    if not blocks:
        raise _nothing(name)
    return judge(table, blocks, options)


def _result(connection: Connection, statement: str, name: str) -> "CursorResult[Any]":
    """Return the result of a query, none of whose rows has been fetched yet."""
    # Otherwise many drivers fetch the whole result into memory before they hand over the first row.
    streaming = connection.execution_options(stream_results=True, max_row_buffer=STEP_ROWS)
    try:
        result = streaming.exec_driver_sql(statement)
    except (SQLAlchemyError, ValueError) as error:
        raise fault(error, name, connecting=False) from None
    # A result that comes as it is computed names no columns before its first row.
    if not result.returns_rows:
        raise _nothing(name)
    return result


def _nothing(name: str) -> SourceError:
    return SourceError("the query gives no rows", where=name, hint="Check its conditions")


def _header(result: "CursorResult[Any]", name: str, options: ReadOptions) -> Header:
    names = list(result.keys())
    if len(names) > options.limits.columns:
        raise SourceError(f"the query gives more than {options.limits.columns:,} columns", where=name)
    header = recognise(names, name, options.formats.get(name))
    # psycopg alone names the types; what other drivers hand over is seen value by value.
    described = result.cursor.description or ()
    for place, column in header.found:
        kind = getattr(described[place], "type_display", "")
        listed = kind in ("json", "jsonb") and column.name not in NESTED
        if listed or kind.endswith("[]"):
            raise ContractError(
                f"the column '{column.name}' holds nested values ({kind})", where=name, hint="Select one value per row"
            )
    return header


def _blocks(
    result: "CursorResult[Any]", header: Header, name: str, meter: Meter, seen: RowsHash
) -> Iterator[TextBlock]:
    row = 1
    for chunk in _chunks(result, [place for place, _ in header.found], name):
        columns = {column: values for (_, column), values in zip(header.found, chunk, strict=True)}
        texts = {column.name: as_cells(values, column, name) for column, values in columns.items()}
        meter.add_bytes(sum(text.nbytes for text in texts.values()), name)
        for column_name, text in texts.items():
            seen.add(column_name, text)
        typed = {column.name: which_numbers(values) for column, values in columns.items()}
        count = len(chunk[0])
        yield TextBlock(texts, count, LineMap(row), (), row / (row + USUAL_ROWS), typed)
        row += count


def _chunks(result: "CursorResult[Any]", places: Sequence[int], name: str) -> Iterator[list[list[object]]]:
    """Yield the values of some columns, of so many rows that they take a bounded memory."""
    steps = result.columns(*places).partitions(STEP_ROWS)
    chunk, size = [list[object]() for _ in places], 0
    while True:
        try:
            rows = next(steps, None)
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            raise fault(error, name, connecting=False) from None
        if rows is not None:
            for cells, values in zip(chunk, zip(*rows, strict=True), strict=True):
                cells.extend(values)
                size += sum(map(getsizeof, values))
        if chunk[0] and (rows is None or size > CHUNK_BYTES or len(chunk[0]) >= CHUNK_ROWS):
            yield chunk
            chunk, size = [list[object]() for _ in places], 0
        if rows is None:
            return
