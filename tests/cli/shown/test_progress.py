"""The progress bar: for a person who watches, and only then."""

import sys

import pytest

from cli.shown import progress
from cli.shown.progress import part, progress_bar, silent


class Terminal:
    """Standard error of a person who watches."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        return True


def test_nothing_is_shown_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as advance:
        assert advance is silent
        advance("Reading", 0.5)
    assert capsys.readouterr().err == ""


def test_long_work_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    with progress_bar() as advance:
        advance("Reading [b]x[/b].csv", 0.5)
    assert "Reading [b]x[/b].csv" in terminal.text


def test_quick_work_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 1e9)
    with progress_bar() as advance:
        advance("Reading", 0.5)
    assert "Reading" not in terminal.text


def test_a_part_of_the_work_counts_from_its_start_to_its_end() -> None:
    told: list[tuple[str, float]] = []
    step = part(lambda name, share: told.append((name, share)), 0.5, 0.7)
    for share in (0.0, 0.5, 1.0, 2.0):
        step("x", share)
    assert [round(share, 3) for _, share in told] == [0.5, 0.6, 0.7, 0.7]
