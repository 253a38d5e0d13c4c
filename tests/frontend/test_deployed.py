"""What stands in front of the dashboard in docs/deployment.md lets nothing through without a login."""

import html
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from urllib.parse import urlsplit

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.servers.dashboard import Server, free_port
from tests.servers.deployed import deployed
from tests.servers.provider import Provider, serving
from tests.waiting import PATIENCE
from tools import apache

pytestmark = pytest.mark.slow

PEOPLE = {
    "Ada": {"sub": "1", "name": "Ada", "email": "ada@shop.example", "email_verified": True},
    "Bob": {"sub": "2", "name": "Bob", "email": "bob@shop.example", "email_verified": False},
    "Eve": {"sub": "3", "name": "Eve", "email": "eve@evil-shop.example", "email_verified": True},
    "Flo": {"sub": "4", "name": "Flo", "email": "agency@partner.example", "email_verified": True},
}
FORGED = {"X-Logged-In": "yes", "OIDC_CLAIM_email": "ada@shop.example", "Cookie": "mod_auth_openidc_session=1"}
PATHS = (
    "_stcore/health",
    "_stcore/metrics",
    "_stcore/host-config",
    "_stcore/upload_file/a/b",
    "_stcore/agent/openapi.json",
    "media/0a0a.csv",
    "static/index.js",
    "component/x",
    "./media/x",
    "/media/x",
    "%5fstcore/metrics",
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving(PEOPLE) as started:
        yield started


@pytest.fixture(scope="module")
def installed() -> apache.Apache:
    found = apache.find()
    if found is None:
        pytest.skip(apache.HELP)
    return found


@pytest.fixture(scope="module")
def server(installed: apache.Apache, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workspace, folder = tmp_path_factory.mktemp("workspace"), tmp_path_factory.mktemp("apache")
    with deployed(installed, provider, workspace, folder, free_port()) as started:
        yield started


def visitor(server: Server) -> httpx.Client:
    # The certificate is its own; whether it is trusted is not asked here.
    return httpx.Client(base_url=f"{server.url}/", verify=False, trust_env=False)  # noqa: S501


@contextmanager
def logged_in(server: Server, name: str) -> Iterator[httpx.Client]:
    """Yield a visitor whom the provider has taken for a person."""
    with visitor(server) as client:
        page = client.get("", follow_redirects=True)
        link = re.search(rf'<a href="([^"]+)">{name}</a>', page.text)
        assert link
        client.get(str(page.url.join(html.unescape(link[1]))), follow_redirects=True)
        yield client


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def cookies(client: httpx.Client) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


@contextmanager
def socket(client: httpx.Client, **headers: str) -> Iterator[ClientConnection]:
    """Open the web socket of the dashboard as a visitor."""
    address = f"wss://{client.base_url.netloc.decode()}{client.base_url.path}_stcore/stream"
    with connect(
        address,
        ssl=trusting(),
        additional_headers={"Cookie": cookies(client), **headers},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        open_timeout=PATIENCE,
    ) as opened:
        yield opened


def drawn(client: httpx.Client, **headers: str) -> bytes:
    """Return all that the start page sends to a visitor."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    with socket(client, **headers) as opened:
        opened.send(message.SerializeToString())
        parts = [opened.recv(timeout=PATIENCE, decode=False)]
        while b"No analysis yet" not in parts[-1]:
            parts.append(opened.recv(timeout=PATIENCE, decode=False))
    return b"".join(parts)


@pytest.mark.parametrize("headers", [{}, FORGED])
def test_an_anonymous_visitor_gets_nothing(server: Server, headers: dict[str, str]) -> None:
    with visitor(server) as client:
        for path in PATHS:
            assert (path, client.get(path, headers=headers).status_code) in {(path, 401), (path, 302)}
        with pytest.raises(InvalidStatus, match="401"), socket(client, **headers):
            pass


def test_an_anonymous_visitor_can_leave_nothing(server: Server) -> None:
    with visitor(server) as client:
        for method in ("PUT", "POST", "DELETE", "OPTIONS"):
            answer = client.request(method, "_stcore/upload_file/a/b", content=b"x" * 1_000_000)
            assert answer.status_code == 401
        with pytest.raises(InvalidStatus, match="401"), socket(client):
            pass
        assert not list(server.workspace.rglob("*.parquet"))


def test_a_page_leads_to_the_login(server: Server, provider: Provider) -> None:
    with visitor(server) as client:
        answer = client.get("tree")
        assert answer.status_code == 302
        assert urlsplit(answer.headers["Location"]).netloc == provider.netloc


@pytest.mark.parametrize("name", ["Ada", "Flo"])
def test_who_may_come_in_comes_in_and_is_known_by_name(server: Server, name: str) -> None:
    with logged_in(server, name) as client:
        assert client.get("_stcore/health").text == "ok"
        assert name.encode() in drawn(client)


@pytest.mark.parametrize("name", ["Bob", "Eve"])
def test_who_may_not_come_in_gets_nothing(server: Server, name: str) -> None:
    with logged_in(server, name) as client:
        assert {client.get(path).status_code for path in ("", *PATHS[:8])} == {401}
        with pytest.raises(InvalidStatus, match="401"), socket(client):
            pass


def test_nobody_passes_for_somebody_else(server: Server) -> None:
    with logged_in(server, "Ada") as client:
        page = drawn(client, OIDC_CLAIM_name="Mallory", OIDC_CLAIM_email="mallory@shop.example")
        assert b"Mallory" not in page


def test_a_page_of_another_address_opens_no_socket(server: Server) -> None:
    with logged_in(server, "Ada") as client:
        with pytest.raises(InvalidStatus, match="403"), socket(client, Origin="https://evil.example"):
            pass
        with socket(client, Origin=f"https://{client.base_url.netloc.decode()}"):
            pass


@pytest.mark.parametrize("path", ["", "_stcore/health", "media/x"])
def test_every_answer_has_the_headers_that_browsers_obey(server: Server, path: str) -> None:
    with logged_in(server, "Ada") as inside, visitor(server) as outside:
        for answer in (inside.get(path), outside.get(path)):
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_every_cookie_is_secure(server: Server) -> None:
    with logged_in(server, "Ada") as client:
        client.get("_stcore/health")
        kept = {cookie.name: cookie.secure for cookie in client.cookies.jar}
        assert {"mod_auth_openidc_session", "_streamlit_xsrf"} <= set(kept)
        assert all(kept.values())


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Server) -> None:
    with logged_in(server, "Ada") as client:
        where = client.base_url
        asking = HTTPSConnection(where.host, where.port, context=trusting())
        asking.putrequest("PUT", f"{where.path}_stcore/upload_file/a/b")
        asking.putheader("Cookie", cookies(client))
        asking.putheader("Content-Length", str(600 * 2**20))
        asking.endheaders()
        assert asking.getresponse().status == 413
        asking.close()


def test_too_many_requests_are_refused(
    installed: apache.Apache, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # A server of its own: whoever asks too often is refused for a minute.
    workspace, folder = tmp_path_factory.mktemp("workspace"), tmp_path_factory.mktemp("apache")
    with deployed(installed, provider, workspace, folder, free_port()) as busy, visitor(busy) as client:
        codes = [client.get("_stcore/metrics").status_code for _ in range(700)]
        assert set(codes[:500]) == {401}
        assert codes[-1] == 429
