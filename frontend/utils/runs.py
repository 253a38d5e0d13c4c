"""Runs in memory and in the workspace: made, saved under an identifier, and opened again.

What is saved here is found by its identifier only, which nobody can guess; so a link reopens an analysis, and no
session sees another one's.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from analysis import Run, Settings, analyze
from data_ingestion import Intake
from frontend.state import Result
from frontend.utils import trials
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import workspace
from retention.errors import InputError, WorkspaceError
from retention.partition.what_if import WhatIf, build_what_if
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_hash
from run_store import RunSummary
from workers import job

# As `Workspace.save` draws them. Anything may stand in an address; what cannot be an identifier is not looked up.
RUN_ID = re.compile(r"[0-9a-f]{16}")
# A saved period is opened without its customers, of whom pages ask the files; `RUNS` holds whole runs, `OPENED` those
# without.
RUNS = Store[Run](entries=16, size=MOST_CUSTOMERS, size_of=lambda run: run.accounting.universe, personal=True)
OPENED = Store[Run](entries=16, size=MOST_CUSTOMERS, size_of=lambda run: len(run.quarantine), personal=True)
WHAT_IFS = Store[WhatIf](entries=32, size=400_000, size_of=lambda what_if: what_if.grid.cells)

HEAVY = 50_000
"""Rows from which on an analysis has a process of its own, so that others' pages don't wait for it."""
Progress = Callable[[str, float], None]
T = TypeVar("T")


def run_key(intake: Intake, policy: Policy, settings: Settings) -> str:
    """Return the key of a run: everything that decides it."""
    # The sources say how they were read: the order of dates and the decimal sign change the rows of the same bytes.
    return key_of(intake.input_hash, intake.sources, policy_hash(policy), repr(settings))


def analysed(intake: Intake, policy: Policy, settings: Settings, source: str, progress: Progress) -> Result:
    """Return the analysis of some rows; `source` names them on screen.

    Raises:
        InputError: The window is empty, or the policy does not fit the rows.
    """
    key, work = run_key(intake, policy, settings), partial(analyze, intake, policy, settings)
    run = RUNS.get(key, lambda: apart(key, work, intake.accepted, progress))
    progress("Done", 1.0)
    return Result(key, run, source)


def apart(key: str, work: Callable[..., T], rows: int, progress: Progress) -> T:
    """Return what work on so many rows gives, done in a process of its own where these are many."""
    return job.done(key, lambda _: work, progress) if rows > HEAVY else work(progress=progress)


def save(result: Result, erasure: int, key: str, progress: Progress) -> Result:
    """Save a fresh result without listing it, once for each key, and return it with its identifier.

    Raises:
        WorkspaceError: The disk does not take it, or a customer was erased since the erasure that was the last one.
    """
    work = partial(workspace().save, result.run, name=None, saved_at=datetime.now(UTC), erasure=erasure)
    run_id = apart(key, partial(job.silently, work), result.run.accounting.universe, progress)
    # Who follows its link finds it in memory, and a person who reloads the page waits for no file.
    RUNS.get(_saved_key(summary_of(run_id)), lambda: result.run)
    return replace(result, run_id=run_id)


def summary_of(run_id: str) -> RunSummary:
    """Return what the catalog says of a saved run."""
    summary = workspace().find(run_id) if RUN_ID.fullmatch(run_id) else None
    if summary is None:
        raise WorkspaceError(
            "there is no such saved analysis",
            hint="It may have been deleted; those without a name are kept for a week. Start a new analysis, or open "
            "a saved week",
        )
    return summary


def opened(run_id: str) -> Result:
    """Return a saved run as a result."""
    summary = summary_of(run_id)
    return Result(_saved_key(summary), opened_run(summary), summary.source, run_id=run_id, name=summary.name)


def refreshed(result: Result) -> Result:
    """Return a result as its saved run is now: renamed, or without a customer who was erased."""
    if not result.run_id:
        return result
    summary = workspace().find(result.run_id)
    if summary is None and not result.name:
        # Old runs without a name go by themselves; what is on screen stays there.
        return replace(result, run_id="")
    if summary is None:
        raise WorkspaceError("the saved week was deleted", hint="Open another one, or start a new analysis")
    # Somebody was erased since: the run on screen would still show them, and its positions fit the file no more. Or
    # some are held out since.
    held_out = summary.week.held_out is not None and result.run.experiment is None
    if summary.erased != result.run.accounting.erased or held_out:
        return opened(result.run_id)
    return result if summary.name == result.name else replace(result, name=summary.name)


def saved_run(summary: RunSummary) -> Run:
    """Return a saved run with all columns of its customers, as it is after some of them were erased.

    Raises:
        WorkspaceError: It was deleted, or is damaged.
    """
    return RUNS.get(_saved_key(summary), lambda: workspace().open(summary.id).run())


def opened_run(summary: RunSummary) -> Run:
    """Return a saved run without its customers; with them where they are loaded already."""
    key = _saved_key(summary)
    if key in RUNS:
        return saved_run(summary)
    return OPENED.get(key, lambda: workspace().open(summary.id).run_in_parts())


def _saved_key(summary: RunSummary) -> str:
    # An erasure changes the customers of a saved run, and holding out whom it may contact; both tell versions apart.
    return key_of("saved", summary.id, summary.erased, summary.week.held_out)


def what_if(result: Result) -> WhatIf:
    """Return the what-if cube of a run, with the sizes, weights and assumptions that the run was asked for."""

    def make() -> WhatIf:
        segmentation = result.run.segmentation
        if result.run_id and not result.run.accounting.erased:
            with suppress(InputError):  # deleted meanwhile; the customers are still here to count
                return workspace().open(result.run_id).what_if
        return build_what_if(segmentation, result.run.policy, segmentation.scale)

    return trials.as_run(WHAT_IFS.get(result.key, make), result.run)
