"""axe-core finds no fault on any page, step, tab or dialog, in neither theme, beyond those of an empty app."""

from importlib import resources

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SECTION_OF, demo, go, looks, open_details, settle, summary

pytestmark = pytest.mark.browser_all

AXE_SCRIPT = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
OF_STREAMLIT = {"list": "stSidebarNavItems", "listitem": "stSidebarNavItems"}
"""Rules that an empty app of Streamlit 1.67 breaks, and where: sections of its navigation, folded away on a phone."""
FOUND = """async (streamlit) => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  const own = (rule, node) =>
    streamlit[rule] && document.querySelector(node.target[0])?.closest(`[data-testid=${streamlit[rule]}]`);
  return found.violations.flatMap((each) => {
    const nodes = each.nodes.filter((node) => !own(each.id, node));
    return nodes.length ? [`${each.id}: ${nodes[0].html.slice(0, 200)}`] : [];
  });
}"""


def violations(page: Page, where: str = "") -> list[str]:
    """Return the rules that the open page breaks, with the first element that does."""
    page.evaluate(f"{AXE_SCRIPT};0")
    return [f"{page.url} {where}: {each}" for each in page.evaluate(FOUND, OF_STREAMLIT)]


@looks(desk=(1440, 900))
def test_no_page_breaks_a_rule_of_its_own(page: Page) -> None:
    faults = []
    if page.get_by_role("heading", name="No analysis yet").count():
        faults += violations(page)
        demo(page)
    for title in ("This week", "New Analysis Period", *SECTION_OF):
        go(page, title)
        faults += violations(page)
    assert not faults, "\n".join(faults)


def edited(page: Page) -> list[str]:
    """Edit the tree of a policy, once in vain; return what breaks a rule."""
    page.get_by_role("tab", name="Tree").click()
    cuts = page.get_by_role("textbox", name="Cuts")
    cuts.fill("q80, q20")
    cuts.press("Enter")
    expect(page.get_by_text("Cuts must increase")).to_be_visible()
    settle(page)
    faults = violations(page, "refused")
    cuts.fill("q30, q70")
    cuts.press("Enter")
    page.get_by_text("The tree in words").click()
    expect(page.get_by_text("at 30").first).to_be_visible()
    settle(page)
    faults += violations(page, "tree")
    page.get_by_role("tab", name="What changes").click()
    expect(page.get_by_text("customers move.")).to_be_visible()
    settle(page)
    faults += violations(page, "what changes")
    page.get_by_role("button", name="Reset").click()
    settle(page)
    return faults


@looks(desk=(1440, 900))
def test_no_step_tab_or_dialog_breaks_a_rule_of_its_own(page: Page) -> None:
    settle(page)
    if page.get_by_role("button", name="Show me with synthetic customers").count():
        demo(page)
    faults = []
    go(page, "Campaign")
    for step in ("Hold out", "Files", "Results", "Choose"):
        page.get_by_role("radio", name=step, exact=True).or_(page.get_by_role("button", name=step, exact=True)).click()
        settle(page)
        faults += violations(page, step)
    go(page, "What if")
    for tab in ("Sizes", "Score weights"):
        page.get_by_role("tab", name=tab).click()
        settle(page)
        faults += violations(page, tab)
    go(page, "Policies")
    page.get_by_text("average order value high", exact=False).first.click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    settle(page)
    faults += violations(page, "texts")
    faults += edited(page)
    summary(page)
    open_details(page, "Core Engaged")
    faults += violations(page, "dialog")
    page.get_by_role("button", name="Edit these texts").click()
    expect(page.get_by_role("heading", name="Policies", level=1)).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value(
        "You left these behind; here is what others say about them"
    )
    assert not faults, "\n".join(faults)
