"""Learned cuts: found on one half of the customers, judged on the other, rounded where that moves hardly anybody.

Which half a customer is in follows from their identifier, so neither the order of rows nor who else is there matters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import floor, inf, log10

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.contracts import COLUMNS
from retention.errors import PolicyError
from retention.hashing import hash_ids
from retention.partition.parts import PartedRows
from retention.partition.quantiles import UNREACHED, CountedSample, FeatureSample, Sample, fit_cuts, note_of
from retention.partition.ranks import PiecedSample
from retention.partition.tree import Threshold
from retention.policy.policy import LearnedCuts
from retention.wording import count, number_words, percent

Floats = npt.NDArray[np.float64]

SALT = "learned cuts"
MOST = 10_000
"""Customers of a half who take part: those with the lowest hashes."""
FEWEST = 100
"""With fewer known values in a half all customers learn, and nothing is told of others."""
RESAMPLES = 100
MOVED = 0.01
"""A cut is rounded where fewer than this share of the customers with a value change their branch."""
SMALLEST = 0.05
"""Least share of the learners in a branch of supervised cuts."""


@dataclass(frozen=True)
class _Half:
    """Values, outcomes (of supervised cuts) and hashes of the customers of a half with the lowest hashes.

    Args:
        values: Shape (few,), like the others; ascending once it is `ordered`.
        count: All customers of the half.
    """

    values: Floats
    outcome: Floats
    hashes: npt.NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, values: Floats, outcome: Floats, hashes: npt.NDArray[np.int64], count: int) -> "_Half":
        """Return those with the lowest hashes among some customers of a half that has so many."""
        if len(hashes) > MOST:
            low = hashes <= np.partition(hashes, MOST - 1)[MOST - 1]
            values, outcome, hashes = values[low], outcome[low], hashes[low]
        # Two ids may have one hash; their values then decide, and not the order of their rows.
        few = np.lexsort((outcome, values, hashes))[:MOST]
        return cls(values[few], outcome[few], hashes[few], count)

    def __add__(self, other: "_Half") -> "_Half":
        values = np.concatenate([self.values, other.values])
        outcome = np.concatenate([self.outcome, other.outcome])
        return _Half.of(values, outcome, np.concatenate([self.hashes, other.hashes]), self.count + other.count)

    def ordered(self) -> "_Half":
        """Return the customers in an order that their rows and their hashes don't change."""
        return self._at(np.lexsort((self.outcome, self.values)))

    def drawn(self, rng: np.random.Generator) -> "_Half":
        """Return as many customers, drawn with replacement."""
        return self._at(np.sort(rng.integers(len(self.values), size=len(self.values))))

    def _at(self, places: npt.NDArray[np.int64]) -> "_Half":
        return _Half(self.values[places], self.outcome[places], self.hashes[places], self.count)


@dataclass(frozen=True)
class _Known:
    """What some customers tell of a feature: the two halves, how many have a value, and the highest of them."""

    even: _Half
    odd: _Half
    size: int
    top: float

    def __add__(self, other: "_Known") -> "_Known":
        top = max(self.top, other.top)
        return _Known(self.even + other.even, self.odd + other.odd, self.size + other.size, top)


def learn_cuts(
    rows: PartedRows, feature: str, learned: LearnedCuts, resamples: int = RESAMPLES
) -> tuple[Threshold, ...]:
    """Return the cuts of a feature, each with the ends between which it moves, and what the other half tells of them.

    A branch that too few distinct values leave empty stays empty, and its cut says so.

    Args:
        rows: Customers, of whom two passes are made; columns user_id, the feature, and the outcome of supervised cuts.
        feature: A numeric column of the contract.
        learned: How to learn.
        resamples: How often to learn again from customers drawn anew; 0 leaves out how far the cuts move.

    Raises:
        PolicyError: The outcome is not a column, or nobody's is known.
    """
    _check_outcome(rows.none, feature, learned)
    columns = ["user_id", feature, *filter(None, [learned.outcome])]
    known = rows.summed(partial(_known, feature, learned.outcome), columns=columns)
    if not known.size:
        return tuple(Threshold(feature, UNREACHED, name, "no value is known") for name in learned.names)
    even, odd = known.even, known.odd
    if not even.count + odd.count:
        raise PolicyError(
            f"no customer has both '{feature}' and '{learned.outcome}', from which its cuts are to be learned",
            hint="Add the outcome to the data, or choose method: kmeans, which needs none",
        )
    parted = min(even.count, odd.count) >= FEWEST
    learners = (even if parted else even + odd).ordered()
    cuts, sample = _friendly(PiecedSample(rows.total(feature)), known.size, _cuts(learners, learned, known.top))
    moves = _moves(learners, learned, cuts, resamples)
    note = (
        _told(odd.ordered(), cuts, learned) if parted else f"learned from all {count(even.count + odd.count)} customers"
    )
    notes = [note_of(sample, cuts, place, cut) for place, cut in enumerate(cuts)]
    notes[0] = "; ".join(filter(None, (notes[0], note)))
    return tuple(Threshold(feature, *each) for each in zip(cuts, learned.names, notes, moves, strict=True))


def _check_outcome(none: pd.DataFrame, feature: str, learned: LearnedCuts) -> None:
    if learned.outcome is not None and learned.outcome not in none.columns:
        raise PolicyError(
            f"the cuts of '{feature}' are to be learned from '{learned.outcome}', which the data does not have",
            hint=f"Add the column '{learned.outcome}', or choose method: kmeans, which needs none",
        )


def _known(feature: str, outcome: str | None, customers: pd.DataFrame) -> _Known:
    """Return what the customers of a part tell; where no outcome is asked for it is 0."""
    values, outcomes = (
        np.zeros(len(customers)) if name is None else customers[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in (feature, outcome)
    )
    finite = np.isfinite(values)
    known = finite & ~np.isnan(outcomes)
    hashes = hash_ids(customers["user_id"][known], SALT)
    even, odd = (
        _Half.of(values[known][chosen], outcomes[known][chosen], hashes[chosen], int(chosen.sum()))
        for chosen in (hashes % 2 == 0, hashes % 2 == 1)
    )
    return _Known(even, odd, int(finite.sum()), float(values[finite].max(initial=-inf)))


def _cuts(half: _Half, learned: LearnedCuts, top: float) -> list[float]:
    """Return the cuts that some customers teach, ascending; the top value stands for those that cannot be found."""
    x, shares = half.values, np.arange(1, learned.bins) / learned.bins
    match learned.method:
        case "quantile":
            cuts = [cut for cut, _ in fit_cuts(FeatureSample(x), [f"q{100 * share:.6g}" for share in shares])]
        case "equal":
            cuts = (x[0] + shares * (x[-1] - x[0])).tolist()
        case "share":
            distinct, customers = np.unique(x, return_counts=True)
            held = np.cumsum(distinct * customers)
            # Whoever brings the sum past a share is over the cut, so that one customer with most of it is.
            cuts = distinct[np.maximum(np.searchsorted(held, shares * held[-1], side="right") - 1, 0)].tolist()
        case "kmeans":
            cuts = list(_between_clusters(x, learned.bins))
        case "supervised":
            cuts = list(_supervised(half, learned.bins))
    return [*cuts, *[top] * (learned.bins - 1 - len(cuts))]


def _between_clusters(x: Floats, bins: int) -> Iterator[float]:
    """Yield the middles between the clusters with the least sum of squares (H. Wang, M. Song, The R Journal, 2011)."""
    import kmeans1d  # noqa: PLC0415 - a run without learned cuts needs none

    distinct, places = np.unique(x, return_inverse=True)
    # Squares lose their digits far from 0.
    labels = kmeans1d.cluster((x - np.median(x)).tolist(), min(bins, len(distinct))).clusters
    of_distinct = np.zeros(len(distinct), dtype=np.int64)
    of_distinct[places] = labels
    yield from _middles(distinct, np.flatnonzero(np.diff(of_distinct)))


def _supervised(half: _Half, bins: int) -> Iterator[float]:
    """Yield the cuts of the regression tree of one column with at most so many leaves."""
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415 - a run without supervised cuts needs none

    # The trees compare in single precision, which would merge near values; ranks are exact in it.
    distinct, ranks = np.unique(half.values, return_inverse=True)
    tree = DecisionTreeRegressor(max_leaf_nodes=bins, min_samples_leaf=SMALLEST, random_state=0)
    fitted = tree.fit(ranks[:, np.newaxis], half.outcome).tree_
    yield from _middles(distinct, np.sort(fitted.threshold[fitted.feature >= 0]).astype(np.int64))


def _middles(distinct: Floats, places: npt.NDArray[np.int64]) -> Iterator[float]:
    """Yield the middle between each of some distinct values and the next; the lower one, where nothing is between."""
    for low, high in ((float(distinct[place]), float(distinct[place + 1])) for place in places):
        middle = low + (high - low) / 2
        yield middle if middle < high else low


def _friendly(sample: Sample, size: int, cuts: Sequence[float]) -> tuple[list[float], CountedSample]:
    """Return the cuts, each as round as it can be while it moves under 1 % of the customers and empties no branch.

    Returns:
        The cuts, and the sample of so many values, counted where they may lie.
    """
    near, rounded = [[*round_numbers(cut)] for cut in cuts], list(cuts)
    places = sorted({*cuts, *chain.from_iterable(near)})
    counted = CountedSample(size, dict(zip(places, sample.at_most(places), strict=True)))
    for place, cut in enumerate(cuts):
        for candidate in near[place]:
            moved = abs(counted.counts[candidate] - counted.counts[cut])
            low, high = (-inf, *rounded)[place], (*rounded, inf)[place + 1]
            if moved < MOVED * size and counted.filled(low, candidate) and counted.filled(candidate, high):
                rounded[place] = candidate
                break
    return rounded, counted


def round_numbers(cut: float) -> Iterator[float]:
    """Yield numbers near a cut, the roundest first.

    >>> list(round_numbers(43.7))
    [40.0, 45.0, 44.0, 43.5, 43.7]
    """
    # A hundredth of the smallest numbers that there are is 0.
    size = 10.0 ** floor(log10(abs(cut))) if abs(cut) > 1e-300 else 1.0
    for step in (size, size / 2, size / 10, size / 20, size / 100):
        yield float(f"{round(cut / step) * step:.12g}")


def _moves(
    half: _Half, learned: LearnedCuts, cuts: Sequence[float], resamples: int
) -> Sequence[tuple[float, float] | None]:
    """Return between which ends 95 % of each cut lie where customers are drawn anew (the percentile bootstrap)."""
    if not resamples:
        return [None] * len(cuts)
    rng, top = np.random.default_rng(0), float(half.values[-1])
    drawn = np.array([_cuts(half.drawn(rng), learned, top) for _ in range(resamples)])
    ends = np.quantile(drawn, (0.025, 0.975), axis=0)
    # More digits than two would make the ends look surer than so few draws are.
    round_ends = (tuple(float(f"{end:.2g}") for end in pair) for pair in ends.T.tolist())
    return [(min(low, cut), max(high, cut)) for (low, high), cut in zip(round_ends, cuts, strict=True)]


def _told(half: _Half, cuts: Sequence[float], learned: LearnedCuts) -> str:
    """Return what customers who did not learn tell of the branches: their outcomes, or how alike they are inside."""
    branch = np.searchsorted(cuts, half.values)
    parts = [half.values[branch == place] for place in range(len(cuts) + 1)]
    if learned.outcome is None:
        within, spread = sum(part.var() * len(part) for part in parts if len(part)), half.values.var()
        share = 1 - within / (spread * len(half.values)) if spread > 0 else 1.0
        return f"the branches hold {percent(share)} of the spread among the customers not learned from"
    column = COLUMNS[learned.outcome]
    means = [half.outcome[branch == place].mean() if len(part) else np.nan for place, part in enumerate(parts)]
    words = [percent(mean, 1) if column.kind == "flag" else number_words(mean) for mean in means]
    return f"{column.label or column.name} by branch, among the customers not learned from: {', '.join(words)}"
