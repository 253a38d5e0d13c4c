"""The door of a real server: foreign names, pages of other addresses, look-ups, and files of other browsers."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.server.client import visiting
from frontend import door
from frontend.utils import tickets, way_back
from tests.servers.dashboard import Server, running

ADA, EVE = "2|0000|0a0a|1758000000", "2|0000|0e0e|1758000000"
CUSTOMERS = b"email\nada@shop.example\n"
PATHS = ("", "tree", "static/index.js", "media/0a0a.csv", "app/static/x", "_stcore/metrics", "_stcore/host-config")


@dataclass(frozen=True)
class Watched:
    """A dashboard whose requests to other hosts would go through a proxy, which notes them."""

    server: Server
    asked: list[str]

    @property
    def netloc(self) -> str:
        return urlsplit(self.server.url).netloc


class _Noting(BaseHTTPRequestHandler):
    def __init__(self, asked: list[str], *rest: object) -> None:
        self.asked = asked
        super().__init__(*rest)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Say nothing: the output belongs to the tests."""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(502)

    do_CONNECT = do_GET  # noqa: N815 - the name that the server looks for


@pytest.fixture(scope="module")
def watched(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    asked: list[str] = []
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Noting, asked))
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy"):
            patch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        patch.setenv("no_proxy", "127.0.0.1")
        with running(root / "frontend" / "app.py", tmp_path_factory.mktemp("workspace")) as server:
            yield Watched(server, asked)
    proxy.shutdown()
    proxy.server_close()
    thread.join()


def opens(watched: Watched, host: str, origin: str | None) -> bool:
    """Return whether the server accepts a socket that names a host and the page that opened it."""
    reached = create_connection(("127.0.0.1", urlsplit(watched.server.url).port or 0))
    try:
        with connect(f"ws://{host}/_stcore/stream", sock=reached, origin=origin):  # type: ignore[arg-type]
            return True
    except InvalidStatus:
        return False


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_its_own_pages_open_sockets(watched: Watched, name: str) -> None:
    host = f"{name}:{urlsplit(watched.server.url).port}"
    assert opens(watched, host, f"http://{host}")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost.evil.example", "10.0.0.1:{port}"])
def test_a_foreign_name_gets_no_socket_whatever_the_page(watched: Watched, host: str) -> None:
    host = host.format(port=urlsplit(watched.server.url).port)
    assert not any(opens(watched, host, origin) for origin in (None, f"http://{host}", watched.server.url))


@pytest.mark.parametrize("page", ["http://evil.example", "http://localhost:1", "http://10.0.0.1:8501", "null"])
def test_a_page_of_another_address_gets_no_socket_and_no_host_is_asked_about_it(watched: Watched, page: str) -> None:
    assert not opens(watched, watched.netloc, page)
    assert not watched.asked


def test_to_a_foreign_name_no_route_says_anything(watched: Watched) -> None:
    with visiting(watched.server.url) as visitor:
        visitor.open()
        with httpx.Client(base_url=watched.server.url, headers={"Host": "evil.example"}, trust_env=False) as foreign:
            answers = [foreign.get(f"/{path}") for path in PATHS]
            answers += [foreign.request(method, "/_stcore/upload_file/a/b") for method in ("PUT", "DELETE", "OPTIONS")]
            assert {(answer.status_code, answer.text) for answer in answers} == {(421, door.FOREIGN)}
            assert foreign.get("/_stcore/health").text == "ok"


def test_a_file_without_its_address_is_not_there(watched: Watched) -> None:
    with httpx.Client(base_url=watched.server.url, trust_env=False) as own:
        assert own.get("/media/0a0a.csv").status_code == 404
        assert own.get("/_stcore/upload_file/a/b").text == own.get("/").text


def test_every_page_comes_with_its_styles_and_no_answer_waits_for_another(watched: Watched) -> None:
    with httpx.Client(base_url=watched.server.url, trust_env=False) as own:
        assert all(own.get(f"/{page}").content.endswith(door.STYLES) for page in ("", "segments", "tree?run=0a0a"))
        # A connection that waits for the word of the other side takes .04 s for each of them.
        assert min(own.get("/favicon.png").elapsed for _ in range(9)) < timedelta(seconds=0.03)


def test_starting_asks_no_host_for_the_address_of_the_server(watched: Watched) -> None:
    assert not watched.asked


Fetch = Callable[[str], httpx.Response]


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Fetches a file that Ada's browser had built a moment ago, as the browser of a cookie."""
    monkeypatch.setattr(way_back, "browser", partial(way_back.browser_of, ADA))
    mime, build = tickets.ticketed("text/csv", lambda: CUSTOMERS)
    content = build()

    def file(_: Request) -> Response:
        return Response(content, media_type=mime)

    server = httpx.ASGITransport(Starlette(routes=[Route("/", file)], middleware=[Middleware(door.Door)]))

    async def ask(cookie: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
            return await client.get("/", headers={"Cookie": f"{way_back.COOKIE}={cookie}"})

    return lambda cookie: asyncio.run(ask(cookie))


def test_a_file_goes_to_the_browser_that_asked_and_is_kept_nowhere(fetch: Fetch) -> None:
    answer = fetch(ADA)
    assert answer.content == CUSTOMERS
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("cookie", [EVE, "", "forged"])
def test_a_file_goes_to_no_other_browser(fetch: Fetch, cookie: str) -> None:
    answer = fetch(cookie)
    assert (answer.status_code, answer.text) == (404, door.EXPIRED)


def test_clients_without_a_token_have_no_files_of_each_other(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the browser that asked had none either.
    monkeypatch.setattr(tickets.BUILT, "look", lambda *_: "")
    assert fetch("").status_code == 404
    # Where the server gives no tokens, there is nothing to tell browsers apart by.
    monkeypatch.setattr("frontend.door.st.get_option", lambda name: name != "server.enableXsrfProtection" and None)
    assert fetch("").content == CUSTOMERS


def test_a_file_is_gone_after_some_minutes(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Later":
            return super().now(tz) + timedelta(minutes=5, seconds=1)

    monkeypatch.setattr(door, "datetime", Later)
    assert fetch(ADA).status_code == 404


@pytest.mark.parametrize(("headless", "shown"), [(False, ["http://localhost:8501"]), (True, [])])
def test_starting_shows_the_dashboard_where_there_is_a_browser(
    monkeypatch: pytest.MonkeyPatch, headless: bool, shown: list[str]
) -> None:
    opened: list[str] = []
    options = {"server.headless": headless, "browser.serverAddress": "localhost"}
    monkeypatch.setattr("frontend.door.st.get_option", options.__getitem__)
    monkeypatch.setattr("frontend.door.cli_util.open_browser", opened.append)

    async def start() -> None:
        async with door.opened(None):
            assert opened == shown

    monkeypatch.setattr("frontend.door.login.settings", lambda: None)
    asyncio.run(start())
