"""Experiments for the pages: designs, saved periods with a control group, what customers did, and measured lifts."""

import math
import tempfile
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import lift_forward, with_experiment
from analysis.choice import Choice, chosen
from analysis.experiment_balance import balanced
from analysis.experiment_design import Design, design
from analysis.experiment_results import RunResults, campaign_results
from analysis.outcome_days import Sent
from analysis.outcomes import Outcomes
from frontend.components.campaign import week
from frontend.state import Result
from frontend.utils import files, format as fmt
from frontend.utils.files import OutcomeFiles
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import lifts, workspace
from retention.experiment.arms import Experiment
from retention.experiment.balance import Balance
from retention.experiment.guardrails import Guardrail
from retention.experiment.lift import Costs
from retention.period import zone
from retention.scores.measured_lift import MeasuredLift
from run_store import ResultsIn


@dataclass(frozen=True)
class Measurement:
    """What uploaded files say that customers did, and what that shows; no customer is in it."""

    run_results: RunResults
    outcomes: Outcomes

    @property
    def money_known(self) -> bool:
        """Whether revenue was measured."""
        return "revenue" in self.outcomes.customers

    @property
    def final(self) -> bool:
        """Whether nothing more can come, as far as that is known."""
        return self.run_results.days is None or self.run_results.days.final


BALANCED = Store[tuple[Experiment, Balance]](entries=64)
DESIGNS = Store[Design](entries=64)
MEASUREMENTS = Store[Measurement](entries=64)
CHANGES = Store[pd.DataFrame](entries=64)
ARROW = "\u2192"


@dataclass(frozen=True)
class ResultsRequest:
    """What is to be measured of uploaded files; each further period of the campaign comes with when it went out."""

    outcomes: OutcomeFiles
    costs: Costs
    cap: float | None = None
    guardrails: tuple[Guardrail, ...] = ()
    also: tuple[tuple[str, Sent | None], ...] = ()


def balanced_of(result: Result, experiment: Experiment, *, choose: bool) -> tuple[Experiment, Balance]:
    """Return an experiment on the run on screen with the salt that it is drawn by, and how alike its arms are."""
    running = workspace().running(experiment.name) if choose else None
    if running is not None:
        experiment, choose = replace(experiment, salt=running.salt), False
    key = key_of(result.key, experiment, choose)
    return BALANCED.get(key, lambda: balanced(result.run, experiment, choose=choose))


def design_of(result: Result, experiment: Experiment, choice: Choice, aims: tuple[float, float]) -> Design:
    """Return what an experiment can show on those of the week on screen whom the campaign is for."""
    lift, wanted = aims

    def make() -> Design:
        run = chosen(with_experiment(result.run, experiment), choice)
        return design(run, lift=lift, wanted=wanted)

    return DESIGNS.get(key_of(result.key, experiment, choice, aims), make)


def measured(result: Result, request: ResultsRequest) -> Measurement:
    """Return what uploaded files show about the experiment of the run on screen."""
    # How many outcome days are over changes while a page is open, so an answer holds for an hour.
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    key = key_of(result.key, *files.digests(request.outcomes.uploads), request, now)
    return MEASUREMENTS.get(key, lambda: _measured(result, request, now))


def _measured(result: Result, request: ResultsRequest, now: datetime) -> Measurement:
    run, also = result.run, [(week.weeks().campaign_run(run_id), sent) for run_id, sent in request.also]
    with tempfile.TemporaryDirectory(prefix="outcomes-") as folder:
        periods = request.outcomes.read(Path(folder), now, [(run, request.outcomes.sent), *also])
    outcomes = periods[0][1]
    shown = campaign_results(periods, costs=request.costs, cap=request.cap, guardrails=request.guardrails)
    ids = (result.run_id, *(run_id for run_id, _ in request.also))
    week.weeks().results_in(filter(None, ids), ResultsIn.of(shown, now.astimezone(zone(run.window.timezone)).date()))
    return Measurement(shown, replace(outcomes, customers=outcomes.customers.iloc[:0]))


def changes(result: Result, new: tuple[MeasuredLift, ...]) -> pd.DataFrame:
    """Return what measured lifts change in each segment; see `analysis.lift_forward.changes`."""
    kept, _ = lifts()
    return CHANGES.get(key_of(result.key, kept, new), lambda: lift_forward.changes(result.run, kept, new))


def changes_shown(changed: pd.DataFrame, currency: str) -> dict[str, list[str]]:
    """Return the same as columns of text, before and after."""

    def told(words: Callable[[float], str], name: str) -> list[str]:
        return [
            f"{_with_ends(words, row, name, 'before')} {ARROW} {_with_ends(words, row, name, 'after')}"
            for row in changed.to_dict("records")
        ]

    return {
        "Segment": [fmt.plain(name) for name in changed["Segment"]],
        "Lift": told(lambda lift: f"{100 * lift:+.0f}{fmt.SPACE}%", "Lift_vs_Control"),
        "Without contact": told(lambda rate: fmt.percent(rate, 1), "Baseline"),
        "Expected profit": told(lambda amount: fmt.plain(fmt.money(amount, currency)), "Incremental_Profit"),
        "Lift is": [
            fmt.plain(source) + (", **do not contact**" if "do not contact" in flags else "")
            for source, flags in zip(changed["Lift_vs_Control_source_after"], changed["Flags_after"], strict=True)
        ],
    }


def _with_ends(words: Callable[[float], str], row: dict[Hashable, Any], name: str, when: str) -> str:
    value, low, high = (float(row[f"{name}{end}_{when}"]) for end in ("", "_low", "_high"))
    if math.isnan(low) or low == high:
        return fmt.UNKNOWN if math.isnan(value) else words(value)
    return f"{words(value)} ({words(low)} to {words(high)})"


def lifts_words(kept: Sequence[MeasuredLift]) -> str:
    """Return where measured lifts come from, in words."""
    names = sorted({lift.experiment for lift in kept})
    last = max(lift.measured_on for lift in kept)
    which = f"experiment {names[0]}" if len(names) == 1 else f"experiments {', '.join(names)}"
    return f"Measured lift of {fmt.counted(len(kept), 'segment')}, by {which} ({fmt.day(last)})"
