"""What was read, told before anything is analysed: what happened, from when to when, and what is missing."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from data_ingestion import Intake, ReadOptions, SourceFile, last_window
from data_ingestion.formats import BY_NAME
from data_ingestion.formats.column_mapping import TEMPLATES
from frontend.state import Upload
from frontend.utils import format as fmt
from frontend.utils.store import Store, key_of
from retention.activity.activity import Activity, Event
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.period import Window, zone

EVENTS = {
    Event.VIEW: "view",
    Event.CART: "cart item",
    Event.REMOVE: "removed item",
    Event.CHECKOUT: "checkout",
    Event.PURCHASE: "purchase line",
}


@dataclass(frozen=True)
class Told:
    """What the rows of an intake tell.

    Args:
        first: First day, in the shop's zone; None where no row has a time.
        last_abandonment: Last day with an abandoned cart; None where there is none.
        customers: Different customers of activity, or rows of a customer table.
        carts: Day -> abandoned carts; for activity, what was put into carts and begun as checkouts.
        missing: Why nobody can be analysed, if that is so.
    """

    first: date | None
    last: date | None
    last_abandonment: date | None
    customers: int
    events: Mapping[Event, int] = field(default_factory=dict)
    missing: InputError | None = None
    carts: Mapping[date, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return it in words."""
        span = fmt.days(self.first, self.last) if self.first and self.last else ""
        counts = [fmt.counted(number, EVENTS[event]) for event, number in self.events.items()]
        return ", ".join([fmt.counted(self.customers, "customer"), *counts, *([span] if span else [])])


TOLD = Store[Told](entries=64)


def told(source: Upload, rules: FeatureRules) -> Told:
    """Return what the rows of an upload or a query tell, before anything is analysed."""
    key = key_of(source.intake.input_hash, *reading_key(source.options), rules)
    return TOLD.get(key, lambda: told_by(source.intake, source.options.timezone, rules))


def told_by(intake: Intake, timezone: str, rules: FeatureRules) -> Told:
    """Return what the rows of an intake tell."""
    if intake.activity is not None:
        return _of_activity(intake, intake.activity, timezone, rules)
    times = intake.rows["cart_abandoned_date"].dt.tz_convert(zone(timezone))
    last = times.max().date()
    return Told(times.min().date(), last, last, int(intake.rows["user_id"].nunique()), carts=_by_day(times))


def _by_day(local: pd.Series) -> dict[date, int]:
    counts = local.dt.normalize().value_counts()
    return {moment.date(): int(number) for moment, number in counts.items()}


def _of_activity(intake: Intake, activity: Activity, timezone: str, rules: FeatureRules) -> Told:
    counts = np.bincount(activity.event, minlength=len(Event))
    events = {event: int(counts[event]) for event in Event if counts[event]}
    begun = activity.time[np.isin(activity.event, (Event.CART, Event.CHECKOUT))]
    window, missing = None, None
    try:
        window = last_window(intake, activity, timezone, rules)
    except InputError as error:
        missing = error
    return Told(
        first=_day(int(activity.time.min()), timezone) if len(activity) else None,
        last=_day(activity.last, timezone) if len(activity) else None,
        last_abandonment=None if window is None else window.end,
        customers=len(activity.people),
        events=events,
        missing=missing,
        carts=_by_day(pd.Series(pd.to_datetime(begun, unit="us", utc=True)).dt.tz_convert(zone(timezone))),
    )


def deciding_day(told: Told, window: Window, rules: FeatureRules) -> date | None:
    """Return the last day whose events decide which carts of a window were abandoned; None: the window's own.

    That is as far as the log reaches, at most the day on which the recovery window of the last cart closes.
    """
    if told.last is None:
        return None
    # Rounded up to whole days: with a recovery of one hour, a cart of 23:30 may still be bought on the next day.
    closed = window.end + -(-rules.recovery // timedelta(days=1)) * timedelta(days=1)
    day = min(told.last, closed)
    return day if day > window.end else None


def title_of(source: SourceFile) -> str:
    """Return what a file was taken for, in words."""
    known = BY_NAME.get(source.layout) or TEMPLATES.get(source.layout)
    return known.title if known else source.layout


def noticed_words(source: SourceFile) -> str:
    """Return what was noticed in rows that were kept; empty where there was nothing.

    >>> noticed_words(SourceFile("a.csv", "", 9, 0, "csv", noticed={"zero_amount": 2, "line_rows": 1200}))
    'zero amount: 2, line rows: 1,200'
    """
    counts = ((name.replace("_", " "), number) for name, number in source.noticed.items() if number)
    return ", ".join(f"{name}: {fmt.count(number)}" for name, number in counts)


def reading_key(options: ReadOptions) -> tuple[Hashable, ...]:
    """Return what of the options changes what is read."""
    return (
        options.timezone,
        options.date_order,
        options.decimal,
        options.encoding,
        options.country,
        options.repairs_text,
        *map(repr, options.mappings),
    )


def _day(micros: int, timezone: str) -> date:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return moment.astimezone(zone(timezone)).date()
