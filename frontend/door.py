"""The door of the server, before anything that Streamlit answers, for every way of starting.

Streamlit looks at the name that a browser asked for at its web socket only, and to judge a page of another address it
asks the internet for its own. Here foreign names get nothing, and a page of another address opens no socket.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import IPPROTO_TCP, SO_ACCEPTCONN, SOCK_STREAM, SOL_SOCKET, TCP_NODELAY, socket
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import cli_util
from streamlit.web.server.server_util import get_url
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from frontend.utils import login, tickets, way_back

FOREIGN = "This server is not known by this name. Whoever runs it can add the name to server.allowedHosts."
EXPIRED = "This download has expired. Press its button again."
# Answers everybody, as load balancers ask by address; it says nothing but that the server runs.
HEALTH = "/_stcore/health"

# In the page itself, as a style that comes with the first answer moves what is drawn already.
STYLES = b"<style>%b</style>" % Path(__file__).with_name("assets").joinpath("charts.css").read_bytes()


class Door:
    """Lets requests through to the application, or refuses them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the messages of one socket."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        request = HTTPConnection(scope)
        known = is_host_allowed(request.headers.get("host"))
        if scope["type"] == "websocket" and not (known and _is_own_page(request)):
            return await send({"type": "websocket.close", "code": 1008})
        if not known and not scope["path"].endswith(HEALTH):
            return await PlainTextResponse(FOREIGN, 421)(scope, receive, send)
        refused = page = False
        if "." not in scope["path"]:
            # As it is, so that the styles can be added.
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"accept-encoding"]}

        async def hand_out(message: Message) -> None:
            nonlocal refused, page
            refused = refused or not _may_have(request, message)
            page = page or _is_styled(request, message)
            if page and message["type"] == "http.response.body" and not message.get("more_body"):
                message["body"] += STYLES
            if not refused:
                await send(message)
            elif message["type"] == "http.response.start":
                await PlainTextResponse(EXPIRED, 404)(scope, receive, send)

        return await self._app(scope, receive, hand_out)


def _may_have(request: HTTPConnection, message: Message) -> bool:
    """Return whether an answer may go to a browser, and take the ticket of a file off it."""
    if message["type"] != "http.response.start":
        return True
    headers = MutableHeaders(scope=message)
    kind, ticket = tickets.punched(headers.get("content-type", ""))
    if ticket:
        headers["content-type"], headers["cache-control"] = kind, "no-store"
    browser = way_back.browser_of(request.cookies.get(way_back.COOKIE, ""))
    # Clients without a token cannot be told apart, so none of them has a file, unless the server gives no tokens.
    told_apart = bool(browser) or not st.get_option("server.enableXsrfProtection")
    return not ticket or (told_apart and tickets.BUILT.look(ticket, datetime.now(UTC)) == browser)


def _is_styled(request: HTTPConnection, message: Message) -> bool:
    """Return whether an answer is a page, and make room in it for the styles; addresses of pages have no ending."""
    if message["type"] != "http.response.start" or message["status"] != 200 or "." in request.url.path:
        return False
    headers = MutableHeaders(scope=message)
    if not headers.get("content-type", "").startswith("text/html") or "content-length" not in headers:
        return False
    headers["content-length"] = str(int(headers["content-length"]) + len(STYLES))
    # A browser that asks whether its page is still the same one would keep the styles of an earlier version.
    del headers["etag"], headers["last-modified"]
    return True


def _is_own_page(request: HTTPConnection) -> bool:
    """Return whether a socket was opened by a page of this server, or by a program, which names no page."""
    origin = request.headers.get("origin")
    own = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return own or not st.get_option("server.enableCORS")


@asynccontextmanager
async def opened(_: object) -> AsyncIterator[None]:
    """Begin as Streamlit does for a plain script: with the browser, where there is one."""
    # Asked now, so that a login that goes before the first visitor comes does not leave the door open.
    login.settings()
    if not st.get_option("server.headless"):
        cli_util.open_browser(get_url(st.get_option("browser.serverAddress")))
    _answer_at_once()
    yield


def _answer_at_once() -> None:
    """Let no answer wait for the browser's word that it has the one before: .04 s for each of a page's 60 files.

    The event loop sets this only on sockets that name their protocol, which Streamlit's does not. Connections have it
    from the socket that listens, which nobody hands out.
    """
    for each in [each for each in gc.get_objects() if type(each) is socket and each.fileno() >= 0]:
        if each.type == SOCK_STREAM and each.getsockopt(SOL_SOCKET, SO_ACCEPTCONN):
            each.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
