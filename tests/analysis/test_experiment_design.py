from dataclasses import replace

import pytest

from analysis import Run, Settings, analyze
from analysis.experiment_design import baseline_of, design
from data_generation import generate
from data_ingestion import intake_of_frame
from retention.customers.reach import Unreached
from retention.errors import OptionError
from retention.experiment.arms import Experiment
from retention.experiment.power import Plan, detectable_lift
from run_store import load_policy
from segment_scorer import Evidence, score
from tests.counted import counted


@pytest.fixture(scope="module")
def run() -> Run:
    made = generate(6000, seed=2)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    experiment = Experiment("autumn", {"control": 0.3, "mail": 0.2, "offer": 0.5})
    return analyze(intake, load_policy("five-segments"), Settings(experiment=experiment))


def test_everyone_who_can_be_reached_or_is_held_out_is_in_one_arm_of_its_segment(run: Run) -> None:
    made = design(run)
    treated = made.counts[["mail", "offer"]].sum(axis=1)
    assert treated.tolist() == list(run.reach.reachable)
    assert made.counts["control"].sum() == run.reach.left_out[Unreached.CONTROL] > 0
    assert made.table["Segment"].tolist() == run.scores.recommended["Segment"].tolist()
    assert made.table["Customers"].tolist() == made.counts.sum(axis=1).reindex(made.table["Segment"]).tolist()
    assert (made.counts.sum() / made.counts.to_numpy().sum()).tolist() == pytest.approx([0.3, 0.2, 0.5], abs=0.05)


def test_the_smallest_treatment_decides_what_can_be_shown(run: Run) -> None:
    made = design(run)
    row = made.table.iloc[0]
    counts = made.counts.loc[row["Segment"]]
    assert (row["Control"], row["Treated"]) == (counts["control"], counts[["mail", "offer"]].min())
    both = row["Control"] + row["Treated"]
    tests = 2 * len(made.table)
    plan = Plan(both, run.scores.assumptions.stated_baseline[0], row["Control"] / both, 0.05 / tests)
    assert row["Detectable_lift"] == pytest.approx(detectable_lift(plan))
    assert 0 <= row["Power_to_pay"] <= row["Power_of_money"] < row["Power"]
    assert row["Baseline_source"] == "assumed"


def test_a_measured_baseline_comes_before_the_assumption(run: Run) -> None:
    name = run.segmentation.tree.segments[0].name
    lift = counted(name, (2_800, 10_000), (2_500, 10_000))
    known = replace(run, scores=score(run.segmentation, evidence=Evidence(lifts=(lift,))))
    baseline, source = baseline_of(known, name)
    assert baseline == pytest.approx(0.25, abs=0.01)
    assert source == "measured"
    assert design(known).table.set_index("Segment").loc[name, "Baseline"] == baseline


def test_a_run_without_an_experiment_has_no_design(run: Run) -> None:
    with pytest.raises(OptionError, match="has no experiment"):
        design(replace(run, experiment=None))
