"""A week by itself: the last full week and those that were missed, from their customers to what is to be done.

Every step looks at the state of the week first, so that a second run adds nothing and one that was cut short goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from analysis import Run, Settings, analyze
from analysis.choice import chosen
from analysis.comparison import compare
from analysis.versions import versions
from audience_export import AUDIENCES, AudienceRequest, Contacted, read_people, write_audiences
from data_ingestion import Intake, ReadOptions, read_customers
from outputs.durable import disk_errors, write_file
from outputs.report import html_report
from retention.errors import PeriodError, Setting
from retention.period import DAYS, Window, zone
from retention.policy.policy import Policy
from run_store import RunSummary, Weeks, WeekStep, Workspace
from run_store.small_files import make_private
from weekly.config import Shop
from weekly.contacts import left_alone_of, recent_contacts
from weekly.files import keep_files

REPORT, AUDIENCE_FILES, COMPARISON = "report.html", "audiences", "comparison.csv"


@dataclass(frozen=True)
class Monday:
    """One run of a shop's week; the environment holds secrets, the log no customer."""

    shop: Shop
    now: datetime
    log: Callable[[str], None]
    environment: Mapping[str, str]

    @cached_property
    def workspace(self) -> Workspace:
        """Where the weeks are kept."""
        return Workspace(self.shop.at(self.shop.workspace))

    @cached_property
    def weeks(self) -> Weeks:
        """The weeks."""
        return Weeks(self.workspace)

    @cached_property
    def policy(self) -> Policy:
        """The policy; a file lies beside shop.yaml."""
        name = self.shop.policy or self.workspace.preferences().policy
        return self.workspace.policy(self.shop.at(name) if name.endswith((".yaml", ".yml")) else name)

    @cached_property
    def reading(self) -> ReadOptions:
        """How files are read."""
        return self.shop.read_options(self.shop.over(self.workspace.preferences()))

    @cached_property
    def last(self) -> Window:
        """The last week that is over; weeks begin on Mondays."""
        today = self.now.astimezone(zone(self.reading.timezone)).date()
        return Window.starting(today - timedelta(days=today.weekday() + DAYS), self.reading.timezone)

    def intake(self) -> Intake:
        """Return the customers, or their activity."""
        source = self.shop.source
        if not source.database:
            return read_customers(self.shop.paths(source.files), options=self.reading)
        from data_ingestion.database import read_database  # noqa: PLC0415 - SQLAlchemy is slow to import

        return read_database(source.database, source.query, options=self.reading, environment=self.environment)

    def done(self) -> dict[Window, RunSummary]:
        """Return the saved weeks of the policy by their seven days; of several the one that has come furthest."""
        own = [
            each for each in self.weeks.listed() if each.policy == self.policy.name and each.window.start.weekday() == 0
        ]
        return {each.window: each for each in sorted(own, key=lambda each: list(WeekStep).index(each.week.step))}

    def due(self) -> list[Window]:
        """Return the weeks that are over and not kept: from the first that is wanted, or after the last kept."""
        kept = self.done()
        starts = [window.start for window in kept if window.start <= self.last.start]
        follows = max(starts) + timedelta(days=DAYS) if starts else self.last.start
        weeks = -((self.last.start - (self.shop.first_week or follows)).days // -DAYS)
        return [each for n in range(weeks, -1, -1) if (each := self.last.earlier(n)) not in kept]

    def folder(self, window: Window) -> Path:
        """Return the folder of a week's files, which is there."""
        folder = self.shop.at(self.shop.output) / str(window.start)
        with disk_errors(Setting.OUTPUT):
            make_private(folder)
        return folder


def keep_weeks(monday: Monday, intake: Intake) -> RunSummary:
    """Analyse and save the weeks that are due, and return the last week."""
    for window in monday.due():
        try:
            run = analyze(intake, monday.policy, _settings(monday, window))
        except PeriodError as error:
            # A week of before the data begins, or in which the shop was closed, keeps no later one from its turn.
            if window == monday.last:
                raise
            monday.log(f"{window.start}: nobody to analyse ({type(error).__name__})")
            continue
        monday.workspace.save(run, name=f"Week {window.start}", saved_at=monday.now)
        monday.log(f"{window.start}: analysed, {run.accounting.universe} of {run.accounting.read} rows")
        _compare(monday, run)
    return monday.done()[monday.last]


def _settings(monday: Monday, window: Window) -> Settings:
    shop, policy = monday.shop, monday.policy
    usual = shop.over(monday.workspace.preferences())
    lists, rest = shop.audiences.suppress, shop.audiences.rest_days
    return Settings(
        on_conflict=shop.reading.on_conflict,
        window=window,
        timezone=window.timezone,
        sizes=usual.sizes(policy),
        weights=usual.weights,
        assumptions=usual.assumptions(policy),
        currency=usual.currency,
        lifts=monday.workspace.lifts(),
        experiment=shop.experiment,
        left_alone=left_alone_of(shop.paths(lists), rest, monday.workspace, monday.reading, monday.now),
        others=monday.workspace.policies,
    )


def _compare(monday: Monday, run: Run) -> None:
    """Write the segments of a week beside those of the week before, where its customers are still there."""
    earlier = monday.done().get(run.window.earlier(1))
    if earlier is None or not earlier.rows:
        return
    table = compare(monday.workspace.open(earlier.id).run_in_parts(), run).table
    with disk_errors(Setting.OUTPUT):
        write_file(monday.folder(run.window) / COMPARISON, table.to_csv(index=False, lineterminator="\n").encode())


def make_files(monday: Monday, week: RunSummary) -> RunSummary:
    """Make the audience files and the report of a week whose campaign did not go out yet, and return the week as it is.

    Raises:
        InputError: Nothing says who agreed, or the folder cannot be written.
    """
    folder, platform = monday.folder(week.window), monday.shop.audiences.platform
    places = {each.platform: each.where for each in week.week.files}
    goal = folder / AUDIENCE_FILES
    if week.sent is not None or not week.rows or (places.get(platform) == str(goal) and AUDIENCES.owned(goal)):
        return week
    run = monday.workspace.open(week.id).run_in_parts()
    exported = write_audiences(chosen(run, week.week.choice), goal, _wanted(monday, run, week.id))
    with disk_errors(Setting.OUTPUT):
        write_file(folder / REPORT, html_report(run, versions=versions()))
    keep_files(monday.weeks, week.id, exported, str(goal), monday.now)
    monday.log(f"{week.window.start}: files made, manifest {exported.manifest}")
    return monday.weeks.find(week.id)


def _wanted(monday: Monday, run: Run, run_id: str) -> AudienceRequest:
    audiences, reading = monday.shop.audiences, monday.reading
    today, rested = monday.now.astimezone(zone(run.window.timezone)).date(), None
    if audiences.rest_days is not None:
        people = recent_contacts(monday.workspace, audiences.rest_days, today, reading.country, own=run_id)
        rested = Contacted(people, audiences.rest_days, today)
    return AudienceRequest(
        platform=audiences.platform,
        assume_consent=audiences.assume_consent,
        agreed=read_people(monday.shop.at(audiences.agreed), reading) if audiences.agreed else None,
        unsubscribed=tuple(read_people(path, reading) for path in monday.shop.paths(audiences.suppress)),
        rested=rested,
        region=reading.country,
    )


def forget_people(monday: Monday) -> None:
    """Remove the customers of weeks that are older than shop.yaml keeps them, and their audience files."""
    if monday.shop.keep_weeks is None:
        return
    oldest = monday.last.earlier(monday.shop.keep_weeks - 1).start
    for week in monday.weeks.listed():
        if week.window.start < oldest and monday.weeks.forget_people(week.id):
            for place in (Path(each.where) for each in week.week.files):
                with disk_errors(Setting.OUTPUT):
                    for name in AUDIENCES.owned(place):
                        (place / name).unlink(missing_ok=True)
            monday.log(f"{week.window.start}: customers removed")
