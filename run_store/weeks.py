"""The saved weeks with their states: read, and carried one step further; each step's result is kept with the week."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis import Run
from analysis.choice import Choice, chosen
from analysis.outcome_days import Sent
from outputs.durable import sync_folder
from retention.errors import OptionError, WorkspaceError
from retention.scores.measured_lift import MeasuredLift
from run_store.catalog import Catalog, RunSummary, unknown
from run_store.period_files import RECORD, collect, stored_files
from run_store.period_record import PeriodRecord
from run_store.saved_period import open_period
from run_store.small_files import workspace_errors
from run_store.week_state import FilesMade, HeldOut, Learnt, ResultsIn
from run_store.workspace import Workspace


@dataclass(frozen=True)
class Weeks:
    """The weeks of a workspace; every method raises a `WorkspaceError` where there is no such week."""

    workspace: Workspace

    def listed(self) -> tuple[RunSummary, ...]:
        """Return the saved weeks, the newest week first; the `week` of each tells how far it has come."""
        return tuple(sorted(self.workspace.periods(), key=lambda each: each.window.start, reverse=True))

    def find(self, run_id: str) -> RunSummary:
        """Return one week."""
        summary = self.workspace.find(run_id)
        if summary is None:
            raise unknown()
        return summary

    def choose(self, run_id: str, choice: Choice) -> None:
        """Keep whom the campaign of a week contacts, in place of what was chosen before."""
        self._set(run_id, choice=choice)

    def campaign_run(self, run_id: str) -> Run:
        """Return the run of a week, in parts, in which only those can be reached whom its campaign is for."""
        return chosen(self.workspace.open(run_id).run_in_parts(), self.find(run_id).week.choice)

    def hold_out(self, run_id: str, run: Run, *, by_export: bool = False) -> None:
        """Keep the arms of a week, and the scores that follow from them, in place of those before.

        Raises:
            OptionError: The campaign went out already, or the experiment has other arms in another week.
        """
        if run.experiment is None:
            raise OptionError("the run has no experiment")
        if self.find(run_id).sent is not None:
            raise OptionError("the campaign went out already, so nobody can be held out of it any more")
        self.workspace.check_campaign(run.experiment, run.window)
        catalog, held_out = self._catalog, HeldOut.of(run.experiment, by_export=by_export)
        with workspace_errors(catalog.folder):
            saved = open_period(catalog, run_id)
            old = saved.files.stored(RECORD).name
            with stored_files(catalog.periods, run_id, [(RECORD, PeriodRecord.of(run, saved.what_if).write)]) as new:
                # The same arms again give the same file, which must not be retired.
                if new[RECORD].name != old and not catalog.exchange(run_id, [old], new, 0):
                    raise WorkspaceError("the week was changed meanwhile", hint="Try again")
            profit = float(run.scores.table["Incremental_Profit"].sum(min_count=1))
            catalog.update(run_id, profit=None if profit != profit else profit)  # noqa: PLR0124 - not a number
            collect(catalog)
        self._set(run_id, held_out=held_out)

    def forget_people(self, run_id: str) -> bool:
        """Remove all customers of a week; sizes, scores and cubes stay. Return whether there were any."""
        from run_store.erasure import empty  # noqa: PLC0415 - seldom needed

        with workspace_errors(self.workspace.folder):
            rows = empty(self._catalog, run_id)
        if rows:
            self.workspace.note("erased", rows, run_id=run_id)
        return bool(rows)

    def files_made(self, run_id: str, files: FilesMade) -> None:
        """Keep that audience files were made, in place of what was known of the same platform."""
        others = (each for each in self.find(run_id).week.files if each.platform != files.platform)
        self._set(run_id, files=(*others, files))

    def sent(self, run_id: str, sent: Sent) -> None:
        """Keep when the campaign went out, and which files these were, in place of what was known before."""
        files = self.find(run_id).week.files
        self._set(run_id, sent=sent, manifests=tuple(each.manifest for each in files))

    def results_in(self, run_ids: Iterable[str], results: ResultsIn) -> None:
        """Keep the last look at what the customers of some weeks did."""
        for run_id in run_ids:
            self._set(run_id, results=results)

    def learn(self, run_ids: Sequence[str], lifts: Sequence[MeasuredLift], on: date) -> None:
        """Keep measured lifts for the next analyses, and with the weeks what was put in whose place.

        Of several weeks of a campaign those keep it that were not learnt from before, so that what each added is undone
        one after the other.
        """
        names = {each.experiment for each in lifts}
        before = tuple(each for each in self.workspace.lifts() if each.experiment in names)
        weeks = [self.find(run_id) for run_id in run_ids]
        fresh = [each for each in weeks if each.week.learnt is None]
        if _counts(before) == _counts(lifts) and not fresh:
            return
        fresh = fresh or weeks[-1:]
        last = fresh[-1].week.learnt if fresh else None
        self.workspace.keep_lifts(lifts)
        learnt = Learnt(on=on, added=tuple(lifts), replaced=before if last is None else last.replaced)
        self.learnt([each.id for each in fresh], learnt)

    def learnt(self, run_ids: Iterable[str], learnt: Learnt) -> None:
        """Keep with some weeks what was learnt of them."""
        for run_id in run_ids:
            self._set(run_id, learnt=learnt, undone=False)

    def unlearn(self, run_id: str) -> Learnt:
        """Put back the lifts from before a week was learnt from, and return what that was.

        Raises:
            OptionError: Nothing was learnt, it was written to a file, or a later week has taken its place.
        """
        learnt = self.find(run_id).week.learnt
        if learnt is None:
            raise OptionError("nothing was learnt from this week")
        if learnt.where:
            raise OptionError("its lifts were written to a file", where=learnt.where, hint="Forget them in that file")
        names = {each.experiment for each in learnt.added}
        kept = self.workspace.lifts()
        if {each for each in kept if each.experiment in names} != set(learnt.added):
            raise OptionError("the lifts of its experiment were changed since", hint="Undo what was learnt later first")
        for name in names:
            self.workspace.forget_lifts(name)
        self.workspace.keep_lifts(learnt.replaced)
        self._clear(lambda other: other == learnt)
        return learnt

    def forget(self, experiment: str | None = None) -> None:
        """Forget the lifts of an experiment, or all of them, so that the next analyses and the weeks go without.

        Raises:
            OptionError: No lift of the experiment is kept.
        """
        self.workspace.forget_lifts(experiment)
        self._clear(lambda learnt: not learnt.where and experiment in {None, *(e.experiment for e in learnt.added)})

    def _clear(self, gone: Callable[[Learnt], bool]) -> None:
        for each in self.workspace.periods():
            if each.week.learnt is not None and gone(each.week.learnt):
                self._set(each.id, learnt=None, undone=True)

    @property
    def _catalog(self) -> Catalog:
        return Catalog(self.workspace.folder)

    def _set(self, run_id: str, **parts: Any) -> None:
        with workspace_errors(self.workspace.folder):
            self._catalog.change(run_id, lambda week: week.model_copy(update=parts))
            sync_folder(self.workspace.folder)


def _counts(lifts: Iterable[MeasuredLift]) -> set[str]:
    """Return what was counted, whatever the day."""
    return {each.model_dump_json(exclude={"measured_on"}) for each in lifts}
