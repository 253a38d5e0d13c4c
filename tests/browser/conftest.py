"""Fixtures of the browser tests: a dashboard in a process of its own, and a watched page of Chromium.

`server` is one dashboard a file, with a fresh workspace. `page` is one page a test; the test fails when the page logs
an error or asks another host for anything. Both can be changed:

    @pytest.mark.parametrize("viewport", [(390, 844)])
    @pytest.mark.parametrize("theme", ["light", "dark"])

`picture("tree-light")` saves what the page shows as `tree-light.png` when SCREENSHOTS names a folder.
`script`, overridden in a file, serves another script than the dashboard's.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.watch import Watch
from tests.servers.dashboard import ROOT, Server, running
from tests.waiting import PATIENCE
from tools import browser as browsers

expect.set_options(timeout=1000 * PATIENCE)

FLAGS = (
    "--no-sandbox",  # containers run as root, where Chromium refuses to start its sandbox
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--ignore-certificate-errors",  # a test's server signs its certificate itself
)


@pytest.fixture(scope="module")
def script() -> Path:
    """The Streamlit script to serve."""
    return ROOT / "frontend" / "app.py"


@pytest.fixture(scope="module")
def server(script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running dashboard with an empty workspace."""
    with running(script, tmp_path_factory.mktemp("workspace")) as started:
        yield started


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, for this folder: its event loop would disturb tests of others that start their own."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, headless."""
    executable = browsers.find()
    if executable is None:
        pytest.fail(browsers.HELP)
    chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS), timeout=1000 * PATIENCE)
    yield chromium
    chromium.close()


@pytest.fixture
def viewport() -> tuple[int, int]:
    """Width and height of the window in pixels."""
    return 1440, 900


@pytest.fixture
def theme() -> str:
    """The system's colours: light or dark."""
    return "light"


@pytest.fixture
def watch(server: Server) -> Watch:
    """What the pages of this test did wrong."""
    return Watch(urlsplit(server.url).netloc)


@pytest.fixture
def page(browser: Browser, server: Server, watch: Watch, viewport: tuple[int, int], theme: str) -> Iterator[Page]:
    """A page at the dashboard's address, watched until the test ends."""
    width, height = viewport
    context = watch.context(
        browser,
        base_url=server.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        accept_downloads=True,
        locale="en-GB",
        timezone_id="UTC",
    )
    opened = context.new_page()
    opened.goto(server.url)
    yield opened
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def picture(page: Page) -> Callable[[str], None]:
    """A function that saves what the page shows under a name, when pictures are asked for."""
    folder = os.environ.get("SCREENSHOTS")

    def save(name: str) -> None:
        if folder:
            page.screenshot(path=ROOT / folder / f"{name}.png", animations="disabled")

    return save
