import sys
from pathlib import Path

import pytest

from tools import browser


def program(path: Path, code: int) -> str:
    path.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_browser_named_by_the_variable_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = program(tmp_path / "my-browser", 0)
    monkeypatch.setenv("CHROMIUM", named)
    assert browser.find() == named


def test_a_named_browser_that_does_not_run_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", program(tmp_path / "my-browser", 1))
    assert browser.main() == 2
    assert "CHROMIUM=/path" in capsys.readouterr().err


def test_a_command_that_only_pretends_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path / "chromium", 10)
    chrome = program(tmp_path / "google-chrome", 0)
    assert browser.find() == chrome


@pytest.mark.parametrize("command", ["absent", ""])
def test_what_is_not_there_does_not_run(tmp_path: Path, command: str) -> None:
    assert not browser.runs(str(tmp_path / command))


def test_without_a_package_manager_playwright_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(browser.installers()) == [[sys.executable, "-m", "playwright", "install", "chromium"]]


def test_the_package_manager_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    manager = program(tmp_path / "apt-get", 0)
    program(tmp_path / "sudo", 0)
    commands = list(browser.installers())
    assert manager in commands[0]
    assert commands[1][-2:] == ["--no-install-recommends", "chromium"]
