"""A saved period with an experiment, and what its customers did under the planted lift."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pandas as pd

from analysis import Run, Settings, analyze
from data_generation import draw_outcomes, generate
from data_ingestion import intake_of_frame
from retention.errors import ensure
from retention.experiment.arms import Experiment
from run_store import Workspace, load_policy

SAVED_AT = datetime(2025, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Experimented:
    """A run, its identifier, and `user_id, converted, revenue` of all its customers."""

    run: Run
    run_id: str
    outcomes: pd.DataFrame


@cache
def experimented(size: int = 40_000) -> tuple[Run, pd.DataFrame]:
    """Return a run with an experiment, and what its customers did; both are shared, and never changed."""
    made = generate(size, seed=4)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    half = Experiment("autumn", {"control": 0.5, "mail": 0.5})
    run = analyze(intake, load_policy("five-segments"), Settings(experiment=half))
    ensure(run.arms is not None, "the run has arms")
    ids = run.segmentation.customers["user_id"]
    treated = set() if run.arms is None else set(ids[run.arms.codes > 0])
    drawn = draw_outcomes(made, made.customers["user_id"].isin(treated).to_numpy(), seed=1)
    drawn = drawn[drawn["user_id"].isin(set(ids))].reset_index(drop=True)
    return run, drawn.astype({"converted": "int64"})


def saved_experiment(workspace: Path, size: int = 40_000) -> Experimented:
    """Save such a run under a name."""
    run, outcomes = experimented(size)
    run_id = Workspace(workspace).save(run, name="Week 39 with autumn", saved_at=SAVED_AT)
    return Experimented(run, run_id, outcomes)
