"""Audience files, kept with their week."""

from datetime import datetime

from analysis import with_experiment
from audience_export import Exported
from run_store import FilesMade, Weeks


def keep_files(weeks: Weeks, run_id: str, exported: Exported, where: str, made_at: datetime) -> None:
    """Keep with a saved week that its audience files were made; its arms too, where the export alone drew them.

    Raises:
        InputError: There is no such week, or its campaign went out already and had no arms.
    """
    experiment, week = exported.plan.run.experiment, weeks.find(run_id).week
    if experiment is not None and (week.held_out is None or week.may_draw_anew):
        # Not the plan's own run, in which only those whom the campaign is for can be reached.
        weeks.hold_out(run_id, with_experiment(weeks.workspace.open(run_id).run_in_parts(), experiment), by_export=True)
    filled = [each for each in exported.audiences if each.customers]
    files = FilesMade(
        platform=exported.plan.platform.name,
        where=where,
        segments=tuple(dict.fromkeys(each.segment for each in filled)),
        customers=sum(each.customers for each in filled),
        manifest=exported.manifest,
        made_at=made_at,
    )
    weeks.files_made(run_id, files)
