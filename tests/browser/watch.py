"""What a page of the dashboard may never do, watched while a test drives it, and what it waits for."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.waiting import PATIENCE

NUMBERS = {
    "RERUN": BackMsg.RERUN_SCRIPT_FIELD_NUMBER,
    "BEGUN": ForwardMsg.NEW_SESSION_FIELD_NUMBER,
    "FINISHED": ForwardMsg.SCRIPT_FINISHED_FIELD_NUMBER,
    "EARLY": ForwardMsg.FINISHED_EARLY_FOR_RERUN,
}
OWED = "".join(f"const {name} = {number};\n" for name, number in NUMBERS.items()) + (
    Path(__file__).parent.joinpath("scripts", "owed.js").read_text(encoding="utf-8")
)
LOCAL_SCHEMES = ("data", "blob", "about", "chrome-error")
# A page opened by its own address first looks for the server below that address; Streamlit means it to fail.
PROBE = re.compile(r"/[^/]+/_stcore/(health|host-config)$")


@dataclass
class Watch:
    """Faults of the pages of one browser context: errors in the console, requests to another host.

    Args:
        host: The host and port that requests may go to.
        others: More of them, where a test starts a second server.
        faults: What was seen, one line each.
    """

    host: str
    others: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    def context(self, browser: Browser, **options: Any) -> BrowserContext:
        """Return a new context whose pages are watched and patient, and know what the server owes them."""
        context = browser.new_context(**options)
        context.set_default_timeout(1000 * PATIENCE)
        context.add_init_script(OWED)
        context.on("request", self._request)
        context.on("page", self._page)
        return context

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("websocket", lambda socket: self._address("web socket", socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not PROBE.search(urlsplit(url).path):
            self.faults.append(f"console: {message.text} ({url})")

    def _error(self, error: Error) -> None:
        self.faults.append(f"script: {error.message}")

    def _request(self, request: Request) -> None:
        self._address("request", request.url)

    def _address(self, kind: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in LOCAL_SCHEMES and parts.netloc not in (self.host, *self.others):
            self.faults.append(f"{kind} to another host: {url}")
