"""The dashboard's one memory: what pages remember between reruns and share between sessions, always bounded.

Each file declares at its top what it remembers. A key is a hash of what decides the content (files, policy, options),
never a frame. What is shared is read-only by agreement: nobody changes a run.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
MOST_TEXTS = 1_000
MOST_CUSTOMERS = 6_000_000
"""Most rows in one store of customers."""


@dataclass
class _Making:
    """A thing that is being made, and how many sessions wait for it."""

    lock: "Lock" = field(default_factory=Lock)
    waiting: int = 0


class Store(Generic[T]):
    """Keeps what was made last, by key; the least recently used goes first.

    Unlike a caching decorator of Streamlit's it hashes and copies no frame, and the maker may report progress to the
    page that waits.

    Args:
        size: Most rows, characters or the like over all of them; one thing alone may be larger.
        personal: Whether it holds customers, and must forget them when one of them is erased.

    >>> store = Store[str](entries=2, size=10, size_of=len)
    >>> [store.get(key, lambda key=key: key * 3) for key in ("a", "b", "c")]
    ['aaa', 'bbb', 'ccc']
    >>> "a" in store, "c" in store
    (False, True)
    """

    def __init__(
        self,
        *,
        entries: int,
        size: int | None = None,
        size_of: Callable[[T], int] | None = None,
        personal: bool = False,
    ) -> None:
        self.entries, self.size, self.size_of, self.personal = entries, size, size_of, personal
        _STORES.add(self)
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()
        self._clearings = 0
        self._making: dict[str, _Making] = {}

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._kept

    def get(self, key: str, make: Callable[[], T]) -> T:
        """Return the thing of a key, made now if it is not kept; an error of the maker leaves nothing behind.

        Who asks for a thing while another one makes it waits for it: fifty people who open the same link must not
        fill the memory with fifty copies.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            # One lock a key: a long analysis must not keep other sessions from what is made already.
            making = self._making.setdefault(key, _Making())
            making.waiting += 1
        try:
            with making.lock:
                return self._made(key, make)
        finally:
            with self._lock:
                making.waiting -= 1
                # Only the last one may forget the lock: after an error those who wait make the thing again, and
                # somebody who came later with a lock of their own would make it beside them.
                if not making.waiting:
                    del self._making[key]

    def _made(self, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            clearings = self._clearings
        # Made without the lock of the store, which other keys need meanwhile; the lock of this key is held.
        thing = make()
        with self._lock:
            # Begun before the store was cleared, it may hold a customer who was erased meanwhile, so it is not kept.
            if clearings == self._clearings:
                self._kept[key] = thing
            while len(self._kept) > 1 and self._full():
                self._kept.popitem(last=False)
        return thing

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._clearings += 1

    def _full(self) -> bool:
        if self.size is not None and self.size_of is not None:
            return len(self._kept) > self.entries or sum(map(self.size_of, self._kept.values())) > self.size
        return len(self._kept) > self.entries


# Weak, so that a store that was made for a test or an example goes with it.
_STORES: WeakSet[Store[Any]] = WeakSet()


def forget_customers() -> None:
    """Forget everything that holds customers."""
    for store in _STORES:
        if store.personal:
            store.clear()


def key_of(*parts: object) -> str:
    """Return a key for a store or a widget: a hash, from which nothing can be read."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()


class ShortMemory:
    """Keeps a text of each key for as long as its patience, for visitors who may be anybody; the oldest goes first."""

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, text: str, now: datetime) -> None:
        """Remember a text; the oldest of too many goes."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = text, now
            while len(self._kept) > MOST_TEXTS:
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
