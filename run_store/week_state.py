"""How far a saved week has come, and what came of each step: one small JSON text in the catalog, no customer in it."""

import json
import math
from collections.abc import Hashable, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AwareDatetime

from analysis.choice import Choice
from analysis.outcome_days import Sent
from retention.experiment.arms import Experiment
from retention.partition.record import Record
from retention.scores.measured_lift import MeasuredLift
from run_store.small_files import parsed

if TYPE_CHECKING:
    from analysis.experiment_results import RunResults


class WeekStep(StrEnum):
    """The steps of a week, in their order."""

    ANALYSED = "analysed"
    HELD_OUT = "held out"
    FILES_MADE = "files made"
    SENT = "sent"
    RESULTS_IN = "results in"
    LEARNT = "learnt"


class HeldOut(Record):
    """The experiment that holds customers out, by its name, and the share of each arm, the control first.

    Arms that only an export of audience files drew may be drawn anew by a later one.
    """

    experiment: str
    shares: dict[str, float]
    by_export: bool = False

    @property
    def share(self) -> float:
        """The share that is held out."""
        return next(iter(self.shares.values()))

    @classmethod
    def of(cls, experiment: Experiment | None, *, by_export: bool = False) -> Self | None:
        """Return what a week keeps of its experiment."""
        if experiment is None:
            return None
        return cls(experiment=experiment.name, shares=dict(experiment.shares), by_export=by_export)


class FilesMade(Record):
    """Audience files that were made: for whom, where, for which segments, the SHA-256 of their manifest."""

    platform: str
    where: str
    segments: tuple[str, ...]
    customers: int
    manifest: str
    made_at: AwareDatetime


class ArmResult(Record):
    """What one treatment brought: customers of the arm and the control; amounts with the ends of their intervals.

    An amount that is not known is not a number.
    """

    arm: str
    customers: tuple[int, int]
    converted: tuple[int, int]
    lift: tuple[float, float, float]
    net_profit: tuple[float, float, float]
    verdict: str
    words: str


class ResultsIn(Record):
    """What customers did after the send, as of a day; `broken` guardrails and the outcome days in words."""

    on: date
    final: bool
    customers: int
    arms: tuple[ArmResult, ...]
    broken: tuple[str, ...] = ()
    words: str = ""

    @classmethod
    def of(cls, measured: "RunResults", on: date) -> Self:
        """Return the summary of results."""
        return cls(
            on=on,
            final=measured.days is not None and measured.days.final,
            customers=measured.people,
            arms=tuple(_arm(row) for row in measured.results.overall.to_dict("records")),
            broken=tuple(each.words for each in measured.results.guardrails if each.status == "broken"),
            words="" if measured.days is None else measured.days.words,
        )


def _arm(row: Mapping[Hashable, Any]) -> ArmResult:
    def ends(name: str) -> tuple[float, float, float]:
        value, low, high = (row.get(f"{name}{end}", math.nan) for end in ("", "_low", "_high"))
        return value, low, high

    value, low, high = ends("ratio")
    return ArmResult(
        arm=row["arm"],
        customers=(row["n"], row["n_control"]),
        converted=(row["converted"], row["converted_control"]),
        lift=(value - 1, low - 1, high - 1),
        net_profit=ends("net_profit"),
        verdict=row["verdict"],
        words=row["words"],
    )


class Learnt(Record):
    """The lifts that the next analyses take up, and those that are put back when that is undone.

    `where` is the file that they were written to, empty where the workspace keeps them.
    """

    on: date
    added: tuple[MeasuredLift, ...]
    replaced: tuple[MeasuredLift, ...] = ()
    where: str = ""


class WeekState(Record):
    """What became of a week; empty where a step was not taken. From one that is `undone` nothing is learnt by itself.

    >>> WeekState(sent=Sent(date(2026, 1, 7))).step
    <WeekStep.SENT: 'sent'>
    """

    version: Literal[1] = 1
    choice: Choice | None = None
    held_out: HeldOut | None = None
    files: tuple[FilesMade, ...] = ()
    sent: Sent | None = None
    manifests: tuple[str, ...] = ()
    results: ResultsIn | None = None
    learnt: Learnt | None = None
    undone: bool = False

    @property
    def may_draw_anew(self) -> bool:
        """Whether an export may draw other arms: nothing went out yet, and only an export drew those there are."""
        return self.sent is None and (self.held_out is None or self.held_out.by_export)

    @property
    def step(self) -> WeekStep:
        """The furthest step that was taken."""
        taken = (True, self.held_out, self.files, self.sent, self.results, self.learnt)
        return [step for step, result in zip(WeekStep, taken, strict=True) if result][-1]

    def text(self) -> str:
        """Return the state as text; nothing for a week that was only analysed."""
        return "" if self == WeekState() else json.dumps(self.plain(), separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> "WeekState":
        """Return the state that `text` wrote."""
        if not text:
            return cls()
        source, newer = "catalog", "the state of a week has version {}, newer than this program's"
        return cls.read(parsed(text.encode(), "the state of a week is damaged", newer, source=source), source=source)
