"""The page Policies: what the segments mean, and the texts of their campaigns edited in place."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from frontend.components.policies import texts
from frontend.state import TextEdit
from retention.errors import PolicyError
from run_store import load_policy
from tests.frontend.opening import dashboard, form
from tests.frontend.test_pages import texts as said


@pytest.fixture
def page(root: Path) -> AppTest:
    return dashboard(root).run().switch_page("views/policies.py").run()


def opened(page: AppTest) -> AppTest:
    page.session_state["texts-0"] = True
    return page.run()


def offer(page: AppTest) -> str:
    (field,) = [each for each in page.text_input if each.label == "Offer"]
    return str(field.value)


def typed(page: AppTest, text: str) -> AppTest:
    (field,) = [each for each in page.text_input if each.label == "Offer"]
    return field.set_value(text).run()


def test_every_policy_is_listed_with_its_segments_in_words(page: AppTest) -> None:
    assert not page.exception
    assert {"five-segments", "aov-buckets", "cart-age"} <= set(page.radio(key="policies-choice").options)
    labels = [each.label for each in page.expander]
    assert any("VIP Active" in label and "average order value high" in label for label in labels)
    assert len(labels) == 6


def test_texts_are_edited_undone_and_reset(page: AppTest) -> None:
    page = opened(page)
    before = offer(page)
    page = typed(typed(page, "A free gift"), "A free gift, today")
    assert "Changed and not kept yet: VIP Active" in said(page.caption)
    page = page.button(key="texts-undo").click().run()
    assert offer(page) == before
    page = typed(page, "Nothing").button(key="texts-reset").click().run()
    assert offer(page) == before
    assert page.button(key="texts-undo").disabled


def test_a_shipped_policy_is_copied_and_a_kept_one_is_saved_and_deleted(page: AppTest, workspace: Path) -> None:
    page = typed(opened(page), "A free gift")
    page = page.button(key="policy-five-segments-keep").click().run()
    assert "five-segments draft is kept" in said(page.success)
    assert page.radio(key="policies-choice").value == "five-segments-draft"
    kept = workspace / "policies" / "five-segments-draft.yaml"
    assert load_policy(kept).segments["VIP Active"].offer == "A free gift"
    page = typed(page, "Two free gifts").button(key="policy-save").click().run()
    assert load_policy(kept).segments["VIP Active"].offer == "Two free gifts"
    assert load_policy("five-segments").segments["VIP Active"].offer != "A free gift"
    page = form(page)
    assert "five-segments-draft" in page.selectbox(key="option-policy").options
    page = page.switch_page("views/policies.py").run().button(key="policy-delete").click().run()
    page = page.button(key="policy-delete-yes").click().run()
    assert not kept.exists()
    assert not page.exception


@pytest.mark.parametrize("text", ["", "   ", "x" * 401])
def test_a_text_that_cannot_be_is_refused(text: str) -> None:
    policy = load_policy("five-segments")
    with pytest.raises(PolicyError, match="Write 1 to 400 characters"):
        texts.edited(policy, [TextEdit(policy.name, "VIP Active", "offer", text)])


def test_edits_of_another_policy_or_of_a_segment_that_is_gone_change_nothing() -> None:
    policy = load_policy("five-segments")
    edits = [TextEdit("mine", "VIP Active", "offer", "A"), TextEdit(policy.name, "Gone", "offer", "A")]
    assert texts.edited(policy, edits) == policy
