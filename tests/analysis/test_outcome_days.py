from datetime import UTC, date, datetime

import pytest

from analysis.outcome_days import OutcomeDays, Sent, outcome_days
from retention.errors import OptionError

SENT = Sent(date(2025, 10, 1))


def seen(now: datetime | None, data_end: datetime | None, sent: Sent = SENT, zone: str = "UTC") -> OutcomeDays:
    found = outcome_days(sent, zone, now=now, data_end=data_end)
    assert found is not None
    return found


def at(day: int, hour: int = 0, month: int = 10) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


def test_the_end_of_the_data_and_the_clock_count_whichever_is_earlier() -> None:
    assert seen(at(30), at(2, 12)).over == 1.5
    assert seen(at(2, 12), at(30)).over == 1.5
    assert seen(None, at(8)).share == pytest.approx(0.5)
    assert outcome_days(SENT, "UTC", now=None, data_end=None) is None


def test_nothing_is_over_before_the_send() -> None:
    assert seen(datetime(2025, 9, 1, tzinfo=UTC), None).over == 0


@pytest.mark.parametrize(
    ("now", "data_end", "final"),
    [
        (at(15), at(15), True),
        # The last order of the last day: nobody can tell whether the data goes on, so the clock decides.
        (at(15), at(14, 3), True),
        (at(14, 23), at(14, 3), False),
        (at(30), at(13, 23), False),
        (at(15), None, True),
        (at(14, 23), None, False),
    ],
)
def test_it_is_final_when_the_last_day_is_over(now: datetime, data_end: datetime | None, final: bool) -> None:
    found = seen(now, data_end)
    assert found.final is final
    assert found.last == date(2025, 10, 14)
    assert (found.share == 1) is final


def test_days_are_days_of_the_shop_also_where_the_clock_changes() -> None:
    sent = Sent(date(2025, 10, 20), 7)
    assert not seen(at(26, 22), None, sent, "Europe/Berlin").final
    assert seen(at(26, 23), None, sent, "Europe/Berlin").final


def test_a_look_says_how_much_is_over_and_gives_no_lift() -> None:
    found = seen(at(14, 23), None)
    assert "13.9 of the 14 outcome days after 2025-10-01 are over (99.7 %)" in found.words
    with pytest.raises(OptionError, match=r"only 13\.9 of 14 outcome days are over"):
        found.check_final()
    done = seen(at(15), None)
    done.check_final()
    assert "this is final" in done.words


@pytest.mark.parametrize("days", [0, -1, float("nan"), 4000])
def test_impossible_days_are_refused(days: float) -> None:
    with pytest.raises(OptionError, match="is not possible"):
        Sent(date(2025, 10, 1), days)
