"""The page "Compare weeks" in a browser: two saved weeks, who stayed, who moved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import looks, metric, number, settle
from tests.overlapping import save, two_weeks
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]


@pytest.fixture(scope="module")
def weeks(server: Server) -> list[str]:
    """Two saved periods."""
    return save(server.workspace, two_weeks(10_000))


@pytest.mark.usefixtures("weeks")
@looks(desk=(1440, 1080))
def test_two_saved_weeks_side_by_side(page: Page, theme: str, viewport: tuple[int, int], picture: Picture) -> None:
    wide = viewport[0] > 1000
    page.goto("/compare")
    expect(page.get_by_role("heading", name="What changed most")).to_be_visible()
    settle(page)
    assert number(metric(page, "In both weeks")) > 0
    expect(page.get_by_text("changed segment, most from")).to_be_visible()
    page.mouse.move(640 if wide else 195, 5)
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 1
    settle(page)
    name = f"compare-{'' if wide else '390-'}{theme}"
    picture(name)
    page.get_by_role("heading", name="Customers in both weeks").scroll_into_view_if_needed()
    page.get_by_role("heading", name="How the cuts drifted").scroll_into_view_if_needed()
    settle(page)
    picture(f"{name}-moves")
