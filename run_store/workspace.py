"""The workspace: a folder of saved periods and of what a shop keeps for its next analyses.

    WORKSPACE/catalog.sqlite                      which periods there are, their files, and the audit trail
    WORKSPACE/periods/RUN.KIND.HASH.parquet|json  their files, never changed once written
    WORKSPACE/policies/NAME.yaml                  policies that people drafted
    WORKSPACE/settings.json, lifts.json           defaults of every analysis, and lifts that experiments measured

Several processes use it at once. A save writes the files, forces them to the disk, and commits one row to the
catalog: before that commit nobody sees the period, after it the period is whole. What a person typed is data,
never a path.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from analysis import Run
from outputs.durable import clear_parts, sync_folder
from retention.errors import OptionError, RetentionError, SourceError, WorkspaceError
from retention.experiment.arms import Experiment
from retention.partition.what_if import WhatIf, build_what_if
from retention.period import Window
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_to_yaml
from retention.scores.measured_lift import (
    MeasuredLift,
    lifts_from_json,
    lifts_to_json,
    retired_in,
    with_measured,
    without_measured,
)
from run_store import campaigns, policy_files
from run_store.catalog import Catalog, RunSummary
from run_store.period_files import collect, fills_of, spread_files, stored_files, take_out
from run_store.period_record import PeriodRecord, checked_name
from run_store.preferences import SETTINGS_FILE, Preferences, preferences_from_json, preferences_to_json
from run_store.saved_period import SavedRun, open_period
from run_store.small_files import keep_small, make_private, read_small, remove_small, workspace_errors
from run_store.trail import KEPT, Action, Deed, Entry, system_user

DEFAULT_FOLDER = ".workspace"
ENVIRONMENT = "RETENTION_WORKSPACE"
LIFTS_FILE = "lifts.json"
UNLISTED_KEPT, UNLISTED_DAYS = 50, 7
"""Runs without a name that are kept at most, and for how long."""


@dataclass(frozen=True)
class Workspace:
    """A folder of saved periods, policies, settings and measured lifts; made when something is first kept.

    Every method raises a `WorkspaceError` where the disk or the catalog cannot be used, or a period is not there.

    Args:
        user: Who uses it, for the audit trail; empty for the account that the process runs under.
    """

    folder: Path
    user: str = field(default="", compare=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], user: str = "") -> "Workspace":
        """Return the workspace that `RETENTION_WORKSPACE` names, else `.workspace` here.

        >>> Workspace.of({"RETENTION_WORKSPACE": "/srv/periods"}).folder.as_posix()
        '/srv/periods'
        """
        return cls(Path(environment.get(ENVIRONMENT) or DEFAULT_FOLDER).expanduser(), user)

    @property
    def _catalog(self) -> Catalog:
        return Catalog(self.folder)

    def note(self, action: Action, count: int, things: str = "customers", *, run_id: str = "") -> None:
        """Write into the audit trail what no commit of a saved period tells; where there is no workspace, nothing."""
        with workspace_errors(self.folder):
            if self.folder.is_dir():
                self._catalog.note(Deed(self._who, action, count, things, run_id))
                sync_folder(self.folder)

    def trail(self, most: int = KEPT) -> tuple[Entry, ...]:
        """Return the last entries of the audit trail, the newest first."""
        with workspace_errors(self.folder):
            return self._catalog.trail(most)

    @property
    def _who(self) -> str:
        return self.user or system_user()

    def _prepare(self) -> None:
        make_private(self.folder)
        make_private(self._catalog.periods)

    def last_erasure(self) -> int:
        """Return what tells `save` whether a customer was erased since."""
        with workspace_errors(self.folder):
            return self._catalog.last_erasure()

    def save(
        self,
        run: Run,
        *,
        name: str | None,
        saved_at: datetime,
        what_if: WhatIf | None = None,
        erasure: int | None = None,
        action: Action = "analysed",
    ) -> str:
        """Save a run whole and return its identifier; once it returns, the run survives a crash.

        Args:
            run: The analysis.
            name: What to call it; need not be unique. None keeps the run for its address only, unlisted and for a week.
            saved_at: The time, with its zone.
            what_if: Its what-if cube where that is at hand; made here otherwise.
            erasure: What `last_erasure` was before the customers were taken from a saved period; now otherwise.
            action: What the audit trail calls it.

        Raises:
            OptionError: The name or the time cannot be, or the experiment has other arms in another period.
            WorkspaceError: The disk does not take it, or a customer was erased meanwhile; nothing is saved.
        """
        if saved_at.tzinfo is None:
            raise OptionError("the time of saving needs a time zone")
        title, run_id = "" if name is None else checked_name(name), secrets.token_hex(8)
        with workspace_errors(self.folder):
            # The folder first: an erasure that sees none leaves no trace, and must then be over before this begins.
            self._prepare()
            before = self._catalog.last_erasure() if erasure is None else erasure
        if title and run.experiment is not None:
            self.check_campaign(run.experiment, run.window)
        segmentation = run.segmentation
        finer = what_if or build_what_if(segmentation, run.policy, segmentation.scale)
        record = PeriodRecord.of(run, finer)
        catalog, summary = self._catalog, RunSummary.of(run, run_id, title, saved_at)
        with workspace_errors(self.folder):
            with (
                spread_files(run, catalog.periods, run_id) as (spread, settle),
                stored_files(catalog.periods, run_id, fills_of(run, finer, record)) as files,
            ):
                catalog.add(summary, files | spread, Deed(self._who, action, summary.rows, run=run_id), before, settle)
            # The commit removed SQLite's journal; until that lasts, a power cut would undo the commit.
            sync_folder(self.folder)
        # The run is saved, even where old ones cannot be removed now; the next save tries again.
        with suppress(OSError, RetentionError):
            self.prune(saved_at)
        return run_id

    def check_campaign(self, experiment: Experiment, window: Window) -> None:
        """Refuse arms that would not last over all periods of an experiment; see `campaigns.check_arms`."""
        campaigns.check_arms(experiment, window, self.campaign(experiment.name))

    def running(self, name: str) -> Experiment | None:
        """Return the experiment of a name as the last saved period that has it holds it; None: it is new."""
        return next((known for _, known in self.campaign(name)), None)

    def campaign(self, name: str) -> Iterator[tuple[RunSummary, Experiment]]:
        """Yield the saved periods whose experiment has a name, the last saved first."""
        with workspace_errors(self.folder):
            yield from campaigns.campaign(self._catalog, name)

    def periods(self) -> tuple[RunSummary, ...]:
        """Return the saved periods that have a name, the last saved first; none where nothing was ever saved."""
        with workspace_errors(self.folder):
            return tuple(summary for summary in self._catalog.summaries() if summary.listed)

    def find(self, run_id: str) -> RunSummary | None:
        """Return one run by its identifier, listed or not, or None; opens no file of it."""
        with workspace_errors(self.folder):
            entry = self._catalog.find(run_id)
        return entry and entry[0]

    def open(self, run_id: str) -> SavedRun:
        """Open a saved period."""
        return open_period(self._catalog, run_id)

    def rename(self, run_id: str, name: str) -> None:
        """Give a saved period another name; a run without one is listed from then on.

        Raises:
            OptionError: The name is empty or too long.
            WorkspaceError: There is no such period.
        """
        title = checked_name(name)
        with workspace_errors(self.folder):
            self._catalog.update(run_id, name=title)
            sync_folder(self.folder)

    def delete(self, run_id: str) -> None:
        """Delete a saved period and its files."""
        with workspace_errors(self.folder):
            take_out(self._catalog, run_id, self._who)
            # Before any file goes, the row must be gone for good: a period without its files would be damaged.
            sync_folder(self.folder)
            collect(self._catalog)

    def prune(self, now: datetime) -> int:
        """Delete old runs that are not listed, and files that no run has; return how many runs went."""
        with workspace_errors(self.folder):
            gone = self._catalog.prune(UNLISTED_KEPT, now - timedelta(days=UNLISTED_DAYS))
            collect(self._catalog)
        return gone

    def tidy(self) -> None:
        """Remove what killed processes left; what cannot be removed now is left to the next call."""
        with suppress(OSError, RetentionError):
            clear_parts(self._policies)
            if self._catalog.path.exists():
                collect(self._catalog)
            else:
                clear_parts(self.folder)

    def erase(self, user_id: str) -> int:
        """Remove a customer from all saved periods and return from how many.

        Their row goes, and so does what a rejected row quotes of them. Sizes, scores and cubes stay; the period counts
        one more erased customer. Exported files cannot be reached from here.

        Raises:
            OptionError: The identifier is empty.
            WorkspaceError: A period is damaged or busy, or an old file cannot be removed yet.
        """
        from run_store import erasure  # noqa: PLC0415 - seldom needed, as the other two that are imported below

        if not user_id:
            raise OptionError("the identifier of a customer is empty")
        with workspace_errors(self.folder):
            return erasure.erase(self._catalog, user_id, self._who) if self.folder.is_dir() else 0

    def count_with(self, user_id: str) -> int:
        """Return how many runs, listed or not, hold a customer: what `erase` would change."""
        from run_store import erasure  # noqa: PLC0415

        with workspace_errors(self.folder):
            return erasure.count_with(self._catalog, user_id) if user_id else 0

    def export(self, run_id: str, target: Path, *, mode: int | None = None) -> None:
        """Write a saved period as one file, which replaces what is there; it holds personal data.

        Equal periods give equal bytes.

        Raises:
            WorkspaceError: There is no such period, it is damaged, or the file cannot be written.
        """
        from run_store import transfer  # noqa: PLC0415

        saved = self.open(run_id)
        self.note("exported", saved.summary.rows, run_id=run_id)
        transfer.export(saved, target, mode)

    def exported(self, run_id: str) -> bytes:
        """Return what `export` writes."""
        from run_store import transfer  # noqa: PLC0415

        saved = self.open(run_id)
        self.note("exported", saved.summary.rows, run_id=run_id)
        return transfer.exported(saved)

    def take_in(self, source: Path | IO[bytes], *, name: str = "") -> str:
        """Save the period that an exported file holds, under its own name unless one is given; return its identifier.

        Raises:
            WorkspaceError: The file is not an export, is damaged, or does not add up; nothing is saved.
            InputError: Its policy or window is none.
        """
        from run_store import transfer  # noqa: PLC0415

        with workspace_errors(self.folder):
            self._prepare()
            before = self._catalog.last_erasure()
            with transfer.unpacked(source, self._catalog.periods) as saved:
                run = saved.run()
                # The customers give it anew, unless some were erased since.
                cube = saved.what_if if run.accounting.erased else None
                run = run if run.accounting.erased else replace(run, kept=None)
                title = name or checked_name(saved.summary.name)
                at = saved.summary.saved_at
                return self.save(run, name=title, saved_at=at, what_if=cube, erasure=before, action="imported")

    def preferences(self) -> Preferences:
        """Return the settings; the program's defaults where none were saved."""
        path = self.folder / SETTINGS_FILE
        content = read_small(path)
        return Preferences() if content is None else preferences_from_json(content, source=str(path))

    def keep_preferences(self, preferences: Preferences) -> None:
        """Save the settings in place of those before."""
        keep_small(self.folder / SETTINGS_FILE, preferences_to_json(preferences))

    def forget_preferences(self) -> None:
        """Remove the settings, so that the program's defaults hold again."""
        remove_small(self.folder / SETTINGS_FILE)

    def lifts(self) -> tuple[MeasuredLift, ...]:
        """Return the measured lifts that the dashboard's next analyses take up; none where none were kept."""
        path = self.folder / LIFTS_FILE
        content = read_small(path)
        try:
            return () if content is None else lifts_from_json(content.decode("utf-8"), source=LIFTS_FILE)
        except (SourceError, UnicodeDecodeError) as error:
            retired = retired_in(content.decode("utf-8", errors="replace")) if content else ""
            raise WorkspaceError(
                retired or "the measured lifts are not as they were saved",
                where=str(path),
                hint=f"Forget the measured lifts, or remove {LIFTS_FILE} from the workspace",
            ) from error

    def keep_lifts(self, lifts: Sequence[MeasuredLift]) -> None:
        """Keep lifts beside those of other experiments, in place of those of the same and of what cannot be used."""
        kept = tuple[MeasuredLift, ...]()
        with suppress(WorkspaceError):
            kept = self.lifts()
        with workspace_errors(self.folder):
            make_private(self.folder)
        if lifts:
            self.note("learnt", len(lifts), "measured lifts")
        keep_small(self.folder / LIFTS_FILE, lifts_to_json(with_measured(kept, lifts)).encode())

    def forget_lifts(self, experiment: str | None = None) -> None:
        """Forget the lifts of an experiment, or all of them, so that the next analyses go without."""
        kept = tuple[MeasuredLift, ...]()
        # What cannot be read can be forgotten, but only whole.
        with suppress(*([WorkspaceError] if experiment is None else [])):
            kept = self.lifts()
        left = () if experiment is None else without_measured(kept, experiment)
        if left:
            keep_small(self.folder / LIFTS_FILE, lifts_to_json(left).encode())
        else:
            remove_small(self.folder / LIFTS_FILE)
        self.note("forgot", len(kept) - len(left), "measured lifts")

    def policy(self, name_or_path: str | Path) -> Policy:
        """Return a policy by the name of a shipped or a kept one, or by a path; see `load_policy`."""
        return policy_files.load_policy(name_or_path, kept=self._policies)

    def policies(self) -> Iterator[Policy]:
        """Yield the shipped policies, then those that are kept here and can be read."""
        return policy_files.all_policies(self._policies)

    def policy_files(self) -> tuple[Path, ...]:
        """Return the files of the policies that are kept here, by name; those named as a shipped one are left out."""
        return policy_files.kept_files(self._policies)

    def keep_policy(self, policy: Policy, *, instead: bool = False) -> Path:
        """Keep a policy, `instead` of the one of its name if there is one, and return its file.

        Raises:
            OptionError: A policy of that name is shipped, or kept already and not to be replaced.
        """
        path = self._policies / f"{policy.name}.yaml"
        if policy.name in policy_files.shipped_policies() or (path.exists() and not instead):
            raise OptionError(f"there is a policy named '{policy.name}' already", hint="Choose another title")
        with workspace_errors(self.folder):
            make_private(self.folder)
        keep_small(path, policy_to_yaml(policy).encode())
        return path

    def remove_policy(self, policy: Policy) -> None:
        """Remove a kept policy; runs that were made with it keep their own copy."""
        with workspace_errors(self.folder):
            try:
                (self._policies / f"{policy.name}.yaml").unlink()
            except FileNotFoundError as error:
                raise OptionError(f"the kept policy '{policy.name}' no longer exists") from error
            sync_folder(self._policies)
        self.note("deleted", 1, "policies")

    @property
    def _policies(self) -> Path:
        return self.folder / policy_files.KEPT
