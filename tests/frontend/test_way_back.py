"""The analysis whose link led to the login page."""

from datetime import UTC, datetime, timedelta

from frontend.utils.login import MOST, PATIENCE, WaysBack, browser_of

NOW = datetime(2025, 9, 30, 12, tzinfo=UTC)


def test_a_browser_gets_what_it_asked_for_last_and_once() -> None:
    ways = WaysBack()
    ways.keep("one", "a" * 16, NOW)
    ways.keep("one", "b" * 16, NOW)
    ways.keep("two", "c" * 16, NOW)
    assert ways.take("one", NOW + PATIENCE) == "b" * 16
    assert ways.take("one", NOW) == ""
    assert ways.take("two", NOW) == "c" * 16


def test_what_was_asked_for_long_ago_is_forgotten() -> None:
    ways = WaysBack()
    ways.keep("one", "a" * 16, NOW)
    assert ways.take("one", NOW + PATIENCE + timedelta(seconds=1)) == ""


def test_no_more_than_a_thousand_browsers_wait() -> None:
    ways = WaysBack()
    for number in range(MOST + 1):
        ways.keep(str(number), "a" * 16, NOW)
    assert ways.take("0", NOW) == ""
    assert ways.take("1", NOW) == "a" * 16


def test_a_token_is_the_same_under_every_mask() -> None:
    assert browser_of("2|00ff|0af5|1") == browser_of("2|1111|1b1b|2") == "0a0a"


def test_what_is_no_token_tells_nobody_apart() -> None:
    assert {browser_of(cookie) for cookie in ("", "2||00|1", "2|zz|00|1", "1|00|00|1", "2|00|00")} == {""}
