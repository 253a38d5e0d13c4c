"""The command weekly: the last week and those that were missed, without anybody there."""

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, time
from pathlib import Path

import typer

from cli.inputs.request import day_of
from cli.options.automation import WeeklyOptions
from cli.shown.console import say
from retention.errors import InputError, OptionError, RetentionError, UnsureLayoutError
from retention.period import zone
from retention.wording import count, money, percent
from run_store import RunSummary, SavedRun, WeekStep
from weekly.alerts import alerts_of, stale
from weekly.config import question, read_shop
from weekly.learning import learn, sent_weeks
from weekly.messages import tell
from weekly.monday import REPORT, Monday, forget_people, keep_weeks, make_files
from weekly.turn import turn

BUSY = 75
"""What sysexits.h has for "try again later"."""


def weekly_command(options: WeeklyOptions, started: datetime) -> None:
    """Do what is to be done for the last full week, and print what is left for a person.

    Raises:
        OptionError: shop.yaml, the source or an answer in it cannot be used; what was done until then is kept.
    """
    shop = read_shop(options.config)
    with turn(shop.at(shop.workspace)) as log:
        if log is None:
            say("Another run is working on this workspace; try again later.")
            raise typer.Exit(BUSY)
        monday = Monday(shop, started, log, os.environ)
        if (day := day_of(options.today, "--today")) is not None:
            monday = Monday(shop, datetime.combine(day, time(12), zone(monday.reading.timezone)), log, os.environ)
        try:
            _undo(monday) if options.undo else _weekly(monday)
        except InputError as error:
            words = question(error, options.config)
            if isinstance(error, UnsureLayoutError):
                words += f" (python main.py inspect {error.name} --write-mapping mapping.yaml writes one to correct)"
            log(f"stopped: {words}")
            _tell_why(monday, words)
            raise OptionError(words) from error
        except RetentionError as error:
            log(f"failed: {type(error).__name__}")
            raise


def _weekly(monday: Monday) -> None:
    intake = monday.intake()
    learn(monday, intake)
    week = make_files(monday, keep_weeks(monday, intake))
    del intake
    forget_people(monday)
    earlier = [each for each in monday.done().values() if each.window.start < week.window.start]
    earlier.sort(key=lambda each: each.window.start, reverse=True)
    open_week, sent = monday.workspace.open, [each for each in sent_weeks(monday) if each.id != week.id]
    past = [open_week(each.id) for each in earlier[: monday.shop.alerts.weeks]]
    alerts = [*alerts_of(monday.shop.alerts, open_week(week.id), past, sent), *stale(monday)]
    before = next((each for each in earlier if each.window == week.window.earlier(1)), None)
    lines = [*_five_lines(open_week(week.id), before, sent, monday.workspace.folder), *alerts]
    say("\n".join(lines))
    tell(monday, lines, alert=bool(alerts), report=monday.folder(week.window) / REPORT)


def _tell_why(monday: Monday, words: str) -> None:
    """Tell everybody that the week was not done, unless telling is what failed."""
    with suppress(InputError):
        tell(monday, [f"the week {monday.last.start} was not done", words], alert=True)


def _undo(monday: Monday) -> None:
    learnt = [each for each in monday.weeks.listed() if each.week.learnt and not each.week.learnt.where]
    if not learnt:
        raise OptionError("nothing was learnt that could be undone")
    undone = monday.weeks.unlearn(learnt[0].id)
    monday.log(f"{learnt[0].window.start}: undone")
    say(
        f"Undone: the lifts of {len(undone.added)} segments that week {learnt[0].window.start} added on {undone.on}. "
        "Nothing is learnt from that week automatically any more."
    )


def _five_lines(
    week: SavedRun, before: RunSummary | None, measured: Sequence[RunSummary], folder: Path
) -> tuple[str, ...]:
    return (
        _size(week.summary, before),
        _first(week),
        _files(week.summary),
        _results(measured),
        _to_do(week.summary, folder),
    )


def _size(week: RunSummary, before: RunSummary | None) -> str:
    more = 0.0 if before is None else week.universe / before.universe - 1
    sign = "-" if more < 0 else "+"
    change = "" if before is None else f" ({sign}{percent(abs(more))} on the week before)"
    stake = "" if week.at_stake is None else f", carts worth {money(week.at_stake, week.currency)}"
    return f"Week {week.window}: {count(week.universe)} abandoned a cart{change}{stake}."


def _first(week: SavedRun) -> str:
    table = week.scores.recommended
    for row in table[~table["Segment"].isin(week.scores.stopped)].head(1).to_dict("records"):
        profit = float(row["Incremental_Profit"])
        brings = "" if math.isnan(profit) else f", expected extra profit {money(profit, week.summary.currency)}"
        return f"Write first to {row['Segment']}: {count(int(row['Reachable']))} people{brings}."
    return "Write to nobody: every segment is expected to lose money."


def _files(week: RunSummary) -> str:
    held = week.week.held_out
    control = f"{percent(held.share)} are held out for '{held.experiment}'" if held else "nobody is held out"
    files = "; ".join(f"{count(each.customers)} people for {each.platform} in {each.where}" for each in week.week.files)
    return f"Files: {files or 'none'}; {control}."


def _results(measured: Sequence[RunSummary]) -> str:
    known = next((each for each in measured if each.week.results), None)
    if known is None or known.week.results is None:
        return f"Results: {'orders from after the send are missing' if measured else 'no send is recorded'}."
    results = known.week.results
    arms = "; ".join(f"{each.arm}: {each.words}" for each in results.arms)
    ending = " Learnt." if known.week.step is WeekStep.LEARNT else "" if results.final else f" {results.words}"
    return f"Results of week {known.window.start}: {arms}{ending}"


def _to_do(week: RunSummary, folder: Path) -> str:
    if week.sent is not None:
        return f"To do: nothing; the campaign went out on {week.sent.day}."
    if not week.week.files:
        return "To do: make the files."
    return f'To do: send the files, then say when: python main.py runs sent "{week.name}" DATE --workspace {folder}'
