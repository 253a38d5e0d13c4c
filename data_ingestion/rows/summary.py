"""What the rows of an intake tell before anything is analysed: from when to when, how many, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from data_ingestion.rows.cutoff import last_window
from data_ingestion.rows.intake import Intake
from retention.activity.activity import Activity, Event
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.period import moment, zone


@dataclass(frozen=True)
class IntakeSummary:
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


def intake_summary(intake: Intake, timezone: str, rules: FeatureRules) -> IntakeSummary:
    """Return what the rows of an intake tell."""
    if intake.activity is not None:
        return _of_activity(intake, intake.activity, timezone, rules)
    times = intake.rows["cart_abandoned_date"].dt.tz_convert(zone(timezone))
    last = times.max().date()
    return IntakeSummary(times.min().date(), last, last, int(intake.rows["user_id"].nunique()), carts=_by_day(times))


def _by_day(local: pd.Series) -> dict[date, int]:
    counts = local.dt.normalize().value_counts()
    return {moment.date(): int(number) for moment, number in counts.items()}


def _of_activity(intake: Intake, activity: Activity, timezone: str, rules: FeatureRules) -> IntakeSummary:
    counts = np.bincount(activity.event, minlength=len(Event))
    events = {event: int(counts[event]) for event in Event if counts[event]}
    begun = activity.time[np.isin(activity.event, (Event.CART, Event.CHECKOUT))]
    window, missing = None, None
    try:
        window = last_window(intake, activity, timezone, rules)
    except InputError as error:
        missing = error
    return IntakeSummary(
        first=_day(int(activity.time.min()), timezone) if len(activity) else None,
        last=_day(activity.last, timezone) if len(activity) else None,
        last_abandonment=None if window is None else window.end,
        customers=len(activity.people),
        events=events,
        missing=missing,
        carts=_by_day(pd.Series(pd.to_datetime(begun, unit="us", utc=True)).dt.tz_convert(zone(timezone))),
    )


def _day(micros: int, timezone: str) -> date:
    return moment(micros).astimezone(zone(timezone)).date()
