"""Tickets of files that were built for a browser: each opens its file for that browser, for some minutes.

A ticket travels in the file's type, `text/csv;ticket=...`, which alone reaches both who builds it and who hands it out.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from frontend.utils import way_back
from frontend.utils.store import ShortMemory

MARK = ";ticket="
# The browser of each ticket whose file was built.
BUILT = ShortMemory(timedelta(minutes=5))


def ticketed(mime: str, build: Callable[[], bytes]) -> tuple[str, Callable[[], bytes]]:
    """Return the type of a file with a ticket, and what builds the file for the browser of this session."""
    ticket, browser = secrets.token_urlsafe(), way_back.browser()

    def built() -> bytes:
        content = build()
        BUILT.keep(ticket, browser, datetime.now(UTC))
        return content

    return f"{mime}{MARK}{ticket}", built


def punched(content_type: str) -> tuple[str, str]:
    """Return the type of a file without its ticket, and the ticket.

    >>> punched("text/csv;ticket=abc; charset=utf-8"), punched("image/png")
    (('text/csv; charset=utf-8', 'abc'), ('image/png', ''))
    """
    mime, _, rest = content_type.partition(MARK)
    ticket, semicolon, charset = rest.partition(";")
    return mime + semicolon + charset, ticket
