"""axe-core finds no fault on any page, in neither theme, beyond those of an empty Streamlit app."""

from importlib import resources

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SECTION_OF, demo, go

pytestmark = pytest.mark.browser_all

AXE_SCRIPT = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
OF_STREAMLIT: frozenset[str] = frozenset()
"""Rules that an empty app of Streamlit breaks: none in 1.67."""


def violations(page: Page) -> list[str]:
    """Return the rules that the open page breaks, with the first element that does."""
    page.evaluate(f"{AXE_SCRIPT};0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in found
        if each["id"] not in OF_STREAMLIT
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_its_own(page: Page) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    faults = violations(page)
    demo(page)
    for title in ("This week", "New Analysis Period", *SECTION_OF):
        go(page, title)
        faults += violations(page)
    assert not faults, "\n".join(faults)
