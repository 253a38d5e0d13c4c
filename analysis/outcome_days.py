"""The days after a send in which an outcome counts, and how many of them are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from retention.errors import OptionError
from retention.period import zone

DAYS = 14.0
"""Days after a send in which an order counts, unless another number is asked for."""
LONGEST = 3650.0
NOT_KNOWN = (
    "Nobody said on which day the campaign went out, so whether its outcome days are over is not known. The verdicts "
    "hold if they are, and if nobody looked before; a verdict that is asked for repeatedly is wrong more often"
)


@dataclass(frozen=True)
class Sent:
    """When a campaign went out, in the zone of the run, and for how many days from that day on an order counts."""

    day: date
    days: float = DAYS

    def __post_init__(self) -> None:
        check_days(self.days)


def check_days(days: float) -> None:
    """Refuse a number of outcome days in which no order can fall."""
    if not 0 < days <= LONGEST:
        raise OptionError(f"{days:g} days after the send is not possible", hint="Give more than 0")


@dataclass(frozen=True)
class OutcomeDays:
    """How many of the outcome days are over, and whether nothing more can come."""

    sent: Sent
    over: float
    final: bool

    @property
    def share(self) -> float:
        """The part of the outcome days that is over, from 0 to 1."""
        return self.over / self.sent.days

    @property
    def last(self) -> date:
        """The last day on which an outcome counts."""
        return (datetime.combine(self.sent.day, time()) + timedelta(days=self.sent.days, microseconds=-1)).date()

    @property
    def words(self) -> str:
        """What is known so far, as a sentence."""
        days = f"{self.sent.days:g} outcome days after {self.sent.day}"
        if self.final:
            return f"All {days} are over, so this is final."
        return (
            f"So far: {_tenths(self.over)} of the {days} are over ({_tenths(100 * self.share)} %). The intervals hold "
            f"however often one looks; verdict, money and lifts come when {self.last} is over."
        )

    def check_final(self) -> None:
        """Refuse what must not be taken from a look before the end."""
        if not self.final:
            raise OptionError(
                f"only {_tenths(self.over)} of {self.sent.days:g} outcome days are over, so no lift can be kept yet",
                hint=f"Measure again when {self.last} is over, with outcomes up to its end",
            )


def _tenths(number: float) -> str:
    """Return a number with one digit, rounded down, because 99.97 % are not all."""
    return f"{int(10 * number) / 10:.1f}"


def outcome_days(sent: Sent, timezone: str, *, now: datetime | None, data_end: datetime | None) -> OutcomeDays | None:
    """Return how many outcome days are over, by the clock and by the end of the data, whichever is earlier.

    Returns:
        None where neither is known.

    >>> from datetime import UTC
    >>> seen = datetime(2025, 10, 2, 12, tzinfo=UTC)
    >>> outcome_days(Sent(date(2025, 10, 1)), "UTC", now=None, data_end=seen).over
    1.5
    """
    place = zone(timezone)
    start = datetime.combine(sent.day, time(), place)
    # Between two times of one zone Python counts as clocks show it: a day is a day, also where it has 23 hours.
    end = start + timedelta(days=sent.days)
    known = [moment.astimezone(place) for moment in (now, data_end) if moment is not None]
    if not known:
        return None
    # After the last order of a day nobody knows whether the data goes on, so it counts to the end of that day.
    whole = [] if data_end is None else [_next_midnight(data_end.astimezone(place))]
    final = min(([] if now is None else [now.astimezone(place)]) + whole) >= end
    over = (min(known) - start) / timedelta(days=1)
    return OutcomeDays(sent, sent.days if final else min(max(over, 0.0), sent.days), final)


def last_to_end(days: Sequence[OutcomeDays | None]) -> OutcomeDays | None:
    """Return the outcome days of several sends that end last; None where those of one are not known."""
    known = [each for each in days if each is not None]
    return max(known, key=lambda each: (not each.final, each.last)) if len(known) == len(days) else None


def _next_midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), time(), moment.tzinfo)
