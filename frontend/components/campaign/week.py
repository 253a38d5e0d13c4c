"""The week on screen: how far its campaign has come, and the run of those whom the campaign is for."""

from dataclasses import replace
from datetime import date, datetime

from analysis import Run
from analysis.choice import Choice, chosen
from frontend.state import AppState, Result, preset
from frontend.utils import format as fmt, runs
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import workspace
from retention.period import zone
from run_store import Weeks, WeekState

STEP = "step"
"""Name of the parameter that holds the open step in the address."""
CHOSEN = Store[Run](entries=4, size=MOST_CUSTOMERS, size_of=lambda run: run.accounting.universe, personal=True)


def weeks() -> Weeks:
    """Return the weeks of this server's workspace."""
    return Weeks(workspace())


def state_of(result: Result) -> WeekState:
    """Return how far a week has come; one that is not saved has come nowhere."""
    summary = workspace().find(result.run_id) if result.run_id else None
    return WeekState() if summary is None else summary.week


def choice_of(result: Result) -> Choice:
    """Return whom the campaign is for, as somebody chose or as is usual."""
    return state_of(result).choice or Choice.usual(result.run)


def campaign_of(result: Result, choice: Choice | None) -> Result:
    """Return a result in whose run only those can be reached whom the campaign is for; None is everybody."""
    key = key_of(result.key, None if choice is None else (choice.limit, choice.most, choice.consent))
    run = CHOSEN.get(key, lambda: chosen(result.run, choice))
    return replace(result, key=key, run=run)


def show_again(state: AppState, result: Result) -> None:
    """Put the week on screen as it is saved now."""
    state.result, state.failure, state.unsaved = runs.opened(result.run_id), None, None
    state.address = state.next_address = result.run_id


def today(result: Result) -> date:
    """Return the day in the shop's zone."""
    return datetime.now(zone(result.run.window.timezone)).date()


def go_to(step: str) -> None:
    """Open a step; before the page is drawn."""
    preset(STEP, step)


def told(week: WeekState) -> list[str]:
    """Return what was kept of each step that was taken, in a few words."""
    words = []
    if week.choice is not None:
        words.append(f"{fmt.count(week.choice.chosen)} of {fmt.count(week.choice.among)} chosen")
    if week.held_out is not None:
        words.append(f"{fmt.percent(week.held_out.share)} held out")
    if week.files:
        words.append(f"files for {', '.join(each.platform for each in week.files)}")
    if week.sent is not None:
        words.append(f"sent on {fmt.day(week.sent.day)}")
    if week.results is not None:
        words.append("results in" if week.results.final else "results so far")
    if week.learnt is not None:
        words.append("learnt")
    return words
