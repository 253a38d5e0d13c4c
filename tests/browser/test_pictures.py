"""How the pages look at two widths in both themes; saves the pictures of the documentation when asked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PHONE, PICTURES, demo, open_tree, run_synthetic, settle

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 22, 32)"}
"""As the theme file says: it is read although the server starts in the folder above."""
BELOW_THE_HEADER = "title => { title.style.scrollMarginTop = '80px'; title.scrollIntoView(); }"
TOLERATED = 1  # pixels that rounding may add


def fits(page: Page) -> bool:
    """Return whether nothing makes the page scroll sideways."""
    wide: int = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    return wide <= TOLERATED


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    return colour


def tree_background(page: Page) -> str:
    colour: str = page.frames[-1].evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def open_sql(page: Page) -> None:
    """Open the policy as SQL, and see all of it that fits."""
    page.get_by_text("As SQL for your warehouse", exact=True).click()
    expect(page.get_by_test_id("stCode").first).to_contain_text("SELECT")
    settle(page)
    page.get_by_text("As SQL for your warehouse", exact=True).evaluate(BELOW_THE_HEADER)
    settle(page)
    assert fits(page)


@pytest.mark.parametrize("viewport", [(1440, 1080)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_on_a_desk(page: Page, theme: str, picture: Picture) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    settle(page)
    picture(f"start-{theme}")
    run_synthetic(page)
    page.get_by_role("heading", level=1).evaluate(BELOW_THE_HEADER)
    page.mouse.move(640, 5)
    assert background(page) == BACKGROUND[theme]
    assert fits(page)
    picture(f"summary-{theme}")
    page.get_by_role("heading", name="Priority map").scroll_into_view_if_needed()
    page.get_by_role("heading", name="What makes up each score").scroll_into_view_if_needed()
    settle(page)
    picture(f"charts-{theme}")
    open_tree(page)
    page.mouse.move(640, 5)
    assert fits(page)
    assert tree_background(page) == BACKGROUND[theme]
    picture(f"tree-{theme}")
    open_sql(page)
    picture(f"sql-{theme}")


@pytest.mark.parametrize("viewport", [PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"] if PICTURES else ["dark"])
def test_the_pages_on_a_phone(page: Page, theme: str, picture: Picture) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()
    demo(page)
    page.mouse.move(195, 5)
    assert fits(page)
    settle(page)
    picture(f"summary-390-{theme}")
    open_tree(page)
    assert fits(page)
    frame = page.locator("iframe").bounding_box()
    assert frame is not None
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= 390
    settle(page)
    picture(f"tree-390-{theme}")
    open_sql(page)
    picture(f"sql-390-{theme}")
