"""What is open in a week, in the order in which it is to be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontend.state import Result
from frontend.utils import format as fmt, places
from run_store import RunSummary, WeekState


@dataclass(frozen=True)
class OpenPoint:
    """Something to do: what, the words on its button, and where that leads."""

    text: str
    action: str
    page: str = places.CAMPAIGN
    step: str = ""
    run_id: str = ""


def points_of(known: WeekState, weeks: Sequence[RunSummary], result: Result, advice: str) -> list[OpenPoint]:
    """Return what is open: results of earlier weeks, the next step of this one, and what its data tell."""
    points = [
        OpenPoint(
            f"The results of {fmt.days(each.window.start, each.window.end)} are missing.",
            "Upload orders",
            step="Results",
            run_id=each.id,
        )
        for each in weeks
        if each.id != result.run_id and each.week.sent and not each.week.results
    ]
    points += _next(known, advice)
    notes = len(result.run.warnings)
    if notes:
        text = f"{fmt.counted(notes, 'thing')} to know about the data."
        points.append(OpenPoint(text, "Read it" if notes == 1 else "Read them", page=places.QUALITY))
    return points


def _next(known: WeekState, advice: str) -> list[OpenPoint]:
    """Return the next step of a week; none where all were taken."""
    if known.held_out is None and not known.files and known.sent is None:
        return [OpenPoint(advice, "Hold out", step="Hold out")]
    if not known.files and known.sent is None:
        return [OpenPoint("The control group is held out; the files are not made yet.", "Make files", step="Files")]
    if known.sent is None:
        return [OpenPoint("The files are made; nobody said when they went out.", "Say when", step="Files")]
    if known.results is None:
        return [OpenPoint("Once people have bought: the results.", "Upload orders", step="Results")]
    if known.learnt is None and known.held_out is not None:
        return [OpenPoint("What was measured is not used yet.", "Use it", step="Results")]
    return []
