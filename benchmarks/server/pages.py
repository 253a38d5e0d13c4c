"""Pages on a saved period of 1,000,000 abandoners: seconds of the real server to open each, and to follow a slider.

A page is opened by a session that was elsewhere; the first opening of each page counts too, as its slowest one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from benchmarks.harness import ROOT, Row
from benchmarks.server import period
from benchmarks.server.client import Visitor, visiting
from tests.servers.dashboard import Server, running

VISITS = 5
MOVES = 30
OPEN, MOVE = 1.0, 0.3
SLIDER = "what-if-"


def run() -> list[Row]:
    """Return the rows of the pages."""
    with served() as (server, query), visiting(server.url, query) as visitor:
        start = visitor.open().seconds
        rows = [_opened(visitor, path) for path in sorted(visitor.pages)]
        moved = [_moved(visitor, path) for path in visitor.pages if path == "what_if"]
        return [_row("a saved period by its link, the first page of a fresh server", [start], OPEN), *rows, *moved]


@contextmanager
def served() -> Iterator[tuple[Server, str]]:
    """Yield a dashboard whose workspace holds the large period, and the query of the link to it."""
    with tempfile.TemporaryDirectory() as folder:
        query = f"run={period.save(Path(folder))}"
        with running(ROOT / "frontend" / "app.py", Path(folder)) as server:
            _warm(server)
            yield server, query


def _warm(server: Server) -> None:
    """Open the empty dashboard once: the first session of a process waits for its imports."""
    with visiting(server.url) as visitor:
        visitor.open()


def _opened(visitor: Visitor, path: str) -> Row:
    elsewhere = "" if path else "tree"
    seconds = []
    for _ in range(VISITS):
        visitor.open(elsewhere)
        seconds.append(visitor.open(path).seconds)
    return _row(f"page {path or 'this_week'} opened", seconds, OPEN)


def _moved(visitor: Visitor, path: str) -> Row:
    visitor.open(path)
    key = next(key for key, widget in visitor.widgets.items() if key.startswith(SLIDER) and len(widget.options) > 2)
    options = visitor.widgets[key].options
    # Single steps along the slider and never back at once: nothing is answered from what was tried before.
    stops = [options[place] for place in islice(cycle(range(1, len(options) - 1)), MOVES)]
    lowest = options[0]
    values = [[lowest, stop] for stop in stops] if _has_two(visitor, key) else [[stop] for stop in stops]
    seconds = [visitor.change(key, value).seconds for value in values]
    return _row("slider moved, page redrawn", seconds, MOVE)


def _has_two(visitor: Visitor, key: str) -> bool:
    return visitor.widgets[key].handles == 2


def _row(what: str, seconds: list[float], limit: float) -> Row:
    middle = median(seconds)
    note = f"first {seconds[0]:.3f} s, {len(seconds)} times"
    title = f"1,000,000 abandoners: {what}"
    return Row(title, "seconds", min(seconds), middle, max(seconds), f"under {limit:g}", middle < limit, note)
