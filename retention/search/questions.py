"""What a better tree is asked of: customers with their value, or an experiment with what each arm brought.

A question is answered from some rows and judged on others, so that no customer helps to choose what they are judged by.
Rows stand in an order that does not depend on that of the input, such as that of a hash of their identifiers: folds and
resamples go by it.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import OptionError
from retention.search.best_tree import Progress, best_tree, silent
from retention.search.bins import MOST_BINS, Binned, binned_all
from retention.search.greedy import greedy_tree, regression_tree
from retention.search.nodes import Codes, FoundNode, leaf_numbers
from retention.search.objectives import ArmProfit, LeafLimits, Objective, ValueSpread
from retention.search.sums import Sums, whole

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FOLDS = 5
PRICES = 17
"""Prices that are tried, at most, to keep to a budget."""


@dataclass(frozen=True)
class Wish:
    """Which trees are looked at.

    Args:
        features: Columns that it may split on.
        depth: Most splits on a path.
        bins: Most bins of a column.
        limits: Of each leaf.
        caution: For profit: the toll of a leaf, in standard errors of what a treatment gains with everybody. The best
            of many trees looks better than it is; at 0.5 what is found is best in `tests/simulations`.
    """

    features: tuple[str, ...] = ()
    depth: int = 3
    bins: int = 16
    limits: LeafLimits = field(default_factory=LeafLimits)
    caution: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.depth <= 4 or not 2 <= self.bins <= MOST_BINS:
            raise OptionError("there is no such search", hint=f"Use a depth up to 4, and 2 to {MOST_BINS} bins")


@dataclass(frozen=True)
class Lesson:
    """Some customers, ready to be searched."""

    wish: Wish
    features: tuple[Binned, ...]
    sums: Sums
    objective: Objective

    def best(self, progress: Progress = silent) -> FoundNode:
        """Return the best tree; errors as `best_tree`."""
        return best_tree(self.sums, self.features, self.objective, self.wish.depth, progress=progress)

    @property
    def known(self) -> bool:
        """Whether scikit-learn knows the objective and the limits."""
        return isinstance(self.objective, ValueSpread) and self.objective.limits.maximum is None

    def rival(self) -> FoundNode:
        """Return the greedy tree on the same bins: scikit-learn's where it knows what is asked."""
        if self.known:
            return regression_tree(self.sums, self.features, self.objective.limits.minimum, self.wish.depth)
        return greedy_tree(self.sums, self.features, self.objective, self.wish.depth)

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the codes of any customers, shape (features, customers)."""
        return _codes(self.features, frame)


def _codes(features: Sequence[Binned], frame: pd.DataFrame) -> Codes:
    return np.array([each.codes(frame) for each in features], dtype=np.uint8).reshape(len(features), len(frame))


@dataclass(frozen=True)
class TreeQuestion(ABC):
    """Customers, and what makes one tree of them better than another.

    Args:
        frame: One row per customer.
        today: Segment of each customer under the policy in use, shape (customers,).
        wish: Which trees are looked at.
    """

    frame: pd.DataFrame
    today: Integers
    wish: Wish

    @property
    def folds(self) -> Integers:
        """The fold of each customer."""
        return np.arange(len(self.frame)) % FOLDS

    def lesson(self, rows: Bools) -> Lesson:
        """Return some customers, ready to be searched; nothing in it comes from others."""
        parts, order, objective = self.learnt(rows)
        frame = self.frame[rows]
        features = binned_all(frame, self.wish.features, order, self.wish.bins)
        sums = Sums(_codes(features, frame), tuple(each.axis.size for each in features), parts)
        return Lesson(self.wish, features, sums, objective)

    @property
    @abstractmethod
    def enough(self) -> bool:
        """Whether there is enough for an interval."""

    @abstractmethod
    def learnt(self, rows: Bools) -> tuple[Floats, Floats, Objective]:
        """Return the parts of the sums of some customers, what orders categories, and the objective."""

    @abstractmethod
    def judged(self, rows: Bools, leaves: Integers) -> Floats:
        """Return what leaves are worth for each customer, as learnt from some rows; NaN where it is not known.

        Args:
            rows: Whom to learn from, shape (customers,).
            leaves: Leaf of each customer, shape (customers,).
        """


@dataclass(frozen=True)
class ValueQuestion(TreeQuestion):
    """Which tree tells customers of different value apart.

    A customer's worth under a tree is the part of the variance that its leaf's mean explains: 2 (y - m)(l - m) - (l -
    m)^2 over the variance, for value y, mean m and the mean l of the leaf, both of the rows that were learnt from. Over
    the rows themselves it adds up to their between-leaf spread.

    Args:
        value: Of each customer; NaN where it is not known, shape (customers,).
    """

    value: Floats

    @property
    def enough(self) -> bool:
        """Whether the value of thirty customers is known."""
        return int(np.isfinite(self.value).sum()) >= 30

    def learnt(self, rows: Bools) -> tuple[Floats, Floats, Objective]:
        """Return customers, those whose value is known, and their values about the mean."""
        value = self.value[rows]
        known = np.isfinite(value)
        numbers, _ = whole(np.where(known, value, 0.0))
        centred = np.where(known, numbers - np.rint(numbers.sum() / max(1, known.sum())), 0.0)
        parts = np.stack([np.ones(len(value)), known, centred], axis=1)
        return parts, value, ValueSpread(self.wish.limits)

    def judged(self, rows: Bools, leaves: Integers) -> Floats:
        """Return the part of the variance that is explained of each customer."""
        known = rows & np.isfinite(self.value)
        center, groups = self.value[known].mean(), int(leaves.max()) + 1
        n = np.bincount(leaves[known], minlength=groups)
        shift = np.bincount(leaves[known], self.value[known] - center, groups) / np.maximum(n, 1)
        spread = np.nanvar(self.value) or 1.0
        return np.asarray((2 * (self.value - center) * shift[leaves] - shift[leaves] ** 2) / spread)


@dataclass(frozen=True)
class ProfitQuestion(TreeQuestion):
    """Which tree gives each customer the arm that pays most.

    Gains are estimated per customer by inverse probability, or doubly robust: what the arm brought in the segment of
    today in the other folds, and what this customer brought more, over the chance of the arm they had (J. Robins, A.
    Rotnitzky and L. Zhao, JASA 89, 1994; S. Athey and S. Wager, Econometrica 89, 2021). Both are sums.

    Args:
        arms: Labels, the control first.
        arm: Of each customer, shape (customers,).
        outcome: What each brought under the arm they had, its cost taken off, shape (customers,).
        converted: Whether each converted, shape (customers,).
        chance: Of each arm, shape (customers, arms).
        robust: Whether gains are doubly robust.
        price: What a customer of a treatment costs beyond their cost, see `within_budget`.
    """

    arms: tuple[str, ...]
    arm: Integers
    outcome: Floats
    converted: Bools
    chance: Floats
    robust: bool = True
    price: float = 0.0

    @property
    def enough(self) -> bool:
        """Whether thirty customers converted in each arm."""
        return bool((np.bincount(self.arm[self.converted], minlength=len(self.arms)) >= 30).all())

    def gains(self, rows: Bools) -> Floats:
        """Return what each treatment would have brought over the control, shape (customers, treatments).

        Args:
            rows: Customers who say what arms bring in the segments of today; none says it of their own fold.
        """
        groups, cell = int(self.today.max()) + 1, self.today * len(self.arms) + self.arm
        scores, size, folds = np.empty(self.chance.shape), groups * len(self.arms), self.folds
        for fold in range(FOLDS):
            fit, held = rows & (folds != fold), folds == fold
            n = np.bincount(cell[fit], minlength=size).reshape(groups, -1)
            total = np.bincount(cell[fit], self.outcome[fit], size).reshape(groups, -1)
            overall = total.sum(axis=0) / np.maximum(n.sum(axis=0), 1)
            expected = np.where(n > 0, total / np.maximum(n, 1), overall) * self.robust
            scores[held] = expected[self.today[held]]
        own = np.arange(len(self.arm)), self.arm
        scores[own] += (self.outcome - scores[own]) / self.chance[own]
        return np.asarray(scores[:, 1:] - scores[:, :1])

    def learnt(self, rows: Bools) -> tuple[Floats, Floats, Objective]:
        """Return customers by arm, and the gain of each treatment; categories go by the mean of the first."""
        gains = self.gains(rows)[rows]
        numbers, unit = whole(gains)
        counts = np.eye(len(self.arms))[self.arm[rows]]
        price = (self.price / unit,) * (len(self.arms) - 1)
        toll = self.wish.caution * float(numbers.std(axis=0).max()) * len(numbers) ** 0.5
        objective = ArmProfit(replace(self.wish.limits, toll=toll), len(self.arms), price)
        return np.concatenate([counts, numbers], axis=1), gains[:, 0], objective

    def chosen(self, rows: Bools, leaves: Integers) -> Integers:
        """Return the arm that each leaf gets, as learnt from some rows: the control where no treatment pays."""
        gains, groups = self.gains(rows)[rows] - self.price, int(leaves.max()) + 1
        totals = [np.bincount(leaves[rows], gain, groups) for gain in gains.T]
        return np.asarray(np.argmax([np.zeros(groups), *totals], axis=0))

    def judged(self, rows: Bools, leaves: Integers) -> Floats:
        """Return the gain of each customer under the arm of their leaf."""
        gains = np.concatenate([np.zeros((len(self.arm), 1)), self.gains(rows)], axis=1)
        return np.asarray(gains[np.arange(len(gains)), self.chosen(rows, leaves)[leaves]])


def within_budget(
    question: ProfitQuestion, budget: float, contact_cost: float, progress: Progress = silent
) -> ProfitQuestion:
    """Return a question with the least price at which its best tree spends no more than a budget on contacts.

    Of all trees that spend as much as the one that is then found, none brings more (H. Everett, Operations Research 11,
    1963); a budget between two such trees is met from below.
    """
    everyone, number = np.ones(len(question.frame), dtype=np.bool_), count()

    def spent(price: float) -> float:
        priced, done = replace(question, price=price), next(number)
        lesson = priced.lesson(everyone)
        tree = lesson.best(lambda _, share: progress("Keeping to the budget", (done + share) / PRICES))
        leaves = leaf_numbers(tree, lesson.sums.codes)
        return contact_cost * float(np.count_nonzero(priced.chosen(everyone, leaves)[leaves]))

    if spent(0.0) <= budget:
        return question
    low, high = 0.0, float(question.gains(everyone).max())
    for _ in range(PRICES - 1):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) > budget else (low, middle)
    return replace(question, price=high)
