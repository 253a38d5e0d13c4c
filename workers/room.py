"""A folder for what waits on the disk while one run needs it; it is gone when the run ends, however that ends."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from errno import EDQUOT, ENOSPC
from functools import cache
from pathlib import Path

from retention.errors import SourceError

if sys.platform != "win32":
    import fcntl

PREFIX = "cart-recovery-"
FULL = (ENOSPC, EDQUOT)
DISK = Path("/var/tmp")  # noqa: S108 - files there get names of their own, open to this user alone
"""Where large temporary files lie on Linux (Filesystem Hierarchy Standard 3.0, 5.15)."""


def use_disk() -> None:
    """Let what waits lie on a disk where nobody said where, and the system's own place is memory (tmpfs)."""
    if any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")):
        return
    # With a full disk there is no such place, which who needs none must not hear of.
    with suppress(FileNotFoundError):
        if _in_memory(Path(tempfile.gettempdir())) and os.access(DISK, os.W_OK) and not _in_memory(DISK):
            # Workers and libraries ask the one or the other.
            tempfile.tempdir = os.environ["TMPDIR"] = str(DISK)


def _in_memory(folder: Path) -> bool:
    """Return whether a folder lies in memory, as far as Linux tells."""
    if sys.platform != "linux":
        return False
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        place, _, kind = line.partition(" - ")
        if place.split()[2] == number:
            return kind.split()[0] in ("tmpfs", "ramfs")
    return False


@contextmanager
def room(parent: Path | None) -> Iterator[Path]:
    """Give a new folder that only this user can read, below a parent or where the system keeps such things."""
    place = Path(tempfile.gettempdir()) if parent is None else parent
    sweep(place)
    folder = tempfile.TemporaryDirectory(prefix=PREFIX, dir=place, ignore_cleanup_errors=True)
    with folder as name, held(Path(name)):
        yield Path(name)


@cache
def lasting() -> Path:
    """Return the folder of this process, which only this user can read and which is gone when the process ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(room(None))


@contextmanager
def told_when_full() -> Iterator[None]:
    """Tell a full disk as what it is.

    Raises:
        SourceError: There is no space left for what waits there.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        hint = "Make room there, or start the server with a folder of another disk in the variable TMPDIR"
        raise SourceError("the disk is full", where=tempfile.gettempdir(), hint=hint) from None


def sweep(place: Path) -> None:
    """Remove the folders of runs that were killed."""
    for folder in place.glob(f"{PREFIX}*"):
        # Who still runs holds theirs; on Windows nothing in use can be removed.
        with suppress(OSError), held(folder):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder by a lock that the system drops with the process, however that ends; Windows has none.

    Raises:
        BlockingIOError: Another process holds it.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
