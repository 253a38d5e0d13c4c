"""Features as few codes, and every split in two that a tree may make of them.

Codes are those of `retention.partition.grid.Axis`: 0 for missing, then intervals or categories in ascending order. The
cuts are near quantiles, moved to the roundest number nearby, so that what is searched is what is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import NUMERIC_FEATURES
from retention.partition.grid import Axis, Grid
from retention.partition.learning import round_numbers
from retention.policy.policy import fold_category

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_BINS = 32
_REACH = 0.25
"""How far a cut may move to a round number, in bins to either side."""


@dataclass(frozen=True)
class Binned:
    """A feature in bins.

    Args:
        axis: Its codes; categories stand in the order of their mean outcome.
        missing: Whether some customer has no value.
        others: Whether some customer has a category that the axis does not list.
        top: A number that no customer has more than; 0 for categories.
    """

    axis: Axis
    missing: bool
    others: bool = False
    top: float = 0.0

    @property
    def known(self) -> int:
        """The last code that a known value can have."""
        cuts = self.axis.cuts
        # The one cut of a feature that has a single value is its top, with nobody above it.
        return len(cuts) + (cuts[-1] < self.top) if cuts else len(self.axis.categories) + self.others

    @cached_property
    def options(self) -> tuple[tuple[int, bool], ...]:
        """Every split: the last code of the first branch, and whether missing values take it."""
        known = self.known
        apart = [(known, False)] if self.missing else []
        return (*((last, low) for low in (False, True)[: 1 + self.missing] for last in range(1, known)), *apart)

    @cached_property
    def ranges(self) -> Integers:
        """What each side of each option holds: codes over the first number up to the second, and missing if the third.

        Shape (2, options, 3).
        """
        first = [(0, last, low) for last, low in self.options]
        second = [(last, self.axis.size - 1, not low) for last, low in self.options]
        return np.array([first, second], dtype=np.int64).reshape(2, len(self.options), 3)

    def goes_low(self, option: int, codes: npt.NDArray[np.uint8]) -> Bools:
        """Return whether codes take the first branch of an option."""
        last, low = self.options[option]
        return (codes <= last) if low else (codes <= last) & (codes > 0)

    def codes(self, frame: pd.DataFrame) -> npt.NDArray[np.uint8]:
        """Return the code of each customer, shape (customers,)."""
        return Grid((self.axis,)).cells_of(frame).astype(np.uint8)


def binned(frame: pd.DataFrame, feature: str, outcome: Floats, bins: int) -> Binned:
    """Return a feature in bins.

    Args:
        frame: One row per customer.
        feature: A column that a policy may split on.
        outcome: What orders categories: their mean, of each customer, NaN where it is not known.
        bins: Most bins beside that of missing values.
    """
    if feature not in NUMERIC_FEATURES:
        return _categories(frame[feature], feature, outcome, bins)
    column = frame[feature].to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.sort(column[np.isfinite(column)])
    top = rounded(values[-1], values[-1] * 2, values[-1]) if len(values) else 0.0
    return Binned(Axis(feature, _cuts(values, bins) or (top,)), bool(np.isnan(column).any()), top=top)


def _cuts(values: Floats, bins: int) -> tuple[float, ...]:
    """Return increasing cuts near the quantiles of sorted values, each with somebody on both sides."""
    if not len(values):
        return ()
    places = np.arange(1, bins) / bins * len(values)
    low, near, high = (
        values[np.clip(np.ceil(places + shift).astype(np.intp) - 1, 0, len(values) - 1)]
        for shift in np.array([-_REACH, 0, _REACH]) * len(values) / bins
    )
    cuts = sorted({rounded(*map(float, ends)) for ends in zip(low, high, near, strict=True)})
    # Each bin has somebody: a cut goes where nobody lies between it and the one before, or above it.
    ranks = np.searchsorted(values, cuts, side="right").tolist()
    return tuple(
        cut for cut, rank, before in zip(cuts, ranks, [0, *ranks], strict=False) if before < rank < len(values)
    )


def rounded(low: float, high: float, near: float) -> float:
    """Return the roundest number between two ends that lies near a third, which is between them as well.

    >>> rounded(41.2, 44.9, 42.3), rounded(0.4871, 0.5134, 0.4967), rounded(3.3, 3.3, 3.3)
    (42.0, 0.5, 3.3)
    """
    return next((each for each in round_numbers(near) if low <= each <= high), near)


def _categories(column: "pd.Series[str]", feature: str, outcome: Floats, bins: int) -> Binned:
    """Return categories in the order of their mean outcome; the rarest over the number of bins are not listed."""
    folded = column.map(lambda value: fold_category(str(value)), na_action="ignore").replace("", None)
    codes, names = pd.factorize(folded, sort=True)
    known = (codes >= 0) & np.isfinite(outcome)
    n, total = (np.bincount(codes[known], part[known], len(names)) for part in (np.ones(len(codes)), outcome))
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    kept = np.sort(np.argsort(-sizes, kind="stable")[: bins if len(names) <= bins else bins - 1])
    mean = total[kept] / np.maximum(n[kept], 1)
    order = kept[np.argsort(mean, kind="stable")]
    axis = Axis(feature, categories=tuple(str(names[place]) for place in order))
    return Binned(axis, bool((codes < 0).any()), others=len(kept) < len(names))


def binned_all(frame: pd.DataFrame, features: Sequence[str], outcome: Floats, bins: int) -> tuple[Binned, ...]:
    """Return features in bins, without those that do not tell two customers apart."""
    columns = (binned(frame, feature, outcome, bins) for feature in features)
    return tuple(each for each in columns if each.options)
