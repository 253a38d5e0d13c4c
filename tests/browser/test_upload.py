"""Uploads in a real browser: the sample file, files that cannot be used, and text that must stay text."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from data_ingestion import sample_bytes
from tests.browser.steps import analyse, download, go, metric, number, rows_of, settle, summary
from tests.servers.dashboard import Server, running

pytestmark = pytest.mark.browser_all

PIXEL = "![x](http://127.0.0.1:9/pixel.gif) <img src=x onerror=alert(1)> :material/home: :smile: $x$"


SLOW = b'user_id,cart_abandoned_date,region\n"u",2025-09-01,North\n' + b'u"1,2025-09-01,Nor"th\n' * 600_000
"""A quote astray in each row, which takes a reader seconds."""
ENDLESS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)
SELECT max(i) AS user_id, '2025-09-24' AS cart_abandoned_date FROM n"""


@pytest.fixture(scope="module")
def server(script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard that knows a database."""
    home = tmp_path_factory.mktemp("workspace")
    shop = home / "shop.db"
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("CREATE TABLE carts (id TEXT, left_at TEXT, spent REAL)")
        rows = [(f"u{number}", f"2025-09-{24 + number % 7}", number) for number in range(200)]
        connection.executemany("INSERT INTO carts VALUES (?, ?, ?)", rows)
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(f'[database]\nurl = "sqlite:///{shop}"\n', encoding="utf-8")
    with running(script, home) as started:
        yield started


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


def test_a_long_reading_that_is_cancelled_leaves_the_page_usable(page: Page) -> None:
    upload(page, ("slow.csv", SLOW))
    # The field itself has a button of this name, which ends the upload.
    page.locator(".st-key-cancel-reading button").click()
    calm = page.get_by_test_id("stAlertContentInfo").filter(has_text="cancelled")
    expect(calm).to_be_visible()
    expect(page.get_by_role("button", name="Run Segmentation Analysis")).to_be_disabled()
    page.get_by_role("button", name="Read again").click()
    page.locator(".st-key-cancel-reading button").click()
    expect(calm).to_be_visible()
    page.get_by_role("button", name="Remove slow.csv").click()
    expect(page.get_by_text("slow.csv")).to_have_count(0)
    upload(page, ("customers.csv", sample_bytes()))
    run(page)
    assert number(metric(page, "Abandoners")) > 0


def test_a_query_that_is_cancelled_ends_and_leaves_the_page_usable(page: Page) -> None:
    page.get_by_text("Database", exact=True).first.click()
    ask(page, ENDLESS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="cancelled")).to_be_visible()
    ask(page, "SELECT id AS user_id, left_at AS cart_abandoned_date, spent AS avg_order_value FROM carts")
    expect(page.get_by_text("200 rows read")).to_be_visible()


def ask(page: Page, query: str) -> None:
    page.get_by_label("Query", exact=True).fill(query)
    page.keyboard.press("Control+Enter")
    settle(page)
    page.get_by_role("button", name="Read", exact=True).click()


def test_a_row_of_json_lines_that_was_set_aside_is_corrected_in_the_table(page: Page) -> None:
    good = b"".join(b'{"user_id": "u%d", "cart_abandoned_date": "2025-09-01"}\n' % number for number in range(30))
    bad = b'{"user_id": "mended", "cart_abandoned_date": "never ever"}\n'
    upload(page, ("shop.jsonl", bad + good))
    expect(page.get_by_text("31 rows read: 30 accepted, 1 set aside")).to_be_visible()
    page.get_by_role("button", name="Correct rows").click()
    table = page.get_by_role("dialog").get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    again = page.get_by_role("button", name="Read again")
    expect(again).to_be_disabled()
    # The table is a picture, beside which its cells stand for readers of the screen.
    expect(table.locator("[role=columnheader]").last).to_have_text("cart_abandoned_date")
    box = table.bounding_box()
    assert box is not None
    table.click(position={"x": box["width"] - 60, "y": box["height"] - 15})
    page.keyboard.press("Enter")
    page.locator("textarea.gdg-input").fill("2025-09-02")
    page.keyboard.press("Enter")
    expect(again).to_be_enabled()
    again.click()
    expect(page.get_by_text("31 rows read: 31 accepted, 0 set aside")).to_be_visible()
