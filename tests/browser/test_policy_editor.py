"""A policy edited in a browser, from the first cut to the week that used it."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from retention.policy.policy import Policy, Split, leaf_names
from retention.policy.yaml_text import policy_from_yaml
from run_store import load_policy
from tests.browser.steps import analyse, demo, download, go, settle
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all


def enter(page: Page, label: str, text: str) -> None:
    """Type into a field of the node that is chosen, and leave it by Enter."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Enter")
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Type an option into a choice, as a keyboard user does."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(option)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    page.keyboard.press("Enter")
    settle(page)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    settle(page)


def tree(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def boxes(page: Page) -> str:
    """Return what stands in the boxes of the picture."""
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    return str(frame.evaluate("nodes.get().map((node) => node.label).join('; ')"))


def in_hand(page: Page) -> Policy:
    """Return the draft as it can be taken away."""
    return policy_from_yaml(download(page, "Download YAML")[1].decode())


def test_a_policy_is_split_cut_renamed_told_undone_kept_and_used(page: Page, server: Server) -> None:
    demo(page)
    go(page, "Policies")
    expect(page.get_by_text("The week on screen used Five segments by order value and engagement")).to_be_visible()
    tab(page, "Tree")
    expect(tree(page).locator("canvas")).to_be_visible()
    before = boxes(page)
    assert "$" in before

    enter(page, "Cuts", "q20, q90")
    assert boxes(page) != before
    enter(page, "Cuts", "q90, q20")
    expect(page.get_by_text("Cuts must increase")).to_be_visible()
    enter(page, "Cuts", "q20, q90")
    choose(page, "Unknown values go to", "unknown, a branch of their own")
    assert isinstance(in_hand(page).tree, Split)
    choose(page, "Change", "average order value high: VIP Active")
    enter(page, "Segment", "Best Buyers")
    choose(page, "Split it by", "sessions")
    enter(page, "Cuts", "q50")
    page.get_by_role("button", name="Split this segment").click()
    settle(page)
    draft = in_hand(page)
    assert isinstance(draft.tree, Split)
    assert draft.tree.missing == "unknown"
    assert len(list(leaf_names(draft.tree))) == 7
    assert "Best Buyers" in boxes(page).replace("\n", " ")

    texts_differences_and_undo(page)
    kept_and_used(page, server)


def texts_differences_and_undo(page: Page) -> None:
    """Write a campaign text, read what changes, and take the text back."""
    tab(page, "Segments")
    page.get_by_text("Core Engaged", exact=True).click()
    offer = page.get_by_role("textbox", name="Offer")
    expect(offer).to_have_value("Free delivery on this cart")
    offer.fill("A seat at the first showing")
    expect(page.get_by_text("Changed and not kept yet")).to_contain_text("Core Engaged")
    settle(page)
    tab(page, "What changes")
    told = page.get_by_test_id("stMain")
    expect(told).to_contain_text("VIP Active is split by")
    expect(told).to_contain_text("A seat at the first showing")
    expect(told).to_contain_text("customers move.")
    page.get_by_role("button", name="Undo").click()
    settle(page)
    expect(told).not_to_contain_text("A seat at the first showing")
    expect(told).to_contain_text("VIP Active is split by")
    tab(page, "Segments")
    page.get_by_text("Core Engaged", exact=True).click()
    expect(page.get_by_role("textbox", name="Offer")).to_have_value("Free delivery on this cart")


def kept_and_used(page: Page, server: Server) -> None:
    """Keep the draft, analyse with it, and see that the week tells of a change after it."""
    page.get_by_role("textbox", name="Title").fill("Best first")
    expect(page.get_by_text("Its name is best-first.")).to_be_visible()
    page.get_by_role("button", name="Keep in workspace").click()
    expect(page.get_by_text("Best first is kept; choose it under Policy.")).to_be_visible()
    kept = load_policy(server.workspace / "policies" / "best-first.yaml")
    assert len(kept.segments) == 7
    go(page, "New Analysis Period")
    page.get_by_role("button", name="Generate Synthetic Data").click()
    settle(page)
    choose(page, "Policy", "best-first")
    analyse(page)
    go(page, "Policies")
    expect(page.get_by_text("The week on screen used Best first (best-first).")).to_be_visible()
    expect(page.get_by_role("radio", name="best-first", exact=True)).to_be_checked()
    tab(page, "Tree")
    enter(page, "Cuts", "q30, q90")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Best first is kept")).to_be_visible()
    expect(page.get_by_text("The week on screen used Best first")).to_contain_text("changed since")
