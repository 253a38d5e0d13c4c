"""Two periods under one frozen tree."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Run, Settings, analyze
from analysis.comparison import compare, compare_policies
from data_generation import generate
from data_ingestion import Intake, intake_of_frame
from retention.errors import OptionError
from retention.partition.what_if import build_what_if
from retention.period import Window
from retention.policy import edits
from retention.policy.policy import Assumptions, Policy, Sizes
from retention.policy.yaml_text import policy_from_yaml
from run_store import period_files, tables
from run_store.workspace import Workspace
from segmentation_engine import assign, fit

POLICIES = Path(__file__).parents[2] / "policies"
END = date(2025, 9, 30)
SPLIT = Sizes(min_size=5, max_size=60, split_oversize=True)


def intake(frame: pd.DataFrame) -> Intake:
    return intake_of_frame(frame, name="shop", fingerprint=str(len(frame)))


def run_of(source: Intake, end: date, policy: str = "five-segments") -> Run:
    return analyze(source, shipped(policy), Settings(window=Window.ending(end)))


def shipped(name: str) -> Policy:
    return policy_from_yaml((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def month() -> Intake:
    made = generate(4_000)
    return intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)


@pytest.fixture(scope="module")
def weeks(month: Intake) -> tuple[Run, Run]:
    return run_of(month, END - timedelta(days=7)), run_of(month, END)


def test_the_later_customers_are_assigned_by_the_earlier_cuts(weeks: tuple[Run, Run]) -> None:
    earlier, later = weeks
    found = compare(earlier, later)
    cut = next(t.cut for t in earlier.segmentation.tree.thresholds if t.asked == "q80")
    high = (later.segmentation.customers["avg_order_value"] > cut).sum()
    row = found.table.set_index("Segment").loc["VIP Active"]
    assert row["Size_later"] == high
    assert row["Size_change"] == high - row["Size_earlier"]
    assert found.table["Size_later"].sum() == later.accounting.universe


def test_customers_of_one_week_only_arrive_or_leave(weeks: tuple[Run, Run]) -> None:
    found = compare(*weeks)
    assert found.migration.sum() == 0
    assert (found.arrived, found.left) == (weeks[1].accounting.universe, weeks[0].accounting.universe)


def test_saved_weeks_are_compared_part_by_part_with_the_same_result(
    month: Intake, weeks: tuple[Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_PER_WRITE", 70)
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 200)
    moved = month.rows["cart_abandoned_date"] + pd.Timedelta(days=7)
    again = month.rows.drop(columns="derived").assign(cart_abandoned_date=moved)
    pair, workspace = (weeks[1], run_of(intake(again.iloc[::2]), END + timedelta(days=7))), Workspace(tmp_path)
    saved = [workspace.save(run, name="week", saved_at=datetime(2025, 10, 9, tzinfo=UTC)) for run in pair]
    one, other = compare(*pair), compare(*(workspace.open(run_id).run_in_parts() for run_id in saved))
    pd.testing.assert_frame_equal(other.table, one.table, rtol=1e-9)
    assert (other.migration == one.migration).all()
    assert one.migration.sum() > 100
    assert (other.arrived, other.left, other.drift) == (one.arrived, one.left, one.drift)
    gone = str(pair[0].segmentation.customers["user_id"][0])
    workspace.erase(gone)
    after = compare(*(workspace.open(run_id).run_in_parts() for run_id in saved))
    assert after.left + after.migration.sum() == one.left + one.migration.sum() - 1


def test_customers_of_both_weeks_are_counted_by_where_they_were_and_are(month: Intake, weeks: tuple[Run, Run]) -> None:
    _, later = weeks
    rows = month.rows.drop(columns="derived")
    again = rows.assign(
        cart_abandoned_date=rows["cart_abandoned_date"] + pd.Timedelta(days=7),
        avg_order_value=rows["avg_order_value"] * 2,
    )
    last = run_of(intake(again), END + timedelta(days=7))
    found, frozen = compare(later, last), assign(last.segmentation.customers, later.segmentation.tree)
    merged = pd.DataFrame({"user_id": later.segmentation.customers["user_id"], "was": later.segmentation.codes}).merge(
        pd.DataFrame({"user_id": frozen.customers["user_id"], "is": frozen.codes}), on="user_id"
    )
    names = range(len(later.segmentation.tree.segments))
    wanted = pd.crosstab(merged["was"], merged["is"]).reindex(index=names, columns=names, fill_value=0)
    assert (found.migration == wanted.to_numpy()).all()
    assert found.migration.sum() == later.accounting.universe
    assert np.triu(found.migration, 1).sum() > 0


def test_the_cuts_drift_with_the_data(month: Intake, weeks: tuple[Run, Run]) -> None:
    rows = month.rows.drop(columns="derived")
    doubled = intake(rows.assign(avg_order_value=rows["avg_order_value"] * 2, cart_value=1.0))
    drift = {(d.feature, d.asked): d.change for d in compare(weeks[1], run_of(doubled, END)).drift}
    assert drift["avg_order_value", "q20"] == pytest.approx(1.0)
    assert drift["engagement_score", "q50"] == pytest.approx(0.0)


def test_runs_of_different_policies_have_no_drift_of_cuts(month: Intake, weeks: tuple[Run, Run]) -> None:
    assert compare(weeks[0], run_of(month, END, "twelve-leaf")).drift == ()


def test_a_period_is_not_compared_with_itself(weeks: tuple[Run, Run]) -> None:
    with pytest.raises(OptionError, match="both periods are the same"):
        compare(weeks[0], weeks[0])


def test_a_later_period_without_a_column_of_the_tree_is_refused(month: Intake, weeks: tuple[Run, Run]) -> None:
    lacking = run_of(intake(month.rows[["user_id", "cart_abandoned_date", "avg_order_value"]]), END, "aov-buckets")
    with pytest.raises(OptionError, match="no column engagement_score"):
        compare(weeks[0], lacking)


def test_saved_weeks_are_compared_by_what_splits_large_segments(
    month: Intake, weeks: tuple[Run, Run], tmp_path: Path
) -> None:
    earlier = analyze(month, weeks[0].policy, Settings(window=weeks[0].window, sizes=SPLIT))
    workspace, saved_at = Workspace(tmp_path), datetime(2025, 10, 1, tzinfo=UTC)
    saved = [workspace.save(run, name=str(run.window.end), saved_at=saved_at) for run in (earlier, weeks[1])]
    one, other = compare(earlier, weeks[1]), compare(*(workspace.open(each).run_in_parts() for each in saved))
    assert one.migration.tolist() == other.migration.tolist()
    pd.testing.assert_frame_equal(one.table, other.table)
    lacking = run_of(intake(month.rows.drop(columns=["sessions_last_30d", "derived"])), END)
    with pytest.raises(OptionError, match="no column sessions_last_30d, which the earlier tree splits on"):
        compare(earlier, lacking)


@pytest.mark.parametrize(
    "edited",
    [
        lambda policy: edits.with_cuts(policy, (), ["q30", "q70"]),
        lambda policy: edits.split_leaf(policy, place_of(policy, "VIP Active"), "cart_value", cuts=["q50"]),
        lambda policy: policy.model_copy(update={"sizes": SPLIT}),
    ],
    ids=["by the cube", "by the customers", "by what splits large segments"],
)
def test_two_policies_are_compared_as_the_engine_has_both(
    edited: Callable[[Policy], Policy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(intake(generate(3_000).customers), END)
    customers, after = run.segmentation.customers, edited(run.policy)
    what_if = build_what_if(customers, run.policy, run.segmentation.scale)
    change = compare_policies(run, what_if, run.policy, after)
    engine = assign(customers, fit(customers, after))
    assert change.after.sizes == engine.sizes
    assert change.before.sizes == run.segmentation.sizes
    pd.testing.assert_frame_equal(change.scores[0].table, run.scores.table[[*change.scores[0].table]])
    moved = pd.crosstab(run.segmentation.codes, engine.codes)
    assert change.moves.tolist() == moved.to_numpy().tolist()
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 1_000)
    workspace = Workspace(tmp_path)
    saved = workspace.save(run, name="week", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    workspace.erase(str(customers["user_id"][0]))
    parted, whole = workspace.open(saved).run_in_parts(), workspace.open(saved).run()
    fewer = build_what_if(parted.segmentation, run.policy, run.segmentation.scale)
    one, other = (compare_policies(each, fewer, run.policy, after) for each in (parted, whole))
    assert one.moves.tolist() == other.moves.tolist()
    assert one.moves.sum() == change.moves.sum() - 1
    pd.testing.assert_frame_equal(one.scores[1].table, other.scores[1].table)


def test_what_the_run_was_asked_for_goes_for_both_policies() -> None:
    asked = Settings(sizes=Sizes(min_size=200), assumptions=Assumptions(margin=0.9))
    run = analyze(intake(generate(3_000).customers), shipped("five-segments"), asked)
    what_if = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    change = compare_policies(run, what_if, run.policy, shipped("aov-buckets"))
    pd.testing.assert_frame_equal(change.scores[0].table, run.scores.table[[*change.scores[0].table]])
    assert change.after.tree.limits.minimum == 200


def place_of(policy: Policy, segment: str) -> tuple[str, ...]:
    return next(place for place, node in edits.nodes(policy).items() if node == segment)
