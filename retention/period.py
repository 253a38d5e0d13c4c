"""The analysis window: seven calendar days in the shop's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from retention.errors import PeriodError, Setting
from retention.wording import days

DAYS = 7


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """Return the time of microseconds since 1970-01-01 UTC."""
    return EPOCH + timedelta(microseconds=micros)


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
        PeriodError: The name is not known.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PeriodError(
            f"time zone '{name}' is not known",
            where=Setting.TIMEZONE,
            hint="Use an IANA name such as Europe/Berlin or UTC",
        ) from error


def _moved(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise PeriodError(f"no calendar reaches {abs(days)} days from {day}", where=Setting.WINDOW) from error


@dataclass(frozen=True)
class Window:
    """Seven calendar days, both ends inclusive: `[start 00:00, end + 1 day 00:00)` local time.

    >>> Window.ending(date(2025, 9, 7)).start
    datetime.date(2025, 9, 1)
    """

    start: date
    end: date
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.timezone)
        days = (self.end - self.start).days + 1
        if days != DAYS:
            raise PeriodError(
                f"the window {self.start} to {self.end} has {days} days, not {DAYS}",
                where=Setting.WINDOW,
                hint=f"For a window from {self.start} the last day is {_moved(self.start, DAYS - 1)}",
            )

    @classmethod
    def starting(cls, start: date, timezone: str = "UTC") -> "Window":
        """Return the window whose first day is `start`."""
        return cls(start, _moved(start, DAYS - 1), timezone)

    @classmethod
    def ending(cls, end: date, timezone: str = "UTC") -> "Window":
        """Return the window whose last day is `end`."""
        return cls(_moved(end, 1 - DAYS), end, timezone)

    @classmethod
    def from_options(cls, start: date | None, end: date | None, timezone: str) -> "Window | None":
        """Return the window that two options mean: one implies the other, none means none."""
        if start is not None and end is not None:
            return cls(start, end, timezone)
        if start is not None:
            return cls.starting(start, timezone)
        return None if end is None else cls.ending(end, timezone)

    @classmethod
    def holding(cls, micros: int, timezone: str) -> "Window":
        """Return the window whose last day holds a time, in microseconds since 1970-01-01 UTC."""
        return cls.ending(moment(micros).astimezone(zone(timezone)).date(), timezone)

    @property
    def cutoff(self) -> int:
        """Microseconds since 1970-01-01 UTC of the local midnight after the last day.

        >>> Window.ending(date(2025, 10, 26), "Europe/Berlin").cutoff
        1761519600000000
        """
        midnight = datetime.combine(_moved(self.end, 1), time(), zone(self.timezone))
        return (midnight - EPOCH) // timedelta(microseconds=1)

    def earlier(self, weeks: int) -> "Window":
        """Return the window that many weeks before this one."""
        return Window.ending(_moved(self.end, -7 * weeks), self.timezone)

    def __str__(self) -> str:
        return f"{days(self.start, self.end)} ({self.timezone})"
