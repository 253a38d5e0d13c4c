"""The k-th smallest of numbers that are only ever seen in pieces: exact, in memory that their count does not change.

Each look over the numbers counts the next digit of those that share the digits found so far, the highest digit first
(radix selection): floats and integers are 64 bits, so that four looks at 16 bits each find any number of ranks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
Pieces = Callable[[], Iterable[Numbers]]
"""Returns the pieces, from the first on, each time it is called."""
_DIGIT = 16
_TOP = np.uint64(1 << 63)


def at_ranks(pieces: Pieces, ranks: Sequence[int], kind: type[np.generic] = np.float64) -> Numbers:
    """Return the numbers at some ranks, from 0, in ascending order of all.

    Args:
        pieces: Finite float64 or int64 numbers.
        ranks: Each from 0 to the count of all less one.
        kind: The type of the numbers.

    >>> at_ranks(lambda: [np.array([3.0, -1.0]), np.array([2.0])], [0, 2]).tolist()
    [-1.0, 3.0]
    """
    found = [(np.uint64(0), rank) for rank in ranks]
    for shift in range(64 - _DIGIT, -1, -_DIGIT):
        counts = {int(prefix): np.zeros(1 << _DIGIT, dtype=np.int64) for prefix, _ in found}
        for piece in pieces():
            keys = _keys(np.asarray(piece, dtype=kind)) >> np.uint64(shift)
            above, digits = keys >> np.uint64(_DIGIT), keys & np.uint64((1 << _DIGIT) - 1)
            for prefix in counts:
                counts[prefix] += np.bincount(digits[above == prefix].astype(np.int64), minlength=1 << _DIGIT)
        found = [_next(counts[int(prefix)], prefix, rank) for prefix, rank in found]
    return _numbers(np.array([prefix for prefix, _ in found], dtype=np.uint64), kind)


def _next(counts: npt.NDArray[np.int64], prefix: np.uint64, rank: int) -> tuple[np.uint64, int]:
    """Return the digits of a rank with one more, and the rank among the numbers that share them."""
    ends = np.cumsum(counts)
    digit = int(np.searchsorted(ends, rank, side="right"))
    return np.uint64((int(prefix) << _DIGIT) + digit), rank - int(ends[digit] - counts[digit])


def _keys(numbers: Numbers) -> npt.NDArray[np.uint64]:
    """Return unsigned integers in the order of the numbers."""
    if numbers.dtype == np.int64:
        return np.asarray(numbers.view(np.uint64) ^ _TOP)
    # Adding 0 makes one of the two zeros, which are equal but have different bits.
    bits = (numbers + np.float64(0)).view(np.uint64)
    # The bits of negative floats grow away from zero.
    return np.where(bits & _TOP, ~bits, bits | _TOP)


def _numbers(keys: npt.NDArray[np.uint64], kind: type[np.generic]) -> Numbers:
    if kind is np.int64:
        return (keys ^ _TOP).view(np.int64)
    return np.where(keys & _TOP, keys ^ _TOP, ~keys).view(np.float64)


@dataclass(frozen=True)
class PiecedSample:
    """The finite values of one feature over the universe, of which only a piece is in memory at a time.

    Args:
        pieces: Returns the column.
    """

    pieces: Pieces

    @cached_property
    def size(self) -> int:
        """How many values there are."""
        return sum(len(piece) for piece in self.finite())

    def finite(self) -> Iterable[Numbers]:
        """Yield the finite values."""
        return (piece[np.isfinite(piece)] for piece in self.pieces())

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """Return linear quantiles, equal to numpy's in every bit; there has to be a value."""
        places = [(self.size - 1) * np.float64(share) for share in shares]
        ranks = [min(floor(place) + side, self.size - 1) for place in places for side in (0, 1)]
        pairs: Numbers = at_ranks(self.finite, ranks).reshape(-1, 2)
        return [float(np.quantile(pair, place - floor(place))) for pair, place in zip(pairs, places, strict=True)]

    def at_most(self, cut: float) -> int:
        """Return how many values are at or below a cut."""
        return sum(int(np.count_nonzero(piece <= cut)) for piece in self.finite())

    def near(self, cut: float, reach: int) -> list[float]:
        """Return the distinct values around a cut: so many below it, and one more from it on, ascending."""
        below, above = np.empty(0), np.empty(0)
        for piece in self.finite():
            below = np.unique(np.concatenate([below, piece[piece < cut]]))[-reach:]
            above = np.unique(np.concatenate([above, piece[piece >= cut]]))[: reach + 1]
        return [*below.tolist(), *above.tolist()]

    def filled(self, low: float, high: float) -> bool:
        """Return whether a value lies in `(low, high]`."""
        return self.at_most(high) > self.at_most(low)
