"""What people do on the pages, and what they read there; shared by the browser stories."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

SEGMENTS = {"VIP Active", "Core Engaged", "At-Risk Medium", "Price-Sensitive", "Dormant Low-Value"}
FIRST_DAY = "2025-09-08"
PHONE = 390, 844
PICTURES = "SCREENSHOTS" in os.environ
SECTIONS = {
    "Segments": ("Segments Summary", "Tree Visualization", "User Mapping", "Better tree", "What if"),
    "Campaign": ("Campaign",),
    "Trends": ("Weeks", "Compare weeks", "Backtest"),
    "Trust": ("MECE Report", "Audit of rules", "Data quality"),
    "More": ("Policies", "Settings", "Weekly run", "Saved weeks", "README", "Glossary"),
}
"""Section of the navigation -> titles of its pages."""
SECTION_OF = {title: section for section, titles in SECTIONS.items() for title in titles}
SETTLED = Path(__file__).parent.joinpath("scripts", "settled.js").read_text(encoding="utf-8")


def looks(desk: tuple[int, int]) -> pytest.MarkDecorator:
    """Return the widths and themes of a story: each of them once, and for the pictures every pair."""
    pairs = [(desk, "light"), (PHONE, "dark"), *([(desk, "dark"), (PHONE, "light")] if PICTURES else [])]
    return pytest.mark.parametrize(("viewport", "theme"), pairs)


def pick_first_day(page: Page, day: str) -> None:
    """Type a date into the picker, part by part, as a keyboard user does."""
    field = page.get_by_test_id("stDateInput")
    for part, label in zip(day.split("-"), ("year", "month", "day"), strict=True):
        field.get_by_role("spinbutton", name=f"{label}, First of seven days").click()
        page.keyboard.type(part)
    page.keyboard.press("Tab")


def metric(page: Page, label: str) -> str:
    box = page.get_by_test_id("stMetric").filter(has_text=label)
    return box.get_by_test_id("stMetricValue").inner_text().strip()


def number(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def download(page: Page, label: str | re.Pattern[str]) -> tuple[str, bytes]:
    with page.expect_download() as started:
        page.get_by_test_id("stDownloadButton").filter(has_text=label).last.get_by_role("button").click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def go(page: Page, title: str) -> None:
    """Open a page by the navigation: at the top of a wide window, folded away in a narrow one."""
    settle(page)
    if page.get_by_test_id("stTopNav").count():
        if title in SECTION_OF:
            page.get_by_test_id("stTopNavSection").filter(has_text=SECTION_OF[title]).click()
        words = page.get_by_text(title, exact=True)
        page.get_by_test_id(re.compile("stTopNav(Dropdown)?Link$")).filter(has=words).click()
    else:
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        page.get_by_role("button", name="Collapse sidebar").click()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    settle(page)


def analyse(page: Page) -> None:
    """Run what the form holds, and open its table."""
    button = page.get_by_role("button", name="Run Segmentation Analysis")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_role("link", name="See the week")).to_be_visible()
    summary(page)


def demo(page: Page) -> None:
    """Take the way of one click to a first analysis, and open its table."""
    page.get_by_role("button", name="Show me with synthetic customers").click()
    expect(page.get_by_role("heading", name="This week", level=1)).to_be_visible()
    summary(page)


def summary(page: Page) -> None:
    """Open the table of the segments."""
    go(page, "Segments Summary")
    expect(page.get_by_role("heading", name="Segments, in the order to contact")).to_be_visible()
    settle(page)


def open_details(page: Page, segment: str) -> None:
    """Click on the name of a segment and wait for its details."""
    page.get_by_role("button", name=re.compile(rf"\b{segment}$")).click()
    expect(page.get_by_role("dialog").get_by_role("heading", name=segment, exact=True)).to_be_visible()
    settle(page)


def run_synthetic(page: Page, day: str = FIRST_DAY) -> None:
    """Pick a week, generate customers, run the analysis and wait for its table."""
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    pick_first_day(page, day)
    page.get_by_role("button", name="Generate Synthetic Data").click()
    expect(page.get_by_text("10,000 synthetic customers over the 30 days")).to_be_visible()
    analyse(page)


def analyse_synthetic(page: Page) -> None:
    """Analyse synthetic customers of the week that the form suggests, whatever was there before."""
    go(page, "New Analysis Period")
    page.get_by_role("button", name="Generate Synthetic Data").click()
    expect(page.get_by_text("10,000 synthetic customers over the 30 days")).to_be_visible()
    analyse(page)


def open_tree(page: Page) -> None:
    """Go to the tree and wait for its picture."""
    go(page, "Tree Visualization")
    expect(page.get_by_role("heading", name="Rules in words")).to_be_visible()
    expect(page.frame_locator("iframe").locator("canvas")).to_be_visible()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the server has answered all that was asked, and all of it is drawn and stands still."""
    page.wait_for_function(SETTLED)


def visit_all(page: Page) -> list[str]:
    """Open every page of the navigation, from left to right, and return their titles."""
    titles = ["This week", "New Analysis Period", *SECTION_OF]
    shown = page.get_by_test_id("stTopNavSection")
    expect(shown).to_have_count(len(SECTIONS))
    for title in titles:
        go(page, title)
        # Frames load late.
        for frame in page.frames:
            frame.wait_for_load_state("load")
        settle(page)
        assert page.get_by_test_id("stException").count() == 0
    return titles
