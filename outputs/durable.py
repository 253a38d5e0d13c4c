"""Files that are there whole or not at all: written beside, forced to the disk, then given their name.

The few steps that a file goes through stand here, so that everything saved goes through the same ones.
"""

import errno
import hashlib
import io
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from outputs.rights import file_mode, take_rights
from retention.errors import InputError, OptionError, Setting, WorkspaceError

if sys.platform != "win32":
    import fcntl

PART = ".part-"
"""How the names of files begin that are not finished."""
_PART = re.compile(rf"{re.escape(PART)}[0-9a-f]{{16}}")
FULL = (errno.ENOSPC, errno.EDQUOT)
HINTS: dict[type[InputError], tuple[str, str]] = {
    WorkspaceError: ("move the workspace to another disk", "Choose a workspace that you may write to"),
    OptionError: ("name a folder on another disk", "Name a folder that you may write to"),
}
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Stored:
    """A file that is on the disk under its name."""

    name: str
    sha256: str
    size: int


class HashingWriter(io.RawIOBase):
    """A stream that hashes and counts what goes through it to a file."""

    def __init__(self, stream: BinaryIO | io.RawIOBase) -> None:
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


@contextmanager
def held_part(folder: Path) -> Iterator[tuple[Path, io.FileIO]]:
    """Give an unfinished file that other processes know to be in use; it goes at the end, unless it was renamed."""
    while True:
        part = folder / f"{PART}{secrets.token_hex(8)}"
        # Unbuffered: fsync forces what the system holds, and knows nothing of bytes that wait in a buffer of Python's.
        stream = io.FileIO(part, "x", opener=lambda name, flags: os.open(name, flags, 0o600))
        if sys.platform != "win32":
            # Some network drives have no locks; there nothing that is left over can be told from what is in use.
            with suppress(OSError):
                fcntl.flock(stream, fcntl.LOCK_EX)
        # Until it was held, another process may have taken it for left over.
        if part.exists():
            break
        stream.close()
    try:
        yield part, stream
    finally:
        stream.close()
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove_dead(path: Path) -> bool:
    """Remove a file unless a process holds it; return whether it is gone."""
    with suppress(OSError):
        if sys.platform == "win32":
            # Nothing that is open is removed there.
            path.unlink(missing_ok=True)
            return True
        with path.open("rb") as stream:
            # The system drops the lock with the process, however that ends.
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            return True
    return False


def clear_parts(folder: Path) -> None:
    """Remove the unfinished files that killed processes left in a folder."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if _PART.fullmatch(path.name) and path.is_file():
                remove_dead(path)


@contextmanager
def stored(
    folder: Path, name: Callable[[str], str], fill: Fill, *, like: Path | None = None, mode: int | None = None
) -> Iterator[Stored]:
    """Write a file into a folder so that it lasts, and give it, held; the folder itself is not yet forced.

    It gets its name by the hash of its bytes, and the rights of a file like it, or a mode, or those of its folder.

    Raises:
        OSError: The disk does not take it; nothing is left.
    """
    with held_part(folder) as (part, stream):
        writer = HashingWriter(stream)
        fill(writer)
        if like is not None:
            take_rights(part, like, owner=False)
        else:
            part.chmod(file_mode(folder) if mode is None else mode & 0o666)
        # Before the rename: else a power cut could leave the name on a file without its bytes.
        os.fsync(stream.fileno())
        if sys.platform == "win32":
            stream.close()
        final = name(writer.sha256)
        part.replace(folder / final)
        with (folder / final).open("rb") if sys.platform == "win32" else stream:
            yield Stored(final, writer.sha256, writer.count)


def write_file(path: Path, content: bytes | Fill, *, mode: int | None = None) -> None:
    """Put a file in the place of the one before; whatever happens, the place holds all of the old or of the new one.

    Without a mode it has the rights of the one before, and a new one is its owner's alone.

    Raises:
        OSError: The disk does not take it; the file before is as it was.
    """

    def write(stream: HashingWriter) -> None:
        stream.write(content)

    fill, like = content if callable(content) else write, path if mode is None and path.is_file() else None
    clear_parts(path.parent)
    with stored(path.parent, lambda _: path.name, fill, like=like, mode=0o600 if mode is None else mode):
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make a written file last through a power cut."""
    # Windows forces only what is open for writing.
    with path.open("r+b") as stream:
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
def disk_errors(
    where: str | Setting, what: str = "the file cannot be read or written", kind: type[InputError] = WorkspaceError
) -> Iterator[None]:
    """Turn errors of the disk into one that tells the person what to do."""
    try:
        yield
    except OSError as error:
        elsewhere, writable = HINTS[kind]
        hint = writable if error.errno in CLOSED else "Check the folder and the disk"
        hint = f"Free some space or {elsewhere}" if error.errno in FULL else hint
        raise kind(f"{what} ({reason_of(error)})", where=where, hint=hint) from error


def reason_of(error: OSError) -> str:
    """Return what the system says, in the middle of a sentence."""
    reason = (error.strerror or type(error).__name__).lower()
    # Arrow puts words of its own around what the system says.
    return os.strerror(error.errno).lower() if error.errno and "[errno" in reason else reason
