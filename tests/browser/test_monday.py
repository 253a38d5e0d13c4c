"""The whole Monday with a mouse: in how few clicks it is done; `pytest -s` prints the table of clicks and seconds."""

import io
import re
import sys
import zipfile
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.monday import first_week, results_of_last_week
from tests.browser.steps import settle
from tests.servers.dashboard import Server

WEEKS = 8
"""Weeks on the strip of days."""
REDRAWN = "clicks => document.querySelector('.js-plotly-plot')?.data?.at(-1).name === clicks"
"""Whether the strip was drawn anew after so many clicks, which its boxes bear as their name."""

pytestmark = pytest.mark.browser_all


def test_from_an_empty_app_to_files_and_from_orders_to_the_lift(page: Page, server: Server) -> None:
    first, content = first_week(page)
    assert first.clicks <= 8
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert sum(name.endswith(".csv") for name in files.namelist()) == 5
    # To a step that its address does not name.
    page.go_back()
    expect(page.get_by_role("radio", name="Hold out")).to_be_checked()
    settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    second = results_of_last_week(page, server.workspace)
    assert second.clicks <= 3
    sys.stdout.write(f"{first.table}\n{second.table}\n")


@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)])
def test_a_click_on_the_strip_of_days_takes_its_week(page: Page) -> None:
    page.goto("/new_period")
    strip = page.get_by_role("figure", name="Abandoned carts by day")
    expect(strip).to_be_visible()
    settle(page)
    field, shown = page.get_by_test_id("stDateInput"), []
    # The same week twice, which must not keep the strip from the next one.
    for clicks, week in enumerate((1, 5, 5, 7), start=1):
        box = strip.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * (week + 0.5) / WEEKS, box["y"] + box["height"] / 3)
        # A clicked week fills the strip until that is drawn anew.
        page.wait_for_function(REDRAWN, arg=str(clicks))
        settle(page)
        chosen = re.search(r", (\d+) .* chosen", strip.get_attribute("aria-label") or "")
        assert chosen is not None
        # The field takes a value after the page is drawn.
        expect(field.get_by_role("spinbutton").nth(2)).to_have_text(f"{int(chosen[1]):02}")
        shown.append(date(*(int(field.get_by_role("spinbutton").nth(place).inner_text()) for place in range(3))))
    assert [day.weekday() for day in shown] == [0, 0, 0, 0]
    assert [(day - shown[0]).days for day in shown] == [0, 28, 28, 42]
