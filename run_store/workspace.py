"""The workspace: a folder of saved periods, which several processes use at once.

    WORKSPACE/catalog.sqlite                      which periods there are, and their files
    WORKSPACE/periods/RUN.KIND.HASH.parquet|json  their files, never changed once written

A save writes the files, forces them to the disk, and commits one row to the catalog: before that commit
nobody sees the period, after it the period is whole. What a person typed is data, never a path.
"""

import math
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from analysis import Run
from analysis.headline import headline_of
from outputs.durable import HashingWriter, Stored, disk_errors, store_file, sync_folder
from retention.errors import OptionError, RetentionError, WorkspaceError
from retention.partition.what_if import WhatIf, build_what_if
from run_store.catalog import FILE, Catalog, RunSummary
from run_store.lookup import SEGMENT, WAVE
from run_store.period_files import CUBE, CUSTOMERS, KINDS, QUARANTINE, RECORD, WHAT_IF, PeriodFiles
from run_store.period_record import PeriodRecord
from run_store.saved import SavedRun
from run_store.tables import write_cube, write_frame

DEFAULT_FOLDER = ".workspace"
ENVIRONMENT = "RETENTION_WORKSPACE"
PERIODS = "periods"
LONGEST_NAME = 200
UNLISTED_KEPT, UNLISTED_DAYS = 50, 7
"""Runs without a name that are kept at most, and for how long."""
ORPHAN_SECONDS = 3_600
"""A file that no period has is left alone for so long: somebody may be about to commit it."""

Fill = Callable[[HashingWriter], None]


def workspace_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the workspace: what `RETENTION_WORKSPACE` says, else `.workspace` here.

    >>> workspace_folder({"RETENTION_WORKSPACE": "/srv/periods"}).as_posix()
    '/srv/periods'
    """
    return Path(environment.get(ENVIRONMENT) or DEFAULT_FOLDER).expanduser()


def save_run(workspace: Path, run: Run, *, name: str | None, saved_at: datetime, what_if: WhatIf | None = None) -> str:
    """Save a run whole and return its identifier; once it returns, the run survives a crash.

    Args:
        workspace: The folder; made if it is not there.
        run: The analysis.
        name: What to call it; need not be unique. None keeps the run for its address only: it is not listed, and
            goes when it is a week old or fifty newer ones have come.
        saved_at: The time, with its zone.
        what_if: Its what-if cube where that is at hand; made here otherwise.

    Raises:
        OptionError: The name is empty or too long, or the time has no zone.
        WorkspaceError: The disk does not take it; nothing is saved.
    """
    if saved_at.tzinfo is None:
        raise OptionError("the time of saving needs a time zone")
    title, run_id, segmentation = "" if name is None else checked_name(name), secrets.token_hex(8), run.segmentation
    finer = what_if or build_what_if(segmentation.customers, run.policy, segmentation.scale)
    record = PeriodRecord.of(run, finer)
    summary = _summary(run_id, title, saved_at, record, run)
    folder = workspace / PERIODS
    with disk_errors(str(workspace)):
        make_folders(workspace)
        files = store_files(folder, run_id, _fills(run, finer, record))
        Catalog(workspace / FILE).add(summary, files, folder)
        # The commit removed SQLite's journal; until that lasts, a power cut would undo the commit.
        sync_folder(workspace)
    with suppress(OSError, RetentionError):
        prune(workspace, saved_at)
    return run_id


def _fills(run: Run, what_if: WhatIf, record: PeriodRecord) -> dict[str, Fill]:
    """Return how each file of a period is written."""
    segmentation = run.segmentation
    customers = segmentation.customers.assign(**{SEGMENT: segmentation.codes, WAVE: segmentation.waves})
    return {
        CUSTOMERS: partial(write_frame, customers),
        QUARANTINE: partial(write_frame, run.quarantine),
        CUBE: partial(write_cube, segmentation.cube),
        WHAT_IF: partial(write_cube, what_if.cube),
        RECORD: record.write,
    }


def _summary(run_id: str, name: str, saved_at: datetime, record: PeriodRecord, run: Run) -> RunSummary:
    account, numbers = record.accounting, headline_of(run)
    return RunSummary(
        id=run_id,
        name=name,
        saved_at=saved_at,
        window=run.window,
        policy=run.policy.name,
        policy_hash=run.policy_hash,
        input_hash=run.input_hash,
        source=", ".join(source.name for source in run.sources),
        read=account.read,
        quarantined=account.quarantined,
        universe=account.universe,
        segments=len(run.segmentation.tree.segments),
        erased=account.universe - len(run.segmentation.customers),
        currency=run.currency,
        at_stake=numbers.at_stake,
        profit=None if math.isnan(numbers.profit) else numbers.profit,
    )


def list_runs(workspace: Path) -> tuple[RunSummary, ...]:
    """Return the saved periods that have a name, the last saved first; none where nothing was ever saved.

    Raises:
        WorkspaceError: The catalog cannot be read.
    """
    with disk_errors(str(workspace)):
        return tuple(summary for summary in Catalog(workspace / FILE).summaries() if summary.listed)


def find_run(workspace: Path, run_id: str) -> RunSummary | None:
    """Return one run by its identifier, listed or not, or None; opens no file of it.

    Raises:
        WorkspaceError: The catalog cannot be read.
    """
    with disk_errors(str(workspace)):
        found = Catalog(workspace / FILE).find(run_id)
    return found and found[0]


def open_run(workspace: Path, run_id: str) -> SavedRun:
    """Open a saved period.

    Raises:
        WorkspaceError: There is none of that identifier, or it is damaged.
    """
    catalog = Catalog(workspace / FILE)
    found = catalog.find(run_id)
    if found is None:
        raise unknown()
    summary = found[0]

    def known() -> Mapping[str, Stored] | None:
        now = catalog.find(run_id)
        return now and now[1]

    title = f"saved period '{summary.name}'" if summary.listed else "the analysis"
    files = PeriodFiles(workspace / PERIODS, title, known)
    record = files.read(RECORD, lambda path: PeriodRecord.parse(path.read_bytes(), source=files.title))
    return SavedRun(summary, record, files)


def rename_run(workspace: Path, run_id: str, name: str) -> None:
    """Give a saved period another name; a run without one is listed from then on.

    Raises:
        OptionError: The name is empty or too long.
        WorkspaceError: There is no such period.
    """
    title = checked_name(name)
    with disk_errors(str(workspace)):
        if not _catalog(workspace).rename(run_id, title):
            raise unknown()
        sync_folder(workspace)


def delete_run(workspace: Path, run_id: str) -> None:
    """Delete a saved period and its files.

    Raises:
        WorkspaceError: There is no such period, or a file cannot be removed yet.
    """
    with disk_errors(str(workspace)):
        if not _catalog(workspace).remove(run_id):
            raise unknown()
        sync_folder(workspace)
        collect(workspace)


def prune(workspace: Path, now: datetime) -> int:
    """Delete old runs that are not listed, and files that no run has; return how many runs went.

    Raises:
        WorkspaceError: The catalog cannot be used, or a file cannot be removed yet.
    """
    with disk_errors(str(workspace)):
        gone = Catalog(workspace / FILE).prune(UNLISTED_KEPT, now - timedelta(days=UNLISTED_DAYS))
        collect(workspace)
    return gone


def unknown() -> WorkspaceError:
    """Return the error of an identifier that no period has."""
    return WorkspaceError("there is no such saved period", hint="It may have been deleted; list the saved periods")


def checked_name(name: str) -> str:
    """Return a period's name without outer blanks.

    Raises:
        OptionError: It is empty, too long, or holds control characters.
    """
    title = name.strip()
    if not title or len(title) > LONGEST_NAME or not title.isprintable():
        raise OptionError(
            f"a saved period needs a name of 1 to {LONGEST_NAME} printable characters", hint="Choose another name"
        )
    return title


def make_folders(workspace: Path) -> None:
    """Make the workspace, for its owner only, as it will hold personal data."""
    for folder in (workspace, workspace / PERIODS):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)


def store_files(folder: Path, run_id: str, fills: Mapping[str, Fill]) -> dict[str, Stored]:
    """Write the files of a period so that they last; on an error none is left."""
    files = dict[str, Stored]()
    try:
        for kind, fill in fills.items():
            files[kind] = store_file(folder, partial(file_name, run_id, kind), fill)
        sync_folder(folder)
    except BaseException:
        with suppress(OSError):
            for file in files.values():
                (folder / file.name).unlink(missing_ok=True)
        raise
    return files


def file_name(run_id: str, kind: str, sha256: str) -> str:
    """Return the name of a period's file: nothing in it comes from a person."""
    return f"{run_id}.{kind}.{sha256}.{KINDS[kind]}"


def collect(workspace: Path) -> None:
    """Remove retired files, and files that have belonged to no period for an hour.

    Raises:
        OSError: A retired file cannot be removed now; the next call tries again.
        WorkspaceError: The catalog cannot be used.
    """
    folder, catalog = workspace / PERIODS, Catalog(workspace / FILE)
    present = sorted(folder.iterdir())
    with catalog.writing() as connection:
        known = _names(connection, "files")
        for name in _names(connection, "retired"):
            (folder / name).unlink(missing_ok=True)
            connection.execute("DELETE FROM retired WHERE name = ?", [name])
        # The disk's own time, as the clock of this machine may differ from that of a shared disk.
        now = catalog.path.stat().st_mtime
        for path in present:
            if path.name not in known and _age(path, now) > ORPHAN_SECONDS:
                path.unlink(missing_ok=True)
    sync_folder(folder)


def _names(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    return frozenset(str(row[0]) for row in connection.execute(f"SELECT name FROM {table}"))


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _catalog(workspace: Path) -> Catalog:
    """Return the catalog of a workspace in which something was saved.

    Raises:
        WorkspaceError: Nothing ever was.
    """
    catalog = Catalog(workspace / FILE)
    if not catalog.path.exists():
        raise unknown()
    return catalog
