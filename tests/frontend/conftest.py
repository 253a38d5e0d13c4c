"""A workspace of its own for each test of a page."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner
from streamlit.testing.v1.util import patch_config_options

from workers import job


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What every run of an AppTest would make again: metadata of packages, the code of each page, and a server's mock."""
    compiled = ScriptCache()
    # As the server is set up: counting for Streamlit's makers takes a fifth of a small rerun.
    with patch_config_options({"browser.gatherUsageStats": False}), pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        patch.setattr(app_test, "MagicMock", cache(app_test.MagicMock))
        # What the one worker of the process does here, if anything, loads what it needs.
        patch.setattr(job, "_READY", ())
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace that the pages use."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("RETENTION_WORKSPACE", str(folder))
    return folder
