"""Who a segment is against everyone else: the differences that matter, in numbers with intervals and in words."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from retention.customers.contracts import COLUMNS
from retention.partition.grid import BLOCK
from retention.scores.arithmetic import share_interval
from retention.wording import number_words, percent

MATTERS = 0.3
"""Smallest standardised difference worth a sentence: between Cohen's small (.2) and medium (.5)."""
SHARE_MATTERS = 0.10
"""Smallest difference in a category's share worth a sentence, in shares."""
MAX_CATEGORIES = 50
"""A column with more distinct values than this says nothing in a profile."""
FEWEST = 20
"""A segment, or everyone else, with fewer known values than this is not compared."""

_CODES = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Difference:
    """One way in which a segment differs from everyone else.

    Args:
        category: The value whose share differs; empty for a numeric column.
        inside: Mean, or share of the category, in the segment.
        outside: The same over everyone else.
        effect: Difference in pooled standard deviations, or in shares for a category.
        low: Lower end of the 95 % interval of `inside - outside`, taken alone.
    """

    column: str
    category: str
    inside: float
    outside: float
    effect: float
    low: float
    high: float

    def words(self, currency: str = "") -> str:
        """Return the difference for people: `average order value $241 against $79 ($150 to $174 more)`."""
        column, more = COLUMNS[self.column], self.effect > 0
        near, far = sorted((abs(self.low), abs(self.high)))
        if self.category:
            ends = f"{100 * near:.0f} to {100 * far:.0f} points {'more' if more else 'fewer'}"
            both = f"{percent(self.inside)} against {percent(self.outside)}"
            return f"{column.label} {self.category}: {both} ({ends})"
        unit = "money" if column.unit == "money" else ""
        inside, outside, least, most = (
            number_words(value, unit, currency) for value in (self.inside, self.outside, near, far)
        )
        return f"{column.label} {inside} against {outside} ({least} to {most} {'more' if more else 'less'})"


def beyond_rule(differences: Collection[Difference], features: Collection[str]) -> tuple[Difference, ...]:
    """Return the differences that no rule made: those of columns that the policy does not split on."""
    return tuple(each for each in differences if each.column not in features)


class ProfileSums:
    """What profiles are made of; those of parts add up."""

    def __init__(self, segments: int) -> None:
        self._segments, self.seen = segments, dict[str, _Numbers | _Categories]()

    def add(self, customers: pd.DataFrame, codes: _CODES) -> "ProfileSums":
        """Take customers and the segment of each, and return this."""
        for name in customers.columns:
            column = COLUMNS.get(str(name))
            if column is None or not column.label or column.personal or column.kind not in ("number", "text"):
                continue
            make = _Numbers if column.kind == "number" else _Categories
            self.seen.setdefault(column.name, make(self._segments)).add(customers[name], codes)
        return self

    def __add__(self, other: "ProfileSums") -> "ProfileSums":
        for name, sums in other.seen.items():
            self.seen[name].join(sums)
        return self

    def differences(self, most: int = 4) -> tuple[tuple[Difference, ...], ...]:
        """Return for each segment its most telling differences, at most so many, the largest first."""
        by_segment: list[list[Difference]] = [[] for _ in range(self._segments)]
        # Money so large that its squares leave the range of numbers has no interval, and tells nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            for name, sums in self.seen.items():
                for code, difference in sums.differences(name):
                    by_segment[code].append(difference)
        return tuple(tuple(sorted(each, key=_weight)[:most]) for each in by_segment)


def _weight(difference: Difference) -> tuple[float, str, str]:
    """Order by how telling a difference is; a share counts as much as four times as many deviations."""
    scale = 4 if difference.category else 1
    return -abs(difference.effect) * scale, difference.column, difference.category


class _Numbers:
    """Sums of a numeric column by segment."""

    def __init__(self, segments: int) -> None:
        self.center: float | None = None
        # Rows of the table: how many values are known, their sum, and that of their squares.
        self.sums = np.zeros((3, segments))

    def add(self, column: "pd.Series[Any]", codes: _CODES) -> None:
        """Take customers, a block at a time: sums are added in one order, whatever the parts."""
        for start in range(0, len(column), BLOCK):
            values = column.iloc[start : start + BLOCK].to_numpy(dtype=np.float64, na_value=np.nan)
            known = np.isfinite(values)
            if not known.any():
                continue
            # Sums of squares lose their digits where values are far from 0, so a mean is taken off first.
            self.center = float(values[known].mean()) if self.center is None else self.center
            values, members = values[known] - self.center, codes[start : start + BLOCK][known].astype(np.intp)
            with np.errstate(over="ignore"):
                for place, weights in enumerate((None, values, values**2)):
                    self.sums[place] += np.bincount(members, weights=weights, minlength=self.sums.shape[1])

    def join(self, other: Any) -> None:
        """Add sums of the same column, taken off the mean that was taken off these."""
        self.center = other.center if self.center is None else self.center
        if other.center is not None:
            (count, total, square), moved = other.sums, np.float64(other.center - self.center)
            with np.errstate(over="ignore", invalid="ignore"):
                shifted = square + 2 * moved * total + moved**2 * count
                self.sums += np.stack([count, total + moved * count, shifted])

    def differences(self, name: str) -> Iterator[tuple[int, Difference]]:
        """Yield the segments that differ, and how."""
        (count, total, square), center = self.sums, self.center or 0.0
        for code, n in enumerate(count.astype(int).tolist()):
            m = int(count.sum()) - n
            if min(n, m) < FEWEST:
                continue
            inside, outside = total[code] / n, (total.sum() - total[code]) / m
            # Cohen's d: the difference in pooled standard deviations within both sides (J. Cohen, Statistical Power
            # Analysis for the Behavioral Sciences, 1988, chapter 2).
            within = square.sum() - n * inside**2 - m * outside**2
            deviation = np.sqrt(max(within, 0) / (n + m - 2))
            effect = (inside - outside) / deviation if deviation > 0 else 0.0
            own = max(square[code] - n * inside**2, 0) / (n - 1) / n
            other = max(square.sum() - square[code] - m * outside**2, 0) / (m - 1) / m
            half = _welch(own, n, other, m)
            low, high = inside - outside - half, inside - outside + half
            if abs(effect) >= MATTERS and low * high > 0:
                means = float(inside + center), float(outside + center)
                yield code, Difference(name, "", *means, float(effect), float(low), float(high))


class _Categories:
    """How often each value of a column of texts is in each segment; nothing once there are too many."""

    def __init__(self, segments: int) -> None:
        self.counts = dict[str, npt.NDArray[np.int64]]()
        self._segments = segments

    def add(self, column: "pd.Series[Any]", codes: _CODES) -> None:
        """Take customers."""
        if len(self.counts) > MAX_CATEGORIES:
            return
        places, names = pd.factorize(column)
        known, none = places >= 0, np.zeros(self._segments, dtype=np.int64)
        cells = codes[known].astype(np.intp) * len(names) + places[known]
        table = np.bincount(cells, minlength=self._segments * len(names)).reshape(self._segments, len(names))
        for name, counts in zip(names, table.T, strict=True):
            self.counts[str(name)] = self.counts.get(str(name), none) + counts

    def join(self, other: Any) -> None:
        """Add counts of the same column."""
        for name, counts in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + counts

    def differences(self, name: str) -> Iterator[tuple[int, Difference]]:
        """Yield the segments that differ, and how."""
        names = sorted(self.counts)
        if len(names) > MAX_CATEGORIES or len(names) < 2:
            return
        counts = np.array([self.counts[each] for each in names]).T
        for code in range(self._segments):
            n, m = counts[code].sum(), counts.sum() - counts[code].sum()
            if min(n, m) < FEWEST:
                continue
            inside, outside = counts[code] / n, (counts.sum(axis=0) - counts[code]) / m
            for place in np.flatnonzero(np.abs(inside - outside) >= SHARE_MATTERS).tolist():
                share, other = float(inside[place]), float(outside[place])
                low, high = _newcombe(share, int(n), other, int(m))
                if low * high > 0:
                    yield code, Difference(name, names[place], share, other, share - other, low, high)


def _welch(own: float, n: int, other: float, m: int) -> float:
    """Return half the 95 % interval of a difference of means; `own` and `other` are squared standard errors."""
    both = own + other
    # B. L. Welch, Biometrika 34, 1947: each side keeps a variance of its own.
    degrees = both**2 / (own**2 / (n - 1) + other**2 / (m - 1)) if both > 0 else 1.0
    return float(stdtrit(degrees, 0.975)) * sqrt(both)


def _newcombe(share: float, n: int, other: float, m: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares: R. G. Newcombe, Statistics in Medicine 17, 1998."""
    (below, low), (above, high) = (ends.tolist() for ends in share_interval(np.array([share, other]), np.array([n, m])))
    difference = share - other
    return difference - hypot(share - below, high - other), difference + hypot(above - share, other - low)
