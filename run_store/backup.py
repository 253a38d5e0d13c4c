"""A whole workspace as one file, and back: each saved week as its export, with its state, and what the shop keeps.

Restoring adds what is missing and replaces nothing, so one that was cut short goes on; everything is checked as in an
import, and whatever program wrote the workspace, this one writes it anew.
"""

import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from outputs.durable import HashingWriter, disk_errors, write_file
from retention.errors import InputError, WorkspaceError
from retention.partition.record import Record
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from retention.scores.measured_lift import MeasuredLift
from run_store.catalog import Catalog, RunSummary
from run_store.preferences import Preferences
from run_store.small_files import parsed
from run_store.transfer import MANIFEST, archive_of, content_of, entry_of, write_export
from run_store.week_state import WeekState
from run_store.workspace import Workspace

WHERE = "restore"
RunId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class WeekEntry(Record):
    """What a saved week has beside its export."""

    week: WeekState
    at_stake: float | None
    profit: float | None


class BackupRecord(Record):
    """What a backup holds beside the exports of its weeks."""

    format: Literal[1] = 1
    kind: Literal["workspace"] = "workspace"
    weeks: dict[RunId, WeekEntry]
    preferences: Preferences
    lifts: tuple[MeasuredLift, ...]
    policies: tuple[str, ...]


def back_up(workspace: Workspace, target: Path, *, mode: int | None = None) -> int:
    """Write a workspace as one file, which replaces what is there and holds the customers; return how many weeks.

    Raises:
        WorkspaceError: A week is damaged, or the file cannot be written.
    """
    weeks = workspace.periods()
    with disk_errors(str(target)):
        write_file(target, partial(_write, workspace, weeks), mode=mode)
    return len(weeks)


def _write(workspace: Workspace, weeks: tuple[RunSummary, ...], stream: HashingWriter) -> None:
    record = BackupRecord(
        weeks={each.id: WeekEntry(week=each.week, at_stake=each.at_stake, profit=each.profit) for each in weeks},
        preferences=workspace.preferences(),
        lifts=workspace.lifts(),
        policies=tuple(policy_to_yaml(workspace.policy(path)) for path in workspace.policy_files()),
    )
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry_of(MANIFEST), json.dumps(record.plain(), indent=1))
        for each in weeks:
            workspace.note("exported", each.rows, run_id=each.id)
            with archive.open(entry_of(f"{each.id}.zip"), "w", force_zip64=True) as goal:
                write_export(workspace.open(each.id), goal)


def is_backup(path: Path) -> bool:
    """Return whether a file is a backup."""
    try:
        with archive_of(path) as archive:
            return bool(_record(archive).kind)
    except (InputError, OSError, KeyError):
        return False


def restore(workspace: Workspace, source: Path) -> int:
    """Add to a workspace what a backup has more than it, and return how many weeks.

    Raises:
        WorkspaceError: The file is no backup, or a week in it is damaged; the weeks before that are there.
    """
    catalog, added = Catalog(workspace.folder), 0
    with archive_of(source) as archive:
        record = _record(archive)
        for run_id, entry in record.weeks.items():
            if workspace.find(run_id) is None:
                with archive.open(f"{run_id}.zip") as stream:
                    taken = workspace.take_in(stream)
                catalog.update(taken, week=entry.week.text(), at_stake=entry.at_stake, profit=entry.profit)
                catalog.renumber(taken, run_id)
                added += 1
    if workspace.preferences() == Preferences():
        workspace.keep_preferences(record.preferences)
    if record.lifts and not workspace.lifts():
        workspace.keep_lifts(record.lifts)
    kept = {path.stem for path in workspace.policy_files()}
    for policy in (policy_from_yaml(text, source=WHERE) for text in record.policies):
        if policy.name not in kept:
            workspace.keep_policy(policy)
    return added


def _record(archive: zipfile.ZipFile) -> BackupRecord:
    infos = {info.filename: info for info in archive.infolist()}
    if MANIFEST not in infos:
        raise WorkspaceError("the file is not a backup of a workspace", where=WHERE, hint="Name one that backup wrote")
    newer = "the backup has format {}, newer than this program's"
    content = content_of(archive, infos[MANIFEST])
    record = BackupRecord.read(parsed(content, "the file has no manifest", newer, source=WHERE), source=WHERE)
    if infos.keys() != {MANIFEST, *(f"{run_id}.zip" for run_id in record.weeks)}:
        raise WorkspaceError("the backup does not hold exactly the weeks that it lists", where=WHERE)
    return record
