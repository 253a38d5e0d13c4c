"""How the driver of PostgreSQL hands over rows: dates as text, and as the server sends them."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from psycopg import Connection, Cursor
from psycopg.abc import Query
from psycopg.types.string import TextLoader

STEP_ROWS = 100
"""Rows that are in memory at once, besides those that were taken."""
_AS_TEXT = ("date", "time", "timetz", "timestamp", "timestamptz", "interval", "json", "jsonb")
"""Types that are taken as the server writes them: Python has no infinite date and no year 10,000."""


class StreamedCursor(Cursor[Any]):
    """A cursor that asks once and takes the rows as they come.

    The server's own cursors need a question for each so many rows, however large these are. The driver's guard is
    that this protocol takes one statement only.
    """

    __slots__ = ("_rows", "_stream")

    def __init__(self, connection: "Connection[Any]", **_: object) -> None:
        super().__init__(connection)
        self._rows: Iterator[Any] = iter(())
        self._stream: Iterator[Any] = self._rows

    def execute(self, query: Query, *_: object, **__: object) -> "StreamedCursor":
        """Ask; columns are known from here on."""
        self._stream = self.stream(query, size=STEP_ROWS)
        self._rows = chain(list(islice(self._stream, 1)), self._stream)
        return self

    def fetchmany(self, size: int = 0) -> list[Any]:
        """Return up to so many rows; none at the end."""
        return list(islice(self._rows, size))

    def close(self) -> None:
        """End the query, too, if it still gives rows."""
        if close := getattr(self._stream, "close", None):
            close()
        super().close()


def prepare(connection: Any) -> None:
    """Make a connection hand over rows in this way."""
    connection.server_cursor_factory = StreamedCursor
    for kind in _AS_TEXT:
        connection.adapters.register_loader(kind, TextLoader)
