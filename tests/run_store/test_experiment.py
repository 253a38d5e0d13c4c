"""Arms in the written files and in saved periods."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import intake_of_frame
from outputs import write_outputs
from retention.errors import OptionError
from retention.experiment.arms import Experiment
from retention.period import Window
from retention.scores.measured_lift import lifts_from_json, lifts_to_json
from retention.scores.table import PROFITS
from run_store import Workspace, load_policy
from run_store.period_record import ScoresRecord
from tests.counted import counted

EXPERIMENT = Experiment("autumn", {"control": 0.2, "mail": 0.3, "offer": 0.5})
LIFT = counted("VIP Active", (110, 800), (10, 100), experiment="summer")


@pytest.fixture(scope="module")
def run() -> Run:
    made = generate(3000, seed=3)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    settings = Settings(experiment=EXPERIMENT, lifts=(LIFT,))
    return analyze(intake, load_policy("five-segments"), settings)


def test_segment_files_stay_complete_and_name_the_arm(run: Run, tmp_path: Path) -> None:
    written = write_outputs(run, tmp_path / "out")
    paths = sorted((written.folder / "segments").iterdir())
    parts = [pd.read_csv(path, dtype={"user_id": "str", "Arm": "str"}) for path in paths]
    together = pd.concat(parts).set_index("user_id")
    assert len(together) == run.accounting.universe
    assert together.columns[-1] == "Arm"
    arms = run.arms
    assert arms is not None
    expected = pd.Series(arms.astype("str"), index=run.segmentation.customers["user_id"])
    assert together["Arm"].reindex(expected.index).tolist() == expected.tolist()


def test_the_report_counts_the_arms_of_each_segment(run: Run, tmp_path: Path) -> None:
    write_outputs(run, tmp_path / "out")
    experiment = json.loads((tmp_path / "out" / "mece_report.json").read_text(encoding="utf-8"))["experiment"]
    assert (experiment["name"], experiment["shares"]) == ("autumn", dict(EXPERIMENT.shares))
    counts = np.array([list(arms.values()) for arms in experiment["segments"].values()])
    assert counts.sum() == run.accounting.universe
    assert counts.sum(axis=0) / counts.sum() == pytest.approx([0.2, 0.3, 0.5], abs=0.07)


def test_a_run_without_an_experiment_has_no_arm(tmp_path: Path) -> None:
    made = generate(400, seed=3)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    plain = analyze(intake, load_policy("five-segments"))
    written = write_outputs(plain, tmp_path / "out")
    assert plain.arms is None
    header = (written.folder / "segment_assignments.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "Arm" not in header.split(",")


def test_a_saved_period_keeps_its_experiment_and_what_was_measured(run: Run, tmp_path: Path) -> None:
    run_id = Workspace(tmp_path).save(run, name="week", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    again = Workspace(tmp_path).open(run_id).run()
    assert again.experiment == EXPERIMENT
    assert again.scores.evidence == run.scores.evidence
    assert again.scores.evidence.lifts == (LIFT,)
    assert again.arms is not None
    assert run.arms is not None
    assert again.arms.codes.tolist() == run.arms.codes.tolist()
    assert again.reach == run.reach


def test_a_period_saved_before_people_were_counted_opens_with_the_same_numbers(run: Run, tmp_path: Path) -> None:
    run_id = Workspace(tmp_path).save(run, name="week", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    saved, table = Workspace(tmp_path).open(run_id), run.scores.table
    whole = {name: table[name] / table["Reachable"] * table["Size"] for name in PROFITS}
    added = [name for name in table if str(name).startswith(("Reachable", "Profit_per_Send", "Send_Order"))]
    baseline = [name for name in table if str(name).startswith("Baseline")]
    old_sources = table["Lift_vs_Control_source"].replace("measured + assumed", "measured")
    now = table.assign(Lift_vs_Control_source=old_sources)
    scores = ScoresRecord.of(now.assign(**whole).drop(columns=[*added, *baseline]))
    older = replace(saved, record=saved.record.model_copy(update={"reach": None, "scores": scores}))
    assert older.reach == run.reach
    assert list(older.scores.table) == list(table)
    pd.testing.assert_frame_equal(older.scores.table.drop(columns=baseline), now.drop(columns=baseline))
    # Such a period counted with the assumed baseline, or with a measured one that it did not tell.
    told = older.scores.table.set_index("Segment")
    assert told["Baseline"].dropna().unique().tolist() == [0.08]
    assert told["Baseline"].isna().sum() == 1
    assert told.loc["VIP Active", "Baseline_source"] == "measured"
    assert older.run_in_parts().reach == run.reach


def test_measured_lifts_survive_as_text() -> None:
    assert lifts_from_json(lifts_to_json([LIFT])) == (LIFT,)


def test_an_experiment_keeps_its_arms_over_its_periods(run: Run, tmp_path: Path) -> None:
    workspace, now = Workspace(tmp_path), datetime(2025, 10, 1, tzinfo=UTC)
    workspace.save(run, name="week 39", saved_at=now)
    later = replace(run, window=Window.starting(run.window.start + timedelta(days=7)))
    workspace.save(later, name="week 40", saved_at=now)
    shares = {"control": 0.5, "mail": 0.2, "offer": 0.3}
    for other in (replace(EXPERIMENT, shares=shares), replace(EXPERIMENT, salt="x")):
        changed = replace(later, experiment=other)
        with pytest.raises(OptionError, match=r"is already running, in the period 'week 39'.*control=0\.2,mail=0\.3"):
            workspace.save(changed, name="changed", saved_at=now)
        # Without a name nothing is promised, and a design of the same week may still be changed.
        workspace.save(changed, name=None, saved_at=now)
    again = Workspace(tmp_path / "again")
    again.save(run, name="week 39", saved_at=now)
    again.save(replace(run, experiment=replace(EXPERIMENT, shares=shares)), name="other design", saved_at=now)
    own = replace(EXPERIMENT, name="own", segment_shares={"VIP Active": shares})
    workspace.save(replace(run, experiment=own), name="own", saved_at=now)
    with pytest.raises(OptionError, match="Segments with shares of their own"):
        workspace.save(replace(later, experiment=own), name="own again", saved_at=now)
