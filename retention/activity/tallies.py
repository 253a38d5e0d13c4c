"""Counts and sums per group that do not depend on the order of the rows.

A group is a small integer, such as the place of a customer in a table. Nothing loops over groups.
"""

import numpy as np
from numpy.typing import NDArray

Groups = NDArray[np.int32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_TIME_BITS = 42
"""Bits of a time within 30 days, in microseconds: 2**42 microseconds are 50 days."""


def total(group: Groups, amount: Floats, groups: int) -> tuple[Floats, Integers]:
    """Return the sum of the known amounts of each group, NaN for unknown ones, and how many are known.

    A sum of floats depends on its order, so each group's amounts are added in ascending order: the same amounts give
    the same bits, whatever the order of the rows.

    >>> total(np.array([1, 1, 1], dtype=np.int32), np.array([0.3, np.nan, 0.1]), 2)
    (array([0. , 0.4]), array([0, 2]))
    """
    known = ~np.isnan(amount)
    group, amount = group[known], amount[known]
    counts = np.bincount(group, minlength=groups)
    # Two amounts give the same sum in either order, so only larger groups need sorting.
    few = counts[group] <= 2
    many = np.flatnonzero(~few)
    many = many[np.argsort(amount[many])]
    order = np.concatenate([np.flatnonzero(few), many])
    return np.bincount(group[order], weights=amount[order], minlength=groups).astype(np.float64), counts


def distinct(group: Groups, code: NDArray[np.int32], groups: int) -> Integers:
    """Return how many different codes each group has.

    Args:
        group: Group of each row, shape (n,).
        code: Code of each row, 0 or more, shape (n,); codes should be dense, as a table of them is made.
        groups: Number of groups.

    >>> distinct(np.array([1, 1, 1], dtype=np.int32), np.array([7, 8, 7], dtype=np.int32), 2)
    array([0, 2])
    """
    if not len(code):
        return np.zeros(groups, dtype=np.int64)
    # Nearly every code belongs to one group, and is counted by naming its owner once.
    owner = np.full(int(code.max()) + 1, -1, dtype=np.int32)
    owner[code] = group
    counts = np.bincount(owner[owner >= 0], minlength=groups)
    shared = owner[code] != group
    key = group[shared].astype(np.uint64) << np.uint64(32) | code[shared].astype(np.uint64)
    return counts + _apart(key, 1, 32, groups)


def runs(group: Groups, time: NDArray[np.int64], gap: int, groups: int) -> Integers:
    """Return how many runs each group has: times that follow each other by less than a gap are one run.

    Args:
        group: Group of each row, shape (n,).
        time: Microseconds, forwards or backwards, from 0 to 30 days, shape (n,).
        gap: Microseconds that end a run, at most 20 days.
        groups: Number of groups.

    >>> runs(np.array([0, 0, 0], dtype=np.int32), np.array([9, 0, 5]), 5, 1)
    array([2])
    """
    counts = np.zeros(groups, dtype=np.int64)
    # A key has the group in its upper 22 bits and the time in its lower 42, so groups are taken four million at a time.
    # Times of two groups are over 20 days apart (50 less 30), more than the longest gap, so each group starts a run.
    band = 1 << (64 - _TIME_BITS)
    for low in range(0, groups, band):
        some = np.flatnonzero((group >= low) & (group < low + band))
        key = (group[some] - low).astype(np.uint64) << np.uint64(_TIME_BITS) | time[some].astype(np.uint64)
        size = min(band, groups - low)
        counts[low : low + size] = _apart(key, gap, _TIME_BITS, size)
    return counts


def _apart(key: NDArray[np.uint64], gap: int, shift: int, groups: int) -> Integers:
    """Return, per group (the key without its lowest bits), the keys that are a gap or more above the one before.

    Keys of different groups must be further apart than the gap.
    """
    key.sort()
    first = np.ones(len(key), dtype=np.bool_)
    np.greater_equal(key[1:] - key[:-1], gap, out=first[1:])
    return np.bincount((key[first] >> np.uint64(shift)).astype(np.int64), minlength=groups)
