"""Hostile text on every page: no script runs, no request leaves the machine, no markup of a stranger is drawn."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import analyse, go, pick_first_day, settle
from tests.servers.dashboard import Server, running
from tests.test_injection import HOSTILE, policy_text

pytestmark = pytest.mark.browser_all

PAGES = {
    "Segments Summary": 1,
    "Tree Visualization": 1,
    "What if": 1,
    "User Mapping": 1,
    "MECE Report": 1,
    "Data quality": 0,
    "Campaign": 0,
    "Compare weeks": 1,
    "Saved weeks": 1,
    "Settings": 1,
}
"""Pages, and how many of the hostile texts each shows at least."""
MARK = "h"
"""Short: names of segments have a longest length."""
WEEK = "2025-09-24"
LIVE = "img[onerror], img[src*='evil.example'], [href^='javascript:'], [href*='evil.example']"
CUT = """() => [...document.querySelectorAll("[data-testid='stMain'] button *")].filter(
  (each) => getComputedStyle(each).overflow === "hidden" && each.scrollWidth > each.clientWidth
).map((each) => each.innerText)"""
SCRIPTS = f"[...document.scripts].filter(each => /^\\s*{MARK}=1/.test(each.textContent)).length"


def armed(text: str) -> str:
    """Return a hostile text whose script, if it ran, would leave a mark on the window."""
    return text.replace("alert(1)", f"{MARK}=1").replace("fetch(", f"{MARK}=1,fetch(")


@pytest.fixture(scope="module")
def server(script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard whose workspace keeps a hostile policy."""
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / "policies").mkdir()
    (workspace / "policies" / "hostile.yaml").write_text(armed(policy_text()), encoding="utf-8")
    with running(script, workspace) as started:
        yield started


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a hostile name whose customers have hostile names, addresses and regions."""
    path = tmp_path_factory.mktemp("in") / f"shop <img src=x onerror={MARK}=1>.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["user_id", "cart_abandoned_date", "region", "first_name", "email", "avg_order_value"])
        for number in range(20 * len(HOSTILE)):
            text = armed(HOSTILE[number % len(HOSTILE)])
            rows.writerow([f"{text}{number}", "2025-09-30", text, text, f"{text}@example.com", number])
        rows.writerow(["late", armed(HOSTILE[0]), "VIP", "", "", armed(HOSTILE[1])])
    return path


def run_hostile(page: Page, shop: Path) -> None:
    """Upload the file, choose the policy, run, and save the period under a hostile name."""
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    settle(page)
    policy = page.get_by_role("combobox", name="Policy")
    policy.click()
    # Into the field itself: a run of the page that ends just now may have taken the focus away.
    policy.fill("hostile")
    page.get_by_role("option", name="hostile").click()
    expect(policy).to_have_value("hostile")
    settle(page)
    pick_first_day(page, WEEK)
    settle(page)
    page.get_by_text("Upload", exact=True).first.click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(shop)
    expect(page.get_by_text("rows read")).to_be_visible()
    analyse(page)
    page.get_by_role("button", name="Save week").click()
    page.get_by_role("textbox", name="Name").fill(armed(HOSTILE[1]))
    page.get_by_role("button", name="Save", exact=True).click()
    settle(page)


def is_harmless(page: Page) -> None:
    """Hold the open page against what hostile text must not do; requests are watched by the page's fixture."""
    settle(page)
    for frame in page.frames:
        # A picture that cannot be loaded has called its handler then.
        frame.wait_for_function("[...document.images].every(each => each.complete)")
        assert frame.evaluate(f"window.{MARK}") is None, frame.url
        assert frame.locator(LIVE).evaluate_all("found => found.map(each => each.outerHTML)") == []
        assert frame.evaluate(SCRIPTS) == 0


def test_hostile_text_is_text_on_every_page(page: Page, shop: Path) -> None:
    run_hostile(page, shop)
    assert page.evaluate(CUT) == []
    is_harmless(page)
    texts = [text for text in map(armed, HOSTILE) if re.search(r"[<!]", text)]
    for name, shown in PAGES.items():
        go(page, name)
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        is_harmless(page)
        content = page.get_by_test_id("stApp").inner_text()
        assert sum(text in content for text in texts) >= shown, name
