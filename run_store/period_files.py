"""The files of a saved period, held against their hashes before they are used."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, groupby, takewhile
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import pandas as pd

from analysis import Run
from data_ingestion.cluster.blobs import told
from outputs.durable import Fill, Stored, clear_parts, disk_errors, hash_of, remove_dead, stored, sync_folder
from outputs.rights import file_mode
from outputs.spread import cluster_of
from retention.errors import WorkspaceError
from retention.partition.fitted import Segmentation
from retention.partition.what_if import WhatIf
from run_store.catalog import Catalog
from run_store.period_record import PeriodRecord
from run_store.tables import RESTORE, damaged, slices, write_cube, write_frame, write_frames
from workers.room import room, sweep

T = TypeVar("T")

RECORD, CUSTOMERS, QUARANTINE, CUBE, WHAT_IF = "record", "customers", "quarantine", "cube", "what_if"
SEGMENT, WAVE = "segment_code", "wave"
"""Columns of the customers' file beside those of the run."""
KINDS = {RECORD: "json", CUSTOMERS: "parquet", QUARANTINE: "parquet", CUBE: "parquet", WHAT_IF: "parquet"}
"""The files of a period and their endings."""
ROWS_PER_PART = 1 << 20
"""Customers of one file, the last has the rest: whoever is erased has one such file written anew."""
NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
"""What SQLite says of a full disk, and of a quota that is used up."""


@dataclass(frozen=True)
class PeriodFiles:
    """Where the files of a period are now: erasing a customer puts new versions in their place.

    Args:
        folder: The folder of the files.
        title: What messages call the period.
        known: Returns its files by kind as they are now, or None if it was deleted.
        foreign: Whether they were written elsewhere, perhaps to fill the memory; ours are read faster.
    """

    folder: Path
    title: str
    known: Callable[[], Mapping[str, Stored] | None]
    foreign: bool = False

    def stored(self, kind: str) -> Stored:
        """Return one file as the catalog knows it."""
        files = self.known()
        if files is None:
            raise WorkspaceError("the saved period was deleted", where=self.title, hint="Choose another saved period")
        if kind not in files:
            raise damaged(self.title)
        return files[kind]

    def parts(self) -> tuple[str, ...]:
        """Return the kinds of the files of customers, in order; errors as `stored`."""
        self.stored(CUSTOMERS)
        files = self.known() or {}
        return tuple(takewhile(files.__contains__, map(part_kind, count())))

    def read(self, kind: str, use: Callable[[Path], T], *, whole: bool = True) -> T:
        """Return what comes of using a file; once more if it was replaced meanwhile.

        Args:
            kind: Which file.
            use: Reads it.
            whole: Whether to check every byte first; look-ups leave that out.

        Raises:
            WorkspaceError: The period was deleted, or its file is missing or damaged.
        """
        return self._read(lambda: [kind], lambda paths: use(paths[0]), whole)

    def ask(self, use: Callable[[Sequence[Path]], T]) -> T:
        """Return what comes of using the files of customers, whose bytes are not checked; else as `read`."""
        return self._read(self.parts, use, whole=False)

    def _read(self, kinds: Callable[[], Sequence[str]], use: Callable[[Sequence[Path]], T], whole: bool) -> T:
        before = [self.stored(kind) for kind in kinds()]
        try:
            return self._use(before, use, whole)
        except WorkspaceError:
            after = [self.stored(kind) for kind in kinds()]
            if after == before:
                raise
        return self._use(after, use, whole)

    def _use(self, files: Sequence[Stored], use: Callable[[Sequence[Path]], T], whole: bool) -> T:
        paths = [self.folder / file.name for file in files]
        with disk_errors(self.title):
            try:
                for path, file in zip(paths, files, strict=True):
                    if path.stat().st_size != file.size or (whole and hash_of(path) != file.sha256):
                        raise damaged(self.title)
                return use(paths)
            except FileNotFoundError as error:
                raise WorkspaceError("a file is missing", where=self.title, hint=RESTORE) from error


def with_cells(run: Run) -> pd.DataFrame:
    """Return the rejected rows, and those whose cells cannot be read: none of them has a fault of the row."""
    if run.cells.empty:
        return run.quarantine
    return pd.concat([run.quarantine, run.cells.assign(faults=0, suggestion="", original="")], ignore_index=True)


def fills_of(run: Run, what_if: WhatIf, record: PeriodRecord) -> Iterator[tuple[str, Fill]]:
    """Yield how each file of a period is written; each is written before the next one is asked for.

    Customers on a cluster are not among them; see `spread_files`.
    """
    parts = run.segmentation.in_parts() if cluster_of(run) is None else ()
    for number, frames in groupby(_numbered(parts), itemgetter(0)):
        yield part_kind(number), partial(write_frames, map(itemgetter(1), frames))
    yield QUARANTINE, partial(write_frame, with_cells(run))
    yield CUBE, partial(write_cube, run.segmentation.cube)
    yield WHAT_IF, partial(write_cube, what_if.cube)
    yield RECORD, record.write


def _numbered(parts: Iterable[Segmentation]) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the customers as they are written, with the number of their file."""
    rows = 0
    for frame in chain.from_iterable(map(_slices, parts)):
        yield rows // ROWS_PER_PART, frame
        rows += len(frame)


def _slices(part: Segmentation) -> Iterator[pd.DataFrame]:
    return slices(part.customers.assign(**{SEGMENT: part.codes, WAVE: part.waves}))


def _save_part(place: Path, mode: int, title: str, part: Segmentation) -> list[Stored]:
    """Write the customers of a part; runs on the workers, and perhaps twice for a part when one is lost."""
    try:
        with stored(place, str, partial(write_frames, _slices(part)), mode=mode) as file:
            return [file]
    except OSError as error:
        raise told(error, title) from error


@contextmanager
def spread_files(run: Run, folder: Path, run_id: str) -> Iterator[tuple[dict[str, Stored], Callable[[], object]]]:
    """Give the files of customers on a cluster, written by its workers, and what puts them in place; none if not there.

    Until they are in place they wait in a folder of their own, which nobody else removes as long as this process lives.
    """
    if cluster_of(run) is None:
        yield {}, tuple
        return
    with room(folder) as place:
        save = partial(_save_part, place.absolute(), file_mode(folder), str(folder.parent))
        written = run.segmentation.summed(save, waves=True)
        numbered = zip(map(part_kind, count()), written, strict=False)
        files = {kind: replace(file, name=file_name(run_id, kind, file.sha256)) for kind, file in numbered}

        def settle() -> None:
            for before, after in zip(written, files.values(), strict=True):
                (place / before.name).rename(folder / after.name)
            sync_folder(folder)

        yield files, settle


def part_kind(number: int) -> str:
    """Return the kind of a file of customers; the first has the name that the only one once had."""
    return f"{CUSTOMERS}-{number}" if number else CUSTOMERS


def ending(kind: str) -> str:
    """Return the ending of a kind of file."""
    return KINDS[kind.partition("-")[0]]


@contextmanager
def stored_files(folder: Path, run_id: str, fills: Iterable[tuple[str, Fill]]) -> Iterator[dict[str, Stored]]:
    """Write the files of a period so that they last, and hold them until the catalog has them.

    What cannot be written leaves none; files that the catalog does not take are collected as those of a killed process.
    """
    with ExitStack() as held:
        files = dict[str, Stored]()
        try:
            for kind, fill in fills:
                files[kind] = held.enter_context(stored(folder, partial(file_name, run_id, kind), fill))
            sync_folder(folder)
        except BaseException:
            with suppress(OSError):
                for file in files.values():
                    (folder / file.name).unlink(missing_ok=True)
            raise
        yield files


def file_name(run_id: str, kind: str, sha256: str) -> str:
    """Return the name of a period's file: nothing in it comes from a person."""
    return f"{run_id}.{kind}.{sha256}.{ending(kind)}"


def kind_of(name: str) -> str:
    """Return the kind of a file of a name."""
    return name.split(".")[1]


def take_out(catalog: Catalog, run_id: str, who: str) -> None:
    """Take a period out of the catalog; where the disk is full, its files go first, as they are to go in any case.

    Raises:
        WorkspaceError: There is no such period, or the catalog cannot be used.
    """
    try:
        catalog.remove(run_id, who)
    except WorkspaceError as error:
        period = catalog.find(run_id)
        if period is None or getattr(error.__cause__, "sqlite_errorname", "") not in NO_ROOM:
            raise
        for file in period[1].values():
            (catalog.periods / file.name).unlink(missing_ok=True)
        catalog.remove(run_id, who)


def collect(catalog: Catalog) -> None:
    """Remove retired files, and what killed processes left: files of no period that no process holds to commit them.

    Raises:
        OSError: A retired file cannot be removed now; the next call tries again.
        WorkspaceError: The catalog cannot be used.
    """
    folder = catalog.periods
    clear_parts(catalog.folder)
    sweep(folder)
    # Before anything was saved there is none, but the audit trail may be there.
    present = sorted(folder.iterdir()) if folder.is_dir() else []
    with catalog.writing() as connection:
        known = _names(connection, "files")
        for name in _names(connection, "retired"):
            (folder / name).unlink(missing_ok=True)
            connection.execute("DELETE FROM retired WHERE name = ?", [name])
        for path in present:
            if path.name not in known:
                remove_dead(path)
    if present:
        sync_folder(folder)


def _names(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    return frozenset(str(row[0]) for row in connection.execute(f"SELECT name FROM {table}"))
