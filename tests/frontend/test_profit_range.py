"""The range of the expected profit of all segments together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import Intake, intake_of_frame
from frontend.components.segments.headline import profit_range
from retention.policy.policy import Baseline, Lift, Sizes
from run_store import load_policy
from tests.counted import counted


@pytest.fixture(scope="module")
def intake() -> Intake:
    made = generate(2_000, seed=1)
    return intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)


def analysed(intake: Intake, **assumed: object) -> Run:
    policy = load_policy("five-segments")
    return analyze(intake, policy, Settings(assumptions=policy.assumptions.model_copy(update=assumed)))


def total(run: Run) -> float:
    return float(run.scores.table["Incremental_Profit"].sum())


def test_the_range_holds_the_total_and_is_as_wide_as_the_parts_together(intake: Intake) -> None:
    run = analysed(intake)
    found = profit_range(run.segmentation, run.scores)
    assert found is not None
    low, high = found
    table = run.scores.table
    parts = (table["Incremental_Profit_high"] - table["Incremental_Profit_low"]).sum()
    assert low < total(run) < high
    # One lift for all: ranges add up. Independent ones would give about a half of this.
    assert high - low == pytest.approx(parts, rel=0.1)


def test_a_lift_that_is_known_leaves_what_chance_in_the_baskets_does(intake: Intake) -> None:
    known = Baseline(low=0.08, value=0.08, high=0.08)
    run = analysed(intake, lift=Lift(low=0.1, value=0.1, high=0.1), baseline_conversion=known)
    found = profit_range(run.segmentation, run.scores)
    assert found is not None
    baskets = run.segmentation.customers["cart_value"].fillna(run.segmentation.customers["avg_order_value"])
    a = run.scores.assumptions
    chance = 1.96 * np.sqrt(len(baskets)) * baskets.std() * 0.08 * 0.1 * a.margin
    assert 0.5 * chance < (found[1] - found[0]) / 2 < 1.2 * chance


def test_the_range_is_the_same_each_time(intake: Intake) -> None:
    run = analysed(intake)
    assert profit_range(run.segmentation, run.scores) == profit_range(run.segmentation, run.scores)


def test_without_baskets_there_is_no_range(intake: Intake) -> None:
    rows = intake.rows.drop(columns=["avg_order_value", "cart_value"])
    policy = load_policy("cart-age").model_copy(update={"sizes": Sizes(min_size=1)})
    run = analyze(replace(intake, rows=rows.assign(avg_order_value=pd.Series(np.nan, index=rows.index))), policy)
    assert profit_range(run.segmentation, run.scores) is None


def test_measured_segments_hang_together_less_than_assumed_ones(intake: Intake) -> None:
    plain = analysed(intake)
    lifts = tuple(counted(segment.name, (960, 10_000), (800, 10_000)) for segment in plain.segmentation.tree.segments)
    run = analyze(intake, plain.policy, Settings(lifts=lifts))
    found, table = profit_range(run.segmentation, run.scores), run.scores.table
    assert found is not None
    widths = (table["Incremental_Profit_high"] - table["Incremental_Profit_low"]).to_numpy(dtype=float)
    assert found[0] < total(run) < found[1]
    # Measured one by one, and with a part in common that was learned from all: between independent and one lift.
    assert np.sqrt((widths**2).sum()) < found[1] - found[0] < widths.sum()
