import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from data_generation import ARCHETYPES, Synthetic, draw_outcomes, generate, treated_probability
from retention.errors import OptionError

SIZE = 100_000


@pytest.fixture(scope="module")
def synthetic() -> Synthetic:
    return generate(SIZE, seed=8)


@pytest.fixture(scope="module")
def nobody(synthetic: Synthetic) -> pd.DataFrame:
    return draw_outcomes(synthetic, np.zeros(SIZE, dtype=bool), seed=1)


@pytest.fixture(scope="module")
def everybody(synthetic: Synthetic) -> pd.DataFrame:
    return draw_outcomes(synthetic, np.ones(SIZE, dtype=bool), seed=1)


@pytest.mark.parametrize("archetype", ARCHETYPES, ids=lambda archetype: archetype.name)
def test_the_mean_truth_of_an_archetype_is_the_planted_one(synthetic: Synthetic, archetype: object) -> None:
    planted = next(one for one in ARCHETYPES if one == archetype)
    own = synthetic.truth[synthetic.truth["archetype"] == planted.name]
    assert own["recovery_probability"].mean() == pytest.approx(planted.recovery.mean, rel=0.02)
    assert own["campaign_lift"].mean() == pytest.approx(planted.lift, rel=0.02)
    assert own["campaign_lift"].between(0.5 * planted.lift, 1.5 * planted.lift).all()
    assert treated_probability(own).mean() == pytest.approx(planted.recovery.mean * (1 + planted.lift), rel=0.02)


def test_every_probability_is_one_under_a_campaign_too(synthetic: Synthetic) -> None:
    assert synthetic.truth["recovery_probability"].between(0, 1).all()
    assert treated_probability(synthetic.truth).between(0, 1).all()


def test_the_truth_varies_from_customer_to_customer(synthetic: Synthetic) -> None:
    spread = synthetic.truth.groupby("archetype")["recovery_probability"].std()
    assert spread.between(0.02, 0.07).all()


def test_the_engaged_recover_more_often_within_an_archetype(synthetic: Synthetic) -> None:
    casual = synthetic.customers["archetype"] == "Casual"
    engagement = synthetic.customers.loc[casual, "engagement_score"]
    assert engagement.corr(synthetic.truth.loc[casual, "recovery_probability"]) > 0.3


def bands(rate: npt.NDArray[np.float64]) -> float:
    """Return four standard errors of a mean of independent Bernoulli draws."""
    return 4 * float(np.sqrt((rate * (1 - rate)).sum())) / len(rate)


def test_conversion_rates_are_the_planted_ones(
    synthetic: Synthetic, nobody: pd.DataFrame, everybody: pd.DataFrame
) -> None:
    truth = synthetic.truth
    for name in truth["archetype"].unique():
        own = truth["archetype"] == name
        alone = truth.loc[own, "recovery_probability"].to_numpy()
        treated = treated_probability(truth[own]).to_numpy()
        assert abs(nobody.loc[own, "converted"].mean() - alone.mean()) < bands(alone)
        assert abs(everybody.loc[own, "converted"].mean() - treated.mean()) < bands(treated)


def test_a_campaign_loses_nobody(nobody: pd.DataFrame, everybody: pd.DataFrame) -> None:
    assert (everybody["converted"] >= nobody["converted"]).all()
    assert (everybody["converted"] > nobody["converted"]).any()


def test_each_customer_gets_the_outcome_of_the_own_arm(
    synthetic: Synthetic, nobody: pd.DataFrame, everybody: pd.DataFrame
) -> None:
    treated = np.arange(SIZE) % 3 == 0
    mixed = draw_outcomes(synthetic, pd.Series(treated), seed=1)
    pd.testing.assert_frame_equal(mixed[treated], everybody[treated])
    pd.testing.assert_frame_equal(mixed[~treated], nobody[~treated])


def test_revenue_comes_with_conversion_only_and_is_a_part_of_the_cart(
    synthetic: Synthetic, everybody: pd.DataFrame
) -> None:
    bought = everybody["converted"] == 1
    part = everybody.loc[bought, "revenue"] / synthetic.truth.loc[bought, "cart_value"]
    assert (everybody.loc[~bought, "revenue"] == 0).all()
    assert part.between(0.499, 1).all()
    assert (part == 1).mean() == pytest.approx(0.7, abs=0.02)


def test_outcomes_depend_on_their_seed_alone(synthetic: Synthetic, nobody: pd.DataFrame) -> None:
    treated = np.zeros(SIZE, dtype=bool)
    pd.testing.assert_frame_equal(draw_outcomes(synthetic, treated, seed=1), nobody)
    assert not draw_outcomes(synthetic, treated, seed=2).equals(nobody)


def test_outcomes_name_the_customers_in_their_order(synthetic: Synthetic, nobody: pd.DataFrame) -> None:
    assert nobody.columns.tolist() == ["user_id", "converted", "revenue"]
    assert nobody["user_id"].equals(synthetic.customers["user_id"])


@pytest.mark.parametrize("treated", [[True], np.zeros(SIZE), np.zeros((SIZE, 1), dtype=bool), True])
def test_a_treatment_that_is_not_one_boolean_per_customer_is_refused(
    synthetic: Synthetic, treated: npt.ArrayLike
) -> None:
    with pytest.raises(OptionError, match="treatment is not one boolean per customer"):
        draw_outcomes(synthetic, treated, seed=1)


def test_a_negative_seed_of_outcomes_is_refused() -> None:
    with pytest.raises(OptionError, match="seed: the seed -1 is negative"):
        draw_outcomes(generate(1), [True], seed=-1)
