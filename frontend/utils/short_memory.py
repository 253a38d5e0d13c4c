"""What the server remembers for minutes, for visitors who may be anybody: bounded, and forgotten when it is old."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

MOST = 1_000


class ShortMemory:
    """The latest text of each key.

    Args:
        patience: How long a text is remembered.
    """

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, text: str, now: datetime) -> None:
        """Remember a text; the oldest of too many goes."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = text, now
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def look(self, key: str, now: datetime) -> str | None:
        """Return the text of a key; None where there is none, or it is too old."""
        with self._lock:
            text, since = self._kept.get(key, (None, now))
        return text if now - since <= self._patience else None

    def take(self, key: str, now: datetime) -> str | None:
        """Return and forget the text of a key."""
        text = self.look(key, now)
        with self._lock:
            self._kept.pop(key, None)
        return text
