"""The dashboard where others reach it, as docs/deployment.md says: under a path, behind a real Apache, with a login."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from benchmarks.server.client import visiting
from data_ingestion import sample_bytes
from tests.browser.steps import download, go, metric, open_tree, rows_of, run_synthetic, settle, visit_all
from tests.browser.watch import Watch
from tests.servers.dashboard import ROOT, Server, free_port, running
from tests.servers.deployed import block, deployed, options
from tests.servers.provider import Provider, auth_section, serving
from tools import apache

pytestmark = pytest.mark.browser_all

PERSON = {"sub": "1", "name": "Ada", "email": "ada@shop.example", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving({"Ada": PERSON}) as started:
        yield started


@pytest.fixture(scope="module", params=["apache", "both"])
def server(
    request: pytest.FixtureRequest, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The dashboard whose login is that of Apache, and one that asks for a login of its own behind it."""
    installed = apache.find()
    if installed is None:
        pytest.skip(apache.HELP)
    workspace, port, without = tmp_path_factory.mktemp("workspace"), free_port(), ""
    if request.param == "both":
        (workspace / ".streamlit").mkdir()
        without = "server.trustedUserHeaders"
        secrets = auth_section(provider, f"https://localhost:{port}/segments")
        (workspace / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    with deployed(installed, provider, workspace, tmp_path_factory.mktemp("apache"), port, without) as started:
        yield started


@pytest.fixture
def watch(server: Server, provider: Provider) -> Watch:
    return Watch(urlsplit(server.url).netloc, (provider.netloc,))


@pytest.fixture
def inside(page: Page, request: pytest.FixtureRequest) -> Page:
    page.get_by_role("link", name="Ada", exact=True).click()
    if "both" in request.node.callspec.id:
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Ada", exact=True).click()
    return page


def test_the_story_works_behind_a_proxy_under_a_path(inside: Page, server: Server) -> None:
    run_synthetic(inside)
    _, content = download(inside, "VIP Active")
    assert {row["Segment"] for row in rows_of(content)} == {"VIP Active"}
    open_tree(inside)
    assert inside.url.startswith(f"{server.url}/tree")
    go(inside, "Segments Summary")
    settle(inside)
    assert metric(inside, "Assigned").startswith("100")


def test_no_page_breaks_the_rules_that_the_proxy_sends(inside: Page) -> None:
    # A rule that is broken is an error in the console, for which the watch fails the test.
    run_synthetic(inside)
    assert visit_all(inside)


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
    assert urlsplit(secrets["auth"]["redirect_uri"]).path == f"/{options()['server.baseUrlPath']}/oauth2callback"
    assert {"domains", "emails"} == set(secrets["access"])


@pytest.mark.parametrize("folder", [".", "frontend", "elsewhere"])
def test_it_starts_from_any_folder(folder: str, tmp_path: Path) -> None:
    script = Path("app.py") if folder == "frontend" else ROOT / "frontend" / "app.py"
    place = tmp_path if folder == "elsewhere" else ROOT / folder
    with running(script, tmp_path, cwd=place) as server, visiting(server.url) as visitor:
        visitor.open()
        assert "metric" in visitor.press("demo").kinds
        # Its settings are found as well, which name the server.
        foreign = httpx.get(server.url, headers={"Host": "evil.example"}, trust_env=False)
        assert foreign.status_code == 421
