"""Two people at the same dashboard: neither sees what the other uploads or runs."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from data_ingestion import sample_bytes
from tests.browser.steps import analyse, go
from tests.browser.watch import Watch
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

MARK = "only-of-the-first"


@pytest.fixture
def other(browser: Browser, server: Server) -> Iterator[Page]:
    """A second person: another browser, without anything of the first one's."""
    watch = Watch(urlsplit(server.url).netloc)
    context = watch.context(browser, viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.goto(server.url)
    yield opened
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_text("Upload", exact=True).first.click()
    payload = FilePayload(name=name, mimeType="text/csv", buffer=content)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([payload])
    expect(page.get_by_text("rows read")).to_be_visible()


def run(page: Page) -> None:
    analyse(page)


def marked_customers() -> bytes:
    header, *lines = sample_bytes().decode().splitlines()
    return "\n".join([header, *(f"{MARK}-{line}" for line in lines)]).encode()


def is_untouched(page: Page) -> None:
    """The page says that nothing was analysed, and holds no trace of the other person's file."""
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    assert MARK not in page.content()


def test_an_upload_and_its_run_are_seen_by_nobody_else(page: Page, other: Page) -> None:
    is_untouched(other)
    upload(page, f"{MARK}.csv", marked_customers())
    is_untouched(other)
    run(page)
    expect(page.get_by_test_id("stMain").get_by_text(f"{MARK}.csv")).to_be_visible()
    other.reload()
    is_untouched(other)
    other.get_by_text("Upload", exact=True).first.click()
    expect(other.get_by_role("button", name="Run Segmentation Analysis")).to_be_disabled()
    assert MARK not in other.content()


def test_two_uploads_of_the_same_name_stay_apart(page: Page, other: Page) -> None:
    lines = sample_bytes().decode().splitlines()
    upload(page, "customers.csv", "\n".join(lines[:6]).encode())
    upload(other, "customers.csv", "\n".join(lines[:11]).encode())
    expect(page.get_by_text("5 rows read")).to_be_visible()
    expect(other.get_by_text("10 rows read")).to_be_visible()
    run(page)
    run(other)
    abandoners = [shown.get_by_test_id("stMetric").first.inner_text() for shown in (page, other)]
    assert "in 5 rows" in abandoners[0]
    assert "in 10 rows" in abandoners[1]


def test_a_second_tab_of_the_same_browser_starts_empty(page: Page, server: Server) -> None:
    upload(page, f"{MARK}.csv", marked_customers())
    run(page)
    tab = page.context.new_page()
    tab.goto(server.url)
    is_untouched(tab)


def test_two_people_work_at_the_same_time(page: Page, other: Page) -> None:
    page.get_by_role("spinbutton", name="How many").fill("100000")
    page.get_by_role("button", name="Generate Synthetic Data").click()
    go(other, "Tree Visualization")
    expect(page.get_by_text("100,000 synthetic customers over the 30 days")).to_be_visible()
    is_untouched(other)


def test_a_file_that_one_person_had_built_is_not_given_to_another(page: Page, other: Page) -> None:
    upload(page, "customers.csv", sample_bytes())
    run(page)
    with page.expect_download() as started:
        page.get_by_role("button", name="All files as one zip").click()
    address = started.value.url
    assert page.request.get(address).body()[:2] == b"PK"
    refused = other.request.get(address)
    assert (refused.status, b"expired" in refused.body()) == (404, True)
