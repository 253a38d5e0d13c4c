"""What a search is worth on customers that it did not see, and how firm its splits are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from retention.errors import OptionError
from retention.experiment.words import Estimate
from retention.scores.arithmetic import Z95
from retention.search.best_tree import Progress, silent
from retention.search.nodes import FoundNode, FoundSplit, found_splits, leaf_numbers
from retention.search.proposal import found_at
from retention.search.questions import FOLDS, Lesson, TreeQuestion

Floats = npt.NDArray[np.float64]

BEST, GREEDY, TODAY = "best", "greedy", "today"


@dataclass(frozen=True)
class Judged:
    """What trees are worth per customer, each judged by folds that they were not learnt from.

    Args:
        worth: Of the best tree, the greedy one and the policy in use; see `judged` of the question.
        over: How much the best tree is worth over each of the others, customer by customer.
    """

    worth: Mapping[str, Estimate]
    over: Mapping[str, Estimate]

    @property
    def recommended(self) -> bool:
        """Whether the best tree is shown to be worth more than the policy in use."""
        return self.over[TODAY].low > 0


def held_out(question: TreeQuestion, progress: Progress = silent) -> Judged:
    """Return what the best tree, its greedy rival and the policy in use are worth on customers of other folds."""
    scores = {name: np.full(len(question.frame), np.nan) for name in (BEST, GREEDY, TODAY)}
    folds = question.folds
    for fold in range(FOLDS):
        progress("Judging on other customers", fold / FOLDS)
        rows = folds != fold
        lesson = question.lesson(rows)
        codes = lesson.codes(question.frame)
        trees = {GREEDY: lesson.rival(), BEST: _best(lesson) or lesson.rival()}
        leaves = {TODAY: question.today} | {name: leaf_numbers(node, codes) for name, node in trees.items()}
        for name, each in leaves.items():
            scores[name][~rows] = question.judged(rows, each)[~rows]
    known = question.enough
    over = {name: _mean(scores[BEST] - scores[name], known=known) for name in (GREEDY, TODAY)}
    return Judged({name: _mean(each, known=known) for name, each in scores.items()}, over)


def _best(lesson: Lesson) -> FoundNode | None:
    try:
        return lesson.best()
    except OptionError:
        return None


def _mean(scores: Floats, *, known: bool) -> Estimate:
    """Return the mean of what is known, with its interval.

    Folds learn from the same customers, so their errors go together: the variance over customers is taken 1 + k / (k -
    1) times for k folds, as for repeated splits (C. Nadeau and Y. Bengio, Machine Learning 52, 2003).
    """
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return Estimate(*[float("nan")] * 3)
    error = np.sqrt(scores.var() / len(scores) * (1 + FOLDS / (FOLDS - 1)))
    mean, half = float(scores.mean()), float(Z95 * error) if known else float("nan")
    return Estimate(mean, mean - half, mean + half)


@dataclass(frozen=True)
class Chosen:
    """How often a split comes again in resamples.

    Args:
        split: The split in words.
        feature: Share of the resamples whose tree splits on its feature.
        near: Share of those that also do it at the same cut, or one bin beside it.
        root: Share of those that begin with its feature.
    """

    split: str
    feature: float
    near: float
    root: float


def stability(
    lesson: Lesson, tree: FoundNode, *, resamples: int, seed: int, progress: Progress = silent
) -> tuple[Chosen, ...]:
    """Return how often each split of a tree is chosen where customers are drawn anew, with replacement."""
    rng, sums, customers = np.random.default_rng(seed), lesson.sums, len(lesson.sums.parts)
    drawn: list[list[FoundSplit]] = []
    for number in range(resamples):
        progress("Resampling customers", number / resamples)
        times = np.bincount(rng.integers(customers, size=customers), minlength=customers)
        some = sums.among(times > 0)
        again = replace(some, parts=some.parts * times[times > 0, np.newaxis])
        node = _best(replace(lesson, sums=again))
        drawn.append([] if node is None else list(found_splits(node)))
    return tuple(_chosen(each, drawn) for each in found_splits(tree))


def _chosen(split: FoundSplit, drawn: list[list[FoundSplit]]) -> Chosen:
    def share(alike: list[bool]) -> float:
        return sum(alike) / max(1, len(alike))

    def cut(each: FoundSplit) -> int:
        return each.binned.options[each.option][0]

    same = [[each for each in splits if each.feature == split.feature] for splits in drawn]
    near = [any(abs(cut(each) - cut(split)) <= 1 for each in each_tree) for each_tree in same]
    first = [bool(splits) and splits[0].feature == split.feature for splits in drawn]
    return Chosen(found_at(split), share([bool(each) for each in same]), share(near), share(first))
