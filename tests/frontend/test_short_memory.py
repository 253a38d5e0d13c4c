"""What the server remembers for minutes."""

from datetime import UTC, datetime, timedelta

from frontend.utils.store import MOST_TEXTS, ShortMemory

NOW = datetime(2025, 9, 30, 12, tzinfo=UTC)
PATIENCE = timedelta(minutes=15)


def test_a_key_has_its_latest_text_and_gives_it_away_once() -> None:
    memory = ShortMemory(PATIENCE)
    memory.keep("one", "a", NOW)
    memory.keep("one", "b", NOW)
    memory.keep("two", "c", NOW)
    assert memory.look("one", NOW) == "b"
    assert memory.take("one", NOW + PATIENCE) == "b"
    assert memory.take("one", NOW) is None
    assert memory.take("two", NOW) == "c"


def test_what_is_old_is_forgotten() -> None:
    memory = ShortMemory(PATIENCE)
    memory.keep("one", "a", NOW)
    assert memory.look("one", NOW + PATIENCE + timedelta(seconds=1)) is None


def test_no_more_than_a_thousand_texts_are_kept() -> None:
    memory = ShortMemory(PATIENCE)
    for number in range(MOST_TEXTS + 1):
        memory.keep(str(number), "a", NOW)
    assert memory.look("0", NOW) is None
    assert memory.look("1", NOW) == "a"
