"""The files of a saved period, held against their hashes before they are used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from outputs.durable import Stored, disk_errors, hash_of
from retention.errors import WorkspaceError
from run_store.tables import RESTORE, damaged

T = TypeVar("T")

RECORD, CUSTOMERS, QUARANTINE, CUBE, WHAT_IF = "record", "customers", "quarantine", "cube", "what_if"
KINDS = {RECORD: "json", CUSTOMERS: "parquet", QUARANTINE: "parquet", CUBE: "parquet", WHAT_IF: "parquet"}
"""The files of a period and their endings."""


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
        """Return one file as the catalog knows it.

        Raises:
            WorkspaceError: The period was deleted.
        """
        files = self.known()
        if files is None:
            raise WorkspaceError("was deleted", where=self.title, hint="Choose another saved period")
        if kind not in files:
            raise damaged(self.title)
        return files[kind]

    def read(self, kind: str, use: Callable[[Path], T], *, whole: bool = True) -> T:
        """Return what comes of using a file; once more if it was replaced meanwhile.

        Args:
            kind: Which file.
            use: Reads it.
            whole: Whether to check every byte first; look-ups leave that out.

        Raises:
            WorkspaceError: The period was deleted, or its file is missing or damaged.
        """
        before = self.stored(kind)
        try:
            return self._use(before, use, whole)
        except WorkspaceError:
            after = self.stored(kind)
            if after == before:
                raise
        return self._use(after, use, whole)

    def _use(self, stored: Stored, use: Callable[[Path], T], whole: bool) -> T:
        path = self.folder / stored.name
        with disk_errors(self.title):
            try:
                if path.stat().st_size != stored.size or (whole and hash_of(path) != stored.sha256):
                    raise damaged(self.title)
                return use(path)
            except FileNotFoundError as error:
                raise WorkspaceError("a file is missing", where=self.title, hint=RESTORE) from error
            except duckdb.Error as error:
                # DuckDB's own words can hold values of customers, so they are not passed on.
                raise damaged(self.title) from error
