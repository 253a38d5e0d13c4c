"""Who a segment is against everyone else: the differences that matter, in numbers and in words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS
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
        column: Column of the contract.
        category: The value whose share differs; empty for a numeric column.
        inside: Mean, or share of the category, in the segment.
        outside: The same over everyone else.
        effect: Difference in pooled standard deviations, or in shares for a category.
    """

    column: str
    category: str
    inside: float
    outside: float
    effect: float

    def words(self) -> str:
        """Return the difference for people, such as `average order value 241.30 against 78.90`."""
        label = COLUMNS[self.column].label
        if self.category:
            return f"{label} {self.category}: {percent(self.inside)} against {percent(self.outside)}"
        return f"{label} {number_words(self.inside)} against {number_words(self.outside)}"


def profiles(
    customers: pd.DataFrame, codes: _CODES, segments: int, *, most: int = 4
) -> tuple[tuple[Difference, ...], ...]:
    """Return for each segment its most telling differences, the largest first.

    Args:
        customers: The universe; columns used: every numeric one of the contract, and the labelled texts.
        codes: Segment of each customer, shape (customers,).
        segments: How many segments there are.
        most: Differences a segment may have.
    """
    found: list[list[Difference]] = [[] for _ in range(segments)]
    for name in customers.columns:
        column = COLUMNS.get(str(name))
        if column is None or not column.label or column.personal or column.kind not in ("number", "text"):
            continue
        make = _numeric if column.kind == "number" else _categorical
        for code, difference in make(customers[name], codes, segments):
            found[code].append(difference)
    return tuple(tuple(sorted(each, key=_weight)[:most]) for each in found)


def _weight(difference: Difference) -> tuple[float, str, str]:
    """Order by how telling a difference is; a share counts as much as four times as many deviations."""
    scale = 4 if difference.category else 1
    return -abs(difference.effect) * scale, difference.column, difference.category


def _numeric(column: pd.Series, codes: _CODES, segments: int) -> Iterator[tuple[int, Difference]]:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(values)
    if not known.any():
        return
    # Sums of squares lose their digits where values are far from 0, so the overall mean is taken off first.
    center = float(values[known].mean())
    values, members = values[known] - center, codes[known].astype(np.intp)
    count = np.bincount(members, minlength=segments)
    total = np.bincount(members, weights=values, minlength=segments)
    square = np.bincount(members, weights=values**2, minlength=segments)
    for code in range(segments):
        n, m = count[code], len(values) - count[code]
        if min(n, m) < FEWEST:
            continue
        inside, outside = total[code] / n, (total.sum() - total[code]) / m
        # Cohen's d: the difference in pooled standard deviations within both sides (J. Cohen, Statistical Power
        # Analysis for the Behavioral Sciences, 1988, chapter 2).
        within = square.sum() - n * inside**2 - m * outside**2
        deviation = np.sqrt(max(within, 0) / (n + m - 2))
        effect = (inside - outside) / deviation if deviation > 0 else 0.0
        if abs(effect) >= MATTERS:
            yield code, Difference(str(column.name), "", float(inside + center), float(outside + center), float(effect))


def _categorical(column: pd.Series, codes: _CODES, segments: int) -> Iterator[tuple[int, Difference]]:
    places, names = pd.factorize(column, sort=True)
    if len(names) > MAX_CATEGORIES or len(names) < 2:
        return
    known = places >= 0
    table = np.bincount(codes[known].astype(np.intp) * len(names) + places[known], minlength=segments * len(names))
    counts = table.reshape(segments, len(names))
    for code in range(segments):
        n, m = counts[code].sum(), counts.sum() - counts[code].sum()
        if min(n, m) < FEWEST:
            continue
        inside, outside = counts[code] / n, (counts.sum(axis=0) - counts[code]) / m
        for place in np.flatnonzero(np.abs(inside - outside) >= SHARE_MATTERS).tolist():
            share, other = float(inside[place]), float(outside[place])
            yield code, Difference(str(column.name), str(names[place]), share, other, share - other)
