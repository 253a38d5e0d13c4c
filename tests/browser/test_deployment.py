"""The dashboard where others reach it, as docs/deployment.md says: under a path, behind a real nginx, with a login."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, Page, expect

from benchmarks.client import visiting
from data_ingestion import sample_bytes
from tests.browser.steps import download, metric, open_tree, rows_of, run_synthetic, settle
from tests.browser.watch import Watch
from tests.servers import nginx
from tests.servers.dashboard import ROOT, Server, free_port, running
from tests.servers.provider import Provider, auth_section, serving

pytestmark = pytest.mark.browser_all

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
PERSON = {"sub": "1", "name": "Ada", "email": "ada@shop.example", "email_verified": True}


OWN = ("server.address", "server.port", "server.allowedHosts")
"""Options that name the server, which is another one in a test."""


def block(language: str) -> str:
    """Return the first block of a language on the page."""
    found = re.search(rf"^```{language}\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def documented_options() -> dict[str, str]:
    """Return the options of the documented command that are not the address of this test's server."""
    pairs = (word[2:].split("=", 1) for word in shlex.split(block("sh")) if word.startswith("--"))
    return {name: value for name, value in pairs if name not in OWN}


@pytest.fixture(scope="module")
def executable(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = nginx.find(tmp_path_factory.mktemp("nginx-package"))
    if found is None:
        pytest.skip("no nginx is installed, and none can be fetched from Debian's packages")
    return found


@contextmanager
def behind_nginx(executable: str, script: Path, workspace: Path, folder: Path, port: int) -> Iterator[Server]:
    with running(script, workspace, documented_options()) as inner:
        site = block("nginx").replace("127.0.0.1:8501", urlsplit(inner.url).netloc)
        site = site.replace("listen 80", f"listen 127.0.0.1:{port}")
        url = f"http://127.0.0.1:{port}/segments"
        with nginx.running(executable, folder, site, f"{url}/_stcore/health"):
            yield Server(url, inner.workspace, inner.log, inner.process)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving({"Ada": PERSON}) as started:
        yield started


@pytest.fixture(scope="module", params=["open", "login"])
def server(
    request: pytest.FixtureRequest,
    executable: str,
    script: Path,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    workspace, port = tmp_path_factory.mktemp("workspace"), free_port()
    if request.param == "login":
        (workspace / ".streamlit").mkdir()
        secrets = auth_section(provider, f"http://127.0.0.1:{port}/segments")
        (workspace / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    with behind_nginx(executable, script, workspace, tmp_path_factory.mktemp("nginx"), port) as started:
        yield started


@pytest.fixture
def watch(server: Server, provider: Provider) -> Watch:
    return Watch(urlsplit(server.url).netloc, (provider.netloc,))


@pytest.fixture
def inside(page: Page, request: pytest.FixtureRequest) -> Page:
    if "login" in request.node.callspec.id:
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Ada", exact=True).click()
    return page


def test_the_story_works_behind_a_proxy_under_a_path(inside: Page, server: Server) -> None:
    run_synthetic(inside)
    _, content = download(inside, "VIP Active")
    assert {row["Segment"] for row in rows_of(content)} == {"VIP Active"}
    open_tree(inside)
    assert inside.url.startswith(f"{server.url}/tree")
    inside.get_by_role("link", name="Segments summary").click()
    settle(inside)
    assert metric(inside, "Assigned").startswith("100")


def test_files_are_uploaded_through_the_proxy(inside: Page) -> None:
    expect(inside.get_by_role("heading", name="No analysis yet")).to_be_visible()
    inside.get_by_text("Upload", exact=True).first.click()
    # Larger than what nginx keeps in memory, so that it is really passed on.
    header, *lines = sample_bytes().decode().splitlines()
    many = "\n".join([header, *(f"{number}-{line}" for number in range(1000) for line in lines)])
    payload = FilePayload(name="customers.csv", mimeType="text/csv", buffer=many.encode())
    inside.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([payload])
    expect(inside.get_by_text(re.compile(rf"{1000 * len(lines):,} rows read"))).to_be_visible()


def test_the_documented_secrets_have_what_a_login_needs() -> None:
    secrets = tomllib.loads(block("toml"))
    assert {"redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"} == set(
        secrets["auth"]
    )
    assert (
        urlsplit(secrets["auth"]["redirect_uri"]).path
        == f"/{documented_options()['server.baseUrlPath']}/oauth2callback"
    )
    assert {"domains", "emails"} == set(secrets["access"])


@pytest.mark.parametrize("folder", [".", "frontend", "elsewhere"])
def test_it_starts_from_any_folder(folder: str, tmp_path: Path) -> None:
    script = Path("app.py") if folder == "frontend" else ROOT / "frontend" / "app.py"
    place = tmp_path if folder == "elsewhere" else ROOT / folder
    with running(script, tmp_path, cwd=place) as server, visiting(server.url) as visitor:
        visitor.open()
        assert "metric" in visitor.press("demo").kinds
