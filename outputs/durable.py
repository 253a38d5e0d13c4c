"""Files that are there whole or not at all: written beside, forced to the disk, then given their name.

The few steps that a file goes through stand here, so that everything saved goes through the same ones.
"""

import errno
import hashlib
import io
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retention.errors import WorkspaceError

PART = ".part-"
"""How the names of files begin that are not finished."""
FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Stored:
    """A file that is on the disk under its name.

    Args:
        name: Name in its folder.
        sha256: Hash of its bytes.
        size: Its bytes.
    """

    name: str
    sha256: str
    size: int


class HashingWriter(io.RawIOBase):
    """A stream that hashes and counts what goes through it to a file."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream, self._hash, self.count = stream, hashlib.sha256(), 0

    def writable(self) -> bool:
        """Return that it takes bytes."""
        return True

    def write(self, data: object, /) -> int:
        """Write all of the data, however often the system takes only a part of it."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        rest = view
        while len(rest):
            rest = rest[self._stream.write(rest) or 0 :]
        self._hash.update(view)
        self.count += len(view)
        return len(view)

    def tell(self) -> int:
        """Return how many bytes went through."""
        return self.count

    @property
    def sha256(self) -> str:
        """The hash so far."""
        return self._hash.hexdigest()


Fill = Callable[[HashingWriter], None]


def store_file(folder: Path, name: Callable[[str], str], fill: Fill) -> Stored:
    """Write a file into a folder so that it lasts, and return it; the folder itself is not yet forced.

    Args:
        folder: An existing folder.
        name: The file's name, given the hash of its bytes.
        fill: Writes the content.

    Raises:
        OSError: The disk does not take it; nothing is left.
    """
    part = folder / f"{PART}{secrets.token_hex(8)}"
    try:
        # Unbuffered: fsync forces what the system holds, and knows nothing of bytes that wait in a buffer of Python's.
        with part.open("xb", buffering=0) as stream:
            writer = HashingWriter(stream)
            fill(writer)
            # Before the rename: else a power cut could leave the name on a file without its bytes.
            os.fsync(stream.fileno())
        final = name(writer.sha256)
        part.replace(folder / final)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return Stored(final, writer.sha256, writer.count)


def write_file(path: Path, content: bytes | Fill) -> None:
    """Put a file in the place of the one before; whatever happens, the place holds all of the old or of the new one.

    Raises:
        OSError: The disk does not take it; the file before is as it was.
    """

    def write(stream: HashingWriter) -> None:
        stream.write(content)

    store_file(path.parent, lambda _: path.name, content if callable(content) else write)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make a written file last through a power cut."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_tree(root: Path) -> None:
    """Make everything in a folder last through a power cut."""
    for folder, _, names in os.walk(root):
        for name in names:
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


def sync_folder(folder: Path) -> None:
    """Make a folder's entries last through a power cut; Windows has no such call.

    The names of files are content of their folder: a file that was forced to the disk can still be gone after a
    power cut, as long as its name was not.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def disk_errors(where: str) -> Iterator[None]:
    """Turn errors of the disk into one that tells the person what to do."""
    try:
        yield
    except OSError as error:
        hint = hint_of(error, "move the workspace to another disk", "Choose a workspace that you may write to")
        raise WorkspaceError(
            f"the file cannot be read or written ({reason_of(error)})", where=where, hint=hint
        ) from error


def reason_of(error: OSError) -> str:
    """Return what the system says, in the middle of a sentence."""
    return (error.strerror or type(error).__name__).lower()


def hint_of(error: OSError, elsewhere: str, writable: str) -> str:
    """Return what a person can do about a full disk, a closed folder or anything else."""
    if error.errno in FULL:
        return f"Free some space or {elsewhere}"
    return writable if error.errno in CLOSED else "Check the folder and the disk"
