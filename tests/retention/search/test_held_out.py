"""What a tree is worth on others, what an experiment says of arms, and how firm splits are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from retention.search.held_out import BEST, GREEDY, TODAY, held_out, stability
from retention.search.nodes import leaf_numbers
from retention.search.objectives import LeafLimits
from retention.search.questions import ProfitQuestion, ValueQuestion, Wish, within_budget

FEATURES = ("cart_value", "engagement_score")
WISH = Wish(FEATURES, depth=2, bins=8, limits=LeafLimits(50, per_arm=20))


def customers(n: int, seed: int) -> tuple[pd.DataFrame, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: rng.random(n) for name in FEATURES}), rng


def experiment(n: int = 4_000, seed: int = 3, effect: float = 3.0) -> ProfitQuestion:
    """The mail pays for carts and engagement that are both high or both low, and costs as much elsewhere."""
    frame, rng = customers(n, seed)
    both = (frame["cart_value"] > 0.5) == (frame["engagement_score"] > 0.5)
    chance = np.tile([0.3, 0.7], (n, 1))
    arm = (rng.random(n) < 0.7).astype(np.int64)
    outcome = rng.normal(size=n) + arm * np.where(both, effect, -effect)
    return ProfitQuestion(
        frame, np.zeros(n, dtype=np.int64), WISH, ("control", "mail"), arm, outcome, np.ones(n, dtype=np.bool_), chance
    )


def everyone(n: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.ones(n, dtype=np.bool_)


def test_a_pattern_of_two_columns_is_found_and_recommended_and_greedy_misses_it() -> None:
    judged = held_out(experiment())
    assert judged.recommended
    assert 1.2 < judged.worth[BEST].low < judged.worth[BEST].high < 1.8
    assert judged.over[GREEDY].low > 0
    assert abs(judged.worth[TODAY].value) < 0.2


def test_nothing_is_recommended_where_there_is_nothing() -> None:
    judged = held_out(experiment(effect=0.0))
    assert not judged.recommended
    assert judged.over[TODAY].known


def test_without_conversions_there_is_no_interval() -> None:
    question = experiment()
    judged = held_out(replace(question, converted=np.zeros(4_000, dtype=np.bool_)))
    assert not judged.over[TODAY].known
    assert not judged.recommended


@pytest.mark.parametrize("robust", [True, False])
def test_gains_are_right_on_average(robust: bool) -> None:
    question = replace(experiment(20_000), robust=robust)
    gains = question.gains(everyone(20_000))[:, 0]
    both = (question.frame["cart_value"] > 0.5) == (question.frame["engagement_score"] > 0.5)
    assert gains[both].mean() == pytest.approx(3, abs=0.15)
    assert gains[~both].mean() == pytest.approx(-3, abs=0.15)


def test_a_price_takes_arms_away() -> None:
    question = experiment()
    lesson = replace(question, price=2.0).lesson(everyone(4_000))
    leaves = leaf_numbers(lesson.best(), lesson.codes(question.frame)).astype(np.int64)
    assert replace(question, price=2.0).chosen(everyone(4_000), leaves).any()
    assert not replace(question, price=4.0).chosen(everyone(4_000), leaves).any()


@pytest.mark.parametrize("budget", [0.0, 500.0, 1_000.0, 1e9])
def test_a_budget_is_kept_and_the_best_customers_are_treated_first(budget: float) -> None:
    frame, rng = customers(4_000, 8)
    effect = np.floor(4 * frame["cart_value"].to_numpy())
    arm = rng.integers(0, 2, 4_000)
    question = replace(experiment(), frame=frame, arm=arm, outcome=arm * effect, chance=np.full((4_000, 2), 0.5))
    told: list[float] = []
    priced = within_budget(question, budget, 1.0, lambda _, share: told.append(share))
    assert told == sorted(told)
    assert 0 < told[-1] <= 1
    lesson = priced.lesson(everyone(4_000))
    leaves = leaf_numbers(lesson.best(), lesson.codes(frame))
    treated = priced.chosen(everyone(4_000), leaves)[leaves] == 1
    assert treated.sum() <= budget
    assert not treated.any() or effect[treated].min() >= effect[~treated].max(initial=0)


def test_the_search_for_a_price_may_be_ended() -> None:
    def stop(step: str, share: float) -> None:
        raise KeyboardInterrupt(step, share)

    with pytest.raises(KeyboardInterrupt, match="Keeping to the budget"):
        within_budget(experiment(), 500.0, 1.0, stop)


def test_explained_variance_is_that_of_the_leaves() -> None:
    frame, rng = customers(3_000, 5)
    value = np.where(frame["cart_value"] > 0.5, 4.0, 1.0) + rng.normal(size=3_000)
    value[:100] = np.nan
    today = (frame["cart_value"] > 0.25).to_numpy().astype(np.int64)
    question = ValueQuestion(frame, today, WISH, value)
    known = np.isfinite(value)
    means = pd.Series(value).groupby(today).transform("mean")[known]
    scores = question.judged(everyone(3_000), today)
    assert np.nanmean(scores) == pytest.approx(means.var(ddof=0) / value[known].var())
    assert np.isnan(scores[:100]).all()
    judged = held_out(question)
    assert judged.recommended
    assert judged.worth[BEST].value == pytest.approx(0.69, abs=0.05)


def test_a_firm_split_comes_again_and_the_draws_have_a_seed() -> None:
    frame, rng = customers(3_000, 6)
    value = np.where(frame["cart_value"] > 0.5, 4.0, 1.0) + rng.normal(size=3_000)
    question = ValueQuestion(frame, np.zeros(3_000, dtype=np.int64), replace(WISH, depth=1), value)
    lesson = question.lesson(everyone(3_000))
    tree = lesson.best()
    told: list[float] = []
    (found,) = stability(lesson, tree, resamples=10, seed=1, progress=lambda _, share: told.append(share))
    assert found.split == "cart value at 0.5"
    assert (found.feature, found.near, found.root) == (1, 1, 1)
    assert told == [each / 10 for each in range(10)]
    assert stability(lesson, tree, resamples=10, seed=1) == (found,)
