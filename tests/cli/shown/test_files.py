"""The report that `--report` asks for."""

from pathlib import Path

import pytest

from cli.shown.files import check_report, write_report
from main import app
from retention.errors import OptionError
from tests.outputs.report.runs import synthetic_run


def segment(*given: object) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["--mock", "--mock_size", "500", *map(str, given)])
    return int(ended.value.code or 0)


def test_the_report_is_written_beside_the_other_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert segment("--output_dir", out, "--report", out / "report.html") == 0
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not list(out.glob(".report*"))
    assert "synthetic" not in capsys.readouterr().err


def test_an_earlier_report_is_replaced_and_no_other_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report = tmp_path / "out", tmp_path / "report.html"
    assert [segment("--output_dir", out, "--report", report) for _ in range(2)] == [0, 0]
    edited = report.read_text(encoding="utf-8").replace("<h1>", "<h1>Our ")
    report.write_text(edited, encoding="utf-8")
    assert segment("--output_dir", out, "--report", report) == 2
    said = capsys.readouterr().err
    assert "the file exists already" in said
    assert "Use --overwrite" in said
    assert report.read_text(encoding="utf-8") == edited
    assert segment("--output_dir", out, "--report", report, "--overwrite") == 0
    assert "Our " not in report.read_text(encoding="utf-8")
    assert segment("--output_dir", out, "--report", out / "run.json", "--overwrite") == 2
    assert "the run itself writes there" in capsys.readouterr().err


def test_without_the_option_there_is_no_report(tmp_path: Path) -> None:
    assert segment("--output_dir", tmp_path / "out") == 0
    assert not list(tmp_path.rglob("*.html"))


def test_a_folder_that_is_not_there_stops_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert segment("--output_dir", tmp_path / "out", "--report", tmp_path / "absent" / "report.html") == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is a folder"):
        check_report(tmp_path, tmp_path, str, (), overwrite=False)
    check_report(None, tmp_path, str, (), overwrite=False)


def test_a_disk_that_does_not_take_it_leaves_the_report_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OptionError, match="no space left"):
        write_report(synthetic_run(size=200), path)
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
