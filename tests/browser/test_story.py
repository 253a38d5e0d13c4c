"""The user's story in a real browser: from an empty page to files that agree with the screen."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SEGMENTS, click_row, detail, download, metric, number, open_tree, rows_of, run_synthetic

pytestmark = pytest.mark.browser


def test_from_an_empty_page_to_files_that_agree_with_the_screen(page: Page) -> None:
    run_synthetic(page)
    expect(page.get_by_text(re.compile(r"^8\s.\s14\sSep\s2025, both included")).first).to_be_visible()
    best = detail(page)
    universe = number(metric(page, "Abandoners"))
    assert metric(page, "Assigned").replace("\u00a0", " ") == "100 %"
    sizes = {}
    for name in SEGMENTS:
        button = page.get_by_test_id("stDownloadButton").filter(has_text=name)
        sizes[name] = number(button.inner_text().rpartition("(")[2])
    assert sum(sizes.values()) == universe

    click_row(page, 2)
    expect(page.get_by_role("combobox", name="Segment in detail")).not_to_have_value(best)
    third = detail(page)
    expect(page.get_by_role("heading", name=third, exact=True)).to_be_visible()
    assert third in SEGMENTS - {best}

    ids: list[str] = []
    for name in SEGMENTS:
        file, content = download(page, name)
        assert re.fullmatch(r"\d\d_[a-z-]+\.spreadsheet\.csv", file)
        rows = rows_of(content)
        assert len(rows) == sizes[name]
        assert {row["Segment"] for row in rows} == {name}
        ids += [row["user_id"] for row in rows]
    assert len(set(ids)) == len(ids) == universe

    file, content = download(page, "All files as one zip")
    assert file.endswith(".spreadsheet.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assigned = rows_of(files.read("segment_assignments.csv"))
        parts = [name for name in files.namelist() if name.startswith("segments/")]
        together = [row["user_id"] for name in parts for row in rows_of(files.read(name))]
    assert {row["user_id"]: row["Segment"] for row in assigned}.keys() == set(ids) == set(together)
    assert len(assigned) == len(together) == universe

    open_tree(page)
    table = page.get_by_test_id("stTable")
    for name in SEGMENTS:
        expect(table.get_by_role("row").filter(has_text=name)).to_contain_text(f"{sizes[name]:,}")
    drawn = page.frames[-1].evaluate("nodes.get().map((node) => node.label)")
    assert all(any(f"{name}</b>" in label and f"{sizes[name]:,} " in label for label in drawn) for name in SEGMENTS)
