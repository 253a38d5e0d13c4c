"""Frames and cubes as Parquet files, and back: small row groups, checked pages, bounded reading.

Text of a file says nothing about how large it unpacks, so reading goes batch by batch and counts.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import parquet
from pydantic import Field

from data_ingestion.files.parquet_batches import open_batches, plain, sized_batches
from outputs.durable import HashingWriter
from retention.errors import WorkspaceError, ensure
from retention.partition.cube import PAIRS, Cube
from retention.partition.record import Record

ROWS_PER_GROUP = 8_192
"""Few enough that a page of a screen reads little, enough that a million rows have few groups."""
ROWS_PER_WRITE = 8 * ROWS_PER_GROUP
READERS = 2
"""Threads that read a file of our own."""
MAX_ROWS = 50_000_000
MAX_COLUMNS = 200
MAX_DECODED_BYTES = 16 << 30
SMALL_BYTES = 128 << 20
MAX_RATIO = 100
RESTORE = "Restore it from an export, or delete it"
# Unless told, pandas makes Python objects of a column of flags in which some are missing.
_BOOLEANS = {pa.bool_(): pd.BooleanDtype()}
_SUMS = ("total", "total_other", "product")
S = TypeVar("S", np.int64, np.float64)


def damaged(where: str) -> WorkspaceError:
    """Return the error of a file that is not as it was written."""
    return WorkspaceError("a file of the saved period is damaged", where=where, hint=RESTORE)


@contextmanager
def _sound(where: str) -> Iterator[None]:
    """Turn errors of reading into that of a damaged file."""
    try:
        yield
    # Not damage: it is too large, or an erasure put a new file in its place, for which `PeriodFiles.read` looks.
    except (FileNotFoundError, MemoryError):
        raise
    except (pa.ArrowException, OSError) as error:
        raise damaged(where) from error


class ColumnRecord(Record):
    """A column of a frame: name, type, and the categories of a categorical one."""

    name: str = Field(min_length=1, max_length=200)
    dtype: str = Field(max_length=100)
    categories: tuple[str, ...] | None = None


class FrameRecord(Record):
    """The columns of a frame, in order."""

    columns: tuple[ColumnRecord, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return the record of a frame's columns."""
        return cls(
            columns=tuple(
                ColumnRecord(name=str(name), dtype=str(series.dtype), categories=_categories(series))
                for name, series in frame.items()
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def frame(self, table: pa.Table) -> pd.DataFrame:
        """Return the columns that are in an Arrow table as the frame that was saved.

        Raises:
            WorkspaceError: A column has another type than it was saved with.
        """
        present = [column for column in self.columns if column.name in table.column_names]
        return pd.DataFrame({column.name: _series(table[column.name], column) for column in present}, copy=False)


def _categories(series: pd.Series) -> tuple[str, ...] | None:
    if not isinstance(series.dtype, pd.CategoricalDtype):
        return None
    return tuple(series.dtype.categories.tolist())


def _series(values: pa.ChunkedArray, column: ColumnRecord) -> pd.Series:
    mapper = _BOOLEANS.get if column.dtype == "boolean" else None
    try:
        series: pd.Series = values.to_pandas(types_mapper=mapper)
        if column.categories is not None:
            known = pd.Index(list(column.categories), dtype="str")
            return pd.Series(pd.Categorical(series.astype("str"), categories=known))
        same = str(series.dtype) == column.dtype
        return series if same else series.astype(column.dtype)  # type: ignore[call-overload]
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise WorkspaceError(f"column '{column.name}' is not as it was saved") from error


def write_frame(frame: pd.DataFrame, stream: HashingWriter) -> None:
    """Write a frame as Parquet; equal frames give equal bytes."""
    write_frames(slices(frame), stream)


def slices(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the rows of a frame as they are written; of one without rows itself."""
    starts = range(0, max(1, len(frame)), ROWS_PER_WRITE)
    return (frame.iloc[start : start + ROWS_PER_WRITE] for start in starts)


def write_frames(frames: Iterator[pd.DataFrame], stream: HashingWriter) -> None:
    """Write frames of the same columns, one at least, one after another as one Parquet file."""
    first = next(frames)
    schema = pa.schema([(str(name), _type(series)) for name, series in first.items()])
    write_batches((_table(each, schema) for each in chain([first], frames)), schema, stream)


def _type(series: pd.Series) -> pa.DataType:
    if isinstance(series.dtype, pd.CategoricalDtype | pd.StringDtype):
        return pa.string()
    kind = pa.array(series.iloc[:0], from_pandas=True).type
    ensure(not pa.types.is_null(kind), "every column of a frame has a type")
    return kind


def _table(part: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    arrays = []
    for field in schema:
        series = part[field.name]
        plain = series.astype("str") if isinstance(series.dtype, pd.CategoricalDtype) else series
        arrays.append(pa.array(plain, type=field.type, from_pandas=True))
    return pa.table(arrays, schema=schema)


def write_batches(tables: Iterator[pa.Table], schema: pa.Schema, stream: HashingWriter) -> None:
    """Write Arrow tables one after another as one Parquet file."""
    options = {"compression": "zstd", "write_page_index": True, "write_page_checksum": True, "store_schema": True}
    with parquet.ParquetWriter(stream, schema, **options) as writer:
        for table in filter(len, tables):
            writer.write_table(table, row_group_size=ROWS_PER_GROUP)


def read_table(path: Path, *, where: str, max_rows: int = MAX_ROWS) -> pa.Table:
    """Return a whole Parquet file of which nothing is known.

    Raises:
        WorkspaceError: The file is damaged, or unpacks to more than any run holds.
    """
    batches, rows, decoded = list[pa.RecordBatch](), 0, 0
    with _sound(where):
        # Real tables pack some ten times; what packs a hundred times is made to fill the memory.
        limit = min(MAX_DECODED_BYTES, SMALL_BYTES + MAX_RATIO * path.stat().st_size)
        with open_batches(path, page_checksum_verification=True) as file:
            if file.metadata.num_columns > MAX_COLUMNS:
                raise damaged(where)
            for batch, size in sized_batches(file):
                rows, decoded = rows + batch.num_rows, decoded + size
                if rows > max_rows or decoded > limit:
                    raise WorkspaceError("a table is larger than any run holds", where=where)
                batches.append(pa.record_batch([plain(each) for each in batch.columns], names=batch.schema.names))
    return pa.Table.from_batches(batches) if batches else schema_of(path, where=where).empty_table()


def own_batches(
    path: Path, *, where: str, rows: int = ROWS_PER_GROUP, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file that this program wrote, so many at once; errors as `read_own`."""
    with _sound(where), parquet.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
        yield from file.iter_batches(batch_size=rows, columns=columns)


def read_own(path: Path, *, where: str, columns: Sequence[str]) -> pa.Table:
    """Return some columns of a file that this program wrote: in parallel, and without the guard against bombs.

    Raises:
        WorkspaceError: The file is damaged.
    """
    with _sound(where):
        metadata = parquet.read_metadata(path)
        share = -(-metadata.num_row_groups // READERS) or 1

        def read(start: int) -> pa.Table:
            groups = list(range(start, min(start + share, metadata.num_row_groups)))
            # An open file serves one thread at a time.
            with parquet.ParquetFile(path, metadata=metadata, page_checksum_verification=True) as file:
                return file.read_row_groups(groups, columns=list(columns), use_threads=False)

        with ThreadPoolExecutor(READERS) as readers:
            parts = list(readers.map(read, range(0, metadata.num_row_groups, share)))
        return pa.concat_tables(parts) if parts else parquet.read_table(path, columns=list(columns))


def schema_of(path: Path, *, where: str) -> pa.Schema:
    """Return the columns of a Parquet file.

    Raises:
        WorkspaceError: The file is damaged.
    """
    with _sound(where):
        return parquet.read_schema(path)


def write_cube(cube: Cube, stream: HashingWriter) -> None:
    """Write the cells of a cube that hold customers; its center is kept elsewhere."""
    cells = np.flatnonzero(cube.size)
    columns = {"cell": pa.array(cells.astype(np.uint32)), "size": pa.array(cube.size[cells])}
    for name in ("count", *_SUMS):
        flat = np.ascontiguousarray(getattr(cube, name)[cells]).ravel()
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(flat), len(PAIRS))
    table = pa.table(columns)
    write_batches(iter([table]), table.schema, stream)


def read_cube(path: Path, *, cells: int, center: npt.NDArray[np.float64], where: str) -> Cube:
    """Return the cube that `write_cube` wrote.

    Args:
        path: The file.
        cells: Cells of its grid.
        center: Its center.
        where: The run, for messages.

    Raises:
        WorkspaceError: The file is damaged or of another grid.
    """
    table = read_table(path, where=where, max_rows=cells)
    try:
        places = table["cell"].to_numpy().astype(np.int64, casting="safe")
        # A negative cell would be counted from the end, and of two equal ones the first would be lost.
        if (np.diff(places, prepend=-1) <= 0).any():
            raise damaged(where)
        size = _spread(table["size"].to_numpy(), places, np.zeros(cells, dtype=np.int64))
        count = _spread(_matrix(table["count"]), places, np.zeros((cells, len(PAIRS)), dtype=np.int64))
        sums = [_spread(_matrix(table[name]), places, np.zeros((cells, len(PAIRS)))) for name in _SUMS]
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, pa.ArrowException) as error:
        raise damaged(where) from error
    return Cube(size, center, count, *sums)


def _matrix(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """Return a column of lists as one row of numbers per cell."""
    parts = [chunk.flatten().to_numpy() for chunk in column.chunks]
    return np.concatenate(parts).reshape(-1, len(PAIRS)) if parts else np.empty((0, len(PAIRS)), dtype=np.int8)


def _spread(values: npt.NDArray[Any], places: npt.NDArray[np.uint32], out: npt.NDArray[S]) -> npt.NDArray[S]:
    """Return dense cells: zero but in their places."""
    # Safe, so that a damaged count with a fraction is an error and is not cut to a whole number.
    out[places] = values.astype(out.dtype, casting="safe")
    return out
