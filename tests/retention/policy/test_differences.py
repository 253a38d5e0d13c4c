"""Two policies told apart in words."""

from collections.abc import Callable

import pytest
from hypothesis import given

from retention.policy import edits
from retention.policy.differences import differences, renames
from retention.policy.policy import LearnedCuts, Policy, Sizes
from retention.wording import SPACE
from tests.retention.policy.test_edits import POLICY, REGIONS
from tests.strategies import policies


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            lambda: edits.with_cuts(POLICY, ("high",), ["q75"]),
            "In average order value high: the cut of engagement moves from 50 % of customers to 75 % of customers",
        ),
        (
            lambda: edits.with_cuts(POLICY, (), [20, 50, 90]),
            "the cuts of average order value were 20 and 90 and are 20, 50 and 90",
        ),
        (lambda: edits.with_cuts(POLICY, (), [20, 50, 90]), "the branch up to 50 of average order value is new"),
        (lambda: edits.with_cuts(POLICY, (), [90]), "the branch low of average order value is gone"),
        (
            lambda: edits.with_cuts(POLICY, (), LearnedCuts(method="kmeans", bins=3)),
            "the cuts of average order value were 20 and 90 and are learned for 3 branches, by kmeans",
        ),
        (lambda: edits.renamed(POLICY, "A", "Z"), "In average order value low: A is now called Z"),
        (
            lambda: edits.with_label(POLICY, ("low",), "small"),
            "the branch low of average order value is now called small",
        ),
        (
            lambda: edits.with_missing(POLICY, (), "mid"),
            "an unknown average order value went to low and goes to mid",
        ),
        (
            lambda: edits.split_leaf(POLICY, ("mid",), "cart_value", cuts=[50]),
            "In average order value mid: B is split by cart value into B, low and B, high",
        ),
        (
            lambda: edits.joined(POLICY, ("high",), "C"),
            "In average order value high: the split by engagement is removed: C and D become C",
        ),
        (
            lambda: edits.with_text(
                edits.split_leaf(POLICY, ("mid",), "cart_value", cuts=[50]), "B, high", "offer", "x"
            ),
            (
                "the campaign of B, high is new: audience \u201ca\u201d, message \u201cfor B\u201d, "
                "offer \u201cx\u201d, channel \u201cc\u201d, timing \u201ct\u201d"
            ),
        ),
        (lambda: edits.with_text(POLICY, "A", "offer", "x"), "the offer of A was \u201co\u201d and is \u201cx\u201d"),
        (
            lambda: POLICY.model_copy(update={"sizes": Sizes(min_size=40)}),
            "min size of the sizes was automatic and is 40",
        ),
    ],
)
def test_an_edit_is_told(edit: Callable[[], Policy], words: str) -> None:
    assert words in [each.replace(SPACE, " ") for each in differences(POLICY, edit())]


def test_a_group_that_changed_is_told() -> None:
    (told,) = differences(REGIONS, edits.with_groups(REGIONS, (), [["north"], ["south"]]))
    assert told == "the branch warm of region held south and east and holds south"


def test_a_renamed_segment_keeps_its_texts() -> None:
    named = edits.renamed(POLICY, "A", "Z")
    assert renames(POLICY, named) == {"A": "Z"}
    assert len(differences(POLICY, named)) == 1


@given(policies())
def test_a_policy_does_not_differ_from_itself(policy: Policy) -> None:
    assert differences(policy, policy) == ()
