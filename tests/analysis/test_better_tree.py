"""A better tree of a run: found, judged, written, and the same whatever the order of the rows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis import Run, analyze
from analysis.better_tree import better_tree
from analysis.outcomes import Outcomes
from data_generation import generate
from data_ingestion import intake_of_frame
from retention.errors import ContractError, OptionError
from retention.partition.outline import outline
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from retention.search.objectives import LeafLimits
from retention.search.questions import Wish
from run_store import Workspace, load_policy, period_files, saved_period
from run_store.tables import own_batches
from segmentation_engine import assign, fit
from tests.experimented import experimented

QUICK = Wish(("cart_value", "engagement_score", "region"), depth=2, bins=6, limits=LeafLimits(0))


@pytest.fixture(scope="module")
def experiment() -> tuple[Run, Outcomes]:
    run, found = experimented(12_000)
    customers = found.rename(columns={"user_id": "customer"}).astype({"converted": "bool"})
    return run, Outcomes(customers, False, len(found), {})


def run_of(customers: pd.DataFrame) -> Run:
    return analyze(intake_of_frame(customers, name="shop", fingerprint=""), load_policy("five-segments"))


@pytest.mark.slow
def test_the_order_of_the_rows_changes_nothing() -> None:
    made = generate(4_000, seed=2).customers
    found, again = (
        better_tree(run_of(made.iloc[order].reset_index(drop=True)), QUICK, resamples=2)
        for order in (np.arange(len(made)), np.random.default_rng(0).permutation(len(made)))
    )
    assert policy_to_yaml(found.policy) == policy_to_yaml(again.policy)
    assert (found.judged, found.worth, found.chosen) == (again.judged, again.worth, again.chosen)
    pd.testing.assert_frame_equal(found.leaves, again.leaves)


def test_the_policy_loads_and_its_segments_are_the_leaves() -> None:
    run = run_of(generate(4_000, seed=2).customers)
    told: list[float] = []
    found = better_tree(run, QUICK, resamples=2, progress=lambda _, share: told.append(share))
    policy = policy_from_yaml(policy_to_yaml(found.policy))
    segmentation = assign(run.segmentation.customers, fit(run.segmentation.customers, policy))
    assert list(segmentation.sizes) == found.leaves["Size"].tolist()
    assert min(segmentation.sizes) >= run.segmentation.tree.limits.minimum
    assert found.judged.recommended
    assert found.verdict.startswith("Recommended: against today's policy the tree is worth +")
    assert found.worth["best"] >= found.worth["greedy"]
    assert told == sorted(told)
    assert found.beside.nodes == outline(segmentation, {}, run.currency)
    moved = pd.crosstab(run.segmentation.codes, segmentation.codes)
    assert found.beside.moves.tolist() == moved.to_numpy().tolist()


@pytest.mark.slow
def test_the_arm_that_pays_is_chosen_within_the_limits_of_each_arm(experiment: tuple[Run, Outcomes]) -> None:
    run, outcomes = experiment
    found = better_tree(run, replace(QUICK, limits=LeafLimits(0, per_arm=150)), outcomes, resamples=2)
    leaves = found.leaves
    assert leaves[["In control", "In mail"]].min().min() >= 150
    assert ((leaves["Arm"] == "mail") == (leaves["Gain"] > 0)).all()
    offers = [campaign.offer for campaign in found.policy.segments.values()]
    assert [offer == "As 'mail' in the experiment" for offer in offers] == (leaves["Arm"] == "mail").tolist()
    assert found.unit == "USD per customer"


def test_a_saved_week_is_searched_without_what_a_search_does_not_look_at(
    experiment: tuple[Run, Outcomes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, outcomes = experiment
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 5_000)
    workspace, read = Workspace(tmp_path), set[str]()
    saved = workspace.save(run, name="week", saved_at=datetime(2025, 10, 9, tzinfo=UTC))
    workspace.erase(str(run.segmentation.customers["user_id"][5]))

    def watched(path: Path, *, where: str, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
        read.update(columns)
        return own_batches(path, where=where, rows=rows, columns=columns)

    monkeypatch.setattr(saved_period, "own_batches", watched)
    for told, contacts in ((None, False), (outcomes, True)):
        read.clear()
        one, other = (
            better_tree(each, QUICK, told, resamples=2)
            for each in (workspace.open(saved).run(), workspace.open(saved).run_in_parts())
        )
        assert policy_to_yaml(one.policy) == policy_to_yaml(other.policy)
        assert (one.judged, one.worth, one.chosen) == (other.judged, other.worth, other.chosen)
        pd.testing.assert_frame_equal(one.leaves, other.leaves)
        assert one.beside.nodes == other.beside.nodes
        np.testing.assert_array_equal(one.beside.moves, other.beside.moves)
        assert ("email" in read) == contacts
        assert {"cart_value", "region"} <= read
        assert "last_order_date" not in read


def test_what_cannot_be_searched_is_refused(experiment: tuple[Run, Outcomes]) -> None:
    run, outcomes = experiment
    with pytest.raises(OptionError, match="Did you mean 'cart_value'"):
        better_tree(run, replace(QUICK, features=("cart_valu",)))
    with pytest.raises(OptionError, match="the period has no experiment"):
        better_tree(replace(run, experiment=None), QUICK, outcomes)
    with pytest.raises(OptionError, match="no tree has all its leaves within the limits"):
        better_tree(run, replace(QUICK, limits=LeafLimits(10, 20)))
    for depth, bins in ((5, 8), (2, 64), (2, 1)):
        with pytest.raises(OptionError, match="Use a depth up to 4, and 2 to 32 bins"):
            replace(QUICK, depth=depth, bins=bins)
    few = replace(outcomes, customers=outcomes.customers.drop(columns="revenue"))
    with pytest.raises(ContractError, match="hold no money"):
        better_tree(run, QUICK, few)
