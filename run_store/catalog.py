"""The catalog: one SQLite file that says which saved periods there are and which files are theirs.

A period exists from the moment its row is committed, and not before. The catalog holds no personal data. What changes
periods is written into the audit trail in the same commit.
"""

import math
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from analysis import Run
from analysis.headline import headline_of
from analysis.outcome_days import Sent
from outputs.durable import Stored
from retention.errors import WorkspaceError
from retention.period import Window
from run_store.schema import PERIODS, reading, writing
from run_store.small_files import workspace_errors
from run_store.trail import Deed, Entry, add_entry, last_entries, last_erasure
from run_store.week_state import HeldOut, WeekState

FILE = "catalog.sqlite"
PLAIN = (
    *("policy", "policy_hash", "input_hash", "source", "read", "quarantined", "universe", "segments", "erased"),
    *("currency", "at_stake", "profit"),
)
"""What stands in the catalog as it does in a summary."""
COLUMNS = ", ".join(("id", "name", "saved_at", "first_day", "last_day", "timezone", *PLAIN, "week"))
"""What is known of a period when it is saved."""
SELECTED = f"SELECT {COLUMNS} FROM runs"


@dataclass(frozen=True)
class RunSummary:
    """One saved period, as a list shows it; one without a name is kept for its address only and not listed."""

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
    week: WeekState = field(default_factory=WeekState, hash=False)

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
    """The catalog of one workspace; made when something is first saved."""

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
            # Of those saved in one second, the row written last comes first: sorting keeps their order.
            rows = connection.execute(f"{SELECTED} ORDER BY rowid DESC").fetchall()
        return tuple(sorted((_summary(row) for row in rows), key=lambda summary: summary.saved_at, reverse=True))

    def find(self, run_id: str) -> tuple[RunSummary, dict[str, Stored]] | None:
        """Return a period and its files by kind, or None if there is none of that identifier."""
        with self._reading() as connection:
            if connection is None:
                return None
            row = connection.execute(f"{SELECTED} WHERE id = ?", [run_id]).fetchone()
            files = connection.execute("SELECT kind, name, sha256, size FROM files WHERE run = ?", [run_id]).fetchall()
        return None if row is None else (_summary(row), {kind: Stored(*rest) for kind, *rest in files})

    def add(
        self,
        run: RunSummary,
        files: dict[str, Stored],
        deed: Deed,
        erasure: int,
        settle: Callable[[], object] = tuple,
    ) -> None:
        """Make a period visible; its files must be on the disk, and nobody erased since `erasure` was the last one.

        `settle` puts the last of them there, under the lock: who collects cannot find them before the catalog has them.

        Raises:
            WorkspaceError: A file is gone, a customer was erased, or the catalog cannot be written.
        """
        with self.writing() as connection:
            # Whom it was can no longer be told, and nothing else would remove them from what is being saved.
            if last_erasure(connection) > erasure:
                raise WorkspaceError(
                    "a customer was erased while the period was saved", hint="Start again with what holds now"
                )
            add_entry(connection, deed)
            settle()
            # Under the lock nobody collects, so a file seen now is there when the row is.
            if any(not (self.periods / file.name).is_file() for file in files.values()):
                raise WorkspaceError("a file was removed while the period was saved", hint="Save it again")
            window = run.window
            values = [run.id, run.name, run.saved_at.isoformat(), str(window.start), str(window.end), window.timezone]
            row = [*values, *(getattr(run, name) for name in PLAIN), run.week.text()]
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO runs ({COLUMNS}) VALUES ({marks})", row)
            _add_files(connection, run.id, files)

    def update(self, run_id: str, **columns: str | float | None) -> None:
        """Set columns of a period."""
        marks = ", ".join(f"{name} = ?" for name in columns)
        with self._changing(run_id) as connection:
            connection.execute(f"UPDATE runs SET {marks} WHERE id = ?", [*columns.values(), run_id])

    def renumber(self, run_id: str, other: str) -> None:
        """Give a period another identifier; errors as `update`."""
        with self._changing(run_id) as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            connection.execute("UPDATE runs SET id = ? WHERE id = ?", [other, run_id])
            connection.execute("UPDATE files SET run = ? WHERE run = ?", [other, run_id])

    def change(self, run_id: str, change: Callable[[WeekState], WeekState]) -> None:
        """Put what a function makes of a week's state in its place; errors as `update`."""
        with self._changing(run_id) as connection:
            row = connection.execute("SELECT week FROM runs WHERE id = ?", [run_id]).fetchone()
            text = change(WeekState.parse(row[0])).text()
            connection.execute("UPDATE runs SET week = ? WHERE id = ?", [text, run_id])

    def remove(self, run_id: str, who: str) -> None:
        """Take a period out and retire its files; errors as `update`."""
        with self._changing(run_id) as connection:
            query = "SELECT universe - erased FROM runs WHERE id = ?"
            (rows,) = connection.execute(query, [run_id]).fetchone()
            add_entry(connection, Deed(who, "deleted", rows, run=run_id))
            _remove(connection, run_id)

    def prune(self, keep: int, before: datetime) -> int:
        """Take out the runs that are not listed: all but the newest few, and those of before a time.

        Returns:
            How many went.
        """
        with self.writing() as connection:
            rows = connection.execute("SELECT saved_at, rowid, id FROM runs WHERE name = ''").fetchall()
            newest = sorted(((datetime.fromisoformat(at), *row) for at, *row in rows), reverse=True)
            old = [run_id for place, (at, _, run_id) in enumerate(newest) if place >= keep or at < before]
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

    def note(self, deed: Deed, known: Collection[str] | None = None) -> bool:
        """Write an entry into the audit trail, unless there are other runs than those known, where some are given.

        Returns:
            Whether it was written.
        """
        with self.writing() as connection:
            runs = (row[0] for row in connection.execute("SELECT id FROM runs"))
            if known is not None and not set(runs).issubset(known):
                return False
            add_entry(connection, deed)
            return True

    def trail(self, most: int) -> tuple[Entry, ...]:
        """Return the last entries of the audit trail, the newest first."""
        with self._reading() as connection:
            return () if connection is None else last_entries(connection, most)

    def last_erasure(self) -> int:
        """Return a number that grows with each erasure."""
        with self._reading() as connection:
            return 0 if connection is None else last_erasure(connection)

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

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """Hold the write lock; see `schema.writing`."""
        return writing(self.path)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give one consistent view, or None where nothing was ever saved."""
        with workspace_errors(self.folder):
            if not self.path.exists():
                yield None
                return
            with reading(self.path) as connection:
                yield connection


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
