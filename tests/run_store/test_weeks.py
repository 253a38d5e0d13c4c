"""The state of a saved week: each step with its result, read without opening a file, and undone."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analysis import with_experiment
from analysis.outcome_days import Sent
from retention.customers.reach import Unreached, unreached
from retention.errors import OptionError, WorkspaceError
from retention.experiment.arms import Experiment
from retention.scores.measured_lift import MeasuredLift
from run_store import FilesMade, HeldOut, ResultsIn, Weeks, WeekState, WeekStep, Workspace
from run_store.week_state import ArmResult
from tests.run_store.period_cases import assert_equal_runs, names_in, run_of, saved

NOW, TODAY = datetime(2026, 1, 8, 7, tzinfo=UTC), date(2026, 1, 8)
TRIAL = Experiment("autumn", {"control": 0.2, "mail": 0.8})
FILES = FilesMade(platform="klaviyo", where="/files", segments=("VIP",), customers=40, manifest="ab" * 32, made_at=NOW)
ARM = ArmResult(
    arm="mail",
    customers=(90, 10),
    converted=(9, 1),
    lift=(0.0, -0.5, float("inf")),
    net_profit=(float("nan"),) * 3,
    verdict="not shown",
    words="Nothing is shown.",
)
RESULTS = ResultsIn(on=TODAY, final=True, customers=100, arms=(ARM,))


def lift(converted: int, on: date = TODAY) -> MeasuredLift:
    """Return a lift of the experiment."""
    return MeasuredLift(
        segment="VIP",
        converted=converted,
        customers=90,
        control_converted=1,
        control_customers=10,
        experiment="autumn",
        treatment="mail",
        measured_on=on,
    )


def weeks_in(folder: Path) -> Weeks:
    """Return the weeks of a workspace."""
    return Weeks(Workspace(folder))


def state(weeks: Weeks, run_id: str) -> WeekState:
    """Return the state of a week as the list tells it."""
    return next(each.week for each in weeks.listed() if each.id == run_id)


def test_a_week_goes_from_step_to_step_and_keeps_what_came_of_each(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    assert state(weeks, run_id) == WeekState()
    steps = [state(weeks, run_id).step]
    weeks.hold_out(run_id, with_experiment(run_of(), TRIAL))
    steps.append(state(weeks, run_id).step)
    weeks.files_made(run_id, FILES)
    steps.append(state(weeks, run_id).step)
    weeks.sent(run_id, Sent(TODAY, 7))
    steps.append(state(weeks, run_id).step)
    weeks.results_in([run_id], RESULTS)
    steps.append(state(weeks, run_id).step)
    weeks.learn([run_id], [lift(9)], TODAY)
    steps.append(state(weeks, run_id).step)
    assert steps == list(WeekStep)
    week = state(weeks, run_id)
    assert week.held_out == HeldOut(experiment="autumn", shares={"control": 0.2, "mail": 0.8})
    assert (week.held_out.share, week.files, week.sent) == (0.2, (FILES,), Sent(TODAY, 7))
    assert week.manifests == (FILES.manifest,)
    assert week.results is not None
    assert (week.results.arms[0].lift, week.results.final) == ((0.0, -0.5, float("inf")), True)
    assert week.learnt is not None
    assert week.learnt.added == (lift(9),)


def test_files_for_another_platform_stand_beside_and_for_the_same_in_its_place(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    meta, again = FILES.model_copy(update={"platform": "meta"}), FILES.model_copy(update={"customers": 41})
    for made in (FILES, meta, again):
        weeks.files_made(run_id, made)
    assert state(weeks, run_id).files == (meta, again)


def test_arms_are_kept_in_the_week_itself(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    held = with_experiment(run_of(), TRIAL)
    for _ in range(2):
        weeks.hold_out(run_id, held)
    opened = Workspace(tmp_path).open(run_id)
    assert_equal_runs(opened.run(), held)
    assert (opened.record.experiment, len(names_in(tmp_path))) == (TRIAL, 5)
    assert opened.summary.profit == pytest.approx(float(held.scores.table["Incremental_Profit"].sum()))


def test_customers_are_held_out_of_a_week_of_which_others_were_erased(tmp_path: Path) -> None:
    run_id, weeks, store = saved(tmp_path), weeks_in(tmp_path), Workspace(tmp_path)
    everybody = store.open(run_id).run()
    reached = everybody.segmentation.customers["user_id"][unreached(everybody.segmentation.customers) == 0]
    for user_id in reached[:3]:
        store.erase(user_id)
    for run in (store.open(run_id).run(), store.open(run_id).run_in_parts()):
        held = with_experiment(run, TRIAL)
        assert held.reach.total + held.reach.left_out[Unreached.CONTROL] == everybody.reach.total - 3
        weeks.hold_out(run_id, held)
    opened = store.open(run_id).run()
    assert (opened.experiment, opened.accounting.erased) == (TRIAL, 3)


def test_nobody_is_held_out_of_a_campaign_that_went_out(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    weeks.sent(run_id, Sent(TODAY))
    with pytest.raises(OptionError, match="went out already"):
        weeks.hold_out(run_id, with_experiment(run_of(), TRIAL))


def test_what_was_learnt_is_undone_week_by_week(tmp_path: Path) -> None:
    weeks = weeks_in(tmp_path)
    first, second = saved(tmp_path, name="one"), saved(tmp_path, name="two")
    weeks.learn([first], [lift(9)], TODAY)
    weeks.learn([first, second], [lift(19)], TODAY)
    with pytest.raises(OptionError, match="changed since"):
        weeks.unlearn(first)
    assert weeks.unlearn(second).added == (lift(19),)
    assert (weeks.workspace.lifts(), state(weeks, second).learnt) == ((lift(9),), None)
    weeks.unlearn(first)
    assert (weeks.workspace.lifts(), state(weeks, first).learnt) == ((), None)
    with pytest.raises(OptionError, match="nothing was learnt"):
        weeks.unlearn(first)


def test_learning_the_same_again_changes_nothing(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    weeks.learn([run_id], [lift(9)], TODAY)
    weeks.learn([run_id], [lift(9, on=date(2026, 1, 9))], TODAY)
    assert weeks.workspace.lifts() == (lift(9),)
    weeks.learn([run_id], [lift(12)], TODAY)
    weeks.unlearn(run_id)
    assert weeks.workspace.lifts() == ()


def test_a_forgotten_experiment_leaves_no_week_learnt(tmp_path: Path) -> None:
    run_id, weeks = saved(tmp_path), weeks_in(tmp_path)
    weeks.learn([run_id], [lift(9)], TODAY)
    weeks.forget("autumn")
    assert state(weeks, run_id).learnt is None


def test_an_unknown_week_has_no_state(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such saved period"):
        weeks_in(tmp_path).files_made("0" * 16, FILES)


def test_a_workspace_of_before_the_states_is_migrated(tmp_path: Path) -> None:
    shutil.copytree(Path("tests/data/workspace-3"), tmp_path / "old")
    weeks = weeks_in(tmp_path / "old")
    assert {each.name: each.week for each in weeks.listed()} == {
        "Plain week": WeekState(),
        "Held out week": WeekState(
            held_out=HeldOut(experiment="autumn", shares={"control": 0.2, "mail": 0.8}), sent=Sent(date(2026, 1, 9), 10)
        ),
    }
    assert [len(weeks.workspace.open(each.id).run().segmentation.codes) for each in weeks.listed()] == [40, 40]
    assert [each.converted for each in weeks.workspace.lifts()] == [9]
    assert weeks.workspace.policy("own-buckets").name == "own-buckets"
    assert weeks.workspace.preferences().currency == "EUR"
