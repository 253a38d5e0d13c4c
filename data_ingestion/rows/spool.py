"""What waits on the disk instead of in memory: blocks of a file that is still read, and frames of rows.

A block's cells are read back by mapping their file, so that the system takes their memory back when it needs it.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass, replace
from functools import reduce
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from retention.errors import InvariantError
from retention.hashing import engine, hasher
from retention.partition.parts import Add, Fold, Numbers, PartedRows, S, Total

if TYPE_CHECKING:
    import duckdb

Block = TypeVar("Block")
LEAST = 4_096
"""Bytes from which on cells go to the disk."""
FEW = 65_536
"""Rows that take less time than an engine of their own to start."""
_ALIGNED = 64


class Spool:
    """A folder for what waits; calling it with a block returns the same block, its cells on the disk.

    Args:
        folder: A folder of its own, which its owner removes.
        memory: Bytes that the engine may use before it spills into the folder, too.
    """

    def __init__(self, folder: Path, memory: int = 1 << 30) -> None:
        self.folder, self._memory, self._numbers = folder, memory, count()

    def __call__(self, block: Block) -> Block:
        """Return a block that takes next to no memory."""
        arrays = [array for array in _arrays(block) if not _is_mapped(array)]
        if not arrays:
            return block
        path = self.folder / f"block-{next(self._numbers)}"
        with pa.OSFile(str(path), "wb") as sink:
            places = {id(array): list(_written(array, sink)) for array in arrays}
        whole = pa.memory_map(str(path)).read_buffer()
        # What is mapped stays readable without its name, and is gone when nobody needs it; Windows keeps names in use.
        with suppress(OSError):
            path.unlink()
        stored: Block = _replaced(block, whole, places)
        return stored

    @contextmanager
    def engine(self, rows: int = FEW + 1) -> Iterator["duckdb.DuckDBPyConnection"]:
        """Give an engine for some rows, which go in and come out in one order; tables are to be temporary.

        It spills into the folder, but for few rows, for which it is the one that the process keeps.
        """
        spilled, limit = str(self.folder / "spilled"), f"{self._memory >> 20}MiB"
        with hasher() if rows <= FEW else engine(memory_limit=limit, temp_directory=spilled) as connection:
            yield connection

    def frames(self) -> "StoredFrames":
        """Return a place for frames."""
        return StoredFrames(self, next(self._numbers))

    def kept(self, frames: Iterable[pd.DataFrame] = ()) -> "MappedFrames":
        """Return frames, kept for passes."""
        stored = MappedFrames(self)
        for frame in frames:
            stored.append(frame)
        return stored


def write_frame(frame: pd.DataFrame, sink: pa.NativeFile, *, packed: bool = True) -> None:
    """Write a frame; what is not packed can be mapped, so that what nobody looks at is not read."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for at, name in enumerate(frame):
        # What is missing stays a number that is none, so that a column is read where it lies.
        if table.column(at).null_count and frame[name].dtype == np.float64:
            table = table.set_column(at, name, pa.array(frame[name].to_numpy()))
    options = pa.ipc.IpcWriteOptions(compression="lz4" if packed else None)
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)


def read_frame(
    source: pa.NativeFile, none: pd.DataFrame | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a frame that was written.

    Args:
        source: Where it is.
        none: No row of it, with the types of its columns; None: the types are as they were written.
        columns: The columns that are wanted, of those that `none` has; None: all.
    """
    at = [] if none is None else [none.columns.get_loc(name) for name in columns or ()]
    options = pa.ipc.IpcReadOptions(included_fields=at)
    # A block for each column, so that one without gaps stays where it is.
    frame: pd.DataFrame = pa.ipc.open_file(source, options=options).read_all().to_pandas(split_blocks=True)
    if none is None:
        return frame
    wanted = none.dtypes if columns is None else none.dtypes[list(columns)]
    # To find that nothing is left to do takes pandas a hundred times as long as to compare.
    same = frame.dtypes.tolist() == wanted.tolist()
    return frame if same else frame[list(wanted.index)].astype(wanted.to_dict())


class StoredFrames:
    """Frames of the same columns in files of their own, however many; one is in memory at a time."""

    def __init__(self, spool: Spool, number: int) -> None:
        self.none, self.lengths = pd.DataFrame(), list[int]()
        self._spool, self._stem = spool, f"frame-{number}"

    @property
    def size(self) -> int:
        """Rows of all frames."""
        return sum(self.lengths)

    def append(self, frame: pd.DataFrame) -> None:
        """Add a frame."""
        with pa.OSFile(self._path(len(self.lengths)), "wb") as sink:
            write_frame(frame, sink, packed=False)
        self.none = frame.iloc[:0]
        self.lengths.append(len(frame))

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the frames in order."""
        for place in range(len(self.lengths)):
            with pa.memory_map(self._path(place)) as source:
                frame = read_frame(source, self.none)
            yield frame

    def drop(self) -> None:
        """Remove the files."""
        for place in range(len(self.lengths)):
            Path(self._path(place)).unlink()
        self.lengths = []

    def _path(self, place: int) -> str:
        return str(self._spool.folder / f"{self._stem}-{place}")


class MappedFrames(PartedRows):
    """Frames for passes over some of their columns: those that lie in a mapped file stay there, whosever it is."""

    def __init__(self, spool: Spool) -> None:
        self.none, self.lengths = pd.DataFrame(), list[int]()
        self._spool, self._parts = spool, list[tuple[Mapping[str, Any], Mapping[Any, Any]]]()

    @property
    def size(self) -> int:
        """Rows of all frames."""
        return sum(self.lengths)

    def append(self, frame: pd.DataFrame) -> None:
        """Add a frame."""
        cells = {str(name): _cells_of(column) for name, column in frame.items()}
        self._parts.append((self._spool(cells), frame.dtypes.to_dict()))
        self.none = frame.iloc[:0]
        self.lengths.append(len(frame))

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the frames in order."""
        return self._read(None)

    def _read(self, columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
        wanted = self.none.dtypes if columns is None else self.none.dtypes[list(columns)]
        for (cells, kinds), rows in zip(self._parts, self.lengths, strict=True):
            columns_read = {name: _column_of(cells[name], kinds[name]) for name in wanted.index}
            # By its index a frame has its rows where no column is wanted, too.
            frame = pd.DataFrame(columns_read, index=pd.RangeIndex(rows), copy=False)
            same = all(kinds[name] == kind for name, kind in wanted.items())
            yield frame if same else frame.astype(wanted.to_dict())

    def fold(self, step: Fold[S, pd.DataFrame], add: Add[S], columns: Sequence[str] | None = None) -> S:  # noqa: ARG002
        """Return what a step makes of the frames, one after the other."""
        total: S | None = None
        for frame in self._read(columns):
            total = step(total, frame)
        if total is None:
            raise InvariantError("broken identity: there is a part")
        return total

    def total(self, *names: str) -> Total:
        """Return what adds up over columns of numbers, for which no frame is made."""

        def of_columns(of: Callable[..., S], add: Add[S] = operator.add) -> S:
            return reduce(add, (of(*(_numbers_of(cells[name]) for name in names)) for cells, _ in self._parts))

        return of_columns

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> PartedRows:
        """Return other frames beside these."""
        return self._spool.kept(map(of, self))

    def drop(self) -> None:
        """Let go of the frames."""
        self._parts, self.lengths = [], []


def _cells_of(column: "pd.Series[Any]") -> Any:
    """Return what a column consists of: numbers, or texts and flags of Arrow; no copy of them where that can be."""
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy()
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.array.asi8
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    cells = pa.array(column, from_pandas=True)
    pieces = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    # Of a slice the whole buffers would be written.
    if len(pieces) == 1 and pieces[0].nbytes == pieces[0].get_total_buffer_size():
        return pieces[0]
    return pa.concat_arrays(pieces) if pieces else pa.array([], cells.type)


def _column_of(cells: Any, kind: Any) -> Any:
    """Return a column of this type out of what it consists of."""
    if isinstance(kind, pd.CategoricalDtype):
        return pd.Categorical.from_codes(cells, dtype=kind)
    return cells if isinstance(kind, np.dtype) else pd.array(cells, dtype=kind, copy=False)


def _numbers_of(cells: Any) -> Numbers:
    numbers = cells if isinstance(cells, np.ndarray) else cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers if numbers.dtype == np.int64 else numbers.astype(np.float64, copy=False)


def rechunked(frames: Iterable[pd.DataFrame], rows: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of some frames in frames of so many rows; the last has the rest."""
    held, waiting = list[pd.DataFrame](), 0
    for frame in frames:
        held, waiting = [*held, frame], waiting + len(frame)
        while waiting >= rows:
            whole = held[0] if len(held) == 1 else pd.concat(held, ignore_index=True)
            yield whole.iloc[:rows]
            held, waiting = [whole.iloc[rows:]], waiting - rows
    if waiting:
        yield pd.concat(held, ignore_index=True)


def _arrays(value: Any) -> Iterator[Any]:
    """Yield the large arrays of a block, whatever they stand in."""
    if isinstance(value, np.ndarray | pa.Array):
        if value.nbytes >= LEAST:
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _arrays(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _arrays(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _arrays(getattr(value, field.name))


def _is_mapped(array: Any) -> bool:
    """Return whether an array is what was read from a mapped file, as the cells of a block that is judged often are."""
    if isinstance(array, pa.Array):
        return any(each is not None and each.parent is not None and not each.is_mutable for each in array.buffers())
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, pa.Buffer)


def _written(array: Any, sink: pa.NativeFile) -> Iterator[tuple[int, int] | None]:
    """Write the buffers of an array, and yield where each begins and how long it is."""
    for buffer in array.buffers() if isinstance(array, pa.Array) else [pa.py_buffer(np.ascontiguousarray(array))]:
        if buffer is None:
            yield None
            continue
        sink.write(b"\0" * (-sink.tell() % _ALIGNED))
        yield sink.tell(), buffer.size
        sink.write(buffer)


def _replaced(value: Any, whole: pa.Buffer, places: Mapping[int, list[tuple[int, int] | None]]) -> Any:
    """Return a value with its large arrays read from a buffer."""
    if id(value) in places:
        parts = [None if place is None else whole.slice(*place) for place in places[id(value)]]
        if isinstance(value, pa.Array):
            return pa.Array.from_buffers(value.type, len(value), parts, offset=value.offset)
        return np.frombuffer(parts[0] or b"", dtype=value.dtype).reshape(value.shape)
    if isinstance(value, np.ndarray | pa.Array) or next(_arrays(value), None) is None:
        return value
    if isinstance(value, Mapping):
        return {name: _replaced(each, whole, places) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_replaced(each, whole, places) for each in value)
    return replace(value, **{each.name: _replaced(getattr(value, each.name), whole, places) for each in fields(value)})
