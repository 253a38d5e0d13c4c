"""When carts are abandoned: weekday, hour of the day, and the year's seasons by rule."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from dateutil.easter import easter

WEEKDAY_WEIGHTS = (1.05, 1.00, 0.98, 1.00, 0.92, 0.95, 1.10)
"""Monday to Sunday."""

HOUR_WEIGHTS = (
    *(0.45, 0.28, 0.18, 0.13, 0.12, 0.17, 0.35, 0.60),
    *(0.85, 1.00, 1.10, 1.15, 1.30, 1.20, 1.10, 1.10),
    *(1.15, 1.25, 1.45, 1.70, 1.95, 2.00, 1.60, 0.95),
)
"""From midnight on; carts are abandoned most in the evening, with a smaller peak at noon."""

SECONDS_PER_HOUR = 3600

Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Season:
    """Days on which more or fewer carts are abandoned, by a factor; overlapping seasons multiply."""

    name: str
    first: date
    last: date
    weight: float


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth given weekday (Monday is 0) of a month.

    >>> nth_weekday(2025, 11, 3, 4)
    datetime.date(2025, 11, 27)
    """
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def seasons(year: int) -> tuple[Season, ...]:
    """Return the seasons of a year, all by rule.

    >>> [s.first for s in seasons(2025) if s.name == "Black Friday"]
    [datetime.date(2025, 11, 28)]
    """
    black_friday = nth_weekday(year, 11, 3, 4) + timedelta(days=1)
    cyber_monday = black_friday + timedelta(days=3)
    mothers_day, labor_day, easter_sunday = nth_weekday(year, 5, 6, 2), nth_weekday(year, 9, 0, 1), easter(year)
    return (
        Season("New Year's Day", date(year, 1, 1), date(year, 1, 1), 0.70),
        Season("January dip", date(year, 1, 2), date(year, 1, 31), 0.80),
        Season("Week before Valentine's Day", date(year, 2, 7), date(year, 2, 13), 1.15),
        Season("Easter Sunday", easter_sunday, easter_sunday, 0.75),
        Season("Week before Mother's Day", mothers_day - timedelta(days=7), mothers_day - timedelta(days=1), 1.10),
        Season("Labor Day", labor_day, labor_day, 1.10),
        Season("Singles' Day", date(year, 11, 11), date(year, 11, 11), 1.30),
        Season("Black Friday week", black_friday - timedelta(days=4), cyber_monday, 1.70),
        Season("Black Friday", black_friday, black_friday, 1.60),
        Season("Cyber Monday", cyber_monday, cyber_monday, 1.35),
        Season("Before Christmas", cyber_monday + timedelta(days=1), date(year, 12, 20), 1.40),
        Season("Christmas", date(year, 12, 24), date(year, 12, 26), 0.50),
    )


def day_weights(first: date, days: int) -> npt.NDArray[np.float64]:
    """Return the relative number of abandonments of each day, shape (days,), not normalised."""
    calendar = [first + timedelta(days=offset) for offset in range(days)]
    weights = np.array([WEEKDAY_WEIGHTS[day.weekday()] for day in calendar])
    for year in range(calendar[0].year, calendar[-1].year + 1):
        for season in seasons(year):
            # A season before the first day would have negative places, which count from the end.
            start = max(0, (season.first - first).days)
            stop = max(0, (season.last - first).days + 1)
            weights[start:stop] *= season.weight
    return weights


def wall_times(uniforms: npt.NDArray[np.float64], first: date, days: int) -> Times:
    """Return wall-clock times of abandonments (`datetime64[us]`, whole seconds), one per uniform."""
    weights = np.outer(day_weights(first, days), HOUR_WEIGHTS).ravel()
    cumulated = np.concatenate([[0.0], np.cumsum(weights)])
    edges = np.arange(len(cumulated), dtype=np.float64) * SECONDS_PER_HOUR
    seconds = np.interp(uniforms * cumulated[-1], cumulated, edges).astype(np.int64)
    # A uniform next to 1 may be rounded up to the end, which is the first second of the next day.
    np.minimum(seconds, int(edges[-1]) - 1, out=seconds)
    start = int(np.datetime64(first, "s").astype(np.int64))
    seconds += start
    seconds *= 1_000_000
    wall: Times = seconds.view("datetime64[us]")
    return wall


def localize(wall: Times, zone: ZoneInfo) -> pd.DatetimeIndex:
    """Return the instants (`datetime64[us, zone]`) of wall-clock times.

    A time that the zone's clock skips or shows twice moves to the hour after noon of its day: a file
    of wall-clock times then means the same instants to every reader.
    """
    index = pd.DatetimeIndex(wall)
    if zone.key == "UTC":
        return index.tz_localize(zone)
    local = index.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    unclear = np.flatnonzero(local.isna())
    if not len(unclear):
        return local
    times = wall.copy()
    days = times[unclear].astype("datetime64[D]")
    hours = times[unclear].astype("datetime64[h]")
    times[unclear] = days + np.timedelta64(12, "h") + (times[unclear] - hours)
    return pd.DatetimeIndex(times).tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")


def localize_midnights(days: Times, zone: ZoneInfo) -> pd.DatetimeIndex:
    """Return when days (`datetime64[D]`, missing allowed) begin in a zone (`datetime64[us, zone]`)."""
    index = pd.DatetimeIndex(days.astype("datetime64[us]"))
    # Where the clock skips midnight the day begins when it goes on; where midnight comes twice, with the first.
    first_of_two = np.ones(len(index), dtype=bool)
    return index.tz_localize(zone, ambiguous=first_of_two, nonexistent="shift_forward")
