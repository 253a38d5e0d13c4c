"""Quantile cuts -> numbers, moved where ties would leave a branch empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf

import numpy as np
import numpy.typing as npt

from retention.partition.parts import PartedRows, WholeRows
from retention.partition.ranks import PiecedSample, at_most
from retention.policy.policy import quantile_of

UNREACHED = float(np.finfo(np.float64).max)
"""The cut of a feature that no customer has a value of: nobody is over it."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FeatureSample:
    """The finite values of one feature over the universe, from which any number of cuts is fitted."""

    values: Floats

    @classmethod
    def of(cls, column: Floats) -> "FeatureSample":
        """Return the sample of a column; missing and infinite values have no quantile."""
        return cls(column[np.isfinite(column)])

    @cached_property
    def distinct(self) -> Floats:
        """The distinct values in ascending order."""
        return np.unique(self.values)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.values)

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """Return linear quantiles; there has to be a value."""
        return [float(each) for each in np.quantile(self.values, shares)]

    def at_most(self, cuts: Sequence[float]) -> list[int]:
        """Return how many values are at or below each cut; to count is far cheaper than to sort."""
        return list(map(int, at_most(cuts, self.values)))

    def near(self, cut: float, reach: int) -> list[float]:
        """Return the distinct values around a cut: so many below it, and one more from it on, ascending."""
        place = int(np.searchsorted(self.distinct, cut))
        return [float(each) for each in self.distinct[max(0, place - reach) : place + reach + 1]]

    def filled(self, low: float, high: float) -> bool:
        """Return whether a value lies in `(low, high]`."""
        place = int(np.searchsorted(self.distinct, low, side="right")) if low > -inf else 0
        return place < len(self.distinct) and float(self.distinct[place]) <= high


Sample = FeatureSample | PiecedSample
"""The finite values of one feature, whether they are in memory or not."""


def sample_of(rows: PartedRows, feature: str) -> Sample:
    """Return the sample of a feature, in memory where the rows are."""
    if isinstance(rows, WholeRows):
        return FeatureSample.of(rows.rows[feature].to_numpy(dtype=np.float64, na_value=np.nan))
    return PiecedSample(rows.total(feature))


@dataclass(frozen=True)
class CountedSample:
    """So many finite values, of which is known how many are at or below some numbers."""

    size: int
    counts: Mapping[float, int]

    def filled(self, low: float, high: float) -> bool:
        """Return whether a value lies in `(low, high]`, each of them one of the numbers or infinite."""
        ends = {**self.counts, -inf: 0, inf: self.size}
        return ends[low] < ends[high]


def fit_cuts(sample: Sample, cuts: Sequence[float | str]) -> tuple[tuple[float, str], ...]:
    """Return each cut with a note that is empty unless the cut had to move or cannot do its work.

    A quantile is linear over the finite values. If a branch beside it would be empty, it moves to the
    nearest distinct value that fills both sides; a cut given as a value stays where the marketer put it.

    >>> fit_cuts(FeatureSample(np.array([1.0, 1.0, 1.0, 2.0])), ["q50"])
    ((1.0, ''),)
    >>> fit_cuts(FeatureSample(np.array([1.0, 2.0, 2.0, 2.0])), ["q50"])
    ((1.0, 'moved from 2: ties left a branch empty'),)
    """
    if not sample.size:
        return _unfitted(cuts)
    shares = [quantile_of(cut) for cut in cuts]
    wanted = iter(sample.quantiles([share for share in shares if share is not None]))
    raw = [next(wanted) if share is not None else float(cut) for share, cut in zip(shares, cuts, strict=True)]
    fixed = [share is None for share in shares]
    if _all_filled(sample, raw):
        return tuple((cut, "") for cut in raw)
    placed = _place(sample, raw, fixed)
    return tuple((placed[i], note_of(sample, placed, i, was)) for i, was in enumerate(raw))


def _unfitted(wanted: Sequence[float | str]) -> tuple[tuple[float, str], ...]:
    """Return cuts for a feature without a value: a quantile takes the value cut after it, or is never reached."""
    cuts: list[float] = []
    for cut in reversed(wanted):
        cuts.append(float(cut) if quantile_of(cut) is None else cuts[-1] if cuts else UNREACHED)
    return tuple((cut, "no value is known") for cut in reversed(cuts))


def _all_filled(sample: Sample, cuts: Sequence[float]) -> bool:
    """Return whether every branch has a customer."""
    counts = [0, *sample.at_most(cuts), sample.size]
    return all(a < b for a, b in pairwise(counts))


def _place(sample: Sample, raw: list[float], fixed: list[bool]) -> list[float]:
    """Return the increasing cuts nearest to the raw ones that leave the fewest branches empty.

    A quantile's candidates are itself and the few distinct values on either side of it (one more than
    there are cuts, because each cut can push the next by at most one value); a value has only itself.
    The cheapest path through the candidates wins: fewest empty branches, then least distance moved.
    Where a value stands below the quantile before it the raw cuts come back: moving the quantile would
    hide that the policy's cuts are in the wrong order on this data.
    """
    if any(b < a for a, b in pairwise(raw)):
        return raw
    paths: list[_Path] = [(0, 0.0, [])]
    for cut, keep in zip(raw, fixed, strict=True):
        # As in a shortest path, it is enough to know the best way to each candidate, so the cost grows with the number
        # of cuts and not with the number of their combinations.
        paths = [
            min(_extend(sample, path, candidate, cut) for path in paths if not path[2] or path[2][-1] <= candidate)
            for candidate in ([cut] if keep else _candidates(sample, cut, len(raw)))
            if any(not path[2] or path[2][-1] <= candidate for path in paths)
        ]
    return min((empty + _empty(sample, path[-1], inf), moved, path) for empty, moved, path in paths)[2]


_Path = tuple[int, float, list[float]]
"""Branches left empty so far, distance moved so far, the cuts so far."""


def _extend(sample: Sample, path: _Path, candidate: float, cut: float) -> _Path:
    empty, moved, cuts = path
    left_empty = empty + _empty(sample, cuts[-1] if cuts else -inf, candidate)
    return left_empty, moved + abs(candidate - cut), [*cuts, candidate]


def _candidates(sample: Sample, cut: float, reach: int) -> list[float]:
    """Return a cut and the `reach` + 1 nearest distinct values on either side of it, in order."""
    return sorted({cut, *sample.near(cut, reach + 1)})


def _empty(sample: Sample | CountedSample, low: float, high: float) -> int:
    return int(not (low < high and sample.filled(low, high)))


def note_of(sample: Sample | CountedSample, cuts: Sequence[float], i: int, was: float) -> str:
    """Return why a cut is not where it was asked for, or which branch beside it is empty; nothing if neither."""
    if cuts[i] != was:
        return f"moved from {was:g}: ties left a branch empty"
    edges = (-inf, *cuts, inf)
    if _empty(sample, edges[i], edges[i + 1]):
        return "nobody is at or below it" if i == 0 else "nobody is between it and the previous cut"
    return "nobody is over it" if _empty(sample, edges[i + 1], edges[i + 2]) and i == len(cuts) - 1 else ""
