"""Policies edited: every edit gives a policy that loads, or says why not."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, strategies as st

from retention.errors import PolicyError
from retention.policy import edits
from retention.policy.policy import LearnedCuts, Policy, Split, leaf_names
from retention.policy.yaml_text import policy_from_yaml, policy_hash, policy_to_yaml
from tests.strategies import AWKWARD, cut, policies, policy_of

POLICY = policy_of(
    cut(
        "avg_order_value",
        [20, 90],
        {"low": "A", "mid": "B", "high": cut("engagement_score", ["q50"], {"no": "C", "yes": "D"})},
    )
)
REGIONS = policy_of(
    {
        "split": "region",
        "groups": {"cold": ["north"], "warm": ["south", "east"]},
        "else": "rest",
        "missing": "rest",
        "branches": {"cold": "A", "warm": "B", "rest": "C"},
    }
)


def shape(policy: Policy) -> object:
    def of(node: Split | str) -> object:
        if isinstance(node, str):
            return node
        return {label: of(child) for label, child in node.branches.items()}

    return of(policy.tree)


def split(policy: Policy, *place: str) -> Split:
    node = edits.nodes(policy)[place]
    assert isinstance(node, Split)
    return node


def test_as_many_cuts_move_and_every_branch_stays() -> None:
    moved = edits.with_cuts(POLICY, (), [25, "q90"])
    assert split(moved).cuts == (25.0, "q90")
    assert shape(moved) == shape(POLICY)
    assert moved.segments == POLICY.segments


@pytest.mark.parametrize(
    ("cuts", "branches"),
    [
        ([20, 50, 90], {"low": "A", "up to 50": "B, up to 50", "mid": "B", "high": {"no": "C", "yes": "D"}}),
        ([20, 90, 200], {"low": "A", "mid": "B", "up to 200": "C, up to 200", "high": {"no": "C", "yes": "D"}}),
        ([90], {"mid": "B", "high": {"no": "C", "yes": "D"}}),
        ([20], {"low": "A", "high": {"no": "C", "yes": "D"}}),
    ],
)
def test_a_branch_stays_with_the_cut_that_ends_it(cuts: list[float | str], branches: object) -> None:
    changed = edits.with_cuts(POLICY, (), cuts)
    assert shape(changed) == branches
    assert set(changed.segments) == set(leaf_names(changed.tree))


def test_a_new_segment_has_the_campaign_of_the_one_it_comes_from() -> None:
    changed = edits.with_cuts(POLICY, (), [20, 50, 90])
    assert changed.segments["B, up to 50"] == POLICY.segments["B"]


def test_learned_cuts_come_and_go() -> None:
    learned = edits.with_cuts(POLICY, (), LearnedCuts(method="kmeans", bins=4))
    assert split(learned).cuts == LearnedCuts(method="kmeans", bins=4)
    assert list(split(learned).branches) == ["low", "mid", "part 3", "high"]
    assert split(edits.with_cuts(learned, (), [1, 2, 3])).cuts == (1.0, 2.0, 3.0)


def test_a_missing_branch_whose_cut_goes_is_the_lowest_again() -> None:
    assert split(POLICY).missing == "low"
    assert split(edits.with_cuts(POLICY, (), [90])).missing == "mid"


def test_missing_values_get_a_branch_of_their_own_and_leave_it() -> None:
    own = edits.with_missing(POLICY, (), "unknown")
    assert list(split(own).branches) == ["low", "mid", "high", "unknown"]
    assert edits.own_missing(split(own))
    assert own.segments["A, unknown"] == POLICY.segments["A"]
    assert list(split(edits.with_cuts(own, (), [90])).branches) == ["mid", "high", "unknown"]
    assert "not told" in split(edits.with_missing(own, (), "not told")).branches
    back = edits.with_missing(own, (), "mid")
    assert shape(back) == shape(POLICY)
    assert split(back).missing == "mid"


def test_a_category_has_more_and_fewer_groups() -> None:
    more = edits.with_groups(REGIONS, (), [["north"], ["south", "east"], ["west"]])
    assert shape(more) == {"cold": "A", "warm": "B", "rest": "C", "west": "C, west"}
    fewer = edits.with_groups(more, (), [["north", "west"]])
    assert shape(fewer) == {"cold": "A", "rest": "C"}
    assert split(fewer).groups == {"cold": ("north", "west")}


def test_a_segment_is_split_by_numbers_and_by_categories() -> None:
    numbers = edits.split_leaf(POLICY, ("mid",), "engagement_score", cuts=["q50", "q80"])
    assert list(split(numbers, "mid").branches) == ["low", "medium", "high"]
    assert set(numbers.segments) == {"A", "B, low", "B, medium", "B, high", "C", "D"}
    categories = edits.split_leaf(POLICY, ("mid",), "region", groups=[["north", "east"], ["south"]])
    assert shape(categories)["mid"] == {  # type: ignore[index]
        "north or east": "B, north or east",
        "south": "B, south",
        "other": "B, other",
    }
    learned = edits.split_leaf(POLICY, ("mid",), "engagement_score", cuts=LearnedCuts(method="equal", bins=2))
    assert split(learned, "mid").cuts == LearnedCuts(method="equal", bins=2)


def test_a_split_is_removed_and_its_segment_keeps_a_name() -> None:
    removed = edits.joined(POLICY, ("high",), "D")
    assert shape(removed) == {"low": "A", "mid": "B", "high": "D"}
    assert removed.segments["D"] == POLICY.segments["D"]
    assert edits.joined(POLICY, ("high",), "New").segments["New"] == POLICY.segments["C"]


def test_names_follow() -> None:
    named = edits.renamed(POLICY, "C", "Core")
    assert named.segments["Core"] == POLICY.segments["C"]
    branch = edits.with_label(named, ("low",), "small")
    assert (split(branch).missing, list(split(branch).branches)) == ("small", ["small", "mid", "high"])
    region = edits.with_label(REGIONS, ("rest",), "others")
    assert (split(region).otherwise, split(region).missing) == ("others", "others")
    assert split(edits.with_label(REGIONS, ("warm",), "hot")).groups == {"cold": ("north",), "hot": ("south", "east")}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (partial(edits.with_cuts, place=(), cuts=[90, 20]), "cuts must increase"),
        (partial(edits.with_cuts, place=(), cuts=["q"]), "neither a number nor a quantile"),
        (partial(edits.with_cuts, place=(), cuts=[]), "there is no cut"),
        (partial(edits.with_cuts, place=("low",), cuts=[1]), "no split at this place"),
        (partial(edits.with_label, place=("low",), label="high"), "both be called high"),
        (partial(edits.renamed, segment="A", name="D"), "used twice: D"),
        (partial(edits.renamed, segment="A", name="Other"), "reserved"),
        (partial(edits.renamed, segment="Z", name="Y"), "no segment Z"),
        (partial(edits.split_leaf, place=("mid",), column="region", groups=[["a"], ["A"]]), "listed twice"),
        (partial(edits.split_leaf, place=("high",), column="region", groups=[["a"]]), "no segment at this place"),
        (partial(edits.joined, place=("high",), name="A"), "used twice: A"),
        (partial(edits.with_text, segment="A", field="offer", text=" "), "at least 1 character"),
    ],
)
def test_what_cannot_be_is_refused_without_a_path(edit: Callable[[Policy], Policy], words: str) -> None:
    with pytest.raises(PolicyError, match=words) as refused:
        edit(POLICY)
    assert "tree." not in refused.value.what


@st.composite
def an_edit(draw: st.DrawFn, policy: Policy) -> Callable[[], Policy]:
    """One edit of a policy, sensible or not."""
    nodes = edits.nodes(policy)
    place = draw(st.sampled_from(list(nodes)))
    node, name = nodes[place], draw(st.sampled_from((*AWKWARD, *leaf_names(policy.tree), "", "x" * 61)))
    cuts: list[float | str] = draw(st.lists(st.sampled_from([1.0, 20.0, 90.0, "q20", "q80"]), max_size=4))
    groups = draw(st.lists(st.lists(st.sampled_from(AWKWARD), max_size=2), max_size=3))
    if isinstance(node, str):
        kinds: list[Callable[[], Policy]] = [
            partial(edits.split_leaf, policy, place, "cart_value", cuts=cuts),
            partial(edits.split_leaf, policy, place, "country", groups=groups),
            partial(edits.renamed, policy, node, name),
            partial(edits.with_text, policy, node, "offer", name),
        ]
    else:
        label = draw(st.sampled_from([*node.branches, "unknown"]))
        kinds = [partial(edits.with_missing, policy, place, label), partial(edits.joined, policy, place, name)]
        kinds.append(
            partial(edits.with_cuts, policy, place, cuts)
            if node.cuts
            else partial(edits.with_groups, policy, place, groups)
        )
    if place:
        kinds.append(partial(edits.with_label, policy, place, name))
    return draw(st.sampled_from(kinds))


@pytest.mark.untraced
@given(st.data(), policies())
def test_any_sequence_of_edits_gives_a_policy_that_loads_or_a_refusal(data: st.DataObject, policy: Policy) -> None:
    for _ in range(5):
        before = policy_hash(policy)
        try:
            changed = data.draw(an_edit(policy))()
        except PolicyError:
            changed = policy
        assert policy_hash(policy) == before
        assert policy_hash(policy_from_yaml(policy_to_yaml(changed))) == policy_hash(changed)
        policy = changed
