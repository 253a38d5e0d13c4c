"""Files, and the partitions of a table, one to a task."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from data_ingestion.cluster.blobs import SCHEMA, Batches, Blob, Cluster, answer, batches_of, told
from data_ingestion.files.table import distinct_names
from retention.errors import Remedy, RetentionError, Setting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

IN_MEMORY = Remedy(Setting.ENGINE, ("memory",))
PART_BYTES, ROW_BYTES = 32 << 20, 50
"""What a part holds as text, and a row of a table, about: as many bytes in memory as one task may take."""
PACKED = 5
"""How many times a packed file is larger as text, about."""


class SpreadFile(NamedTuple):
    """A file that a task reads.

    Args:
        number: Its place among all files.
        name: What to call it.
        path: Where the worker finds it.
    """

    number: int
    name: str
    path: Path


Work = Callable[[SpreadFile], Iterable[Blob]]


@dataclass(frozen=True)
class SpreadFiles:
    """Files that every worker finds at the same path."""

    paths: tuple[Path, ...]

    def frame(self, cluster: Cluster) -> "DataFrame":
        """Return a row for each file, each in a task of its own."""
        return cluster.session.range(0, len(self.paths), 1, len(self.paths))

    def opened(self, batches: Batches) -> Iterator[SpreadFile]:
        """Yield the files of a task."""
        names = distinct_names(self.paths)
        for batch in batches:
            yield from (SpreadFile(place, names[place], self.paths[place]) for place in batch.column(0).to_pylist())


@dataclass(frozen=True)
class SpreadTable:
    """A table of the catalog; each of its partitions is read as a Parquet file.

    Args:
        name: Its name, as Spark takes it.
    """

    name: str

    def frame(self, cluster: Cluster) -> "DataFrame":
        """Return the rows of the table."""
        return cluster.session.table(self.name)

    def opened(self, batches: Batches) -> Iterator[SpreadFile]:
        """Yield a file with the rows of a task, unless there are none."""
        from pyspark import TaskContext  # noqa: PLC0415 - not installed everywhere

        context, rows = TaskContext.get(), iter(batches)
        first = next((batch for batch in rows if batch.num_rows), None)
        if first is None or context is None:
            return
        number = context.partitionId()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            with parquet.ParquetWriter(path, first.schema) as writer:
                writer.write_batch(first)
                for batch in rows:
                    writer.write_batch(batch)
            yield SpreadFile(number, f"{self.name} (partition {number})", path)


SpreadSource = SpreadFiles | SpreadTable


def parts_of(source: SpreadSource, session: "SparkSession") -> int:
    """Return how many parts customers are put into: by the input alone, so that any cluster adds up in one order."""
    if isinstance(source, SpreadTable):
        size = int(session.table(source.name).count()) * ROW_BYTES
    else:
        packed = {".gz", ".xz", ".parquet", ".xlsx"}
        size = sum(path.stat().st_size * (PACKED if path.suffix in packed else 1) for path in source.paths)
    return 1 + size // PART_BYTES


def over_files(cluster: Cluster, source: SpreadSource, work: Work, answers_in: int) -> "DataFrame":
    """Return the blobs that work on each file of a source gives.

    Args:
        cluster: The cluster.
        source: The files.
        work: Is sent to the workers.
        answers_in: The part of the answer that a file ends with which cannot be used.
    """
    return source.frame(cluster).mapInArrow(partial(_worked, source, work, answers_in), SCHEMA)


def _worked(source: SpreadSource, work: Work, answers_in: int, batches: Batches) -> Iterator[pa.RecordBatch]:
    for file in source.opened(batches):
        try:
            yield from batches_of(work(file))
        except (RetentionError, OSError) as error:
            yield from batches_of([answer(answers_in, file.number, told(error, file.name))])
