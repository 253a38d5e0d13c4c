"""What measured lifts change: each segment before and after an experiment is taken into the next analyses."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis import Run
from retention.scores.measured_lift import MeasuredLift, with_measured
from segment_scorer import score

CHANGED = ("Lift_vs_Control", "Baseline", "Incremental_Profit")
"""Columns of the scores that measurements change."""
_PARTS = tuple(f"{name}{part}" for name in CHANGED for part in ("", "_low", "_high", "_source"))


def changes(run: Run, kept: Sequence[MeasuredLift], new: Sequence[MeasuredLift]) -> pd.DataFrame:
    """Return the scores of a run's segments without and with new measurements, in the order of the scores without.

    Columns: Segment; of `CHANGED` the value, `_low`, `_high` and `_source`, each with `_before` and `_after`; and
    Flags_after.

    Args:
        run: The run whose experiment it is; the next analyses have other customers and the same segments.
        kept: Lifts that are taken up already.
        new: Those that would be; they replace those of the same experiment.
    """
    # Before means without the experiment, also where it was kept already.
    others = [lift for lift in kept if lift.experiment not in {each.experiment for each in new}]
    before, after = _scores(run, others), _scores(run, with_measured(others, new))
    now, then = before[list(_PARTS)].add_suffix("_before"), after[[*_PARTS, "Flags"]].add_suffix("_after")
    return now.join(then).reset_index()


def _scores(run: Run, lifts: Sequence[MeasuredLift]) -> pd.DataFrame:
    evidence = replace(run.scores.evidence, lifts=tuple(lifts))
    scored = score(run.segmentation, weights=run.weights, assumptions=run.scores.assumptions, evidence=evidence)
    return scored.table.set_index("Segment")
