"""One run of a workspace's week at a time, and a log of what it did; no customer is in it."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from outputs.durable import disk_errors
from run_store.small_files import make_private

LOCK, LOG = "weekly.lock", "weekly.log"
LOG_BYTES = 1 << 20

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def turn(folder: Path) -> Iterator[Callable[[str], None] | None]:
    """Give what takes the lines of the log, or None where another run is at work; the system drops a dead one's lock.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    with disk_errors(str(folder)):
        make_private(folder)
        stream = (folder / LOCK).open("ab")
    with stream:
        try:
            _take(stream.fileno())
        except OSError:
            yield None
            return
        with disk_errors(str(folder)):
            handler = RotatingFileHandler(folder / LOG, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log = logging.getLogger("weekly")
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(handler)
        try:
            yield log.info
        finally:
            log.removeHandler(handler)
            handler.close()
