"""Records docs/walkthrough.gif from the real dashboard: `make walkthrough`.

From an empty page to the downloaded files, in a real browser, on synthetic customers; the dashboard runs in a
process of its own with an empty workspace.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.steps import FIRST_DAY, analyse, go, open_details, pick_first_day, settle
from tests.servers.dashboard import ROOT, running
from tools import browser
from tools.film import Film

TARGET = ROOT / "docs" / "walkthrough.gif"
WIDTH, HEIGHT = 1180, 740
SCALE = 1.5
LARGEST = 8_000_000
CHAPTERS = ("window", "customers", "run", "segments", "tree", "what if", "report", "files")


def main(target: Path) -> int:
    """Record the film and return the exit code: 1 if it is too large to be shown."""
    executable = browser.ensure()
    if executable is None:
        print(browser.HELP, file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        running(ROOT / "frontend" / "app.py", Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        film = record(chromium, server.url)
        chromium.close()
    film.save(target)
    size = target.stat().st_size
    print(f"{target.name}: {len(film.frames)} frames, {sum(film.times) / 1000:.0f} s, {size / 1e6:.1f} MB")
    return int(size > LARGEST)


def record(chromium: Browser, url: str) -> Film:
    """Return the film of the story, played chapter by chapter."""
    page = chromium.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SCALE,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page.goto(url)
    film = Film(page, CHAPTERS, SCALE)
    for number, play in enumerate((_window, _customers, _run, _segments, _tree, _what_if, _report, _files)):
        film.chapter = number
        play(film)
    return film


def _window(film: Film) -> None:
    page = film.page
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=60_000)
    settle(page)
    film.show("Every Monday: who left a full cart behind last week?", 2.2)
    go(page, "New Analysis Period")
    pick_first_day(page, FIRST_DAY)
    page.wait_for_timeout(600)
    film.show("1. Pick any seven days", 1.0)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Sep 2025, both included").first).to_be_visible()
    film.show("1. Pick any seven days", 1.4, page.get_by_test_id("stDateInput"))


def _customers(film: Film) -> None:
    page = film.page
    film.use(page.get_by_role("button", name="Generate Synthetic Data"), "2. Upload your customers, or generate some")
    expect(page.get_by_text("10,000 synthetic customers over the 30 days")).to_be_visible(timeout=30_000)
    settle(page)
    film.show("2. 10,000 synthetic customers, the same for the same seed", 1.6)


def _run(film: Film) -> None:
    page = film.page
    film.show("3. Run the analysis", 1.0, page.get_by_role("button", name="Run Segmentation Analysis"))
    analyse(page)
    expect(page.get_by_role("heading", name="Segments, in the order to contact")).to_be_visible(timeout=60_000)
    settle(page)
    _to_top(page)
    film.show("3. Every abandoner is in exactly one scored segment", 2.6)


def _segments(film: Film) -> None:
    page = film.page
    _bring(page, page.get_by_role("heading", name="Segments, in the order to contact"))
    film.show("4. Ranked, with intervals, and where each number comes from", 2.6)
    open_details(page, "VIP Active")
    film.show("4. Who they are, what they are worth, what to send them", 2.6)
    page.keyboard.press("Escape")
    _bring(page, page.get_by_role("heading", name="Priority map"))
    page.wait_for_timeout(400)
    film.show("4. Whom to write to first", 2.2)


def _tree(film: Film) -> None:
    page = film.page
    _to_top(page)
    go(page, "Tree Visualization")
    expect(page.frame_locator("iframe").locator("canvas")).to_be_visible(timeout=30_000)
    settle(page)
    page.wait_for_timeout(500)
    film.show("5. The decision tree, also as a table and a chart", 2.6)


def _what_if(film: Film) -> None:
    page = film.page
    go(page, "What if")
    expect(page.get_by_role("heading", name="Today and draft side by side")).to_be_visible(timeout=30_000)
    settle(page)
    film.show("6. What if the cuts were elsewhere?", 1.4)
    thumb = page.get_by_test_id("stMain").get_by_role("slider").nth(1)
    for _ in range(4):
        thumb.press("ArrowLeft")
        settle(page)
        film.show("6. Move a slider: sizes and scores follow at once", 0.5)
    _bring(page, page.get_by_role("heading", name="Today and draft side by side"))
    film.show("6. Today's policy beside the draft", 2.6)
    _to_top(page)


def _report(film: Film) -> None:
    page = film.page
    go(page, "MECE Report")
    expect(page.get_by_role("heading", name="MECE Report", exact=True, level=1)).to_be_visible(timeout=30_000)
    settle(page)
    film.show("7. Nobody is missing, nobody is counted twice", 2.6)


def _files(film: Film) -> None:
    page = film.page
    go(page, "Segments Summary")
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible(timeout=30_000)
    settle(page)
    _bring(page, page.get_by_role("heading", name="Downloads"))
    button = page.get_by_test_id("stDownloadButton").filter(has_text="All files as one zip")
    film.show("8. One file per segment, or all of them as one zip", 1.6, button)
    with page.expect_download() as started:
        button.get_by_role("button").click()
    name = started.value.suggested_filename
    settle(page)
    film.show(f"8. {name}: ready to send", 3.0)


def _to_top(page: Page) -> None:
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(WIDTH // 2, 5)
    page.wait_for_timeout(300)


def _bring(page: Page, target: Locator) -> None:
    """Scroll a heading to the top of the page."""
    target.first.evaluate("element => element.scrollIntoView({block: 'start'})")
    page.get_by_test_id("stMain").evaluate("main => main.scrollBy(0, -70)")
    page.mouse.move(WIDTH // 2, 5)
    page.wait_for_timeout(400)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
