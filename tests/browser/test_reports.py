"""Finding a customer, taking the reports away and reading the documentation, in a real browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import download, go, metric, number, rows_of, run_synthetic, settle

pytestmark = pytest.mark.browser_all


def open_page(page: Page, title: str) -> None:
    go(page, title)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    settle(page)


def test_a_customer_is_found_explained_and_downloaded(page: Page) -> None:
    run_synthetic(page)
    everyone = number(metric(page, "Abandoners"))
    open_page(page, "User Mapping")
    expect(page.get_by_text(f"of {everyone:,}")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text(re.compile(r"Customers 11.20 of"))).to_be_visible()
    search = page.get_by_role("searchbox", name="Search").or_(page.get_by_role("textbox", name="Search")).first
    search.fill("smith")
    search.press("Enter")
    expect(page.get_by_text(f"found among {everyone:,}")).to_be_visible()
    settle(page)
    expect(page.get_by_text("The way through the tree")).to_be_visible()
    expect(page.get_by_text(re.compile("they would be in|No change of a single"))).to_be_visible()
    name, content = download(page, re.compile(r"Download \d+ customer"))
    assert re.fullmatch(r"customers_five-segments_2025-09-14\.spreadsheet\.csv", name)
    rows = rows_of(content)
    assert rows
    assert all("smith" in row["email"] for row in rows)
    assert "smith" not in page.url


def test_the_reports_are_taken_away_and_open_without_a_script(page: Page, browser: Browser, tmp_path: Path) -> None:
    run_synthetic(page)
    everyone = number(metric(page, "Abandoners"))
    open_page(page, "MECE Report")
    name, content = download(page, "Report for programs (JSON)")
    report = json.loads(content)
    assert name == "mece_report.json"
    assert report["exclusive"]
    assert report["exhaustive"]
    assert sum(segment["size"] for segment in report["segments"]) == everyone
    name, content = download(page, "Report to mail or print (HTML)")
    file = tmp_path / name
    file.write_bytes(content)
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    mailed = context.new_page()
    mailed.goto(file.as_uri())
    expect(mailed.get_by_role("heading", name="From all abandoners to segments")).to_be_visible()
    expect(mailed.get_by_role("img", name=re.compile("The tree"))).to_be_visible()
    expect(mailed.get_by_text(f"{everyone:,} customers left a cart behind")).to_be_visible()
    assert asked == [file.as_uri()]
    context.close()


def test_the_documentation_links_to_itself(page: Page) -> None:
    go(page, "README")
    expect(page.get_by_role("heading", name="Cart Recovery Segmenter")).to_be_visible()
    settle(page)
    link = page.get_by_test_id("stMain").get_by_role("link", name="docs/architecture.md")
    expect(link).to_have_attribute("href", re.compile(r"readme\?doc=Architecture"))
    page.goto("/readme?doc=Architecture")
    expect(page.get_by_role("heading", name="Architecture", exact=True)).to_be_visible()
    picked = page.get_by_role("combobox", name="Page")
    picked.click()
    page.get_by_role("option", name="Your customer data").click()
    expect(page.get_by_role("heading", name="Your customer data", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Your customer data", exact=True)).to_be_visible()
