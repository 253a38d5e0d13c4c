from pathlib import Path

import pytest

from tools import java


def test_without_java_and_a_way_to_it_the_end_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.main() == 2
    assert "apt-get install default-jre-headless" in capsys.readouterr().err
    (tmp_path / "java").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "java").chmod(0o755)
    assert java.main() == 0
