"""Uploaded files on disk, for as long as reading takes."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

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
