"""Rows of a Parquet file, a few at a time: nothing in it tells what they take once they are decoded."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST_ROWS = 1_000
"""Rows decoded at once at most; what bounds rows that are far larger than those before."""
BATCH_BYTES = 16 << 20
_PACKED = 20
"""Texts that pack better are mostly repeated, so their column is held as a dictionary."""


def open_batches(path: Path, **options: Any) -> pq.ParquetFile:
    """Open a file so that a column of one long text, many times over, takes the memory of one.

    Raises:
        pa.ArrowException, OSError, UnicodeDecodeError: The file is damaged.
    """
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    columns = [group.column(place) for group in groups for place in range(group.num_columns)]
    repeated = {
        each.path_in_schema
        for each in columns
        if each.physical_type == "BYTE_ARRAY" and each.total_uncompressed_size > _PACKED * each.total_compressed_size
    }
    return pq.ParquetFile(path, metadata=metadata, pre_buffer=False, read_dictionary=sorted(repeated), **options)


def sized_batches(file: pq.ParquetFile, columns: Sequence[str] | None = None) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield rows and what they take once dictionaries are gone: one row first, then as many as `BATCH_BYTES` hold."""
    plain_size = not any(map(pa.types.is_dictionary, file.schema_arrow.types))
    # So few rows are decoded sooner than they are given to other threads.
    for batch in file.iter_batches(batch_size=1, columns=columns, use_threads=False):
        size = max(1, batch.nbytes if plain_size else sum(map(_decoded_bytes, batch.columns)))
        step = max(1, batch.num_rows * BATCH_BYTES // size)
        file.reader.set_batch_size(min(MOST_ROWS, 4 * batch.num_rows, step))
        for start in range(0, batch.num_rows, step):
            part = batch.slice(start, step)
            yield part, size * part.num_rows // batch.num_rows


def plain(cells: pa.Array) -> pa.Array:
    """Return a column without a dictionary."""
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells


def _decoded_bytes(cells: pa.Array) -> int:
    """Return what a column takes once dictionaries are gone."""
    if not pa.types.is_dictionary(cells.type):
        return int(cells.nbytes)
    values = cells.dictionary
    if pa.types.is_fixed_size_binary(values.type) or pa.types.is_primitive(values.type):
        return int(len(cells) * max(1, values.type.bit_width // 8))
    return int(pc.sum(pc.binary_length(values).take(cells.indices)).as_py() or 0)
