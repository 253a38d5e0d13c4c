"""A progress bar on standard error, for work that takes long and a person who watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.shown.console import visible

Advance = Callable[[str, float], None]
PATIENCE = 0.7
"""Seconds before a bar appears; quick work needs none."""


def silent(step: str, share: float) -> None:
    """Show progress to nobody."""


@contextmanager
def progress_bar() -> Iterator[Advance]:
    """Give a function that shows a step and the share of all work that is done; shows nothing off a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bar, started, shown = Progress(*columns, console=console, transient=True), time.perf_counter(), False
    task = bar.add_task("", total=1.0)

    def advance(step: str, share: float) -> None:
        nonlocal shown
        bar.update(task, description=visible(step), completed=share)
        if not shown and time.perf_counter() - started > PATIENCE:
            shown = True
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()


def part(advance: Advance, start: float, end: float, prefix: str = "") -> Advance:
    """Return a function for one part of the work, which counts it from 0 to 1."""
    return lambda step, share: advance(f"{prefix}{step}", start + (end - start) * min(max(share, 0.0), 1.0))
