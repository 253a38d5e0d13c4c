from datetime import date

import pytest

from retention.errors import PeriodError
from retention.period import DAYS, Window, zone

FIRST, LAST = date(2025, 9, 1), date(2025, 9, 7)


@pytest.mark.parametrize(
    ("start", "end"), [(FIRST, LAST), (FIRST, None), (None, LAST)], ids=["both", "first day", "last day"]
)
def test_one_day_implies_the_other(start: date | None, end: date | None) -> None:
    assert Window.from_options(start, end, "UTC") == Window(FIRST, LAST)


def test_no_day_is_no_window() -> None:
    assert Window.from_options(None, None, "UTC") is None


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [(FIRST, date(2025, 9, 6), 6), (FIRST, date(2025, 9, 8), 8), (LAST, FIRST, -5), (FIRST, FIRST, 1)],
)
def test_a_window_of_other_than_seven_days_is_refused_with_the_right_last_day(
    start: date, end: date, days: int
) -> None:
    with pytest.raises(PeriodError, match=rf"window: the window .* has {days} days, not {DAYS}. For a window from"):
        Window(start, end)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "UTC\x00", "Europe"])
def test_a_time_zone_that_is_not_known_is_refused(name: str) -> None:
    with pytest.raises(PeriodError, match=r"^time zone: time zone .* is not known. Use an IANA name"):
        zone(name)
    with pytest.raises(PeriodError, match="is not known"):
        Window(FIRST, LAST, name)


def test_a_window_reads_with_its_zone() -> None:
    assert str(Window.ending(LAST, "Europe/Berlin")) == "1 \u2013 7\u00a0Sep\u00a02025 (Europe/Berlin)"
    assert Window.starting(FIRST, "Europe/Berlin") == Window.ending(LAST, "Europe/Berlin")


def test_a_window_may_span_a_month_a_year_and_a_leap_day() -> None:
    assert Window.starting(date(2024, 2, 26)).end == date(2024, 3, 3)
    assert Window.ending(date(2026, 1, 3)).start == date(2025, 12, 28)


@pytest.mark.parametrize(("start", "end"), [(None, date.min), (date.max, None), (date.max, date.min)])
def test_a_window_beyond_the_calendar_is_refused(start: date | None, end: date | None) -> None:
    with pytest.raises(PeriodError, match=r"^window: no calendar reaches 6 days from"):
        Window.from_options(start, end, "UTC")
