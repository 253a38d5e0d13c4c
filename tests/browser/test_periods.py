"""Saved weeks, links and settings in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from frontend.app import MOVED, PAGES
from run_store import Workspace
from tests.browser.steps import analyse_synthetic, download, go, looks, metric, open_tree, run_synthetic, settle
from tests.browser.test_pictures import fits
from tests.browser.watch import Watch
from tests.experimented import saved_experiment
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

PICTURED = {
    "Saved weeks": "periods",
    "Settings": "settings",
    "This week": "this-week",
    "New Analysis Period": "new-period",
    "Better tree": "better-tree",
    "Weeks": "weeks",
    "Audit of rules": "audit",
    "Policies": "policies",
    "Weekly run": "weekly-run",
    "Glossary": "glossary",
}
"""Pages that no other story shows, and the names of their pictures."""
ADDRESS = re.compile(r"[?&]run=[0-9a-f]{16}$")


def save(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save week").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"Saved as {name}.")).to_be_visible()


def test_reload_back_and_a_link_reopen_the_same_run_and_page(
    page: Page, browser: Browser, server: Server, watch: Watch
) -> None:
    run_synthetic(page)
    expect(page).to_have_url(ADDRESS)
    before, first = metric(page, "Abandoners"), page.url
    open_tree(page)
    expect(page).to_have_url(re.compile(r"/tree\?run="))
    page.go_back()
    expect(page.get_by_role("heading", name="Segments Summary", level=1)).to_be_visible()
    assert page.url == first
    assert metric(page, "Abandoners") == before
    page.go_forward()
    expect(page.get_by_role("heading", name="Rules in words")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Rules in words")).to_be_visible()
    other = watch.context(browser, base_url=server.url)
    shared = other.new_page()
    shared.goto(first)
    expect(shared.get_by_role("heading", name="Segments, in the order to contact")).to_be_visible()
    assert metric(shared, "Abandoners") == before
    shared.goto("/periods")
    expect(shared.get_by_role("heading", name="No saved weeks yet")).to_be_visible()
    shared.goto("/tree?run=0123456789abcdef")
    expect(shared.get_by_text("There is no such saved analysis.")).to_be_visible()
    expect(shared.get_by_role("heading", name="No analysis yet")).to_be_visible()
    other.close()


def test_a_period_is_saved_renamed_handed_on_erased_from_and_deleted(page: Page, server: Server) -> None:
    run_synthetic(page)
    save(page, "Week 37")
    go(page, "Saved weeks")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="New name").fill("Second week")
    page.get_by_role("button", name="Rename").last.click()
    expect(page.get_by_text("Renamed to Second week.")).to_be_visible()
    name, content = download(page, "Export")
    assert name == "2025-09-08_second-week.period.zip"

    (period,) = Workspace(server.workspace).periods()
    erase(page, first_customer(server.workspace))
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("removed from the disk for good")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Deleted Second week.")).to_be_visible()
    expect(page.get_by_role("heading", name="No saved weeks yet")).to_be_visible()
    assert not ADDRESS.search(page.url)
    assert not list((server.workspace / "periods").glob(f"{period.id}*"))

    take_in(page, name, content)


def erase(page: Page, customer: str) -> None:
    page.get_by_text("Erase a customer", exact=True).click()
    page.get_by_role("textbox", name="User id").fill(customer)
    page.keyboard.press("Tab")
    expect(page.get_by_text("This customer is in")).to_be_visible()
    button = page.get_by_role("button", name="Erase for good")
    expect(button).to_be_disabled()
    page.get_by_role("textbox", name="Type the id once more").fill(customer)
    page.keyboard.press("Tab")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("Erased one customer from")).to_be_visible()


def take_in(page: Page, name: str, content: bytes) -> None:
    page.get_by_text("Import a week", exact=True).click()
    payload = FilePayload(name=name, mimeType="application/zip", buffer=content)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(payload)
    expect(page.get_by_test_id("stFileChipName").filter(has_text="zip")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported; the week is in the list.")).to_be_visible()
    page.get_by_role("button", name="Open week").click()
    expect(page.get_by_role("heading", name="Segments, in the order to contact")).to_be_visible()
    expect(page).to_have_url(ADDRESS)


def first_customer(workspace: Path) -> str:
    (period,) = Workspace(workspace).periods()
    return str(Workspace(workspace).open(period.id).rows([0]).customers["user_id"].iloc[0])


@looks(desk=(1440, 1080))
def test_the_pages_look_right(
    page: Page, theme: str, viewport: tuple[int, int], picture: Callable[[str], None]
) -> None:
    phone = viewport[0] < 600
    end = f"390-{theme}" if phone else theme
    analyse_synthetic(page)
    save(page, "Week 46")
    for name, title in PICTURED.items():
        go(page, name)
        page.mouse.move(viewport[0] // 2, 5)
        settle(page)
        assert fits(page)
        picture(f"{title}-{end}")


def test_every_place_keeps_the_week_in_its_address(page: Page, server: Server) -> None:
    run_id = saved_experiment(server.workspace).run_id
    for place in [
        *(name for pages in PAGES.values() for name in pages if name != "this_week"),
        *MOVED,
        "campaign?step=Files",
    ]:
        page.goto(f"/{place}{'&' if '?' in place else '?'}run={run_id}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        settle(page)
        arrived = page.url
        assert f"run={run_id}" in arrived
        assert (
            "step=" + MOVED.get(place, place.rpartition("=")[2]).replace(" ", "+")
        ) in arrived or "step" not in arrived
        page.reload()
        settle(page)
        assert page.url == arrived
    page.go_back()
    settle(page)
    assert page.get_by_test_id("stException").count() == 0
