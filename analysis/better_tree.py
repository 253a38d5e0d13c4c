"""A better tree than the policy in use: searched, judged on customers it has not seen, and proposed as a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.experiment_results import campaign_results, costs_of, observed
from analysis.matching import places
from analysis.outcomes import Outcomes
from analysis.run import Progress, Run
from retention.customers.contracts import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from retention.customers.reach import unreached
from retention.errors import ContractError, OptionError, Remedy, Setting, did_you_mean, ensure
from retention.experiment.lift import Costs
from retention.hashing import hash_ids
from retention.policy.policy import Campaign, Policy, leaf_names
from retention.scores.terms import BASKET, CONVERSION, terms
from retention.search.best_tree import silent
from retention.search.held_out import BEST, GREEDY, TODAY, Chosen, Judged, held_out, stability
from retention.search.nodes import FoundNode, leaf_numbers
from retention.search.objectives import LeafLimits
from retention.search.proposal import proposed
from retention.search.questions import ProfitQuestion, TreeQuestion, ValueQuestion, Wish
from segmentation_engine import fit

Aim = Literal["spread", "profit"]
SALT = "better tree"
"""Of the hash that orders customers: folds and resamples go by it, not by the order of the input."""


@dataclass(frozen=True)
class TreeWish:
    """What is asked for.

    Args:
        aim: `spread`: leaves of different expected value; `profit`: the best arm for each customer.
        columns: What the tree may split on; empty: every column that a policy may split on.
        depth: Most splits on a path.
        bins: Most bins of a column.
        min_size: Smallest leaf; None: that of the policy in use.
        max_size: Largest leaf; None: any size.
        per_arm: Fewest customers of each arm in a leaf.
        resamples: How often customers are drawn anew to see how firm the splits are.
        seed: Of these draws.
    """

    aim: Aim = "spread"
    columns: tuple[str, ...] = ()
    depth: int = 3
    bins: int = 16
    min_size: int | None = None
    max_size: int | None = None
    per_arm: int = 100
    resamples: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 4:
            raise OptionError(f"a tree of depth {self.depth} is not searched", hint="Use 1 to 4")
        if not 2 <= self.bins <= 32:
            raise OptionError(f"{self.bins} bins are not possible", hint="Use 2 to 32")


@dataclass(frozen=True)
class BetterTree:
    """What was found.

    Args:
        policy: The tree as a policy, with proposed names and campaigns.
        leaves: One row a leaf; see `_table`.
        worth: Of the tree, the greedy one and the policy in use per customer, on the customers they were learnt from.
        judged: The same on customers whom they were not learnt from.
        chosen: How often each split comes again.
        unit: What a worth is.
    """

    policy: Policy
    leaves: pd.DataFrame
    worth: Mapping[str, float]
    judged: Judged
    chosen: tuple[Chosen, ...]
    unit: str

    @property
    def recommended(self) -> bool:
        """Whether it is shown to be better than the policy in use."""
        return self.judged.recommended

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        over = self.judged.over[TODAY]
        if not over.known:
            return "There are too few customers or conversions to judge a tree; keep today's policy."
        shown = f"{over.value:+.4g} {self.unit} ({over.low:+.4g} to {over.high:+.4g}) on customers it has not seen"
        if self.recommended:
            return f"Recommended: against today's policy the tree is worth {shown}."
        if over.high < 0:
            return f"Keep today's policy: against it the tree is worth {shown}."
        return f"Today's policy is as good as this data can tell: against it the tree is worth {shown}."


def better_tree(
    run: Run, wish: TreeWish, outcomes: Outcomes | None = None, *, progress: Progress = silent
) -> BetterTree:
    """Return the best tree of a run's customers, and whether it is better than the policy of the run.

    Args:
        run: The analysis; its policy is the one in use.
        wish: What is asked for.
        outcomes: What customers did after the send of the run's experiment, for the aim `profit`.
        progress: Told a step and the share that is done; what it raises ends the work.

    Raises:
        InputError: A column is not there, no tree is within the limits, or the aim needs an experiment.
    """
    question, arms = _question(run, wish, outcomes)
    everyone = np.ones(len(question.frame), dtype=np.bool_)
    lesson = question.lesson(everyone)
    if not lesson.features:
        raise ContractError("no column tells the customers apart", hint="Give other columns, or more customers")
    tree, rival = lesson.best(_part(progress, 0.0, 0.1)), lesson.rival()
    found = _numbers(tree, lesson.sums.codes)
    policy = proposed(
        tree,
        run.policy,
        _campaigns(run, question, found, arms),
        minimum=lesson.objective.limits.minimum,
        currency=run.currency,
    )
    fitted = fit(run.segmentation.customers, policy)
    again = fitted.grid.look_up(question.frame, fitted.leaf_of_cell)
    ensure(bool((again == found).all()), "the policy has the leaves that were searched")
    trees = {BEST: found, GREEDY: _numbers(rival, lesson.sums.codes), TODAY: question.today}
    return BetterTree(
        policy,
        _table(policy, question, found, arms),
        {name: float(np.nanmean(question.judged(everyone, leaves))) for name, leaves in trees.items()},
        held_out(question, _part(progress, 0.1, 0.3)),
        stability(lesson, tree, resamples=wish.resamples, seed=wish.seed, progress=_part(progress, 0.3, 1.0)),
        "of the spread in value" if wish.aim == "spread" else f"{run.currency or 'money'} per customer",
    )


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda step, share: progress(step, start + (end - start) * share)


def _numbers(node: FoundNode | None, codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.zeros(codes.shape[1], dtype=np.int64) if node is None else leaf_numbers(node, codes).astype(np.int64)


def _question(run: Run, wish: TreeWish, outcomes: Outcomes | None) -> tuple[TreeQuestion, tuple[str, ...]]:
    """Return what is asked of whom, and the labels of the arms."""
    customers = run.segmentation.customers
    limits = run.segmentation.tree.limits
    minimum = limits.minimum if wish.min_size is None else wish.min_size
    leaf = LeafLimits(minimum, wish.max_size, wish.per_arm if wish.aim == "profit" else 0)
    trees = Wish(_columns(customers, wish.columns), wish.depth, wish.bins, leaf)
    order = np.argsort(hash_ids(customers["user_id"], SALT), kind="stable")
    today = run.segmentation.codes.astype(np.int64)
    if wish.aim == "spread":
        conversion, basket = terms(customers, run.segmentation.scale, (CONVERSION, BASKET))
        frame = customers.iloc[order].reset_index(drop=True)
        return ValueQuestion(frame, today[order], trees, (conversion * basket)[order]), ()
    if run.experiment is None or run.arms is None or outcomes is None:
        raise OptionError(
            "profit needs an experiment and what its customers did after the send",
            hint="Choose a saved period with an experiment, and give its outcomes; without them, search for spread",
            remedies=(Remedy(Setting.EXPERIMENT),),
        )
    shown = campaign_results([(run, outcomes)])
    if shown.days is not None:
        shown.days.check_final()
    if shown.results.sample_ratio.status == "mismatch":
        raise OptionError("the sizes of the arms do not match the shares, so no arm can be said to pay")
    seen = observed(run, outcomes, places(run, outcomes.customers, outcomes.country))
    counted = np.equal(unreached(customers), 0) & seen["known"].to_numpy()
    order = order[counted[order]]
    arm, converted = run.arms.codes.astype(np.int64), seen["converted"].to_numpy(dtype=np.bool_)
    chance = np.array([run.experiment.shares_of(each.name) for each in run.segmentation.tree.segments])[today]
    outcome = _brought(seen, arm, costs_of(run))
    frame = customers.iloc[order].reset_index(drop=True)
    parts = (arm[order], outcome[order], converted[order], chance[order])
    return ProfitQuestion(frame, today[order], trees, *parts), run.experiment.arms


def _brought(seen: pd.DataFrame, arm: NDArray[np.int64], costs: Costs) -> NDArray[np.float64]:
    """Return the profit of each customer under the arm they had."""
    if "revenue" not in seen:
        raise ContractError("the outcomes hold no money, so no arm can be said to pay", hint="Add what customers spent")
    cost = np.where(arm > 0, costs.contact_cost + costs.discount * seen["converted"].to_numpy(dtype=np.float64), 0.0)
    return np.asarray(costs.margin * seen["revenue"].to_numpy(dtype=np.float64) - cost)


def _columns(customers: pd.DataFrame, asked: Sequence[str]) -> tuple[str, ...]:
    there = [each for each in (*NUMERIC_FEATURES, *CATEGORICAL_FEATURES) if each in customers.columns]
    for name in asked:
        if name not in there:
            raise OptionError(f"'{name}' is not a column that a tree can split on", hint=did_you_mean(name, there))
    return tuple(dict.fromkeys(asked)) or tuple(there)


def _campaigns(run: Run, question: TreeQuestion, found: NDArray[np.int64], arms: Sequence[str]) -> list[Campaign]:
    """Return a campaign for each leaf: that of the segment that most of its customers are in today."""
    segments = run.segmentation.tree.segments
    counts = np.zeros((int(found.max()) + 1, len(segments)), dtype=np.int64)
    np.add.at(counts, (found, question.today), 1)
    campaigns = [segments[place].campaign for place in counts.argmax(axis=1)]
    if not isinstance(question, ProfitQuestion):
        return campaigns
    chosen = question.chosen(np.ones(len(found), dtype=np.bool_), found)
    offers = [f"As '{arms[arm]}' in the experiment" if arm else "Leave alone: no treatment pays here" for arm in chosen]
    return [each.model_copy(update={"offer": offer}) for each, offer in zip(campaigns, offers, strict=True)]


def _table(policy: Policy, question: TreeQuestion, found: NDArray[np.int64], arms: Sequence[str]) -> pd.DataFrame:
    """Return one row a leaf: Segment, Rule, Size, Share; then Value, or Arm, Gain and the customers of each arm."""
    sizes, names = np.bincount(found), list(leaf_names(policy.tree))
    table = pd.DataFrame({"Segment": names, "Rule": [policy.segments[name].audience for name in names], "Size": sizes})
    table["Share"] = sizes / sizes.sum()
    if isinstance(question, ValueQuestion):
        return table.assign(Value=pd.Series(question.value).groupby(found).mean())
    if isinstance(question, ProfitQuestion):
        everyone = np.ones(len(found), dtype=np.bool_)
        table["Arm"] = [arms[arm] for arm in question.chosen(everyone, found)]
        table["Gain"] = pd.Series(question.judged(everyone, found)).groupby(found).mean()
        for place, arm in enumerate(arms):
            table[f"In {arm}"] = np.bincount(found[question.arm == place], minlength=len(sizes))
    return table
