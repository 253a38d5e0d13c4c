"""The tree for profit on a real experiment, against the learners of causalml on the same halves of the customers."""

import json

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.stats import t

from retention.experiment.policy_value import areas
from retention.search.nodes import leaf_numbers
from retention.search.objectives import LeafLimits
from retention.search.questions import ProfitQuestion, Wish
from tests.real_data import DATA, whole
from tools.uplift_rivals import COST, SPLITS, customers, learners, value

Floats = npt.NDArray[np.float64]

COLUMNS = {
    "recency": "days_since_last_order",
    "history": "avg_order_value",
    "mens": "num_cart_items",
    "womens": "sessions_last_30d",
    "newbie": "engagement_score",
    "zip_code": "region",
    "channel": "archetype",
}
"""Columns of Hillstrom under names that a policy may split on."""


def question_of(table: pd.DataFrame) -> ProfitQuestion:
    frame = table[list(COLUMNS)].rename(columns=COLUMNS)
    arm, visit = table["treated"].to_numpy(dtype=np.int64), table["visit"].to_numpy(dtype=np.int64)
    chance = np.full((len(table), 2), 0.5)
    wish = Wish(tuple(COLUMNS.values()), limits=LeafLimits(500, per_arm=200))
    today = np.zeros(len(table), dtype=np.int64)
    return ProfitQuestion(frame, today, wish, ("none", "mail"), arm, visit - COST * arm, visit > 0, chance)


def judged(table: pd.DataFrame, question: ProfitQuestion, known: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return value and Qini of the tree of some customers, on the others."""
    lesson = question.lesson(known)
    leaves = leaf_numbers(lesson.best(), lesson.codes(question.frame))
    gains = question.gains(known)[known][:, 0]
    gain = (np.bincount(leaves[known], gains) / np.bincount(leaves[known]))[leaves[~known]]
    others = table[~known]
    _, block = np.unique(-gain, return_inverse=True)
    treated, visit = others["treated"].to_numpy(), others["visit"].to_numpy(dtype=np.float64)
    arms = np.array([np.bincount(block, treated == arm) for arm in (0, 1)], dtype=np.float64)
    visits = np.array([np.bincount(block, visit * (treated == arm)) for arm in (0, 1)])
    return value(others, gain), float(areas(arms, visits)[1])


def told_apart(gaps: Floats) -> tuple[float, float]:
    """Return the mean of paired gaps and half its interval, corrected for halves that overlap.

    C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003); the test half is as
    large as the other.
    """
    half = t.ppf(0.975, len(gaps) - 1) * np.sqrt((1 / len(gaps) + 1) * gaps.var(ddof=1))
    return float(gaps.mean()), float(half)


@pytest.mark.proof
def test_the_tree_is_not_told_apart_from_larger_models() -> None:
    reference = json.loads((DATA / "uplift" / "rivals.json").read_text(encoding="utf-8"))["values"]
    table = customers(whole("hillstrom/hillstrom.csv.gz", "what a tree is worth beside larger models"))
    question = question_of(table)
    ours = np.array([judged(table, question, learners(len(table), split)) for split in range(SPLITS)])
    print("tree", ours.mean(axis=0))  # noqa: T201 - the table of the documentation
    for name, pairs in reference.items():
        theirs = np.array(pairs)
        gaps = [told_apart(ours[:, place] - theirs[:, place]) for place in (0, 1)]
        print(name, theirs.mean(axis=0), gaps)  # noqa: T201
        assert all(mean > -half for mean, half in gaps), f"{name} is shown to be better than the tree"
    assert ours[:, 0].mean() > 0
