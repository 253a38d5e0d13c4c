"""The analysis whose link somebody followed to the login page: a login ends at the start page, without the address.

It waits here, in the memory of the server, for the same browser; what tells browsers apart is the token that the
server gives each of them against forged requests. An identifier of an analysis opens nothing without the login.
"""

from datetime import timedelta

import streamlit as st

from frontend.utils.store import ShortMemory

COOKIE = "_streamlit_xsrf"


def browser() -> str:
    """Return which browser the session is in; nothing where it has no token."""
    return browser_of(st.context.cookies.get(COOKIE, ""))


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


# The latest analysis that each browser asked for before its login.
WAYS_BACK = ShortMemory(timedelta(minutes=15))
