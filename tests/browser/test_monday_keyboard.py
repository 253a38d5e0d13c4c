"""The whole Monday by keys alone: each action is under 15 tabs from the top of its page."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.monday import results_file
from tests.browser.steps import settle
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

MOST = 14
NAME = """() => {
  const one = document.activeElement;
  return (one.getAttribute('aria-label') || one.innerText || one.value || '').replace(/\\s+/g, ' ');
}"""
TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
}"""


def reach(page: Page, name: str) -> None:
    """Go from the top of the page, past its navigation, to what has a name; fails after too many tabs."""
    settle(page)
    page.evaluate(TOP)
    page.keyboard.press("Tab")
    seen = [page.evaluate(NAME)]
    assert seen == ["Skip to main content"]
    page.keyboard.press("Enter")
    while not re.search(name, seen[-1]):
        assert len(seen) < MOST, f"{name} is not among {seen}"
        page.keyboard.press("Tab")
        seen.append(page.evaluate(NAME))


def press(page: Page, name: str) -> None:
    reach(page, name)
    page.keyboard.press("Enter")


def test_from_an_empty_app_to_the_lift_by_keys_alone(page: Page, server: Server) -> None:
    expect(page.get_by_role("button", name="Show me with synthetic customers")).to_be_visible()
    settle(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="See the week")).to_be_visible()
    settle(page)
    page.goto("/" + page.url.rpartition("/new_period")[2])
    expect(page.get_by_role("heading", name="What is open")).to_be_visible()
    press(page, "Hold out$")
    expect(page.get_by_role("button", name=re.compile("Hold out [0-9]"))).to_be_visible()
    press(page, "Hold out [0-9]")
    expect(page.get_by_text("no audience file contains the control group")).to_be_visible()
    press(page, "Go on to the files")
    expect(page.get_by_role("button", name="Download the zip")).to_be_visible()
    reach(page, "^Platform$")
    page.keyboard.type("Klaviyo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Platform")).to_have_value("Klaviyo")
    with page.expect_download() as started:
        press(page, "Download the zip")
    with zipfile.ZipFile(io.BytesIO(Path(started.value.path()).read_bytes())) as files:
        assert sum(name.endswith(".csv") for name in files.namelist()) == 5
    outcomes = results_file(page, server.workspace)
    press(page, "Upload orders")
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        press(page, "upload Upload")
    chooser.value.set_files(outcomes)
    expect(page.get_by_role("heading", name="Effect on conversion")).to_be_visible()


def test_after_run_the_focus_stays_beside_the_result(page: Page) -> None:
    page.goto("/new_period")
    reach(page, "Run Segmentation Analysis")
    button = page.get_by_role("button", name="Run Segmentation Analysis")
    expect(button).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="See the week")).to_be_visible()
    settle(page)
    expect(button).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="See the week")).to_be_focused()
    # With a week on screen it is no farther.
    press(page, "Run Segmentation Analysis")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
