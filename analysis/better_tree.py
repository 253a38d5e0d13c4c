"""A better tree than the policy in use: searched, judged on customers it has not seen, and proposed as a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.experiment_results import campaign_results, costs_of, observed
from analysis.matching import places
from analysis.outcomes import Outcomes
from analysis.run import Progress, Run
from retention.customers.contracts import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from retention.customers.reach import TELLING, unreached
from retention.errors import ContractError, OptionError, did_you_mean, ensure
from retention.hashing import hash_ids
from retention.partition.fitted import FittedTree, Segmentation
from retention.partition.outline import TreeNode, outline_of
from retention.partition.what_if import moves
from retention.policy.policy import Campaign, Policy, leaf_names
from retention.scores.terms import BASKET, CONVERSION, ESTIMATE, terms
from retention.search.best_tree import silent
from retention.search.held_out import BEST, GREEDY, TODAY, Chosen, Judged, held_out, stability
from retention.search.nodes import leaf_numbers
from retention.search.proposal import proposed
from retention.search.questions import ProfitQuestion, TreeQuestion, ValueQuestion, Wish, within_budget
from segmentation_engine import fit

Leaves = NDArray[np.int64]

FEATURES = (*NUMERIC_FEATURES, *CATEGORICAL_FEATURES)
SALT = "better tree"
"""Of the hash that orders customers: folds and resamples go by it, not by the order of the input."""


@dataclass(frozen=True)
class BesideToday:
    """A tree on all customers of a run; `moves` counts them by segment of today (rows) and of the tree (columns)."""

    nodes: tuple[TreeNode, ...]
    segments: tuple[str, ...]
    moves: NDArray[np.int64]


@dataclass(frozen=True)
class BetterTree:
    """What was found.

    Args:
        policy: The tree as a policy, with proposed names and campaigns.
        leaves: One row a leaf: Segment, Rule, Size, Share; then Value, or Arm, Gain and the customers in each arm.
        worth: Of the tree, the greedy one and the policy in use per customer, on the customers they were learnt from.
        judged: The same on customers whom they were not learnt from.
        chosen: How often each split comes again.
        rival: What the greedy tree is called.
        beside: The tree beside the policy in use.
    """

    policy: Policy
    leaves: pd.DataFrame
    worth: Mapping[str, float]
    judged: Judged
    chosen: tuple[Chosen, ...]
    unit: str
    rival: str
    beside: BesideToday

    @property
    def conclusion(self) -> str:
        """What may be said of it, without the numbers."""
        over = self.judged.over[TODAY]
        if not over.known:
            return "There are too few customers or conversions to judge a tree; keep today's policy"
        if self.judged.recommended:
            return "Recommended"
        return "Keep today's policy" if over.high < 0 else "Today's policy is as good as this data can tell"

    @property
    def verdict(self) -> str:
        """The same with what it rests on."""
        over, today = self.judged.over[TODAY], "today's policy" if self.judged.recommended else "it"
        if not over.known:
            return f"{self.conclusion}."
        shown = f"{over.value:+.4g} {self.unit} ({over.low:+.4g} to {over.high:+.4g}) on customers it has not seen"
        return f"{self.conclusion}: against {today} the tree is worth {shown}."


def better_tree(
    run: Run,
    wish: Wish,
    outcomes: Outcomes | None = None,
    *,
    budget: float | None = None,
    resamples: int = 100,
    progress: Progress = silent,
) -> BetterTree:
    """Return the best tree of a run's customers, and whether it is better than the policy of the run.

    Args:
        run: The analysis, in parts, too; its policy is the one in use.
        wish: Which trees are looked at. No features are all that a policy may split on; a minimum of 0 is the policy's.
        outcomes: What customers did after the send of the run's experiment: the tree then gives each the arm that pays
            most. Without, its leaves are of different expected value.
        budget: Most money for contacts, where the arm that pays most is chosen; None: any.
        resamples: How often customers are resampled to see how firm the splits are.
        progress: Told a step and the share that is done; what it raises ends the work.

    Raises:
        InputError: A column is not there, no tree is within the limits, or there is no experiment.
    """
    held = _held(run)
    question = _question(run, held, wish, outcomes)
    if budget is not None and isinstance(question, ProfitQuestion):
        question = within_budget(question, budget, costs_of(run).contact_cost, _part(progress, 0.0, 0.4))
        progress = _part(progress, 0.4, 1.0)
    everyone = np.ones(len(question.frame), dtype=np.bool_)
    lesson = question.lesson(everyone)
    tree = lesson.best(_part(progress, 0.0, 0.1))
    numbers = leaf_numbers(tree, lesson.sums.codes)
    policy = proposed(
        tree,
        run.policy,
        _campaigns(run, question, numbers),
        minimum=question.wish.limits.minimum,
        currency=run.currency,
    )
    fitted = fit(held.segmentation.customers, policy)
    again = fitted.grid.look_up(question.frame, fitted.leaf_of_cell)
    ensure(bool((again == numbers).all()), "the policy has the leaves that were searched")
    trees = {BEST: numbers, GREEDY: leaf_numbers(lesson.rival(), lesson.sums.codes), TODAY: question.today}
    return BetterTree(
        policy,
        _table(policy, question, numbers),
        {name: float(np.nanmean(question.judged(everyone, leaves))) for name, leaves in trees.items()},
        held_out(question, _part(progress, 0.1, 0.3)),
        stability(lesson, tree, resamples=resamples, seed=0, progress=_part(progress, 0.3, 1.0)),
        "of the spread in value" if outcomes is None else f"{run.currency or 'money'} per customer",
        "greedy tree of scikit-learn" if lesson.known else "greedy tree",
        _beside(held, fitted),
    )


def _beside(held: Run, tree: FittedTree) -> BesideToday:
    # Counted here, where the customers are, so that who shows it needs none of them.
    today, cells = held.segmentation, tree.grid.cells_of(held.segmentation.customers)
    names = tuple(segment.name for segment in tree.segments)
    moved = moves(today.codes, tree.segment_of_cell[cells], (len(today.tree.segments), len(names)))
    nodes = outline_of(tree, np.bincount(cells, minlength=tree.grid.cells), {}, held.currency)
    return BesideToday(nodes, names, moved)


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda step, share: progress(step, start + (end - start) * share)


def _held(run: Run) -> Run:
    """Return a run with its customers in memory in one piece: of those that come in parts, what a search looks at."""
    kept = run.segmentation
    parts = list(kept.in_parts(("user_id", "recovered", ESTIMATE, *FEATURES), waves=False))
    if parts[0] is kept:
        return run
    customers = pd.concat([part.customers for part in parts], ignore_index=True)
    codes = np.concatenate([part.codes for part in parts])
    waves = np.ones(len(codes), dtype=np.int32)
    whole = Segmentation(kept.tree, kept.cube, customers, codes, waves, kept.scale, kept.sizing_log)
    return replace(run, segmentation=whole)


def _question(run: Run, held: Run, wish: Wish, outcomes: Outcomes | None) -> TreeQuestion:
    customers, today = held.segmentation.customers, held.segmentation.codes.astype(np.int64)
    limits = replace(wish.limits, minimum=wish.limits.minimum or run.segmentation.tree.limits.minimum)
    wish = replace(wish, features=_columns(customers, wish.features), limits=limits)
    order = np.argsort(hash_ids(customers["user_id"], SALT), kind="stable")
    if outcomes is None:
        conversion, basket = terms(customers, run.segmentation.scale, (CONVERSION, BASKET))
        return ValueQuestion(customers.iloc[order], today[order], wish, (conversion * basket)[order])
    # This refuses a run without an experiment.
    shown = campaign_results([(run, outcomes)])
    if shown.days is not None:
        shown.days.check_final()
    if shown.results.sample_ratio.status == "mismatch" or run.experiment is None or held.arms is None:
        raise OptionError("the sizes of the arms do not match the shares, so no arm can be said to pay")
    seen = observed(run, outcomes, places(run, outcomes.customers, outcomes.country))
    if "revenue" not in seen:
        raise ContractError("the outcomes hold no money, so no arm can be said to pay", hint="Add what customers spent")
    parts = run.segmentation.in_parts(TELLING, waves=False)
    reached = np.concatenate([np.equal(unreached(part.customers), 0) for part in parts])
    order = order[(reached & seen["known"].to_numpy())[order]]
    arm, converted, costs = held.arms.codes.astype(np.int64), seen["converted"].to_numpy(dtype=np.bool_), costs_of(run)
    cost = np.where(arm > 0, costs.contact_cost + costs.discount * converted, 0.0)
    brought = costs.margin * seen["revenue"].to_numpy(dtype=np.float64) - cost
    chance = np.array([run.experiment.shares_of(each.name) for each in run.segmentation.tree.segments])[today]
    arrays = (each[order] for each in (arm, brought, converted, chance))
    return ProfitQuestion(customers.iloc[order], today[order], wish, run.experiment.arms, *arrays)


def _columns(customers: pd.DataFrame, wanted: Sequence[str]) -> tuple[str, ...]:
    known = [each for each in FEATURES if each in customers.columns]
    for name in wanted:
        if name not in known:
            raise OptionError(f"'{name}' is not a column that a tree can split on", hint=did_you_mean(name, known))
    return tuple(dict.fromkeys(wanted)) or tuple(known)


def _campaigns(run: Run, question: TreeQuestion, numbers: Leaves) -> list[Campaign]:
    """Return a campaign for each leaf: that of the segment that most of its customers are in today."""
    segments = run.segmentation.tree.segments
    campaigns = [segments[place].campaign for place in pd.crosstab(numbers, question.today).idxmax(axis=1)]
    if not isinstance(question, ProfitQuestion):
        return campaigns
    names = [
        question.arms[arm] if arm else "" for arm in question.chosen(np.ones(len(numbers), dtype=np.bool_), numbers)
    ]
    offers = [f"As '{name}' in the experiment" if name else "Leave alone: no treatment pays here" for name in names]
    return [each.model_copy(update={"offer": offer}) for each, offer in zip(campaigns, offers, strict=True)]


def _table(policy: Policy, question: TreeQuestion, numbers: Leaves) -> pd.DataFrame:
    sizes, names = np.bincount(numbers), list(leaf_names(policy.tree))
    table = pd.DataFrame({"Segment": names, "Rule": [policy.segments[name].audience for name in names], "Size": sizes})
    table["Share"] = sizes / sizes.sum()
    if isinstance(question, ProfitQuestion):
        everyone = np.ones(len(numbers), dtype=np.bool_)
        table["Arm"] = [question.arms[arm] for arm in question.chosen(everyone, numbers)]
        table["Gain"] = pd.Series(question.judged(everyone, numbers)).groupby(numbers).mean()
        return table.join(pd.crosstab(numbers, np.array(question.arms)[question.arm]).add_prefix("In "))
    return table.assign(
        Value=pd.Series(question.value).groupby(numbers).mean() if isinstance(question, ValueQuestion) else 0
    )
