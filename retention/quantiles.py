"""Quantile cuts -> numbers, moved where ties would leave a branch empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from retention.policy import quantile_of

UNREACHED = float(np.finfo(np.float64).max)
"""The cut of a feature that no customer has a value of: nobody is over it."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """The finite values of one feature over the universe, from which any number of cuts is fitted."""

    values: Floats

    @classmethod
    def of(cls, column: Floats) -> "Sample":
        """Return the sample of a column; missing and infinite values have no quantile."""
        return cls(column[np.isfinite(column)])

    def below(self, value: float) -> float:
        """Return the largest value at most `value`, or minus infinity."""
        return float(np.max(self.values, where=self.values <= value, initial=-inf))

    def above(self, value: float) -> float:
        """Return the smallest value over `value`, or infinity."""
        return float(np.min(self.values, where=self.values > value, initial=inf))


def fit_cuts(sample: Sample, asked: Sequence[float | str]) -> tuple[tuple[float, str], ...]:
    """Return each cut with a note that is empty unless the cut had to move or cannot do its work.

    A quantile is linear over the finite values. If a branch beside it would be empty, it moves to the
    nearest distinct value that fills both sides; a cut given as a value stays where the marketer put it.

    >>> fit_cuts(Sample(np.array([1.0, 1.0, 1.0, 2.0])), ["q50"])
    ((1.0, ''),)
    >>> fit_cuts(Sample(np.array([1.0, 2.0, 2.0, 2.0])), ["q50"])
    ((1.0, 'moved from 2: ties left a branch empty'),)
    """
    if not len(sample.values):
        return tuple((UNREACHED if quantile_of(cut) is not None else float(cut), "no value is known") for cut in asked)
    shares = [quantile_of(cut) for cut in asked]
    wanted = iter(np.quantile(sample.values, [share for share in shares if share is not None]))
    raw = [float(next(wanted)) if share is not None else float(cut) for share, cut in zip(shares, asked, strict=True)]
    fixed = [share is None for share in shares]
    placed = raw if _all_filled(sample, raw) else _place(sample, raw, fixed)
    notes = [_note(sample, placed, i, was) for i, was in enumerate(raw)]
    return tuple(zip(placed, notes, strict=True))


def _all_filled(sample: Sample, cuts: Sequence[float]) -> bool:
    edges = [-inf, *cuts, inf]
    return all(a < b and sample.above(a) <= sample.below(b) for a, b in zip(edges, edges[1:], strict=False))


def _place(sample: Sample, raw: list[float], fixed: list[bool]) -> list[float]:
    """Return the increasing cuts nearest to the raw ones that leave the fewest branches empty.

    A quantile's candidates are itself and the few distinct values on either side of it (one more than
    there are cuts, because each cut can push the next by at most one value); a value has only itself.
    The cheapest path through the candidates wins: fewest empty branches, then least distance moved.
    Where a value stands below the quantile before it no path exists, and the raw cuts come back.
    """
    paths: list[tuple[int, float, list[float]]] = [(0, 0.0, [])]
    for cut, keep in zip(raw, fixed, strict=True):
        paths = [
            min(_extend(sample, path, candidate, cut) for path in paths if not path[2] or path[2][-1] <= candidate)
            for candidate in ([cut] if keep else _candidates(sample, cut, len(raw)))
            if any(not path[2] or path[2][-1] <= candidate for path in paths)
        ]
    finished = [(empty + _empty(sample, path[-1], inf), moved, path) for empty, moved, path in paths]
    return min(finished)[2] if finished else raw


def _extend(
    sample: Sample, path: tuple[int, float, list[float]], candidate: float, cut: float
) -> tuple[int, float, list[float]]:
    empty, moved, cuts = path
    return empty + _empty(sample, cuts[-1] if cuts else -inf, candidate), moved + abs(candidate - cut), [*cuts, candidate]


def _candidates(sample: Sample, cut: float, reach: int) -> list[float]:
    """Return a cut and the `reach` + 1 nearest distinct values on either side of it, in order."""
    down, up = [sample.below(cut)], [sample.above(cut)]
    for _ in range(reach):
        down.append(sample.below(float(np.nextafter(down[-1], -inf))))
        up.append(sample.above(up[-1]))
    return sorted(value for value in {cut, *down, *up} if np.isfinite(value))


def _empty(sample: Sample, low: float, high: float) -> int:
    return int(not (low < high and sample.above(low) <= sample.below(high)))


def _note(sample: Sample, cuts: Sequence[float], i: int, was: float) -> str:
    if cuts[i] != was:
        return f"moved from {was:g}: ties left a branch empty"
    edges = (-inf, *cuts, inf)
    if _empty(sample, edges[i], edges[i + 1]):
        return "nobody is at or below it" if i == 0 else "nobody is between it and the cut before"
    return "nobody is over it" if _empty(sample, edges[i + 1], edges[i + 2]) and i == len(cuts) - 1 else ""
