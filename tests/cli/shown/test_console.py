"""Whatever a file, a column, a customer, an arm or a currency is called, the terminal takes no command from it."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from cli.shown.console import table_text, visible
from main import app

TITLE = "\x1b]0;owned\x07"
HOSTILE = f"a{TITLE}\x9b2J\u202ecod\ud800"
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("RETENTION_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(arguments([str(word) for word in words]))
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


def steering(text: str) -> list[str]:
    """Return the characters that a terminal would obey, found by what Unicode says of them."""
    return [
        letter
        for letter in text
        if (unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") and letter not in "\n\t")
        or unicodedata.bidirectional(letter) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    ]


def customers(path: Path, header: str) -> Path:
    rows = "".join(f"c{number},2025-09-10,{20 + number},0.5\n" for number in range(40))
    path.write_text(f"user_id,cart_abandoned_date,avg_order_value,{header}\n{rows}", encoding="utf-8", newline="\n")
    return path


def test_what_steers_is_written_as_json_writes_it() -> None:
    assert visible(HOSTILE) == r"a\u001b]0;owned\u0007\u009b2J\u202ecod\ud800"
    shown = "Zoë\tfrom\n\u05e9\u05dc\u05d5\u05dd \U0001f469\u200d\U0001f467"
    assert visible(shown) == shown
    assert not steering(visible("".join(map(chr, range(0x3000)))))


def test_cells_of_a_table_are_visible() -> None:
    assert steering(table_text(["Segment"], [[HOSTILE]])) == []


@pytest.mark.parametrize("shown", ["text", "json"])
def test_names_of_files_and_columns_do_nothing(shown: str, command: Command, tmp_path: Path) -> None:
    path = customers(tmp_path / f"b{TITLE}.csv", f"x{TITLE}")
    _, text = command("inspect", path, "--format", shown)
    assert r"\u001b]0;owned" in text
    assert steering(text) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--input", HOSTILE],
        ["--mock", "--mock_size", "300", "--currency", TITLE],
        ["--mock", "--mock_size", "300", "--policy", TITLE],
        ["--mock", "--mock_size", "300", "--timezone", TITLE],
        ["--mock", "--mock_size", "300", "--experiment", TITLE, "--arms", f"control=0.5,{TITLE}=0.5"],
        ["audiences", TITLE, "--platform", "meta", "--output_dir", "o"],
        ["runs", "show", TITLE],
        ["results", TITLE, TITLE],
        ["runs", "list", TITLE],
    ],
    ids=lambda words: " ".join(re.sub(r"\W", "", word) for word in words),
)
def test_what_was_typed_does_nothing(words: list[str], command: Command) -> None:
    code, text = command(*words)
    assert code == (0 if "--arms" in words else 2)
    assert steering(text) == []


def test_what_is_left_out_and_what_is_rejected_does_nothing(command: Command, tmp_path: Path) -> None:
    path = customers(tmp_path / f"c{TITLE}.csv", "engagement_score")
    path.write_text(path.read_text().replace("0.5\n", f"0.5{TITLE}\n", 3))
    _, text = command("--input", path, "--output_dir", tmp_path / "out", "--policy", "five-segments")
    assert steering(text) == []


def test_a_line_end_in_a_name_starts_no_line(command: Command, tmp_path: Path) -> None:
    path = customers(tmp_path / "d\nError: call +1.csv", "engagement")
    _, text = command("--input", path, "--timezone", "Mars/Base")
    assert not any(line.startswith("Error: call") for line in text.splitlines())
