"""Every text of every page stands out from what is behind it as WCAG AA asks, in both themes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import go, run_synthetic, settle

pytestmark = pytest.mark.browser_all

WALK = Path(__file__).parent.joinpath("scripts", "contrast.js").read_text(encoding="utf-8")
PAGES = {
    "This week": 10,
    "New Analysis Period": 20,
    "Segments Summary": 60,
    "Tree Visualization": 30,
    "Better tree": 10,
    "What if": 50,
    "User Mapping": 20,
    "MECE Report": 40,
    "Audit of rules": 10,
    "Data quality": 40,
    "Campaign": 30,
    "Weeks": 10,
    "Compare weeks": 10,
    "Backtest": 10,
    "Saved weeks": 10,
    "Settings": 20,
    "README": 50,
    "Glossary": 50,
}
"""Pages, and fewer texts than each of them shows: a walk that saw nothing proves nothing."""


def faint(page: Page, at_least: int) -> list[str]:
    """Return the texts of the open page that stand out too little."""
    settle(page)
    page.mouse.move(640, 5)
    settle(page)
    found = page.evaluate(WALK)
    assert found["texts"] >= at_least
    return [
        f"{each['place']}: {each['text']!r} {each['colour']} on {each['background']}: "
        f"{each['ratio']:.2f}, wanted {each['wanted']}"
        for each in found["faint"]
    ]


@pytest.mark.parametrize("viewport", [(1280, 960)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(page: Page) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    faults = faint(page, 20)
    page.get_by_test_id("stDateInput").get_by_role("button").click()
    faults += faint(page, 50)
    page.keyboard.press("Escape")
    run_synthetic(page)
    for name, at_least in PAGES.items():
        go(page, name)
        faults += [f"{name}: {fault}" for fault in faint(page, at_least)]
        for tab in page.get_by_role("tab").all():
            tab.click()
            faults += [f"{name}: {fault}" for fault in faint(page, at_least)]
    assert not faults, "\n".join(faults)
