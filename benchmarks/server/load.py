"""Fifty people at once on a saved period of 1,000,000 abandoners: how long a redraw takes, and the server's memory.

Every visitor is a session of its own over a web socket of its own. Each acts, waits for the answer, and pauses as a
person does who reads; the pauses are drawn once, so every run does the same.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from threading import Barrier

import numpy as np

from benchmarks.harness import ROOT, Row
from benchmarks.server import period
from benchmarks.server.client import Redraw, Visitor, visiting
from tests.servers.dashboard import Server, running

SESSIONS = 50
ACTIONS = 10
PAUSE = 10.0
"""Mean seconds between an answer and the next action."""
SLOWEST = 0.4
MEMORY = 700.0
Action = Callable[[Visitor], Redraw]


def run() -> list[Row]:
    """Return the rows of the load."""
    with tempfile.TemporaryDirectory() as folder:
        query = f"run={period.save(Path(folder))}"
        with running(ROOT / "frontend" / "app.py", Path(folder)) as server:
            seconds = together(server, query, SESSIONS, ACTIONS, PAUSE)
            return [_redraws(seconds), _memory(server)]


def together(server: Server, query: str, sessions: int, actions: int, pause: float) -> list[float]:
    """Return the seconds of every redraw of several visitors who act at the same time."""
    with ExitStack() as stack:
        visitors = [stack.enter_context(visiting(server.url, query)) for _ in range(sessions)]
        for visitor in visitors:
            # What is made once for a week is there before: a redraw is what is measured.
            for path in ("", "tree", "segments", "users", ""):
                visitor.open(path)
        ready = Barrier(sessions)
        pool = stack.enter_context(ThreadPoolExecutor(sessions))
        waits = np.random.default_rng(1).exponential(pause, (sessions, actions))
        jobs = [pool.submit(_visit, visitor, ready, list(row)) for visitor, row in zip(visitors, waits, strict=True)]
        return [seconds for job in jobs for seconds in job.result()]


def _visit(visitor: Visitor, ready: Barrier, waits: list[float]) -> list[float]:
    todo: list[Action] = [
        partial(Visitor.open, path="segments"),
        partial(Visitor.open, path=""),
        partial(Visitor.open, path="users"),
        partial(Visitor.change, key="users-search", value="c12"),
    ]
    ready.wait()
    seconds = []
    for turn, wait in enumerate(waits):
        time.sleep(wait)
        seconds.append(todo[turn % len(todo)](visitor).seconds)
    return seconds


def _redraws(seconds: list[float]) -> Row:
    slow = quantiles(seconds, n=20)[-1]
    note = f"{len(seconds)} redraws, median {median(seconds):.3f} s, slowest {max(seconds):.3f} s"
    title = f"{SESSIONS} sessions on 1,000,000 abandoners, an action every {PAUSE:g} s each: 95 % of the redraws"
    return Row(title, "seconds", min(seconds), slow, max(seconds), f"under {SLOWEST:g}", slow < SLOWEST, note)


def _memory(server: Server) -> Row:
    now, peak = (megabytes(server, name) for name in ("VmRSS", "VmHWM"))
    title = f"memory of the server after {SESSIONS} sessions"
    return Row(title, "MB", now, now, peak, f"under {MEMORY:g}", now < MEMORY, f"{peak:,.0f} MB at most")


def megabytes(server: Server, name: str) -> float:
    """Return a figure of a process's memory, on Linux."""
    lines = Path(f"/proc/{server.process}/status").read_text(encoding="ascii").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name))) / 1e3
