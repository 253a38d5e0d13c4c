"""What a worker does in the tests, in a file of its own: a worker loads the file of its work, and no more than that."""

import errno
import os
import signal
from threading import Event

import pandas as pd

from workers.job import Progress


def product(numbers: list[int], *, progress: Progress) -> tuple[int, int]:
    progress("multiplying", 0.5)
    os.write(1, b"a library that prints")
    return os.getpid(), numbers[0] * numbers[1]


def asleep(seconds: float, *, progress: Progress) -> int:
    progress("sleeping", 0.1)
    Event().wait(seconds)
    return os.getpid()


def greedy(size: int, *, progress: Progress) -> int:
    progress("filling", 0.1)
    return len(bytearray(size))


def large(*, progress: Progress) -> pd.Series:
    progress("filling", 0.1)
    return pd.Series(range(100_000))


def killed(*, progress: Progress) -> None:
    progress("dying", 0.1)
    os.kill(os.getpid(), signal.SIGABRT)


def failing(error: Exception, *, progress: Progress) -> None:
    progress("failing", 0.1)
    raise error


def threads(*, progress: Progress) -> str:
    progress("counting", 0.5)
    return os.environ["OPENBLAS_NUM_THREADS"]


class Unwritable:
    """Something for which the disk has no space."""

    def __reduce__(self) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def unwritable(*, progress: Progress) -> Unwritable:
    progress("done", 1.0)
    return Unwritable()
