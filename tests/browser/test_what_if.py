"""The page "What if" in a browser: a slider moved by keyboard, the draft beside today, a policy to take away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from retention.policy.yaml_text import policy_from_yaml
from tests.browser.steps import demo, download, go, looks, metric, number, run_synthetic, settle
from tests.waiting import wait_until

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]


def open_what_if(page: Page) -> None:
    go(page, "What if")
    expect(page.get_by_role("heading", name="Today and draft side by side")).to_be_visible()
    settle(page)


def move(page: Page, handle: int, steps: int) -> None:
    """Move a handle of the sliders by arrow keys, as a keyboard user does."""
    thumb = page.get_by_test_id("stMain").get_by_role("slider").nth(handle)
    for _ in range(abs(steps)):
        thumb.press("ArrowRight" if steps > 0 else "ArrowLeft")
    expect(page.get_by_text("Strong bands change segment")).to_be_visible()
    settle(page)


def cuts(page: Page) -> tuple[str, ...]:
    """Return the cuts of the draft that can be taken away."""
    file, content = download(page, "Download YAML")
    assert file == "five-segments-draft.yaml"
    policy = policy_from_yaml(content.decode())
    assert not isinstance(policy.tree, str)
    return tuple(map(str, policy.tree.cuts or ()))


def test_a_slider_moves_customers_and_the_draft_is_a_policy_to_take_away(page: Page) -> None:
    run_synthetic(page)
    open_what_if(page)
    assert metric(page, "Change segment") == "0"
    move(page, 1, -3)
    assert number(metric(page, "Change segment")) > 0
    # A slider tells the server a little after the last key.
    wait_until(lambda: cuts(page) == ("q20", "q70"))
    page.get_by_role("button", name="Keep in workspace").click()
    expect(page.get_by_text("five-segments draft is kept")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Change segment")).to_contain_text("0 % of")


@looks(desk=(1440, 1080))
def test_the_page_fits(page: Page, theme: str, viewport: tuple[int, int], picture: Picture) -> None:
    wide = viewport[0] > 1000
    demo(page)
    open_what_if(page)
    move(page, 1, -3)
    page.mouse.move(640 if wide else 195, 5)
    scrolled = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert scrolled <= 1
    settle(page)
    name = f"what-if-{'' if wide else '390-'}{theme}"
    picture(name)
    page.get_by_role("heading", name="Who moves").scroll_into_view_if_needed()
    page.get_by_role("heading", name="Save as policy").scroll_into_view_if_needed()
    settle(page)
    picture(f"{name}-moves")
