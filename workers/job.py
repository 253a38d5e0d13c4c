"""One piece of work in a process of its own: waited for, left to go on, or ended."""

import atexit
import math
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import IO, Any, TypeVar

from retention.errors import CancelledError, InputError, InvariantError, OptionError, Remedy, Setting, SourceError
from workers import memory
from workers.messages import receive, send
from workers.room import lasting, told_when_full

T = TypeVar("T")
Progress = Callable[[str, float], None]
VARIABLE = "RETENTION_TIME_LIMIT"
SECONDS = 900
PATIENCE = 5.0
"""Seconds for which work goes on that nobody waits for: a page that is drawn anew comes back, a closed one does not."""
_READY = ("analysis", "run_store")
"""What a worker that waits has loaded."""
_TICK, _NICE = 0.2, 19


class _Worker:
    """A process that does one piece of work after the other."""

    def __init__(self) -> None:
        self.limit = memory.limit()
        root = str(Path(__file__).resolve().parents[1])
        self.process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "workers.child", str(self.limit), *_READY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
            # A second thread of numpy's sums would only keep a processor busy with waiting.
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": root},
        )
        # The server, for whose pages people wait, has a core before the work has it; Windows has no such call.
        if hasattr(os, "setpriority"):
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICE)

    def pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Return what it reads and what it writes."""
        if self.process.stdin is None or self.process.stdout is None:
            raise EOFError
        return self.process.stdin, self.process.stdout

    def close(self) -> None:
        """End it, and its pipes; only who reads from it may do that."""
        self.process.kill()
        # What was still to be written to it is lost with it.
        with suppress(OSError):
            self.process.communicate()


class Job:
    """One piece of work in a worker.

    Args:
        prepare: Called here with a folder that lasts as long as the work, and returns the work: what is called in the
            worker with `progress=`. It and what it returns go through a pipe.
        seconds: Most that it may take.
    """

    def __init__(self, prepare: Callable[[Path], Callable[..., object]], seconds: float) -> None:
        self.why: InputError | None = None
        self.over = False
        self._seconds = seconds
        self._told: Queue[tuple[str, float] | None] = Queue()
        self._answer: tuple[str, Any] | None = None
        with told_when_full(), ExitStack() as unready:
            self._folder = TemporaryDirectory(prefix="upload-", dir=lasting(), ignore_cleanup_errors=True)
            unready.callback(self._folder.cleanup)
            work = prepare(Path(self._folder.name))
            unready.pop_all()
        self.worker = _taken()
        # Large files may have taken long to be prepared: nobody's patience runs out before the work began.
        self._asked = time.monotonic()
        self._due = self._asked + seconds
        Thread(target=self._run, args=(work,), daemon=True).start()
        Thread(target=self._watch, daemon=True).start()

    def _run(self, work: Callable[..., object]) -> None:
        answer = lasting() / secrets.token_hex(8)
        try:
            requests, back = self.worker.pipes()
            with told_when_full():
                send(requests, (work, answer), Path(self._folder.name, "work"))
            kind, value, more = receive(back, keep=False)
            while kind == "progress":
                self._told.put(value)
                kind, value, more = receive(back, keep=False)
        except (EOFError, OSError):
            kind, value, more = "failed", self.why or memory.too_much(self.worker.limit), False
        except InputError as error:
            kind, value, more = "failed", error, False
        except Exception as error:  # noqa: BLE001 - who waits must hear of it, or would wait until the time is over
            kind, value, more = "failed", InvariantError(f"{type(error).__name__} between server and worker"), False
        # Before anybody is told: who has the answer may ask for the same work, or for a worker, at once.
        self.over = True
        self._folder.cleanup()
        if kind == "failed":
            answer.unlink(missing_ok=True)
        if more:
            with _LOCK:
                _IDLE.append(self.worker)
        else:
            self.worker.close()
            keep_warm()
        self._answer = (kind, value)
        self._told.put(None)

    def _watch(self) -> None:
        """End the work when its time is over, or nobody waits for it any more; an answer that nobody took goes, too."""
        while not self.over or time.monotonic() <= self._asked + PATIENCE:
            now = time.monotonic()
            if now > self._due:
                self.end(_too_long(self._seconds))
            elif now > self._asked + PATIENCE:
                self.end(cancelled())
            time.sleep(_TICK)
        for key, each in list(_JOBS.items()):
            if each is self:
                _JOBS.pop(key, None)

    def end(self, why: InputError) -> None:
        """End the work; who waits for it is told why."""
        if not self.over:
            self.why = why
            self.worker.process.kill()

    def wait(self, progress: Progress) -> Any:
        """Return what the work gives; where `progress` raises, the work goes on, to be waited for again."""
        latest: tuple[str, float] = ("", 0.0)
        # The answer stays: several may wait for the same work.
        while self._answer is None or not self._told.empty():
            self._asked = time.monotonic()
            progress(*latest)
            with suppress(Empty):
                latest = self._told.get(timeout=_TICK) or latest
        progress(*latest)
        self._asked = -math.inf
        kind, value = self._answer
        if kind == "failed":
            raise value
        return value


_IDLE: list[_Worker] = []
_JOBS: dict[str, Job] = {}
_LOCK = Lock()


def done(key: str, prepare: Callable[[Path], Callable[..., T]], progress: Progress = lambda *_: None) -> T:
    """Return what a piece of work gives, done in a process with limits of memory and time.

    Args:
        key: Who asks again while it runs waits for the same work.
        prepare: Returns what to do, once that begins; see `Job`.
        progress: Called five times a second; what it raises leaves the work running for `PATIENCE` seconds.

    Raises:
        InputError: As the work does; or it took too much memory or time, or was ended.
    """
    with _LOCK:
        job = _JOBS.get(key)
    if job is None or job.why is not None:
        job = _JOBS[key] = Job(prepare, seconds())
    try:
        value: T = job.wait(progress)
    finally:
        if job.over:
            _JOBS.pop(key, None)
    return value


def silently(work: Callable[[], T], *, progress: Progress) -> T:  # noqa: ARG001 - what all work takes
    """Return what work gives that tells no progress."""
    return work()


def keep_warm() -> None:
    """Start a worker for the next piece of work, unless one waits already."""
    # What a killed server left goes now.
    with suppress(OSError):
        lasting()
    with _LOCK:
        if not _IDLE:
            _IDLE.append(_Worker())


def _taken() -> _Worker:
    """Return a worker that has nothing to do, with the limit of memory that holds now."""
    with _LOCK:
        while _IDLE:
            worker = _IDLE.pop()
            if worker.process.poll() is None and worker.limit == memory.limit():
                return worker
            worker.close()
    return _Worker()


def seconds() -> float:
    """Return how long one piece of work may take."""
    setting = os.environ.get(VARIABLE, str(SECONDS))
    if not setting.isdecimal() or int(setting) < 1:
        raise OptionError(f"'{setting}' is not a number of seconds", where=Setting.TIME_LIMIT, hint="Write 900")
    return float(setting)


def cancelled() -> InputError:
    """Return the error of work that somebody ended."""
    return CancelledError("this was cancelled", hint="Nothing was changed. Start it again when you want it")


def _too_long(most: float) -> SourceError:
    what = f"this took longer than the {most:,.0f} seconds that are allowed, and was stopped"
    hint, longer = "Check that it is the right file, split it, or allow more", Remedy(Setting.TIME_LIMIT)
    return SourceError(what, hint=hint, remedies=(longer,))


@atexit.register
def _end_all() -> None:
    for job in _JOBS.values():
        job.worker.process.kill()
    for worker in _IDLE:
        worker.close()
