from pathlib import Path

import pytest

from tools import postgres


def server(folder: Path, code: int = 0) -> Path:
    """Make a folder of programs that end with a code."""
    folder.mkdir(parents=True)
    for name in postgres.PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def manager(path: Path) -> str:
    path.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_server_named_by_the_variable_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = server(tmp_path / "bin")
    monkeypatch.setenv("POSTGRES", str(named))
    assert postgres.find() == named


@pytest.mark.parametrize("code", [1, 126])
def test_a_named_server_that_does_not_run_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    monkeypatch.setenv("POSTGRES", str(server(tmp_path / "bin", code)))
    assert postgres.main() == 2
    assert "POSTGRES=/path" in capsys.readouterr().err


def test_the_newest_version_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES", raising=False)
    monkeypatch.setattr(postgres, "FOLDERS", (f"{tmp_path}/*/bin",))
    server(tmp_path / "9" / "bin")
    newest = server(tmp_path / "17" / "bin")
    server(tmp_path / "18" / "bin", code=1)
    assert postgres.find() == newest


def test_a_server_on_the_path_is_found_at_its_real_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES", raising=False)
    monkeypatch.setattr(postgres, "FOLDERS", ())
    real, links = server(tmp_path / "real"), tmp_path / "links"
    links.mkdir()
    (links / "initdb").symlink_to(real / "initdb")
    monkeypatch.setenv("PATH", f"{links}:/bin:/usr/bin")
    assert postgres.find() == real


def test_what_is_not_there_does_not_run(tmp_path: Path) -> None:
    assert not postgres.runs(tmp_path / "absent")


def test_the_package_manager_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not list(postgres.installers())
    apt = manager(tmp_path / "apt-get")
    manager(tmp_path / "sudo")
    update, install = postgres.installers()
    assert apt in update
    assert install[-2:] == ["--no-install-recommends", "postgresql"]


def test_without_a_server_and_a_way_to_one_the_end_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("POSTGRES", raising=False)
    monkeypatch.setattr(postgres, "FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert postgres.main() == 2
    assert "apt-get install postgresql" in capsys.readouterr().err
