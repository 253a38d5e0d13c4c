"""What a shop's programs read stays as it was, number by number; CONTRIBUTING.md says how to change it on purpose."""

import json
import os
import zipfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from tests.golden.commands import POLICIES, RUNS
from tests.golden.hashing import exact, rounded
from tests.golden.runs import ENVIRONMENT, Ended, differences, kept, perform

DAY = ["2026-11-27"]


def give(folder: Path, given: list[str]) -> Ended:
    """Give a command in this process: most of a small run is the start of Python and its imports."""
    with (
        chdir(folder),
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
        pytest.raises(SystemExit) as ended,
    ):
        app(arguments(given))
    return Ended(int(ended.value.code or 0), out.getvalue().encode(), err.getvalue().encode())


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
def test_a_golden_run_writes_what_it_wrote(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RETENTION_")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert differences(kept()[run], perform(run, give).hashes(rounded)) == []


def test_there_are_twelve_runs_and_the_hashes_of_each() -> None:
    assert len(RUNS) == 12
    assert list(kept()) == list(RUNS)
    assert all(any(name.startswith(f"{policy}/") for name in kept()["policies"]) for policy in POLICIES)


def test_each_difference_is_named() -> None:
    assert differences({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == [
        "different: b",
        "gone: c",
        "new: d",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("id,score\n00123,0.30000000000000004\n", "id,score\n00123,0.3\n"),
        ("score\n1e-17\n", "score\n-3.4E-18\n"),
        ("run\n0123456789abcdef,2026-11-27T01:02:03+00:00\n", "run\nfedcba9876543210,2026-11-27\n"),
    ],
)
def test_the_last_digits_and_the_time_of_a_run_change_no_hash(one: str, other: str) -> None:
    assert rounded("x.csv", one.encode(), DAY) == rounded("x.csv", other.encode(), DAY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\n0.3\n", "a\n0.30001\n"),
        ("a\n5.550486910238671e-9\n", "a\n5.650486910238671e-9\n"),
        ("a\n00123\n", "a\n0123\n"),
        ("a\n2026-11-26\n", "a\n2026-11-27\n"),
    ],
)
def test_what_a_program_would_read_differently_changes_the_hash(one: str, other: str) -> None:
    assert rounded("x.csv", one.encode(), DAY) != rounded("x.csv", other.encode(), DAY)


def test_words_change_only_the_exact_hash() -> None:
    one, other = (
        json.dumps({"size": 3, "warnings": [text]}).encode() for text in ("This is said so.", "It is said so.")
    )
    assert rounded("x.json", one, DAY) == rounded("x.json", other, DAY)
    assert exact("x.json", one, DAY) != exact("x.json", other, DAY)
    assert rounded("x.html", one, DAY) is None


def test_an_archive_is_its_members() -> None:
    def archive(cell: str, year: int) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr(zipfile.ZipInfo("a.csv", (year, 1, 1, 0, 0, 0)), f"a\n{cell}\n")
        return out.getvalue()

    assert exact("x.zip", archive("1", 1990), DAY) == exact("x.zip", archive("1", 2000), DAY)
    assert exact("x.zip", archive("1", 1990), DAY) != exact("x.zip", archive("2", 1990), DAY)
