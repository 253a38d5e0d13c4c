"""Paired timing, peak memory of a process, and the table that both end in."""

import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of the results.

    Args:
        what: What was measured, and against what.
        unit: What the numbers are: a ratio, a share, an exponent.
        low: Smallest of the runs.
        middle: Median of the runs.
        high: Largest of the runs.
        limit: The promise, in words.
        kept: Whether the median keeps it.
        note: Times, peak memory and the like.
    """

    what: str
    unit: str
    low: float
    middle: float
    high: float
    limit: str
    kept: bool
    note: str = ""

    def __str__(self) -> str:
        kept = "yes" if self.kept else "NO"
        return (
            f"| {self.what} | {self.unit} | {self.middle:,.3g} | {self.low:,.3g} | {self.high:,.3g} "
            f"| {self.limit} | {kept} | {self.note} |"
        )


HEADER = "| what | unit | median | min | max | promise | kept | note |\n|---|---|--:|--:|--:|---|---|---|"


def seconds(work: Work) -> float:
    """Return the wall seconds of one call."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def at_most(what: str, pairs: Sequence[tuple[float, float]], limit: float, note: str = "") -> Row:
    """Return the row of ours / yardstick, which must stay at or under a limit."""
    return _row(what, "ours / yardstick", [ours / theirs for ours, theirs in pairs], limit, f"at most {limit:g}", note)


def at_least(what: str, pairs: Sequence[tuple[float, float]], limit: float, note: str = "") -> Row:
    """Return the row of yardstick / ours, which must stay at or over a limit."""
    ratios = [theirs / ours for ours, theirs in pairs]
    row = _row(what, "yardstick / ours", ratios, limit, f"at least {limit:g}", note)
    return Row(**{**vars(row), "kept": row.middle >= limit})


def single(what: str, unit: str, value: float, limit: float, note: str = "") -> Row:
    """Return the row of one figure that must stay at or under a limit."""
    return _row(what, unit, [value], limit, f"at most {limit:g}", note)


def _row(what: str, unit: str, values: list[float], limit: float, promise: str, note: str) -> Row:
    middle = median(values)
    return Row(what, unit, min(values), middle, max(values), promise, middle <= limit, note)


def paired(ours: Work, yardstick: Work, runs: int = 7) -> list[tuple[float, float]]:
    """Return the seconds of both, timed in turn after one warm-up of each."""
    ours()
    yardstick()
    return [(seconds(ours), seconds(yardstick)) for _ in range(runs)]


def times_note(pairs: Sequence[tuple[float, float]]) -> str:
    """Return the median times of both sides."""
    return f"{median(a for a, _ in pairs):.4g} s against {median(b for _, b in pairs):.4g} s"


def peak_of(work: Work) -> int:
    """Return the peak bytes that Python and numpy allocate during a call."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


_LAUNCHER = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Process:
    """A finished process: wall seconds and peak resident megabytes."""

    seconds: float
    megabytes: float


def process(arguments: Sequence[str], cwd: Path = ROOT) -> Process:
    """Run a Python process to its end and return what it took.

    Raises:
        RuntimeError: It failed.
    """
    # A child starts with its parent's memory on its account, so a small process stands in between.
    launcher = [sys.executable, "-S", "-c", _LAUNCHER, sys.executable, *arguments]
    done = subprocess.run(launcher, cwd=cwd, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr[-500:]}")
    taken, kilobytes = done.stdout.rsplit(maxsplit=2)[-2:]
    return Process(float(taken), int(kilobytes) / 1024)
