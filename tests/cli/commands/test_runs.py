"""Saved periods on the command line, as a person types the commands."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from outputs.run_folder import Written
from run_store import Preferences, Workspace
from tests.outputs.folders import content
from tests.run_store.period_cases import SAVED_AT, run_of, saved

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    monkeypatch.setenv("RETENTION_WORKSPACE", str(folder))
    return folder


@pytest.fixture
def main(place: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process; return its exit code, output and messages."""
    assert not place.exists()

    def run(*given: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(arguments(list(map(str, given))))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_nothing_saved_is_said_with_the_way_to_save(main: Command, place: Path) -> None:
    code, out, _ = main("runs", "list")
    assert (code, place.exists()) == (0, False)
    assert "--save NAME" in out
    assert main("runs", "list", "--format", "json")[1] == "[]\n"


def test_a_workspace_that_is_a_file_is_refused(main: Command, place: Path) -> None:
    place.touch()
    for command in (("list",), ("log",), ("delete", "any", "--yes")):
        code, _, err = main("runs", *command)
        assert code == 2
        assert f"{place}: the workspace cannot be read or written (it is a file, not a folder)" in err
        assert "name another folder. Use --workspace" in err


def test_the_audit_trail_tells_what_commands_did(main: Command, place: Path, tmp_path: Path) -> None:
    assert main("runs", "log") == (0, f"Nothing is in the audit trail of {place}\n", "")
    assert main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "a")[0] == 0
    assert not place.exists()
    assert main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "b", "--save", "Week")[0] == 0
    (period,) = Workspace(place).periods()
    assert main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "c")[0] == 0
    given = ("--platform", "klaviyo", "--assume-consent", "--output_dir", tmp_path / "d")
    code, out, err = main("audiences", period.id, *given)
    assert (code, err) == (0, "")
    assert main("runs", "erase", "nobody", "--yes")[0] == 0
    assert main("runs", "delete", period.id, "--yes")[0] == 0
    code, out, _ = main("runs", "log", "--format", "json")
    everyone = period.universe
    in_files = json.loads((tmp_path / "d" / "manifest.json").read_text())["in_audiences"]
    assert [(each["action"], each["count"], each["run"]) for each in json.loads(out)][::-1] == [
        ("analysed", everyone, period.id),
        ("exported", everyone, ""),
        ("analysed", everyone, ""),
        ("exported", everyone, ""),
        ("exported", in_files, ""),
        ("erased", 0, ""),
        ("deleted", everyone, period.id),
    ]
    shown = main("runs", "log", "--last", 1)[1]
    assert "deleted" in shown
    assert "erased" not in shown


def test_the_main_command_saves_the_period_that_it_writes(main: Command, place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, err = main("--mock", "--mock_size", 900, "--output_dir", folder, "--save", " Week 39 ")
    assert (code, err) == (0, "")
    (period,) = Workspace(place).periods()
    assert period.name == "Week 39"
    assert f"Saved in {place} as {period.id}" in out
    code, out, _ = main("runs", "write", "Week 39", "--output_dir", tmp_path / "again")
    assert code == 0
    first, second = content(folder), content(tmp_path / "again")
    del first["run.json"], second["run.json"]
    assert first == second


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
def test_a_name_that_cannot_be_stops_before_anything_is_written(main: Command, tmp_path: Path, name: str) -> None:
    code, _, err = main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "out", "--save", name)
    assert code == 2
    assert "needs a name" in err
    assert not (tmp_path / "out").exists()


def test_files_that_cannot_be_written_leave_no_saved_period(
    main: Command, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Written:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.commands.segment.write_outputs", fail)
    assert main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "out", "--save", "Week 39")[0] == 130
    assert Workspace(place).periods() == ()


def test_the_list_is_for_people_and_for_programs(main: Command, place: Path) -> None:
    run_id = saved(place)
    Workspace(place).save(run_of(), name=None, saved_at=SAVED_AT)
    out = main("runs", "list")[1]
    assert run_id in out
    assert "Week 1" in out
    (period,) = json.loads(main("runs", "list", "--format", "json")[1])
    assert (period["id"], period["name"], period["universe"], period["currency"]) == (run_id, "Week 1", 120, "EUR")
    assert period["window"] == {"start": "2026-01-01", "end": "2026-01-07", "timezone": "UTC"}


def test_a_period_is_shown_by_identifier_or_by_name(main: Command, place: Path) -> None:
    run_id = saved(place)
    by_id, by_name = (main("runs", "show", run)[1] for run in (run_id, "Week 1"))
    assert by_id == by_name
    names = Workspace(place).open(run_id).scores.table["Segment"]
    assert all(name in by_id for name in names)
    plain = json.loads(main("runs", "show", run_id, "--format", "json")[1])
    assert [segment["Segment"] for segment in plain["segments"]] == names.tolist()


def test_two_periods_of_one_name_need_the_identifier(main: Command, place: Path) -> None:
    first, second = saved(place), saved(place)
    code, _, err = main("runs", "show", "Week 1")
    assert code == 2
    assert first in err
    assert second in err


@pytest.mark.parametrize("command", ["show", "write", "delete"])
def test_a_period_that_is_not_there_is_said(main: Command, command: str, tmp_path: Path) -> None:
    more = ("--output_dir", tmp_path / "out") if command == "write" else ()
    code, _, err = main("runs", command, "Week 9", *more)
    assert code == 2
    assert "no such saved period" in err
    assert not (tmp_path / "out").exists()


def test_another_workspace_is_used_when_it_is_named(main: Command, place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    run_id = saved(other)
    assert main("runs", "rename", run_id, "First week", "--workspace", other)[0] == 0
    assert [period.name for period in Workspace(other).periods()] == ["First week"]
    assert not place.exists()


def test_deleting_asks_or_needs_yes(main: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = saved(place)
    code, _, err = main("runs", "delete", run_id)
    assert (code, len(Workspace(place).periods())) == (2, 1)
    assert "--yes" in err
    monkeypatch.setattr("cli.commands.runs.sys.stdin", Terminal("n\n"))
    code, _, err = main("runs", "delete", run_id)
    assert (code, len(Workspace(place).periods())) == (2, 1)
    assert "nothing was changed" in err
    monkeypatch.setattr("cli.commands.runs.sys.stdin", Terminal("y\n"))
    assert main("runs", "delete", run_id)[0] == 0
    assert Workspace(place).periods() == ()


class Terminal(io.StringIO):
    """A person who types."""

    def isatty(self) -> bool:
        return True


def test_an_exported_period_can_be_imported_elsewhere(main: Command, place: Path, tmp_path: Path) -> None:
    saved(place)
    file, other = tmp_path / "week.period.zip", tmp_path / "other"
    code, out, _ = main("runs", "export", "Week 1", file)
    assert code == 0
    assert "customers' data" in out
    assert main("runs", "import", file, "--workspace", other, "--name", "Copy")[0] == 0
    assert [(period.name, period.universe) for period in Workspace(other).periods()] == [("Copy", 120)]


def test_an_export_replaces_an_earlier_one_and_no_other_file(main: Command, place: Path, tmp_path: Path) -> None:
    saved(place)
    file = tmp_path / "week.zip"
    assert [main("runs", "export", "Week 1", file)[0] for _ in range(2)] == [0, 0]
    whole = file.read_bytes()
    torn = whole[:2_000] + bytes([whole[2_000] ^ 1]) + whole[2_001:]
    for content_of in (b"mine", torn):
        file.write_bytes(content_of)
        code, _, err = main("runs", "export", "Week 1", file)
        assert (code, "the file exists already" in err, file.read_bytes()) == (2, True, content_of)
    assert main("runs", "export", "Week 1", file, "--overwrite")[0] == 0
    assert file.read_bytes() == whole
    catalog = place / "catalog.sqlite"
    before = catalog.read_bytes()
    code, _, err = main("runs", "export", "Week 1", catalog, "--overwrite")
    assert (code, "a database, which is never replaced" in err, catalog.read_bytes()) == (2, True, before)


@pytest.mark.parametrize("given", [("export", "Week 1", "."), ("import", "nowhere.zip"), ("import", __file__)])
def test_files_that_cannot_be_are_refused(main: Command, place: Path, given: tuple[str, ...]) -> None:
    saved(place)
    assert main("runs", *given)[0] == 2
    assert len(Workspace(place).periods()) == 1


def test_a_customer_is_erased_from_all_runs_and_never_named(main: Command, place: Path) -> None:
    saved(place)
    hidden = Workspace(place).save(run_of(), name=None, saved_at=SAVED_AT)
    code, out, err = main("runs", "erase", "u005", "--yes")
    assert code == 0
    assert "from 2 saved runs" in out
    assert "u005" not in out + err
    assert Workspace(place).open(hidden).customer("u005").empty
    period = Workspace(place).find(hidden)
    assert period is not None
    assert (period.universe, period.erased) == (120, 1)
    assert "No saved period" in main("runs", "erase", "u005", "--yes")[1]


def test_an_identifier_may_come_from_the_input(main: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = saved(place)
    monkeypatch.setattr("cli.commands.runs.sys.stdin", io.StringIO("u005\n"))
    assert main("runs", "erase", "-")[0] == 2
    monkeypatch.setattr("cli.commands.runs.sys.stdin", io.StringIO("u005\n"))
    assert main("runs", "erase", "-", "--yes")[0] == 0
    assert Workspace(place).open(run_id).customer("u005").empty
    monkeypatch.setattr("cli.commands.runs.sys.stdin", io.StringIO("\n"))
    assert "empty" in main("runs", "erase", "-", "--yes")[2]
    # As the command line gives bytes that are not UTF-8.
    code, _, err = main("runs", "erase", "u005\udcff", "--yes")
    assert (code, "the identifier of a customer is not text in UTF-8" in err) == (2, True)


def test_settings_hold_where_no_option_is_given(main: Command, place: Path, tmp_path: Path) -> None:
    shop = Preferences(currency="EUR", policy="aov-buckets", timezone="Europe/Berlin", margin=0.5)
    Workspace(place).keep_preferences(shop)
    code, out, _ = main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "a")
    report = json.loads((tmp_path / "a" / "mece_report.json").read_bytes())
    assert code == 0
    assert (report["policy"], report["currency"]) == ("aov-buckets", "EUR")
    assert report["window"]["timezone"] == "Europe/Berlin"
    assert "Settings of the workspace" in out
    assert "margin 0.5" in out
    options = json.loads((tmp_path / "a" / "run.json").read_bytes())["options"]
    assert (options["policy"], options["timezone"]) == ("aov-buckets", "Europe/Berlin")


def test_options_win_over_settings(main: Command, place: Path, tmp_path: Path) -> None:
    Workspace(place).keep_preferences(Preferences(currency="EUR", policy="aov-buckets", max_size=50, min_size=40))
    given = ("--policy", "five-segments", "--currency", "CHF", "--max_size", 100)
    assert main("--mock", "--mock_size", 900, "--output_dir", tmp_path / "a", *given)[0] == 0
    report = json.loads((tmp_path / "a" / "mece_report.json").read_bytes())
    assert (report["policy"], report["currency"], report["sizing"]) == ("five-segments", "CHF", {"min": 40, "max": 100})


def test_damaged_settings_stop_with_the_way_out(main: Command, place: Path, tmp_path: Path) -> None:
    place.mkdir()
    (place / "settings.json").write_text("{", encoding="utf-8")
    code, _, err = main("--mock", "--output_dir", tmp_path / "out")
    assert code == 2
    assert "Reset the settings" in err
    assert not (tmp_path / "out").exists()


def test_an_output_without_all_letters_shows_the_list_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(place, name="Größe \u2192 1")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    with pytest.raises(SystemExit) as ended:
        app(["runs", "list"])
    assert not ended.value.code
    assert b"Gr??e" in raw.getvalue()
    assert capsys.readouterr().err == ""
