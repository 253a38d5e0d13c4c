"""Customer tables -> an `Intake`: the one way in for files."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from data_ingestion.cells.typed_blocks import TypedBlock, type_block
from data_ingestion.files.blocks import MakeBlock, Table
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.repairs import repaired
from data_ingestion.files.table import check_readable, distinct_names, read_table
from data_ingestion.formats import Format
from data_ingestion.formats.header import UnknownLayout
from data_ingestion.options import ReadOptions
from data_ingestion.originals import read_originals, with_originals
from data_ingestion.recognition.choice import asked_format, check_content, check_mappings, guessed
from data_ingestion.rows.account import make_intake
from data_ingestion.rows.by_customer import PartedActivity, by_customer
from data_ingestion.rows.intake import Intake
from data_ingestion.rows.judged_file import JudgedFile, judge, with_records
from data_ingestion.rows.parts import PART_ROWS, PartedIntake, in_parts
from data_ingestion.rows.spool import Spool
from retention.errors import SourceError, ensure

Progress = Callable[[str, float], None]


def read_customers(
    paths: Sequence[Path], *, options: ReadOptions | None = None, progress: Progress | None = None
) -> Intake:
    """Return the customers of one or more files, every input row accounted for.

    Args:
        paths: CSV (any common delimiter, encoding, quoting; plain, gzip or xz), JSON lines, Parquet or Excel files.
        options: Zone, date order, limits.
        progress: Called with a file's base name and the fraction of it that has been read.

    Raises:
        SourceError: A file is no table, holds no rows, or nothing in it can be used.
        ContractError: Required columns are missing, or the money is in several currencies.
    """
    options = options or ReadOptions()
    if not paths:
        raise SourceError("no input file was given")
    if options.repairs:
        return _repaired(paths, options, progress)
    return _read(paths, options, progress)


def read_parts(
    paths: Sequence[Path],
    spool: Spool,
    *,
    options: ReadOptions | None = None,
    rows: int = PART_ROWS,
    progress: Progress | None = None,
) -> PartedIntake | PartedActivity | Intake:
    """Return the customers of files of any size in parts; whole, where each row has to be seen beside all others.

    That is the case where customers have no ids, or are known by e-mail or phone in some rows.

    Args:
        paths: As `read_customers`.
        spool: Where the parts go.
        options: As `read_customers`, without repairs.
        rows: Rows of a part, about.
        progress: As `read_customers`.
    """
    options = replace(options or ReadOptions(), keep=spool, whole=False)
    files = read_files(paths, options, progress)
    # Where the rows stand is all that is needed once they are in parts.
    empty = [replace(file, blocks=tuple(replace(block, values={}) for block in file.blocks)) for file in files]

    check = partial(check_content, options)

    def originals(wanted: pd.DataFrame) -> pd.DataFrame:
        return read_originals(wanted, empty, paths, options)

    if may_be_parted(files):
        return in_parts(files, options, spool, originals, rows)
    if all(file.normalised is not None or file.layout is not None for file in files):
        parted = by_customer(files, options, spool, originals, check, rows)
        if parted is not None:
            return parted
    files = [with_records(file, options) if file.layout else file for file in files]
    for file in files:
        check(file)
    return with_originals(make_intake(files, options), files, paths, options)


def may_be_parted(files: Iterable[JudgedFile]) -> bool:
    """Return whether a row can be judged without the others: it is a customer's, and says whose."""
    return all(file.normalised is None and file.layout is None and "user_id" in file.source.columns for file in files)


def _repaired(paths: Sequence[Path], options: ReadOptions, progress: Progress | None) -> Intake:
    """Return the customers of files of which a person corrected some rows, with what they gave before."""
    names, repairs = distinct_names(paths), options.repairs
    if unknown := sorted(repairs.keys() - set(names)):
        hint = "Give the files that the rows were set aside from, under the same names"
        raise SourceError("rows of this file are repaired, but it was not given", where=unknown[0], hint=hint)
    before = _read(paths, replace(options, repairs={}), None)
    intake = _read(paths, options, progress)
    ensure(intake.read == before.read, "rows read with repairs = rows read before")
    return replace(
        intake,
        before=before,
        repaired=frozenset((name, line) for name, each in repairs.items() for line in each.rows),
        # Corrected rows make another input.
        input_hash=hashlib.sha256(f"{intake.input_hash}\n{options.repairs_text}".encode()).hexdigest(),
    )


def _read(paths: Sequence[Path], options: ReadOptions, progress: Progress | None) -> Intake:
    files = read_files(paths, options, progress)
    return with_originals(make_intake(files, options), files, paths, options)


def read_files(paths: Sequence[Path], options: ReadOptions, progress: Progress | None) -> list[JudgedFile]:
    """Return files, judged; arguments and errors as `read_customers`."""
    names = distinct_names(paths)
    for path, name in zip(paths, names, strict=True):
        check_readable(path, name)
    check_mappings(paths, names, options)
    meter, files = Meter(options.limits), list[JudgedFile]()
    for path, name in zip(paths, names, strict=True):
        files.append(read_file(path, name, options, meter, progress=progress, alone=len(paths) == 1))
    return files


def read_file(
    path: Path, name: str, options: ReadOptions, meter: Meter, *, progress: Progress | None, alone: bool = True
) -> JudgedFile:
    """Return one file, judged."""

    def read(as_format: Format | None) -> JudgedFile:
        return read_table(path, name, meter, judged, options, as_format=as_format)

    def judged(table: Table) -> JudgedFile:
        return judge(table, typed_blocks(table, options, meter, progress), options)

    as_format, mark = asked_format(path, name, options), meter.mark()
    try:
        file = read(as_format)
    except UnknownLayout as error:
        as_format, warning = guessed(path, name, options, error, alone=alone)
        meter.reset(mark)
        file = read(as_format)
        file = replace(file, warnings=(warning, *file.warnings))
    if progress is not None:
        progress(name, 1.0)
    check_content(options, file)
    return file


def typed_blocks(table: Table, options: ReadOptions, meter: Meter, progress: Progress | None) -> list[TypedBlock]:
    """Return the blocks of a table with their cells cast: in order, on a few threads, few of them as text at a time."""
    blocks = list[TypedBlock]()

    repairs = options.repairs.get(table.name)
    headers = {column.name: table.header.names[place] for place, column in table.header.found}

    def typed(make: MakeBlock) -> TypedBlock:
        block = make() if repairs is None else repaired(make(), table, repairs)
        return type_block(block, options.limits.field_length, comma=options.decimal == "comma", headers=headers)

    def take(future: Future[TypedBlock]) -> None:
        block = future.result()
        meter.add_rows(block.rows + len(block.broken), table.name)
        if progress is not None:
            progress(table.name, block.fraction)
        blocks.append(options.keep(block))

    with ThreadPoolExecutor(options.threads) as pool:
        waiting: deque[Future[TypedBlock]] = deque()
        try:
            for make in table.parts:
                waiting.append(pool.submit(typed, make))
                # Splitting is faster than casting: unbounded, the text of the whole file would wait in memory.
                if len(waiting) > 2 * options.threads:
                    take(waiting.popleft())
            while waiting:
                take(waiting.popleft())
        finally:
            for future in waiting:
                future.cancel()
    return blocks
