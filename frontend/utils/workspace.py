"""Saved periods for the pages: every analysis is kept under an identifier, those with a name are listed.

What is saved here is found by its identifier only, which nobody can guess; so a link reopens an analysis, and no
session sees another one's.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import BinaryIO

from data_ingestion import Intake, intake_of_frame
from frontend.state import Result, SavedPeriod
from frontend.utils import format as fmt
from frontend.utils import loaders
from outputs.names import slug
from retention.errors import InputError, WorkspaceError
from retention.period import DAYS
from run_store import Preferences, RunSummary

RUN_ID = re.compile(r"[0-9a-f]{16}")
ENDING = "period.zip"


@dataclass(frozen=True)
class Listed:
    """The saved periods, or why they cannot be listed."""

    periods: tuple[RunSummary, ...] = ()
    problem: InputError | None = None


def listed() -> Listed:
    """Return the saved periods that have a name, the last saved first."""
    try:
        return Listed(loaders.workspace().periods())
    except InputError as error:
        return Listed(problem=error)


def titles(periods: Sequence[RunSummary]) -> dict[str, str]:
    """Return identifier -> a title that no other period has: names may be equal, and so may weeks."""
    made = dict[str, str]()
    for period in periods:
        title = f"{period.name} \u00b7 {fmt.days(period.window.start, period.window.end)}"
        same = sum(other == title or other.startswith(f"{title} (") for other in made.values())
        made[period.id] = f"{title} ({same + 1})" if same else title
    return made


def keep(result: Result) -> Result:
    """Save a fresh result without listing it, and return it with its identifier.

    Raises:
        WorkspaceError: The disk does not take it.
    """
    cube = loaders.what_if(result)
    run_id = loaders.workspace().save(result.people, name=None, saved_at=datetime.now(UTC), what_if=cube)
    loaders.stores().runs.get(loaders.saved_key(run_id, result.run.accounting.erased), lambda: result.people)
    return replace(result, run_id=run_id)


def opened(run_id: str) -> Result:
    """Return a saved run as a result.

    Raises:
        WorkspaceError: There is none of that identifier, or it is damaged.
    """
    summary = _summary(run_id)
    erased = summary.erased
    return Result(
        loaders.saved_key(run_id, erased),
        loaders.anonymous_run(run_id, erased),
        summary.source,
        run_id=run_id,
        name=summary.name,
        load=partial(loaders.saved_run, run_id, erased),
    )


def refreshed(result: Result) -> Result:
    """Return a result as its saved run is now: renamed, or without a customer who was erased.

    Raises:
        WorkspaceError: The saved period was deleted, or cannot be read any more.
    """
    if not result.run_id:
        return result
    summary = loaders.workspace().find(result.run_id)
    if summary is None and not result.name:
        # Old runs without a name go by themselves; what is on screen stays there.
        return replace(result, run_id="")
    if summary is None:
        raise WorkspaceError("the saved period was deleted", hint="Open another one, or start a new analysis")
    if summary.erased != result.run.accounting.erased:
        return opened(result.run_id)
    return result if summary.name == result.name else replace(result, name=summary.name)


def intake_of(source: SavedPeriod) -> Intake:
    """Return the customers of a saved period, to analyse them in another way.

    Raises:
        InputError: It was deleted or is damaged, or nobody is left in it.
    """
    summary = _summary(source.run_id)

    def make() -> Intake:
        run, zone = loaders.saved_run(summary.id, summary.erased), summary.window.timezone
        fingerprint = f"{summary.input_hash}-{summary.erased}"
        return intake_of_frame(run.segmentation.customers, name="saved period", fingerprint=fingerprint, timezone=zone)

    return loaders.stores().intakes.get(loaders.key_of("saved", source.run_id, summary.erased), make)


def week_before(result: Result) -> RunSummary | None:
    """Return the saved period of the seven days before with the same policy; the last saved one of several."""
    window = result.run.window
    start = window.start - timedelta(days=DAYS)
    for period in listed().periods:
        same = (period.window.start, period.window.timezone) == (start, window.timezone)
        if same and period.policy_hash == result.run.policy_hash:
            return period
    return None


def rename(run_id: str, name: str) -> None:
    """Give a run a name, which lists it, or another name.

    Raises:
        InputError: The name cannot be, or the run is gone.
    """
    loaders.workspace().rename(run_id, name)


def delete(run_id: str) -> None:
    """Delete a saved period and its files.

    Raises:
        WorkspaceError: It is gone already, or a file cannot be removed yet.
    """
    loaders.workspace().delete(run_id)


def exported(run_id: str) -> bytes:
    """Return a saved period as one file.

    Raises:
        WorkspaceError: It is gone or damaged.
    """
    return loaders.workspace().exported(run_id)


def export_name(period: RunSummary) -> str:
    """Return the name of an exported file."""
    return f"{period.window.start}_{slug(period.name)}.{ENDING}"


def take_in(file: BinaryIO) -> str:
    """Save the period of an exported file and return its identifier.

    Raises:
        InputError: The file is no exported period.
    """
    return loaders.workspace().take_in(file)


def count_with(user_id: str) -> int:
    """Return how many saved runs hold a customer, those without a name included.

    Raises:
        WorkspaceError: A period is damaged.
    """
    return loaders.workspace().count_with(user_id)


def erase(user_id: str) -> int:
    """Remove a customer from every saved run and from this program's memory; return from how many runs.

    Raises:
        InputError: A period is damaged or busy.
    """
    touched = loaders.workspace().erase(user_id)
    shared = loaders.stores()
    shared.runs.clear()
    shared.anonymous.clear()
    shared.intakes.clear()
    shared.audiences.clear()
    return touched


def preferences() -> Preferences:
    """Return the settings of the workspace; the defaults where they cannot be read."""
    with suppress(InputError):
        return loaders.workspace().preferences()
    return Preferences()


def preferences_problem() -> InputError | None:
    """Return why the settings cannot be read, if that is so."""
    try:
        loaders.workspace().preferences()
    except InputError as error:
        return error
    return None


def keep_preferences(changed: Preferences) -> None:
    """Save the settings of the workspace.

    Raises:
        WorkspaceError: The disk does not take them.
    """
    loaders.workspace().keep_preferences(changed)


def forget_preferences() -> None:
    """Bring the program's defaults back.

    Raises:
        WorkspaceError: The file cannot be removed.
    """
    loaders.workspace().forget_preferences()


def _summary(run_id: str) -> RunSummary:
    summary = loaders.workspace().find(run_id) if RUN_ID.fullmatch(run_id) else None
    if summary is None:
        raise WorkspaceError(
            "there is no such saved analysis",
            hint="It may have been deleted; those without a name are kept for a week. Start a new analysis, or open "
            "a saved period",
        )
    return summary
