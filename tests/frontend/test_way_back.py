"""What tells browsers apart, for the way back after a login and for files."""

from frontend.utils.way_back import browser_of


def test_a_token_is_the_same_under_every_mask() -> None:
    assert browser_of("2|00ff|0af5|1") == browser_of("2|1111|1b1b|2") == "0a0a"


def test_what_is_no_token_tells_nobody_apart() -> None:
    assert {browser_of(cookie) for cookie in ("", "2||00|1", "2|zz|00|1", "1|00|00|1", "2|00|00")} == {""}
