"""The database of the catalog: its tables, how older ones become those of today, and one transaction at a time."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path

from analysis.outcome_days import Sent
from retention.errors import WorkspaceError
from run_store.trail import STATEMENTS
from run_store.week_state import HeldOut, WeekState

PERIODS = "periods"
BUSY_SECONDS = 30.0
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, saved_at TEXT NOT NULL,
            first_day TEXT NOT NULL, last_day TEXT NOT NULL, timezone TEXT NOT NULL,
            policy TEXT NOT NULL, policy_hash TEXT NOT NULL, input_hash TEXT NOT NULL, source TEXT NOT NULL,
            read INTEGER NOT NULL, quarantined INTEGER NOT NULL, universe INTEGER NOT NULL,
            segments INTEGER NOT NULL, erased INTEGER NOT NULL)""",
        """CREATE TABLE files (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, kind TEXT NOT NULL,
            name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (run, kind))""",
        "CREATE TABLE retired (name TEXT PRIMARY KEY)",
    ),
    (
        "ALTER TABLE runs ADD COLUMN currency TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN at_stake REAL",
        "ALTER TABLE runs ADD COLUMN profit REAL",
    ),
    (
        "ALTER TABLE runs ADD COLUMN sent TEXT",
        "ALTER TABLE runs ADD COLUMN outcome_days REAL",
    ),
    (
        "ALTER TABLE runs ADD COLUMN week TEXT NOT NULL DEFAULT ''",
        """UPDATE runs SET week = week_of(sent, outcome_days,
            (SELECT name FROM files WHERE run = runs.id AND kind = 'record'))""",
    ),
    STATEMENTS,
)
"""Statements that lead from each version of the catalog to the next."""


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the write lock; commit at the end, or leave everything as it was on an error.

    Raises:
        WorkspaceError: The catalog cannot be used.
    """
    with _sqlite_errors(path), closing(_connect(path, "rwc")) as connection:
        _migrate(connection, path)
        with _transaction(connection):
            yield connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Give one consistent view; errors as `writing`."""
    # Not read-only: an older catalog is migrated first, and SQLite may have to roll back what a crash left.
    with _sqlite_errors(path), closing(_connect(path, "rw")) as connection:
        if _version(connection, path) != len(MIGRATIONS):
            _migrate(connection, path)
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    # Without an isolation level Python begins no transaction of its own beside ours.
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    # FULL forces each commit to the disk. Foreign keys are off in each new connection; without them the rows of a
    # removed run would stay in `files`.
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise WorkspaceError(
            f"the catalog has version {version}, and this program knows versions up to {len(MIGRATIONS)}",
            where=str(path),
            hint="Update the program, or use another workspace",
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the catalog to this program's version; several processes may try at once."""
    if _version(connection, path) == len(MIGRATIONS):
        return
    connection.create_function("week_of", 3, partial(_week_of, path.parent / PERIODS))
    with _transaction(connection):
        # Asked again under the lock: another process may have done it meanwhile.
        for number in range(_version(connection, path), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _week_of(folder: Path, day: str | None, days: float, record: str) -> str:
    """Return the state of a period that was saved when its experiment stood in its record alone."""
    sent, held_out = None if day is None else Sent(date.fromisoformat(day), days), None
    with suppress(OSError, LookupError, TypeError, ValueError):
        experiment = json.loads((folder / record).read_bytes())["experiment"]
        held_out = HeldOut(experiment=experiment["name"], shares=experiment["shares"])
    return WeekState(held_out=held_out, sent=sent).text()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # Locking at the start: a transaction that reads first and locks later fails as soon as two do it.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself rolls back after some errors, such as a full disk; doing so twice would be another error.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    """Turn errors of the database into one that tells the person what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        hint = "Check the disk, or restore the file from a backup"
        hint = "Another process holds it; try again" if name.startswith("SQLITE_BUSY") else hint
        shut = name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM"))
        hint = "Let this account read and write the workspace" if shut else hint
        hint = "Free some space, or delete a saved period" if name == "SQLITE_FULL" else hint
        raise WorkspaceError(f"the catalog cannot be used ({error})", where=str(path), hint=hint) from error
