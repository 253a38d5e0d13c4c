"""The user's story in a real browser: from an empty page to files that agree with the screen."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SEGMENTS, download, metric, number, open_details, open_tree, rows_of, run_synthetic

pytestmark = pytest.mark.browser


def sizes_on_screen(page: Page) -> dict[str, int]:
    """Return the customers of each segment as its download says."""
    buttons = {name: page.get_by_test_id("stDownloadButton").filter(has_text=name) for name in SEGMENTS}
    return {name: number(button.inner_text().rpartition("(")[2]) for name, button in buttons.items()}


def check_a_name_opens_its_details(page: Page) -> None:
    open_details(page, "Core Engaged")
    expect(page.get_by_role("dialog").get_by_text("Recommended campaign")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def ids_of_segment_files(page: Page, sizes: dict[str, int]) -> list[str]:
    """Return the ids in the files of all segments, each file checked against the screen."""
    ids = []
    for name, size in sizes.items():
        file, content = download(page, name)
        assert re.fullmatch(r"\d\d_[a-z-]+\.spreadsheet\.csv", file)
        rows = rows_of(content)
        assert len(rows) == size
        assert {row["Segment"] for row in rows} == {name}
        ids += [row["user_id"] for row in rows]
    return ids


def check_the_zip(page: Page, ids: list[str]) -> None:
    file, content = download(page, "All files as one zip")
    assert file.endswith(".spreadsheet.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assigned = [row["user_id"] for row in rows_of(files.read("segment_assignments.csv"))]
        parts = [name for name in files.namelist() if name.startswith("segments/")]
        together = [row["user_id"] for name in parts for row in rows_of(files.read(name))]
    assert sorted(assigned) == sorted(together) == sorted(ids)


def check_the_tree(page: Page, sizes: dict[str, int]) -> None:
    open_tree(page)
    drawn = page.frames[-1].evaluate("nodes.get().map((node) => node.label)")
    for name, size in sizes.items():
        expect(page.get_by_role("button", name=name)).to_be_visible()
        expect(page.get_by_text(f"{size:,} \u00b7")).to_be_visible()
        assert any(f"{name}</b>" in label and f"{size:,} " in label for label in drawn)


def test_from_an_empty_page_to_files_that_agree_with_the_screen(page: Page) -> None:
    run_synthetic(page)
    expect(page.get_by_role("combobox", name="Week on screen")).to_have_value(re.compile(r"^8\s.\s14\sSep\s2025"))
    universe, sizes = number(metric(page, "Abandoners")), sizes_on_screen(page)
    assert metric(page, "Assigned").replace("\u00a0", " ") == "100 %"
    assert sum(sizes.values()) == universe
    check_a_name_opens_its_details(page)
    ids = ids_of_segment_files(page, sizes)
    assert len(set(ids)) == len(ids) == universe
    check_the_zip(page, ids)
    check_the_tree(page, sizes)
