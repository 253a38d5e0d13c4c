"""The catalog: one SQLite file that says which saved periods there are and which files are theirs.

A period exists from the moment its row is committed, and not before. The catalog holds no personal data.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from analysis import Run
from analysis.headline import headline_of
from analysis.outcome_days import Sent
from outputs.durable import Stored
from retention.errors import WorkspaceError
from retention.period import Window
from run_store.week_state import HeldOut, WeekState

FILE = "catalog.sqlite"
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
)
"""Statements that lead from each version of the catalog to the next."""
COLUMNS = (
    "id, name, saved_at, first_day, last_day, timezone, policy, policy_hash, input_hash, source, "
    "read, quarantined, universe, segments, erased, currency, at_stake, profit, week"
)
"""What is known of a period when it is saved."""
SELECTED = f"SELECT {COLUMNS} FROM runs"


@dataclass(frozen=True)
class RunSummary:
    """One saved period, as a list shows it.

    Args:
        id: Identifier, for addresses and other calls.
        name: What a person called it; empty for a run that is kept for its address only and not listed.
        saved_at: When it was saved.
        window: The seven days.
        policy: Name of the policy.
        policy_hash: Hash of the policy.
        input_hash: Hash of the input.
        source: Names of the files it came from.
        read: Input rows.
        quarantined: Input rows rejected.
        universe: Customers segmented.
        segments: Segments.
        erased: Customers erased since.
        currency: Code shown beside money.
        at_stake: Sum of the known cart values when it was saved; None where there were none.
        profit: Expected incremental profit; None where it is not known.
        week: What became of it since.
    """

    id: str
    name: str
    saved_at: datetime
    window: Window
    policy: str
    policy_hash: str
    input_hash: str
    source: str
    read: int
    quarantined: int
    universe: int
    segments: int
    erased: int = 0
    currency: str = ""
    at_stake: float | None = None
    profit: float | None = None
    week: WeekState = field(default_factory=WeekState)

    @classmethod
    def of(cls, run: Run, run_id: str, name: str, saved_at: datetime) -> "RunSummary":
        """Return the summary of a run that is about to be saved."""
        account, headline = run.accounting, headline_of(run)
        return cls(
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
            # A run that was opened after an erasure and is saved again counts those who are left; a summary counts
            # everyone.
            universe=account.universe + account.erased,
            segments=len(run.segmentation.tree.segments),
            erased=account.erased,
            currency=run.currency,
            at_stake=headline.at_stake,
            profit=None if math.isnan(headline.profit) else headline.profit,
            week=WeekState(held_out=HeldOut.of(run.experiment)),
        )

    @property
    def sent(self) -> Sent | None:
        """When its campaign went out, as far as somebody said."""
        return self.week.sent

    @property
    def listed(self) -> bool:
        """Whether a person gave it a name."""
        return bool(self.name)

    @property
    def rows(self) -> int:
        """Customers whose rows are kept: `rows + erased = universe`."""
        return self.universe - self.erased


@dataclass(frozen=True)
class Catalog:
    """The catalog of one workspace; made when something is first saved.

    Args:
        folder: The workspace.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The file of the catalog."""
        return self.folder / FILE

    @property
    def periods(self) -> Path:
        """The folder of the files of all periods."""
        return self.folder / PERIODS

    def summaries(self) -> tuple[RunSummary, ...]:
        """Return every run, listed or not, the last saved first."""
        with self._reading() as connection:
            if connection is None:
                return ()
            # Not sorted by SQLite: each time keeps the zone that it was saved with, and such texts do not sort by time.
            rows = connection.execute(SELECTED).fetchall()
        return tuple(sorted((_summary(row) for row in rows), key=lambda s: (s.saved_at, s.id), reverse=True))

    def find(self, run_id: str) -> tuple[RunSummary, dict[str, Stored]] | None:
        """Return a period and its files by kind, or None if there is none of that identifier."""
        with self._reading() as connection:
            if connection is None:
                return None
            row = connection.execute(f"{SELECTED} WHERE id = ?", [run_id]).fetchone()
            files = connection.execute("SELECT kind, name, sha256, size FROM files WHERE run = ?", [run_id]).fetchall()
        return None if row is None else (_summary(row), {kind: Stored(*rest) for kind, *rest in files})

    def add(self, run: RunSummary, files: dict[str, Stored]) -> None:
        """Make a period visible; its files must be on the disk.

        Raises:
            WorkspaceError: A file is gone, or the catalog cannot be written.
        """
        with self.writing() as connection:
            # Under the lock nobody collects, so a file seen now is there when the row is.
            if any(not (self.periods / file.name).is_file() for file in files.values()):
                raise WorkspaceError("a file was removed while the period was saved", hint="Save it again")
            window = run.window
            values = [run.id, run.name, run.saved_at.isoformat(), str(window.start), str(window.end), window.timezone]
            values += [run.policy, run.policy_hash, run.input_hash, run.source]
            counts = [run.read, run.quarantined, run.universe, run.segments, run.erased]
            row = [*values, *counts, run.currency, run.at_stake, run.profit, run.week.text()]
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO runs ({COLUMNS}) VALUES ({marks})", row)
            _add_files(connection, run.id, files)

    def update(self, run_id: str, **columns: str | float | None) -> None:
        """Set columns of a period.

        Raises:
            WorkspaceError: There is no such period.
        """
        marks = ", ".join(f"{name} = ?" for name in columns)
        with self._changing(run_id) as connection:
            connection.execute(f"UPDATE runs SET {marks} WHERE id = ?", [*columns.values(), run_id])

    def change(self, run_id: str, change: Callable[[WeekState], WeekState]) -> None:
        """Put what a function makes of a week's state in its place; errors as `update`."""
        with self._changing(run_id) as connection:
            row = connection.execute("SELECT week FROM runs WHERE id = ?", [run_id]).fetchone()
            text = change(WeekState.parse(row[0])).text()
            connection.execute("UPDATE runs SET week = ? WHERE id = ?", [text, run_id])

    def remove(self, run_id: str) -> None:
        """Take a period out and retire its files; errors as `update`."""
        with self._changing(run_id) as connection:
            _remove(connection, run_id)

    def prune(self, keep: int, before: datetime) -> int:
        """Take out the runs that are not listed: all but the newest few, and those of before a time.

        Returns:
            How many went.
        """
        with self.writing() as connection:
            rows = connection.execute("SELECT id, saved_at FROM runs WHERE name = ''").fetchall()
            newest = sorted(((datetime.fromisoformat(at), run_id) for run_id, at in rows), reverse=True)
            old = [run_id for place, (at, run_id) in enumerate(newest) if place >= keep or at < before]
            for run_id in old:
                _remove(connection, run_id)
            return len(old)

    def exchange(self, run_id: str, old: Sequence[str], new: dict[str, Stored], erased: int) -> bool:
        """Put new versions of some files in the place of old ones, and count erased customers.

        Returns:
            Whether the old names were still those of the period; otherwise nothing changes.
        """
        with self.writing() as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM files WHERE run = ?", [run_id])}
            if not names.issuperset(old):
                return False
            # Names are retired in the same commit that drops them. A file is removed only after that, so a crash in
            # between leaves a name to remove later, and never a period without its file.
            for name in old:
                connection.execute("INSERT OR IGNORE INTO retired VALUES (?)", [name])
                connection.execute("DELETE FROM files WHERE run = ? AND name = ?", [run_id, name])
            _add_files(connection, run_id, new)
            connection.execute("UPDATE runs SET erased = erased + ? WHERE id = ?", [erased, run_id])
            return True

    @contextmanager
    def _changing(self, run_id: str) -> Iterator[sqlite3.Connection]:
        """Hold the write lock to change a period that is there."""
        # Opened for writing, the catalog would be made, and a folder where nothing was ever saved stays empty.
        if not self.path.exists():
            raise unknown()
        with self.writing() as connection:
            if connection.execute("SELECT 1 FROM runs WHERE id = ?", [run_id]).fetchone() is None:
                raise unknown()
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock; commit at the end, or leave everything as it was on an error.

        Raises:
            WorkspaceError: The catalog cannot be used.
        """
        with _sqlite_errors(self.path), closing(self._connect("rwc")) as connection:
            _migrate(connection, self.path)
            with _transaction(connection):
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give one consistent view, or None where nothing was ever saved."""
        if not self.path.exists():
            yield None
            return
        # Not read-only: an older catalog is migrated first, and SQLite may have to roll back what a crash left.
        with _sqlite_errors(self.path), closing(self._connect("rw")) as connection:
            if _version(connection, self.path) != len(MIGRATIONS):
                _migrate(connection, self.path)
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    def _connect(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        # Without an isolation level Python begins no transaction of its own beside ours.
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        # FULL forces each commit to the disk. Foreign keys are off in each new connection; without them the rows of a
        # removed run would stay in `files`.
        for pragma in ("journal_mode = DELETE", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def unknown() -> WorkspaceError:
    """Return the error of an identifier that no period has."""
    return WorkspaceError("there is no such saved period", hint="It may have been deleted; list the saved periods")


def _remove(connection: sqlite3.Connection, run_id: str) -> None:
    connection.execute("INSERT OR IGNORE INTO retired SELECT name FROM files WHERE run = ?", [run_id])
    connection.execute("DELETE FROM runs WHERE id = ?", [run_id])


def _add_files(connection: sqlite3.Connection, run_id: str, files: dict[str, Stored]) -> None:
    rows = [(run_id, kind, file.name, file.sha256, file.size) for kind, file in files.items()]
    connection.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?)", rows)


def _summary(row: Sequence[Any]) -> RunSummary:
    run_id, name, saved_at, first, last, timezone, *rest, week = row
    window = Window(date.fromisoformat(first), date.fromisoformat(last), timezone)
    summary = RunSummary(run_id, name, datetime.fromisoformat(saved_at), window, *rest)
    return replace(summary, week=WeekState.parse(week))


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the catalog's version.

    Raises:
        WorkspaceError: A newer program made it.
    """
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
        busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
        hint = "Another process holds it; try again" if busy else "Check the disk, or restore the file from a backup"
        raise WorkspaceError(f"the catalog cannot be used ({error})", where=str(path), hint=hint) from error
