"""Drafts from the what-if cube equal what the engine says on the customers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_generation import generate
from data_ingestion import intake_of_frame
from retention.customers.universe import select_universe
from retention.errors import OptionError
from retention.partition.fitted import Partition, Segmentation
from retention.partition.what_if import WhatIf, build_what_if
from retention.period import Window
from retention.policy import edits
from retention.policy.policy import LearnedCuts, Policy, Sizes, Split
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from segment_scorer import score
from segmentation_engine import assign, fit

POLICIES = Path(__file__).parents[3] / "policies"
NAMES = ("five-segments", "twelve-leaf", "aov-buckets", "value-recency", "rfm", "spend-thirds")


def shipped(name: str) -> Policy:
    return policy_from_yaml((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"), source=name)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    made = generate(6_000)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    return select_universe(intake.rows, Window.ending(made.end)).customers


def prepared(customers: pd.DataFrame, name: str) -> tuple[Segmentation, WhatIf]:
    segmentation = assign(customers, fit(customers, shipped(name)))
    return segmentation, build_what_if(customers, shipped(name), segmentation.scale)


@pytest.mark.parametrize("name", NAMES)
def test_without_changes_a_draft_is_todays_segmentation(customers: pd.DataFrame, name: str) -> None:
    segmentation, what_if = prepared(customers, name)
    draft = what_if.draft()
    assert draft.sizes == segmentation.sizes
    assert (draft.moves == np.diag(segmentation.sizes)).all()
    pd.testing.assert_frame_equal(score(draft).table, score(segmentation).table)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.untraced
def test_any_policy_that_the_cells_can_tell_gives_what_the_engine_gives(customers: pd.DataFrame, name: str) -> None:
    what_if = prepared(customers, name)[1]
    told = 0
    for place, node in edits.nodes(what_if.policy).items():
        if not isinstance(node, Split) or not node.cuts:
            continue
        quantiles = [f"q{20 + 10 * number}" for number in range(len(node.asked))]
        for policy in (edits.with_cuts(what_if.policy, place, cuts) for cuts in (quantiles, ["q80"], node.cuts)):
            tree = what_if.tree_of(policy)
            if tree is not None:
                again = assign(customers, fit(customers, policy))
                assert Partition(tree, what_if.cube).sizes == again.sizes
                assert [each.name for each in tree.segments] == [each.name for each in again.tree.segments]
                told += 1
    assert told


def test_cells_that_are_too_coarse_tell_nothing(customers: pd.DataFrame) -> None:
    what_if = prepared(customers, "five-segments")[1]
    place, leaf = next((place, node) for place, node in edits.nodes(what_if.policy).items() if isinstance(node, str))
    assert what_if.tree_of(edits.split_leaf(what_if.policy, place, "cart_value", cuts=["q50"])) is None
    assert what_if.tree_of(edits.with_cuts(what_if.policy, (), [12.345])) is None
    assert what_if.tree_of(edits.with_cuts(what_if.policy, (), LearnedCuts(method="kmeans", bins=4))) is None
    assert leaf in [segment.name for segment in what_if.draft().tree.segments]


@pytest.mark.parametrize("name", NAMES)
def test_a_moved_cut_gives_what_the_engine_gives_for_the_drafted_policy(customers: pd.DataFrame, name: str) -> None:
    segmentation, what_if = prepared(customers, name)
    for knob, stops in what_if.stops.items():
        chosen = stops[2 : 2 + len(knob[1])]
        draft = what_if.draft({knob: chosen})
        again = assign(customers, fit(customers, draft.tree.policy))
        assert [s.name for s in draft.tree.segments] == [s.name for s in again.tree.segments]
        assert draft.sizes == again.sizes
        moved = pd.crosstab(segmentation.codes, again.codes).reindex(
            index=range(draft.moves.shape[0]), columns=range(draft.moves.shape[1]), fill_value=0
        )
        assert (draft.moves == moved.to_numpy()).all()


def test_other_sizes_are_followed_by_the_same_rules_as_in_the_engine(customers: pd.DataFrame) -> None:
    sizes = Sizes(min_size=300)
    _, what_if = prepared(customers, "twelve-leaf")
    again = fit(customers, shipped("twelve-leaf"), sizes=sizes)
    draft = what_if.draft(sizes=sizes)
    assert draft.tree.sizing_log == again.sizing_log != ()
    assert [s.name for s in draft.tree.segments] == [s.name for s in again.segments]


def test_a_draft_can_be_written_as_a_policy_and_read_again(customers: pd.DataFrame) -> None:
    _, what_if = prepared(customers, "five-segments")
    knob = ("avg_order_value", ("q20", "q80"))
    draft = what_if.draft({knob: what_if.stops[knob][5:7]})
    assert policy_from_yaml(policy_to_yaml(draft.tree.policy)) == draft.tree.policy != shipped("five-segments")


def test_a_slider_has_at_most_32_stops_of_its_own_and_stands_on_todays_cut(customers: pd.DataFrame) -> None:
    _, what_if = prepared(customers, "twelve-leaf")
    for knob, stops in what_if.stops.items():
        assert len(stops) <= 32 + len(knob[1])
        assert set(what_if.fitted[knob]) <= {stop.value for stop in stops}
        assert [stop.value for stop in stops] == sorted({stop.value for stop in stops})


def test_cuts_that_do_not_increase_or_are_no_stops_are_refused(customers: pd.DataFrame) -> None:
    _, what_if = prepared(customers, "five-segments")
    knob = ("avg_order_value", ("q20", "q80"))
    stops = what_if.stops[knob]
    with pytest.raises(OptionError, match="must increase"):
        what_if.draft({knob: (stops[5], stops[4])})
    with pytest.raises(OptionError, match="2 of its stops"):
        what_if.draft({knob: (stops[5],)})


def test_a_categorical_policy_has_no_knob_for_its_groups_but_a_draft_all_the_same(customers: pd.DataFrame) -> None:
    text = """
name: by-type
title: By type, then value
description: A categorical split above a numeric one
tree:
  split: archetype
  groups: {known: [VIP, Regular]}
  else: rest
  missing: rest
  branches:
    known: {split: avg_order_value, cuts: [q50], missing: low, branches: {low: A, high: B}}
    rest: C
segments:
"""
    campaign = "{audience: a, message: m, offer: o, channel: c, timing: t}"
    policy = policy_from_yaml(text + "".join(f"  {name}: {campaign}\n" for name in "ABC"))
    segmentation = assign(customers, fit(customers, policy))
    what_if = build_what_if(customers, policy, segmentation.scale)
    assert list(what_if.stops) == [("avg_order_value", ("q50",))]
    assert what_if.draft().sizes == segmentation.sizes
