"""A workspace of its own for each test of a page, and one analysis for all that only look at it."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.util import patch_config_options

from tests.frontend.opening import SUMMARY, WEEK, address, at_address, dashboard, form
from workers import job


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What every run of an AppTest would make again: metadata of packages, code of the pages, a mock of the server."""
    compiled = ScriptCache()
    # As the server is set up: counting for Streamlit's makers takes a fifth of a small rerun.
    with patch_config_options({"browser.gatherUsageStats": False}), pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        patch.setattr(app_test, "MagicMock", cache(vars(app_test)["MagicMock"]))
        # What the one worker of the process does here, if anything, loads what it needs.
        patch.setattr(job, "_READY", ())
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(scope="session")
def analysed_once(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with the analysis of 3,000 synthetic customers, and its address; who holds out or erases has own."""
    folder = tmp_path_factory.mktemp("analysed") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_WORKSPACE", str(folder))
        page = form(dashboard(root))
        page.date_input(key="period-first-day").set_value(WEEK)
        page.number_input(key="synthetic-size").set_value(3_000)
        page = page.button(key="generate").click().run().button(key="analyse").click().run()
    return folder, address(page)


@pytest.fixture
def week(analysed_once: tuple[Path, str], root: Path, workspace: Path) -> AppTest:
    """The dashboard at the address of that analysis, in a copy of its workspace; not run yet."""
    shutil.copytree(analysed_once[0], workspace)
    return at_address(root, analysed_once[1])


@pytest.fixture
def finished(week: AppTest) -> AppTest:
    """Its summary, with all numbers."""
    week.session_state["all-numbers"] = True
    return week.switch_page(SUMMARY).run()


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace that the pages use."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("RETENTION_WORKSPACE", str(folder))
    return folder
