"""The page Policies: what the segments mean, and the texts of their campaigns edited in place."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from streamlit.testing.v1 import AppTest

from frontend.components.policies import drafts
from frontend.state import AppState, PolicyDraft
from retention.errors import PolicyError
from retention.policy import edits
from retention.policy.policy import Policy
from run_store import Workspace, load_policy
from tests.frontend.opening import analyse, dashboard, form
from tests.frontend.test_pages import texts as said
from tests.frontend.test_periods import named
from tests.retention.policy.test_edits import an_edit
from tests.strategies import policies


@pytest.fixture
def page(root: Path) -> AppTest:
    return dashboard(root).switch_page("views/policies.py").run()


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


def at(page: AppTest, tab: str) -> AppTest:
    page.session_state["policy-tabs"] = tab
    return page.run()


def node(page: AppTest, *place: str) -> AppTest:
    return page.selectbox(key="node-five-segments").set_value("\n".join(place)).run()


def field(page: AppTest, label: str) -> Any:
    (found,) = [each for each in [*page.text_input, *page.selectbox, *page.number_input] if each.label == label]
    return found


def test_the_tree_is_edited_and_the_texts_follow(page: AppTest) -> None:
    page = field(at(page, "Tree"), "Cuts").set_value("q30, q75").run()
    assert "at 30" in said(page.markdown)
    page = field(page, "Cuts").set_value("q75, q30").run()
    assert "Cuts must increase" in said(page.error)
    leaf = next(place for place, each in edits.nodes(load_policy("five-segments")).items() if each == "VIP Active")
    page = field(node(page, *leaf), "Segment").set_value("Best").run()
    page = field(page, "Cuts").set_value("q50").run()
    (split,) = [each for each in page.button if each.label == "Split this segment"]
    page = split.click().run()
    assert not page.exception
    labels = [each.label.replace("\\", "") for each in at(page, "Segments").expander]
    assert any("Best, low" in label for label in labels)
    assert any("Best, high" in label for label in labels)
    page = at(page, "What changes")
    assert "VIP Active is split by" in said(page.markdown)
    page = page.button(key="texts-undo").click().run().button(key="texts-undo").click().run()
    assert "the cut of" in said(page.markdown).lower()
    page = at(page.button(key="texts-undo").click().run(), "What changes")
    assert "Nothing: tree, texts and settings are the same." in said(page.markdown)


def test_cuts_are_learned_missing_values_get_a_branch_and_a_split_goes(page: AppTest) -> None:
    page = field(at(page, "Tree"), "How it is cut").set_value("kmeans").run()
    page = field(page, "Branches").set_value(4).run()
    labels = [each.value for each in page.text_input if each.label.startswith("Branch")]
    assert labels == ["low", "medium", "part 3", "high"]
    page = field(page, "How it is cut").set_value("supervised").run()
    page = field(page, "Outcome").set_value("cart_value").run()
    page = field(page, "Outcome").set_value("avg_order_value").run()
    assert "cannot be learned from" in said(page.error)
    page = field(page, "How it is cut").set_value("").run()
    assert field(page, "Cuts").value == "q25, q50, q75"
    page = field(page, "Unknown values go to").set_value("unknown").run()
    assert field(page, "Branch 5").value == "unknown"
    page = field(page, "Branch 5").set_value("not told").run()
    assert field(page, "Unknown values go to").value == "not told"
    (remove,) = [each for each in page.button if each.label == "Remove this split"]
    page = remove.click().run()
    assert field(page, "Segment").value == "Dormant Low-Value"
    assert not page.exception


def test_what_does_not_fit_the_week_is_said(week: AppTest) -> None:
    page = week.switch_page("views/policies.py").run()
    page = field(at(page, "Tree"), "Cuts").set_value("q80, 1").run()
    assert "do not increase on this data" in said(page.warning)
    assert "do not increase on this data" in said(at(page, "What changes").warning)
    assert not page.exception


def test_the_policy_of_a_week_is_known_to_have_changed(page: AppTest, workspace: Path) -> None:
    mine = load_policy("five-segments").model_copy(update={"name": "mine", "title": "Mine"})
    Workspace(workspace).keep_policy(mine)
    page = form(page)
    page.selectbox(key="option-policy").set_value("mine").run()
    page.button(key="generate").click().run()
    page = named(analyse(page), "A week").switch_page("views/periods.py").run()
    assert "Mine (mine)" in shown(page)
    Workspace(workspace).keep_policy(edits.renamed(mine, "VIP Active", "Best"), instead=True)
    page = page.run()
    assert "which has changed since" in shown(page)
    (show,) = [each for each in page.button if each.label == "Show policy"]
    page = show.click().run()
    assert page.radio(key="policies-choice").value == "mine"
    assert "which has changed since" in said(page.caption)
    page = at(page.switch_page("views/policies.py"), "What changes")
    page = page.selectbox(key="compared-mine").set_value("mine, as the week used it").run()
    assert "VIP Active is now called Best" in said(page.markdown)
    assert "0 of" in said(page.markdown)
    assert not page.exception


def shown(page: AppTest) -> str:
    return " ".join(str(each.value.to_dict()) for each in page.table).replace("\\", "")


def test_sizes_and_money_of_a_week_stand_at_the_draft(week: AppTest) -> None:
    page = week.switch_page("views/policies.py").run()
    assert "The week on screen used" in said(page.caption)
    page = at(page, "Tree")
    assert "customers, expected profit $" in said(page.markdown).replace("\\", "")
    page = field(page, "Cuts").set_value("q30, q75").run()
    assert "customers (+" in said(page.markdown).replace("\\", "")
    page = at(page, "What changes")
    told = said(page.markdown).replace("\\", "")
    assert "customers move" in told
    assert "loses" in told
    assert not page.exception


@pytest.mark.parametrize("text", ["", "   ", "x" * 401])
def test_a_text_that_cannot_be_is_refused_at_its_field(text: str) -> None:
    policy, state = load_policy("five-segments"), AppState()
    drafts.change(state, policy, "field", lambda now: edits.with_text(now, "VIP Active", "offer", text))
    assert isinstance(state.outcomes["field"], PolicyError)
    assert state.drafts == ()


def _result_of(edit: Callable[[], Policy], _: Policy) -> Policy:
    return edit()


@given(st.data(), policies())
def test_undo_gives_the_earlier_policy_back(data: st.DataObject, policy: Policy) -> None:
    state, were = AppState(), [policy]
    for number in range(4):
        edit = data.draw(an_edit(drafts.edited(policy, state.drafts)))
        drafts.change(state, policy, str(number), partial(_result_of, edit))
        if (now := drafts.edited(policy, state.drafts)) != were[-1]:
            were.append(now)
    for earlier in reversed(were):
        assert drafts.edited(policy, state.drafts) == earlier
        state.drafts = drafts.taken_back(state.drafts, policy.name)
    assert state.drafts == ()


def test_edits_of_another_policy_stay_when_these_are_taken_back() -> None:
    policy = load_policy("five-segments")
    others = PolicyDraft("mine", "a", policy)
    history = drafts.added(
        drafts.added((others,), PolicyDraft("p", "f", policy, True)), PolicyDraft("p", "f", policy, True)
    )
    assert len(history) == 2
    assert drafts.taken_back(history, "p", every=True) == (others,)
    assert drafts.edited(policy, history) == policy


def test_what_is_typed_just_before_a_click_is_kept(page: AppTest, workspace: Path) -> None:
    page = opened(page)
    (field,) = [each for each in page.text_input if each.label == "Offer"]
    # Both reach the server with the click, as from somebody who is quick.
    field.set_value("A free gift")
    page.text_input(key="policy-five-segments-title").set_value("Quick")
    page = page.button(key="policy-five-segments-keep").click().run()
    kept = workspace / "policies" / "quick.yaml"
    assert load_policy(kept).segments["VIP Active"].offer == "A free gift"
    page = typed(page, "One")
    (field,) = [each for each in page.text_input if each.label == "Offer"]
    field.set_value("Two free gifts")
    page.button(key="policy-save").click().run()
    assert load_policy(kept).segments["VIP Active"].offer == "Two free gifts"
