"""The k-th smallest of numbers that are only ever seen in pieces: exact, in memory that their count does not change.

Each look over the numbers counts the next digit of those that share the digits found so far, the highest digit first
(radix selection): floats and integers are 64 bits, so that four looks at 16 bits each find a few ranks. Where few
numbers share the digits that are found, the next look takes these numbers instead, and is the last.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import floor

import numpy as np
import numpy.typing as npt

from retention.partition.parts import Add, Numbers, PartedRows, S, Total

_DIGIT, _COUNTERS = 16, 20
"""Bits of a digit, and of the number of counters, at the most."""
_FEW = 1 << 21
"""Numbers that are few enough to be taken."""
_TOP = np.uint64(1 << 63)


def each_at_ranks(total: Total, ranks: Sequence[Sequence[int]], kind: type[np.generic] = np.float64) -> list[Numbers]:
    """Return the numbers at some ranks, from 0, in ascending order of all, of each of several columns.

    Args:
        total: Takes a function of pieces of the columns, one of each, and adds up over them: finite float64 or int64
            numbers.
        ranks: Those of each column, each from 0 to the count of its numbers less one.
        kind: The type of the numbers.

    >>> from functools import reduce
    >>> pieces = [[np.array([3.0, -1.0])], [np.array([2.0])]]
    >>> each_at_ranks(lambda of, add=operator.add: reduce(add, map(of, pieces)), [[0, 2]])[0].tolist()
    [-1.0, 3.0]
    """
    digits, waiting = [[(0, rank) for rank in own] for own in ranks], _FEW + 1
    left = 64 if all(digits) else 0
    while left:
        prefixes = [np.array(sorted({prefix for prefix, _ in own}), dtype=np.uint64) for own in digits]
        if waiting <= _FEW:
            taken = total(partial(_sharing, left, prefixes, kind), _together)
            return [_numbers(_taken(keys, left, own), kind) for keys, own in zip(taken, digits, strict=True)]
        # Many ranks share no digits, and get shorter ones, so that what is counted does not grow with them.
        bits = min(left, _DIGIT, max(1, _COUNTERS - (sum(map(len, prefixes)) - 1).bit_length()))
        left, waiting = left - bits, 0
        counts = total(partial(_digits, left, bits, prefixes, kind))
        for column, (own, known) in enumerate(zip(digits, prefixes, strict=True)):
            # Among unsigned integers: numpy would compare with plain ones as floats, which have 53 bits.
            places = np.searchsorted(known, np.array([prefix for prefix, _ in own], dtype=np.uint64))
            own_counts, counts = counts[: len(known)], counts[len(known) :]
            ends = np.cumsum(own_counts, axis=1)
            digits[column] = [_next(ends[place], *each, bits) for place, each in zip(places, own, strict=True)]
            last = (prefix & (1 << bits) - 1 for prefix, _ in digits[column])
            waiting += sum(int(own_counts[cell]) for cell in {*zip(places.tolist(), last, strict=True)})
    return [_numbers(np.array([prefix for prefix, _ in own], dtype=np.uint64), kind) for own in digits]


def _alone(total: Total, of: Callable[[Sequence[Numbers]], S], add: Add[S] = operator.add) -> S:
    """Add up over the pieces of one column, given what adds up over each of them."""
    summed: S = total(partial(_of_one, of), add)
    return summed


def _of_one(of: Callable[[Sequence[Numbers]], S], piece: Numbers) -> S:
    return of([piece])


def hashes_at(hashed: PartedRows, ranks: Mapping[int, Sequence[int]]) -> dict[int, npt.NDArray[np.int64]]:
    """Return the hashes at some ranks of each of several codes, of rows `code, hash`."""
    pieces, own = hashed.total("code", "hash"), tuple(ranks)

    def total(of: Callable[[Iterable[Numbers]], S], add: Add[S] = operator.add) -> S:
        summed: S = pieces(partial(_of_codes, of, own), add)
        return summed

    return dict(zip(ranks, each_at_ranks(total, list(ranks.values()), np.int64), strict=True))


def _of_codes(of: Callable[[Iterable[Numbers]], S], own: Sequence[int], codes: Numbers, hashes: Numbers) -> S:
    return of(hashes[codes == code] for code in own)


def _digits(
    shift: int,
    bits: int,
    prefixes: Sequence[npt.NDArray[np.uint64]],
    kind: type[np.generic],
    pieces: Iterable[Numbers],
) -> npt.NDArray[np.int64]:
    """Return how often each digit of so many bits comes next after each prefix, one column's below the other's."""
    counted = []
    for known, piece in zip(prefixes, pieces, strict=True):
        keys = _keys(np.asarray(piece, dtype=kind)) >> np.uint64(shift)
        above, digits = keys >> np.uint64(bits), keys & np.uint64((1 << bits) - 1)
        places = np.minimum(np.searchsorted(known, above), len(known) - 1) if len(known) > 1 else np.int64(0)
        mask = known[places] == above
        cells = (np.broadcast_to(places, mask.shape)[mask] << bits) + digits[mask].astype(np.int64)
        counted.append(np.bincount(cells, minlength=len(known) << bits).reshape(-1, 1 << bits))
    return np.concatenate(counted)


def _sharing(
    shift: int, prefixes: Sequence[npt.NDArray[np.uint64]], kind: type[np.generic], pieces: Iterable[Numbers]
) -> list[Numbers]:
    """Return the keys of the numbers that have one of some prefixes, for each column."""
    keys = [_keys(np.asarray(piece, dtype=kind)) for piece in pieces]
    return [own[np.isin(own >> np.uint64(shift), known)] for own, known in zip(keys, prefixes, strict=True)]


def _together(one: Sequence[Numbers], other: Sequence[Numbers]) -> list[Numbers]:
    return [np.concatenate(pair) for pair in zip(one, other, strict=True)]


def _taken(keys: Numbers, left: int, digits: Sequence[tuple[int, int]]) -> npt.NDArray[np.uint64]:
    """Return the keys at some ranks among those that share their prefixes."""
    ordered = np.sort(keys)
    firsts = np.searchsorted(ordered, np.array([prefix << left for prefix, _ in digits], dtype=np.uint64))
    ranks = np.array([rank for _, rank in digits])
    return np.asarray(ordered[firsts + ranks])


def _next(ends: npt.NDArray[np.int64], prefix: int, rank: int, bits: int) -> tuple[int, int]:
    """Return the digits of a rank with one more, and the rank among the numbers that share them."""
    digit = int(np.searchsorted(ends, rank, side="right"))
    return (prefix << bits) + digit, rank - (int(ends[digit - 1]) if digit else 0)


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


def quantiles_of_each(total: Total, sizes: Sequence[int], shares: Sequence[float]) -> list[list[float]]:
    """Return linear quantiles of several columns, equal to numpy's in every bit.

    Args:
        total: As `each_at_ranks` takes it, over finite numbers.
        sizes: How many numbers each column has, at least one.
        shares: The quantiles, from 0 to 1.
    """
    places = [[(size - 1) * np.float64(share) for share in shares] for size in sizes]
    ranks = [
        [min(floor(place) + side, size - 1) for place in own for side in (0, 1)]
        for own, size in zip(places, sizes, strict=True)
    ]
    return [
        [float(np.quantile(pair, at - floor(at))) for pair, at in zip(numbers.reshape(-1, 2), own, strict=True)]
        for own, numbers in zip(places, each_at_ranks(total, ranks), strict=True)
    ]


@dataclass(frozen=True)
class PiecedSample:
    """The finite values of one feature over the universe, of which only a piece is in memory at a time.

    Args:
        column: Adds up over the column.
    """

    column: Total

    @cached_property
    def size(self) -> int:
        """How many values there are."""
        return int(self.finite(len))

    def finite(self, of: Callable[[Numbers], S], add: Add[S] = operator.add) -> S:
        """Add up over the finite values."""
        summed: S = self.column(partial(_of_finite, of), add)
        return summed

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """Return linear quantiles, equal to numpy's in every bit; there has to be a value."""
        return quantiles_of_each(partial(_alone, self.finite), [self.size], shares)[0]

    def at_most(self, cuts: Sequence[float]) -> list[int]:
        """Return how many values are at or below each cut."""
        return list(map(int, self.finite(partial(at_most, cuts))))

    def near(self, cut: float, reach: int) -> list[float]:
        """Return the distinct values around a cut: so many below it, and one more from it on, ascending."""
        nearest = partial(_nearest, cut, reach)
        return list(map(float, self.finite(nearest, partial(_joined, nearest))))

    def filled(self, low: float, high: float) -> bool:
        """Return whether a value lies in `(low, high]`."""
        below, within = self.at_most((low, high))
        return within > below


def _of_finite(of: Callable[[Numbers], S], piece: Numbers) -> S:
    return of(piece[np.isfinite(piece)])


def at_most(cuts: Sequence[float], numbers: Numbers) -> npt.NDArray[np.int64]:
    """Return how many numbers are at or below each cut."""
    return np.array([np.count_nonzero(numbers <= cut) for cut in cuts], dtype=np.int64)


def _nearest(cut: float, reach: int, piece: Numbers) -> Numbers:
    """Return so many distinct values below a cut, and one more from it on."""
    distinct = np.unique(piece)
    place = int(np.searchsorted(distinct, cut))
    return distinct[max(0, place - reach) : place + reach + 1]


def _joined(of: Callable[[Numbers], Numbers], one: Numbers, other: Numbers) -> Numbers:
    return of(np.concatenate([one, other]))
