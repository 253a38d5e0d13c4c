"""All files of a run, written, read back and published whole."""

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from analysis import Run
from outputs.assignments import BLOCK_ROWS, Assignments, Codes, in_parts
from outputs.cells import bytes_of
from outputs.durable import hash_of, sync_file
from outputs.names import REPORT, RUN, SEGMENTS, FileFormat, Profile, numbered, segment_files
from outputs.ownership import Destination
from outputs.publishing import publish
from outputs.reports import RunDetails, quarantine_files, report, run_json, scores_json, table_csv
from outputs.spread import cluster_of, write_spread
from outputs.verification import verify

Progress = Callable[[str, float], None]
WAITING, BATCH = 4 * BLOCK_ROWS, 8_192
"""Rows of all segments that wait to be a row group of theirs, and rows that are encoded at once."""


@dataclass(frozen=True)
class Written:
    """What was written: segment files in the order of the tree, and how many rows of each were read back."""

    folder: Path
    segments: dict[str, str]
    verified: dict[str, int]
    names: tuple[str, ...]


def write_outputs(
    run: Run,
    directory: Path | Destination,
    *,
    profile: Profile = "machine",
    file_format: FileFormat = "csv",
    details: RunDetails | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write all files of a run; the folder holds all of them or is as it was.

    Args:
        run: The analysis.
        directory: The output folder; files in it that are not ours are kept.
        profile: How text in CSV files is written.
        file_format: Of assignments and segment files.
        details: What `run.json` records.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        OptionError: The folder cannot be used or written, or a file in it would be lost.
        InvariantError: The files read back are not the partition.
    """
    goal = Destination.of(directory)

    def fill(folder: Path) -> Written:
        verified = fill_folder(run, folder, profile=profile, file_format=file_format, progress=progress)
        (folder / RUN).write_bytes(run_json(details or RunDetails()))
        names = tuple(sorted({re.sub(r"-[0-9]{5}(?=\.)", "-*", path.name) for path in folder.iterdir()}))
        return Written(goal.folder, files_of(run, file_format), verified, names)

    return publish(goal, fill)


def files_of(run: Run, file_format: FileFormat) -> dict[str, str]:
    """Return the path of each segment's file below the folder, in the order of the tree, numbered by rank.

    Of customers on a cluster it is a pattern, which the file of each part fits.
    """
    segments, names = run.segmentation.tree.segments, _names(run, file_format)[1:]
    shown = [numbered(name, "*") for name in names] if cluster_of(run) is not None else names
    return {segment.name: name for segment, name in zip(segments, shown, strict=True)}


def _names(run: Run, file_format: FileFormat) -> tuple[str, ...]:
    """Return the paths of the assignments and of the segments, in the order of the tree."""
    paths = segment_files(run.scores.table["Segment"].tolist(), file_format)
    return (f"segment_assignments.{file_format}", *(paths[each.name] for each in run.segmentation.tree.segments))


def fill_folder(
    run: Run, folder: Path, *, profile: Profile, file_format: FileFormat, progress: Progress | None = None
) -> dict[str, int]:
    """Write every file of a run but `run.json` into an empty folder, and return the rows of each that was read back."""
    tell = progress or silent
    files, names = files_of(run, file_format), _names(run, file_format)
    write = _write_csv if file_format == "csv" else _write_parquet
    (folder / SEGMENTS).mkdir()
    tell("Writing assignments", 0.0)
    if cluster_of(run) is not None:
        verified, hashes = write_spread(run, folder, names, profile, write)
    else:
        done, paths = partial(_told, tell, run.accounting.universe), [folder / name for name in names]
        write(Assignments(run, profile), in_parts(run, profile, as_text=file_format == "csv"), paths, done)
        tell("Reading the files back", 0.7)
        with ThreadPoolExecutor(1) as pool:
            # The disk takes the files, and they are hashed, while they are read back from memory.
            hashed = pool.map(_sync_and_hash, paths)
            verified = verify(folder, files, names[0], run, profile)
            hashes = dict(zip(names, hashed, strict=True))
    tell("Writing reports", 0.95)
    small = {
        "segment_scores.csv": table_csv(run.scores.table, profile),
        "segment_scores.json": scores_json(run),
        **quarantine_files(run.quarantine, profile),
        **({"cells.csv": table_csv(run.cells, profile)} if len(run.cells) else {}),
    }
    for name, content in small.items():
        (folder / name).write_bytes(content)
        hashes[name] = sha256(content).hexdigest()
    (folder / REPORT).write_bytes(report(run, files, verified, hashes))
    return verified


def _sync_and_hash(path: Path) -> str:
    sync_file(path)
    return hash_of(path)


def silent(step: str, share: float) -> None:
    """Take progress that nobody watches."""


def _told(tell: Progress, universe: int, rows: int) -> None:
    tell("Writing assignments", 0.7 * rows / universe)


def _write_csv(
    whole: Assignments, tables: Iterable[Assignments], paths: list[Path], done: Callable[[int], None]
) -> None:
    """Write records once for the assignments and once sorted into the segments' files."""
    with ExitStack() as stack:
        streams = [stack.enter_context(path.open("wb", buffering=0)) for path in paths]
        for stream in streams:
            stream.write(whole.header)
        count = 0
        for codes, lines in chain.from_iterable(table.blocks() for table in tables):
            write_lines(streams[0], lines)
            for code, part in _by_segment(codes, lines):
                write_lines(streams[1 + code], part)
            count += len(codes)
            done(count)


def _by_segment(codes: Codes, records: pa.Array | pa.Table) -> Iterator[tuple[int, pa.Array | pa.Table]]:
    # Stable, so that each segment's file keeps the order of the data: `verify` compares it row by row.
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes)).tolist()
    for code, (start, end) in enumerate(pairwise([0, *ends])):
        if end > start:
            yield code, records.take(pa.array(order[start:end]))


def write_lines(stream: BinaryIO, lines: pa.Array) -> None:
    """Write records in one piece."""
    view, _ = bytes_of(lines)
    while len(view):
        view = view[stream.write(view) :]


def _write_parquet(
    whole: Assignments, tables: Iterable[Assignments], paths: list[Path], done: Callable[[int], None]
) -> None:
    schema, count = whole.arrow(slice(0, 0)).schema, 0
    waiting, sizes = [list[pa.Table]() for _ in paths[1:]], np.zeros(len(paths) - 1, dtype=np.int64)
    with ExitStack() as stack:
        writers = [stack.enter_context(_parquet_writer(path, schema)) for path in paths]

        def write(code: int) -> None:
            writers[1 + code].write_table(pa.concat_tables(waiting[code]))
            waiting[code], sizes[code] = [], 0

        for table in tables:
            for start in range(0, table.rows, BLOCK_ROWS):
                rows = slice(start, min(start + BLOCK_ROWS, table.rows))
                block = table.arrow(rows)
                writers[0].write_table(block)
                for code, part in _by_segment(table.run.segmentation.codes[rows], block):
                    waiting[code].append(part)
                    sizes[code] += part.num_rows
                # Row groups of few rows take a third more time, and their footers the memory of whoever reads them.
                while sizes.max() >= BLOCK_ROWS or sizes.sum() > WAITING:
                    write(int(sizes.argmax()))
                done(count + rows.stop)
            count += table.rows
        for code in np.flatnonzero(sizes).tolist():
            write(code)


def _parquet_writer(path: Path, schema: pa.Schema) -> parquet.ParquetWriter:
    # Ids all differ, and so do nearly all times of carts: a dictionary makes them larger, and takes twice as long.
    repeating = [name for name in schema.names if name not in ("user_id", "cart_abandoned_date")]
    return parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating, write_batch_size=BATCH)
