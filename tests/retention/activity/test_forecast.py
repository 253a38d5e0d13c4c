from dataclasses import replace

import numpy as np
import pytest

from retention.activity.forecast import BASE, Gain, Past, PastForecast, predictor, tried
from tests.simulations.coming_back import segments, weeks


def past_of(case: str, seed: int = 1) -> Past:
    frame, back, ago = weeks(case, 150, np.random.default_rng(seed))
    return Past(frame[ago > 6].reset_index(drop=True), back[ago > 6], ago[ago > 6])


@pytest.mark.untraced
def test_rows_in_another_order_give_the_same_numbers() -> None:
    past = past_of("stable")
    order = np.random.default_rng(2).permutation(len(past.recovered))
    other = Past(past.customers.iloc[order].reset_index(drop=True), past.recovered[order], past.week[order])
    first, second = tried(past), tried(other)
    assert first is not None
    assert second is not None
    assert first.gains[first.best].value == pytest.approx(second.gains[second.best].value, abs=1e-12)
    asked = past.customers.head(50)
    for name, chance in predictor(past, first)(asked).items():
        assert chance.tolist() == predictor(other, second)(asked)[name].tolist()


def test_a_model_is_used_only_where_it_was_better_than_the_same_rate_for_all() -> None:
    telling, silent = tried(past_of("stable")), tried(past_of("no signal"))
    assert telling is not None
    assert silent is not None
    assert telling.used == telling.best != BASE
    assert silent.used == BASE


def test_too_few_weeks_try_nothing() -> None:
    past = past_of("stable")
    assert tried(past.where(past.week > past.week.max() - 2)) is None


def test_what_weeks_were_wrong_by_beyond_chance_widens_the_interval() -> None:
    found = tried(past_of("stable"))
    assert found is not None
    flat = {name: np.full(len(found.past.recovered), 0.2) for name in found.chances}
    rng, week = np.random.default_rng(3), found.past.week
    level = np.where(week % 2 == 0, 0.1, 0.3)
    spreads = []
    for rate in (np.full(len(week), 0.2), level):
        drawn = replace(found.past, recovered=rng.random(len(week)) < rate)
        spreads.append(PastForecast(drawn, flat).spread(segments(drawn.customers)))
    assert spreads[0].over < 0.01
    # Rates of .1 and .3 have a standard deviation of .1 around .2, whose variance of one customer is .16.
    assert spreads[1].over == pytest.approx(0.01 / 0.16, abs=0.03)
    assert spreads[1].windows == found.windows


def test_a_gain_has_the_t_interval_of_its_mean() -> None:
    gain = Gain.of(np.array([0.1, 0.2, 0.3]))
    assert (gain.value, gain.low) == pytest.approx((0.2, 0.2 - 4.302653 * 0.1 / 3**0.5))
