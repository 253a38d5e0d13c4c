"""Uploads in a real browser: the sample file, files that cannot be used, and text that must stay text."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from data_ingestion import sample_bytes
from tests.browser.steps import analyse, download, go, metric, number, rows_of, settle, summary

pytestmark = pytest.mark.browser_all

PIXEL = "![x](http://127.0.0.1:9/pixel.gif) <img src=x onerror=alert(1)> :material/home: :smile: $x$"


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    page.get_by_text("Upload", exact=True).first.click()
    payloads = [FilePayload(name=name, mimeType="text/csv", buffer=content) for name, content in files]
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(payloads)


def run(page: Page) -> None:
    analyse(page)


def test_the_sample_file_comes_down_and_goes_up(page: Page) -> None:
    page.get_by_text("Upload", exact=True).first.click()
    name, content = download(page, "Sample file")
    assert (name, content) == ("sample_customers.csv", sample_bytes())
    upload(page, (name, content))
    expect(page.get_by_text(f"{len(rows_of(content)):,} rows read")).to_be_visible()
    run(page)
    assert 0 < number(metric(page, "Abandoners")) <= len(rows_of(content))
    assert metric(page, "Assigned").startswith("100")


def test_a_file_that_is_no_customer_table_says_so_and_changes_nothing(page: Page) -> None:
    upload(page, ("customers.csv", sample_bytes()))
    run(page)
    before = metric(page, "Abandoners")
    go(page, "New Analysis Period")
    upload(page, ("orders.csv", b"order,total\n1,2\n"))
    expect(page.get_by_test_id("stAlert").filter(has_text="user_id")).to_be_visible()
    expect(page.get_by_role("heading", name="What do the columns hold?")).to_be_visible()
    expect(page.get_by_role("button", name="Run Segmentation Analysis")).to_be_disabled()
    summary(page)
    assert metric(page, "Abandoners") == before


def test_rejected_rows_can_be_downloaded_with_their_reasons(page: Page) -> None:
    header, first = sample_bytes().decode().splitlines()[:2]
    broken = ",".join(["=1+1", "not a day", *first.split(",")[2:]])
    upload(page, ("customers.csv", "\n".join([*sample_bytes().decode().splitlines(), broken]).encode()))
    expect(page.get_by_text("accepted, 1 set aside")).to_be_visible()
    settle(page)
    page.get_by_text("Rows set aside", exact=True).click()
    name, content = download(page, "Download rows set aside")
    rows = rows_of(content)
    assert name == "quarantine.spreadsheet.csv"
    assert [(row["reason"], row["column"]) for row in rows] == [("not_a_date", "cart_abandoned_date")]
    assert header.startswith("user_id")


def test_names_of_files_and_columns_stay_text(page: Page) -> None:
    lines = sample_bytes().decode().splitlines()
    quoted = PIXEL.replace('"', '""')
    table = "\n".join([f'{lines[0]},"{quoted}"', *(f"{line},1" for line in lines[1:])])
    upload(page, (f"{PIXEL.replace('/', '')}.csv", table.encode()))
    expect(page.get_by_text("rows read")).to_be_visible()
    page.get_by_text("Columns and formats", exact=True).click()
    expect(page.get_by_text(re.compile(r"Not used: !\[x\]"))).to_be_visible()
    run(page)
    assert page.locator("img[src*='pixel'], img[onerror]").count() == 0
