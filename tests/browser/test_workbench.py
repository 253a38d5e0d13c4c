"""Rules audited in a browser, in every form, with the repair taken away and used; a better tree, cancelled and kept."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from retention.policy.yaml_text import policy_from_yaml
from run_store import load_policy
from tests.browser.steps import demo, download, go, metric, settle
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

YAML = "VIP: avg_order_value >= 100\nLarge: avg_order_value > 90 and engagement_score > .5\n"
TABLE = "segment,avg_order_value,engagement_score\nVIP,>= 100,-\nLarge,> 90,> 0.5\n"
CASE = """\
SELECT CASE WHEN avg_order_value >= 100 THEN 'VIP'
            WHEN avg_order_value > 90 AND engagement_score > 0.5 THEN 'Large' END AS segment FROM customers
"""


def demo_once(page: Page) -> None:
    settle(page)
    if page.get_by_role("button", name="Show me with synthetic customers").count():
        demo(page)


def give(page: Page, name: str, text: str) -> None:
    """Bring rules as a file, and have them checked."""
    page.get_by_role("button", name="From a file").click()
    payload = FilePayload(name=name, mimeType="text/plain", buffer=text.encode())
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(payload)
    expect(page.get_by_role("textbox", name="Rules", exact=True)).to_have_value(text)
    page.keyboard.press("Escape")
    settle(page)
    page.get_by_role("button", name="Check the rules").click()
    settle(page)


@pytest.mark.parametrize(("name", "text"), [("shop.yaml", YAML), ("shop.csv", TABLE), ("shop.sql", CASE)])
def test_rules_of_each_form_are_audited_and_their_repair_is_a_policy_that_loads(
    page: Page, name: str, text: str
) -> None:
    demo_once(page)
    go(page, "Audit of rules")
    give(page, name, text)
    expect(page.get_by_role("heading", name="The rules as a policy")).to_be_visible()
    assert [metric(page, label) for label in ("Gaps", "Overlaps")] == ["2", "1"]
    file, content = download(page, "Download YAML")
    assert file == "shop-draft.yaml"
    mended = policy_from_yaml(content.decode())
    assert {"VIP", "Large", "Everyone Else"} <= {each.rstrip(" 0123456789") for each in mended.segments}
    give(page, file, content.decode())
    expect(page.get_by_text("Each customer is in exactly one segment")).to_be_visible()
    assert [metric(page, label) for label in ("Gaps", "Overlaps", "Rules for nobody")] == ["0", "0", "0"]


def test_rules_that_are_not_understood_are_told_with_their_line_and_corrected(page: Page) -> None:
    demo_once(page)
    go(page, "Audit of rules")
    give(page, "bad.csv", "segment,avg_order_value\nVIP,>= 100\nLarge,!!\n")
    expect(page.get_by_test_id("stAlert").filter(has_text="bad.csv, line 3")).to_be_visible()
    page.get_by_role("textbox", name="Rules", exact=True).fill("segment,avg_order_value\nVIP,>= 100\nLarge,< 100\n")
    page.get_by_role("button", name="Check the rules").click()
    expect(page.get_by_role("heading", name="The rules as a policy")).to_be_visible()


def test_a_tree_is_searched_cancelled_in_the_middle_searched_again_and_kept(page: Page, server: Server) -> None:
    demo_once(page)
    go(page, "Better tree")
    page.get_by_role("button", name="Search the best tree").click()
    bar = page.get_by_test_id("stProgress")
    expect(bar).to_contain_text("Resampling customers")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("ancelled")
    settle(page)
    assert bar.count() == 0
    assert page.get_by_role("heading", name="The leaves").count() == 0
    page.get_by_role("radio", name="2", exact=True).or_(page.get_by_role("button", name="2", exact=True)).click()
    settle(page)
    page.get_by_role("button", name="Search the best tree").click()
    expect(page.get_by_role("heading", name="The leaves")).to_be_visible()
    settle(page)
    page.get_by_role("textbox", name="Title").fill("Found tree")
    expect(page.get_by_text("Its name is found-tree.")).to_be_visible()
    page.get_by_role("button", name="Keep in workspace").click()
    expect(page.get_by_text("Found tree is kept")).to_be_visible()
    kept = load_policy(server.workspace / "policies" / "found-tree.yaml")
    assert str(len(kept.segments)) == metric(page, "Leaves")
    go(page, "Policies")
    expect(page.get_by_role("radio", name="found-tree")).to_be_visible()
