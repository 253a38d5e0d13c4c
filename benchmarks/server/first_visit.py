"""A first visit in a real browser: time to content and to charts, bytes, and what moves while a page loads.

Each visit has a browser context of its own, so nothing is kept from the one before. An empty Streamlit app and one of a
single chart, on servers beside it, are the yardsticks; all are visited in turns.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, WebSocket, sync_playwright

from benchmarks.harness import ROOT, Row, at_most, single
from benchmarks.server import period
from benchmarks.server.client import visiting
from tests.browser.steps import settle
from tests.browser.watch import OWED
from tests.servers.dashboard import running
from tests.waiting import PATIENCE
from tools import browser as browsers

TURNS = 7
CONTENT, CHARTS, ONE_CHART = 1.3, 2.0, 1.5
SHIFT, MEGABYTES = 0.1, 2.0
EMPTY = "import streamlit as st\n\nst.title('Empty')\n"
CHART = "import streamlit as st\n\nst.plotly_chart([{'type': 'bar', 'y': [3, 1, 2]}])\n"
SEEN = "selector => document.querySelector(selector) && performance.now() / 1000"
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
STREAMLITS = ("/static/", "/_stcore/")


@dataclass
class Received:
    """What a page received beside Streamlit's own files and Plotly's, in bytes."""

    size: int = 0

    def watch(self, page: Page) -> None:
        """Count from now on."""
        page.on("requestfinished", self._file)
        page.on("websocket", self._socket)

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, payload: bytes | str) -> None:
        self.size += len(payload)

    def _file(self, request: Request) -> None:
        if not urlsplit(request.url).path.startswith(STREAMLITS):
            self.size += request.sizes()["responseBodySize"]


def run() -> list[Row]:
    """Return the rows of the first visits."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home, empty = Path(folder, "ours"), Path(folder, "empty")
        home.mkdir()
        empty.mkdir()
        for name, text in {"app.py": EMPTY, "chart.py": CHART}.items():
            (empty / name).write_text(text, encoding="utf-8")
        query = f"?run={period.save(home)}"
        ours = stack.enter_context(running(ROOT / "frontend" / "app.py", home)).url
        theirs, chart = (stack.enter_context(running(empty / name, empty)).url for name in ("app.py", "chart.py"))
        browser = stack.enter_context(_chromium())
        with visiting(ours, query[1:]) as visitor:
            visitor.open()
            paths = sorted(visitor.pages)
        visits = (
            (theirs, "h1"),
            (chart, ".main-svg"),
            (f"{ours}/{query}", "h1"),
            (f"{ours}/segments{query}", ".main-svg"),
        )
        # Once more than counts: the first visit of all finds no server warm.
        _, *turns = [[_seconds(browser, *visit) for visit in visits] for _ in range(1 + TURNS)]
        content = [(own, yardstick) for yardstick, _, own, _ in turns]
        charts = [(own, yardstick) for yardstick, *_, own in turns]
        alone = [(own, one) for _, one, _, own in turns]
        return [
            at_most("first visit to a warm server: time to content, against an empty app", content, CONTENT),
            at_most("first visit to a warm server: time to charts, against an empty app's content", charts, CHARTS),
            at_most(
                "first visit to a warm server: time to charts, against an app of one chart alone", alone, ONE_CHART
            ),
            *_pages(browser, {path or "this_week": f"{ours}/{path}{query}" for path in paths}),
        ]


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browsers.find(), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)
    context.add_init_script(OWED)
    context.add_init_script(SHIFTS)
    yield context.new_page()
    context.close()


def _seconds(browser: Browser, url: str, selector: str) -> float:
    """Return the seconds from the request of a page until something of it is there."""
    with _page(browser) as page:
        page.goto(url, wait_until="commit")
        seen: float = page.wait_for_function(SEEN, arg=selector).json_value()
        return seen


def _pages(browser: Browser, urls: dict[str, str]) -> list[Row]:
    """Return the rows of the page that receives most, and of the one that moves most."""
    sizes, shifts = dict[str, float](), dict[str, float]()
    for name, url in urls.items():
        with _page(browser) as page:
            received = Received()
            received.watch(page)
            page.goto(url)
            page.wait_for_selector("h1")
            settle(page)
            shifts[name] = float(page.evaluate("window.shifted"))
            sizes[name] = received.size / 1e6
    return [
        single(
            f"{what}, the most of {len(urls)} pages",
            unit,
            max(found.values()),
            limit,
            max(found, key=found.__getitem__),
        )
        for what, unit, found, limit in (
            ("received beside Streamlit and Plotly", "MB", sizes, MEGABYTES),
            ("layout shift on load", "score", shifts, SHIFT),
        )
    ]
