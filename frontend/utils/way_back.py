"""The analysis whose link somebody followed to the login page: a login ends at the start page, without the address.

It waits here, in the memory of the server, for the same browser; what tells browsers apart is the token that the
server gives each of them against forged requests. An identifier of an analysis opens nothing without the login.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

COOKIE = "_streamlit_xsrf"
PATIENCE = timedelta(minutes=15)
MOST = 1_000


def browser_of(cookie: str) -> str:
    """Return what is the same in every form of a browser's token; nothing where the cookie holds none.

    The cookie is `2|mask|masked token|time`, with another mask each time.

    >>> browser_of("2|00ff|0af5|1758000000"), browser_of("2|0000|0a0a|1758000000"), browser_of("none")
    ('0a0a', '0a0a', '')
    """
    parts = cookie.strip("\"'").split("|")
    if len(parts) != 4 or parts[0] != "2":
        return ""
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return ""
    # The inverse of `websocket_mask` in Streamlit's server: each byte is combined with the mask by XOR, and the mask
    # repeats. The server draws a new mask for each cookie, so cookies cannot be compared as they are.
    return bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(masked)).hex() if mask else ""


class WaysBack:
    """The latest analysis that each browser asked for before its login; forgotten when it is old or taken."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = Lock()

    def keep(self, browser: str, run_id: str, now: datetime) -> None:
        """Remember the analysis that a browser asked for."""
        with self._lock:
            self._asked.pop(browser, None)
            self._asked[browser] = run_id, now
            # The login page is open to everybody, so what waits is bounded; the oldest goes first.
            while len(self._asked) > MOST:
                self._asked.popitem(last=False)

    def take(self, browser: str, now: datetime) -> str:
        """Return and forget what a browser asked for; nothing where that was too long ago."""
        with self._lock:
            run_id, since = self._asked.pop(browser, ("", now))
        return run_id if now - since <= PATIENCE else ""


WAYS_BACK = WaysBack()
