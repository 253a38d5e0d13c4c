"""The browser fixtures themselves, on a tiny Streamlit script."""

import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch
from tests.servers.dashboard import Server, running

pytestmark = pytest.mark.browser_all

SCRIPT = """
import os

import streamlit as st

st.header("Carts")
st.text(os.environ["RETENTION_WORKSPACE"])
st.download_button("Download", "user_id\\n1\\n", "segment.csv")
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "tiny.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def test_the_page_shows_the_script_with_a_workspace_of_its_own(page: Page, server: Server) -> None:
    expect(page.get_by_role("heading", name="Carts")).to_be_visible()
    expect(page.get_by_text(str(server.workspace))).to_be_visible()


def test_a_download_can_be_read(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "segment.csv")
    assert (tmp_path / "segment.csv").read_text(encoding="utf-8") == "user_id\n1\n"


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCREENSHOTS", str(tmp_path))
    return tmp_path


def test_a_picture_is_saved_where_it_is_asked_for(pictures: Path, picture: Callable[[str], None]) -> None:
    picture("tiny-light")
    assert (pictures / "tiny-light.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("viewport", [(390, 844)])
@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_viewport_and_theme_reach_the_page(page: Page, dark: bool) -> None:
    assert page.evaluate("innerWidth") == 390
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark


def test_a_console_error_is_a_fault(page: Page, watch: Watch) -> None:
    page.evaluate("console.error('broken chart')")
    assert [fault for fault in watch.faults if "broken chart" in fault]
    watch.faults.clear()


def test_a_script_that_throws_is_a_fault(page: Page, watch: Watch) -> None:
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('broken view') })")
    assert any("broken view" in fault for fault in watch.faults)
    watch.faults.clear()


def test_a_request_to_another_host_is_a_fault(page: Page, watch: Watch) -> None:
    page.evaluate("fetch('http://127.0.0.1:9/pixel.gif').catch(() => null)")
    assert any("another host: http://127.0.0.1:9/pixel.gif" in fault for fault in watch.faults)
    watch.faults.clear()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"did not start:\s[^$]*absent\.py"),
        running(tmp_path / "absent.py", tmp_path),
    ):
        pass


def test_a_server_ends_with_its_context(tmp_path: Path, script: Path) -> None:
    with running(script, tmp_path) as server:
        health = f"{server.url}/_stcore/health"
        with urllib.request.urlopen(health) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(health)  # noqa: S310 - our own address
