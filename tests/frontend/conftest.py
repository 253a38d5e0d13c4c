"""A workspace of its own for each test of a page."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace that the pages use."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("RETENTION_WORKSPACE", str(folder))
    return folder
