"""Frames as rows of Spark's, each with the number of its part: Spark moves and keeps them, and looks into none.

So a cell is on a cluster what it is in memory, bit for bit, and a pass costs Spark one row a part. Answers come back as
Spark's own do, pickled by its serializer, from nobody but the workers.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial, reduce
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pandas as pd
import pyarrow as pa

from data_ingestion.rows.spool import read_frame, write_frame
from retention.errors import RetentionError, SourceError, ensure
from retention.partition.parts import Add, Fold, PartedRows, S, added

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEMA = "part int, place long, blob binary"
_TYPES = pa.schema([("part", pa.int32()), ("place", pa.int64()), ("blob", pa.binary())])
BATCH, ROWS, FRAMES = "spark.sql.execution.arrow.maxRecordsPerBatch", "10000", "64"
"""The setting of what Spark hands over at once: rows of a table, or frames, of which many would not fit."""
MOST_TASKS, FEW_TASKS = 256, 8
"""Tasks of a pass: each takes several parts in turn; what few of them send is added up by the driver."""
Batches = Iterable[pa.RecordBatch]
T = TypeVar("T")


class Blob(NamedTuple):
    """A frame, or an answer.

    Args:
        part: Its part.
        place: Orders those of a part.
        blob: What it holds.
    """

    part: int
    place: int
    blob: bytes


def packed(part: int, place: int, frame: pd.DataFrame) -> Blob:
    """Return a frame as a blob."""
    sink = pa.BufferOutputStream()
    write_frame(frame, sink)
    return Blob(part, place, sink.getvalue().to_pybytes())


def answer(part: int, place: int, value: object) -> Blob:
    """Return a value as a blob; sums hold many zeros, and are packed well."""
    from pyspark.serializers import CPickleSerializer  # noqa: PLC0415 - not installed everywhere

    return Blob(part, place, zlib.compress(CPickleSerializer().dumps(value), 1))


def value_of(blob: Blob) -> Any:
    """Return the value of an answer."""
    from pyspark.serializers import CPickleSerializer  # noqa: PLC0415 - not installed everywhere

    return CPickleSerializer().loads(zlib.decompress(blob.blob))


def frame_of(blob: Blob) -> pd.DataFrame:
    """Return a frame as it was written."""
    return read_frame(pa.BufferReader(blob.blob))


def answers(frame: "DataFrame") -> list[Any]:
    """Return the values of all answers in order.

    Raises:
        RetentionError: The first that is one.
    """
    return [_sound(blob) for blob in sorted(Blob(row.part, row.place, bytes(row.blob)) for row in frame.collect())]


def _sound(blob: Blob) -> Any:
    """Return the value of an answer, unless it is an error, which is raised."""
    value = value_of(blob)
    if isinstance(value, RetentionError):
        raise value
    return value


def told(error: RetentionError | OSError, where: str = "") -> RetentionError:
    """Return what a person can do about an error on a worker."""
    if isinstance(error, RetentionError):
        return error
    what = f"a worker cannot read or write ({(error.strerror or type(error).__name__).lower()})"
    hint = "Check its disk, and that each worker finds input, output and workspace under the paths of this machine"
    return SourceError(what, where=where, hint=hint)


def batches_of(blobs: Iterable[Blob]) -> Iterator[pa.RecordBatch]:
    """Yield blobs as Spark takes them, each alone, since one may be large."""
    for blob in blobs:
        cells = [pa.array([cell], kind.type) for cell, kind in zip(blob, _TYPES, strict=True)]
        yield pa.RecordBatch.from_arrays(cells, schema=_TYPES)


def blobs_of(batches: Batches) -> Iterator[Blob]:
    """Yield the blobs of a task."""
    for batch in batches:
        for row in range(batch.num_rows):
            part, place, blob = (batch.column(each)[row] for each in range(3))
            yield Blob(part.as_py(), place.as_py(), blob.as_buffer())


PartWork = Callable[[int, list[Blob]], Iterable[Blob]]


def over_parts(blobs: "DataFrame", work: PartWork) -> "DataFrame":
    """Return the blobs that work on each part gives; it is sent to the workers, and an error becomes an answer."""
    return blobs.mapInArrow(partial(_worked, work), SCHEMA)


def _worked(work: PartWork, batches: Batches) -> Iterator[pa.RecordBatch]:
    for part, own in groupby(blobs_of(batches), key=attrgetter("part")):
        try:
            yield from batches_of(work(part, list(own)))
        except (RetentionError, OSError) as error:
            yield from batches_of([answer(part, 1, told(error))])


@dataclass
class Cluster:
    """A session, and what it keeps on the disks of its workers until this is closed.

    Args:
        session: The session.
        parts: Parts that customers are put into.
    """

    session: "SparkSession"
    parts: int
    _held: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @property
    def tasks(self) -> int:
        """Tasks of a pass, by the input alone, so that sums are added in one order on any cluster."""
        return min(self.parts, MOST_TASKS)

    def kept(self, frame: "DataFrame") -> "DataFrame":
        """Return rows that are made once; those of a worker that is lost are made again."""
        from pyspark import StorageLevel  # noqa: PLC0415 - not installed everywhere

        held = frame.persist(StorageLevel.DISK_ONLY)
        self._held.callback(held.unpersist)
        return held


class SpreadRows(PartedRows):
    """Rows in parts on a cluster.

    Args:
        cluster: The cluster.
        blobs: A frame for each part.
        none: No row, with all columns.
        size: How many rows there are; None: they are counted when somebody asks.
    """

    def __init__(self, cluster: Cluster, blobs: "DataFrame", none: pd.DataFrame, size: int | None = None) -> None:
        self.cluster, self.blobs, self.none, self._size = cluster, blobs, none, size

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.summed(len) if self._size is None else self._size

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts, which come to the driver one after the other."""
        for row in self.blobs.toLocalIterator():
            yield read_frame(pa.BufferReader(row.blob), self.none)

    def fold(self, step: Fold[S, pd.DataFrame], add: Add[S], columns: Sequence[str] | None = None) -> S:
        """Return what a step makes of all parts."""
        none = self.none

        def read(blob: Blob) -> pd.DataFrame:
            return read_frame(pa.BufferReader(blob.blob), none, columns)

        return folded(self.cluster, self.blobs, read, step, add)

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> "SpreadRows":
        """Return other rows, made of each part."""
        blobs = self.blobs.mapInArrow(partial(_made, of, self.none), SCHEMA)
        return SpreadRows(self.cluster, self.cluster.kept(blobs), of(self.none))


def folded(cluster: Cluster, blobs: "DataFrame", read: Callable[[Blob], T], step: Fold[S, T], add: Add[S]) -> S:
    """Return what a step makes of all blobs, each of them read: one answer of each task, added up in their order."""
    sums = blobs.mapInArrow(partial(_folded, read, step), SCHEMA)
    if cluster.tasks > FEW_TASKS:
        # A worker does what the driver would, which then gets one answer, however many tasks there are.
        own = partial(_folded, _sound, partial(added, _same, add))
        sums = sums.repartition(1).sortWithinPartitions("part").mapInArrow(own, SCHEMA)
    totals = answers(sums)
    ensure(bool(totals), "there is a part")
    total: S = reduce(add, totals)
    return total


def _same(value: T) -> T:
    return value


def _folded(read: Callable[[Blob], T], step: Fold[S, T], batches: Batches) -> Iterator[pa.RecordBatch]:
    total: S | None = None
    first = -1
    try:
        for blob in blobs_of(batches):
            first = blob.part if first < 0 else first
            total = step(total, read(blob))
    except (RetentionError, OSError) as error:
        yield from batches_of([answer(max(first, 0), 0, told(error))])
        return
    if first >= 0:
        yield from batches_of([answer(first, 0, total)])


def _made(of: Callable[[pd.DataFrame], pd.DataFrame], none: pd.DataFrame, batches: Batches) -> Iterator[pa.RecordBatch]:
    for blob in blobs_of(batches):
        yield from batches_of([packed(blob.part, 0, of(read_frame(pa.BufferReader(blob.blob), none)))])
