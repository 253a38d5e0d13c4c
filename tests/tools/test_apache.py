from pathlib import Path

import pytest

from tools import apache


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_apache_counts_only_with_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(apache, "FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(apache, "SBIN", str(tmp_path))
    found = program(tmp_path / "apache2")
    for module in apache.MODULES[1:]:
        (tmp_path / f"mod_{module}.so").touch()
    assert apache.find() is None
    (tmp_path / f"mod_{apache.MODULES[0]}.so").touch()
    assert apache.find() == apache.Apache(found, tmp_path)


def test_the_package_manager_is_asked_for_what_starts_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not list(apache.installers())
    program(tmp_path / "apt-get")
    program(tmp_path / "sudo")
    _, install = apache.installers()
    assert install[-3:] == ["apache2-bin", "libapache2-mod-auth-openidc", "libapache2-mod-qos"]


def test_without_apache_and_a_way_to_it_the_end_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(apache, "FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(apache, "SBIN", str(tmp_path))
    assert apache.main() == 2
    assert "apt-get install apache2-bin" in capsys.readouterr().err
