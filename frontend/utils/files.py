"""Uploaded files on disk, for as long as reading takes."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from analysis import Run
from analysis.outcome_days import Sent
from analysis.outcomes import Outcomes, outcomes_of_files
from data_ingestion import ReadOptions
from data_ingestion.outcomes.columns import OutcomeColumns

_UNSAFE = re.compile(r"[^\w .()\-]")


class FileUpload(Protocol):
    """A file that a browser sent."""

    @property
    def name(self) -> str:
        """The client's name for it; may be a path."""
        ...

    def getvalue(self) -> bytes:
        """Return the content."""
        ...


def safe_name(name: str) -> str:
    r"""Return the last part of a client's file name, fit for a file system and for a message.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\data\\week 36.csv"), safe_name("..")
    ('passwd', 'week 36.csv', 'upload')
    """
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE.sub("_", last).strip(" .")[-100:] or "upload"


def digests(uploads: Sequence[FileUpload]) -> list[str]:
    """Return a hash of the content of each upload, from which nothing can be read."""
    return [hashlib.sha256(upload.getvalue()).hexdigest() for upload in uploads]


def write_all(uploads: Sequence[FileUpload], folder: Path) -> list[Path]:
    """Write uploads below a folder, each in a numbered folder of its own, and return their paths."""
    paths = []
    for number, upload in enumerate(uploads):
        path = folder / str(number) / safe_name(upload.name)
        path.parent.mkdir(parents=True)
        path.write_bytes(upload.getvalue())
        paths.append(path)
    return paths


@dataclass(frozen=True)
class OutcomeFiles:
    """What customers did after the send, as files, and how they say it."""

    uploads: tuple[FileUpload, ...] = field(repr=False)
    columns: OutcomeColumns
    sent: Sent | None
    reading: ReadOptions

    def read(self, folder: Path, now: datetime, sends: Sequence[tuple[Run, Sent | None]]) -> list[tuple[Run, Outcomes]]:
        """Return each of some runs, given with when its campaign went out, with what its customers did."""
        paths = write_all(self.uploads, folder)
        return [
            (run, outcomes_of_files(paths, run, columns=self.columns, sent=sent, reading=self.reading, now=now))
            for run, sent in sends
        ]
