"""The command weekly: the last week and those that were missed, without anybody there."""

import os
from contextlib import suppress
from datetime import datetime, time

import typer

from cli.inputs.request import day_of
from cli.options.automation import WeeklyOptions
from cli.shown.console import say
from cli.shown.week import five_lines
from retention.errors import InputError, OptionError, RetentionError, UnsureLayoutError
from retention.period import zone
from weekly.alerts import alerts_of, stale
from weekly.config import question, read_shop
from weekly.learning import learn, sent_weeks
from weekly.monday import REPORT, Monday, forget_people, keep_weeks, make_files
from weekly.telling import tell
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
            say("Another run is at work on this workspace; try again later.")
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
    lines = [*five_lines(open_week(week.id), before, sent, monday.workspace.folder), *alerts]
    say("\n".join(lines))
    tell(monday, lines, alert=bool(alerts), report=monday.folder(week.window) / REPORT)


def _tell_why(monday: Monday, words: str) -> None:
    """Tell everybody that the week was not done, unless telling is what failed."""
    with suppress(InputError):
        tell(monday, [f"the week {monday.last.start} was not done", words], alert=True)


def _undo(monday: Monday) -> None:
    """Undo what was learnt last."""
    learnt = [each for each in monday.weeks.listed() if each.week.learnt and not each.week.learnt.where]
    if not learnt:
        raise OptionError("nothing was learnt that could be undone")
    undone = monday.weeks.unlearn(learnt[0].id)
    monday.log(f"{learnt[0].window.start}: undone")
    say(
        f"Undone: the lifts of {len(undone.added)} segments that week {learnt[0].window.start} added on {undone.on}. "
        "Nothing is learnt from that week by itself any more."
    )
