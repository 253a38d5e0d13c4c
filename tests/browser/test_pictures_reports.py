"""How the pages about customers, proof, data and documentation look at two widths in both themes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from benchmarks.server.first_visit import SHIFT, SHIFTS
from tests.browser.steps import PHONE, PICTURES, demo, go, run_synthetic, settle
from tests.browser.test_pictures import fits

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]
PAGES = {
    "User Mapping": ("users", "The way through the tree"),
    "MECE Report": ("mece", "Versions and hashes"),
    "Data quality": ("data-quality", "Rows set aside"),
    "README": ("readme", "For developers"),
}
"""Title in the navigation -> name of the picture, and a text near the end of the page."""


def take(page: Page, title: str, name: str, picture: Picture, end: str) -> None:
    """Picture a page from its top, and check that nothing is wider than the window."""
    expect(page.get_by_text(end, exact=True).first).to_be_visible()
    settle(page)
    assert fits(page), title
    picture(name)


@pytest.mark.parametrize("viewport", [(1440, 1080)])
@pytest.mark.parametrize("theme", ["light", "dark"] if PICTURES else ["light"])
def test_the_reports_on_a_desk(page: Page, theme: str, picture: Picture) -> None:
    run_synthetic(page)
    for title, (name, end) in PAGES.items():
        go(page, title)
        page.mouse.move(640, 5)
        take(page, title, f"{name}-{theme}", picture, end)
        if name == "users":
            page.get_by_text("What is known about them", exact=True).scroll_into_view_if_needed()
            take(page, title, f"why-{theme}", picture, end)


@pytest.mark.parametrize("viewport", [PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"] if PICTURES else ["dark"])
def test_the_reports_on_a_phone(page: Page, theme: str, picture: Picture) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    demo(page)
    page.add_init_script(SHIFTS)
    for title, (name, end) in PAGES.items():
        go(page, title)
        take(page, title, f"{name}-390-{theme}", picture, end)
        page.reload()
        settle(page)
        assert page.evaluate("window.shifted") < SHIFT, title
