from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from retention.activity.activity import Event
from retention.activity.features import FeatureRules, customers_at
from retention.activity.recovery import (
    ConversionEstimate,
    estimate,
    known_at,
    past_outcomes,
    predicted,
    predicted_by_heuristic,
)
from retention.customers.universe import select_universe
from retention.period import Window
from retention.scores.terms import ESTIMATE
from tests.activity_logs import START, habits, micros

RULES = FeatureRules()
FIFTH = Window.starting(date(2025, 9, 29))


def universe(window: Window, *, known_by: Window | None = None) -> pd.DataFrame:
    log = habits() if known_by is None else known_at(habits(), known_by.cutoff)
    return select_universe(customers_at(log, window.cutoff, timezone="UTC", rules=RULES).customers, window).customers


def estimated(window: Window, *, known_by: Window | None = None) -> ConversionEstimate:
    log = habits() if known_by is None else known_at(habits(), known_by.cutoff)
    return estimate(universe(window, known_by=known_by), log, window, RULES)


def test_outcomes_that_the_log_holds_are_measured() -> None:
    window = Window.starting(date(2025, 9, 8))
    made = estimated(window)
    assert made.source == "measured"
    back = universe(window)["recovered"].to_numpy(dtype=float)
    assert made.customers[ESTIMATE].tolist() == back.tolist()
    assert 0.25 < back.mean() < 0.45


def test_a_window_at_the_end_of_the_log_is_modelled_from_earlier_ones() -> None:
    made = estimated(FIFTH, known_by=FIFTH)
    assert made.source == "modelled"
    large = made.customers["cart_value"] > 100
    assert made.customers.loc[large, ESTIMATE].mean() == pytest.approx(0.6, abs=0.06)
    assert made.customers.loc[~large, ESTIMATE].mean() == pytest.approx(0.1, abs=0.05)
    assert "learned from" in made.notes[0]


def test_too_short_a_log_leaves_the_heuristic_and_says_what_is_missing() -> None:
    first = Window.starting(date(2025, 9, 1))
    made = estimated(first, known_by=first)
    assert made.source == "heuristic"
    assert ESTIMATE not in made.customers
    assert "has 0" in made.notes[0]


def test_a_customer_table_has_no_outcomes_to_learn_from() -> None:
    customers = universe(FIFTH)
    assert estimate(customers, None, FIFTH, RULES) == ConversionEstimate(customers, "heuristic", ())


def test_what_happens_after_the_cutoff_changes_no_prediction() -> None:
    log = habits()
    later = log.time >= FIFTH.cutoff
    assert later.sum() > 100
    turned = replace(log, event=np.where(later, 4, log.event).astype(np.int8), value=np.where(later, 9e9, log.value))
    customers = universe(FIFTH)
    before = predicted(past_outcomes(log, FIFTH, RULES), customers)
    assert predicted(past_outcomes(turned, FIFTH, RULES), customers).tolist() == before.tolist()


def test_only_outcomes_that_were_known_by_the_cutoff_are_learnt_from() -> None:
    past = past_outcomes(habits(), FIFTH, RULES)
    known = pd.DatetimeIndex(past.customers["cart_abandoned_date"]) + timedelta(days=1) + RULES.outcome
    assert (known < pd.Timestamp(FIFTH.cutoff, unit="us", tz="UTC")).all()
    # Taking those who came back already would raise the rate of the last week.
    assert past.recovered.mean() == pytest.approx(0.35, abs=0.03)
    assert past.windows == 4
    assert micros(START) < FIFTH.cutoff


def test_the_heuristic_is_calibrated_on_the_same_past() -> None:
    past = past_outcomes(habits(), FIFTH, RULES)
    simple = predicted_by_heuristic(past, universe(FIFTH))
    assert simple.mean() == pytest.approx(past.recovered.mean(), abs=0.05)


def test_a_log_without_purchases_measures_nothing() -> None:
    log = habits()
    carts = log.where(log.event == Event.CART)
    window = Window.starting(date(2025, 9, 8))
    customers = select_universe(customers_at(carts, window.cutoff, timezone="UTC", rules=RULES).customers, window)
    made = estimate(customers.customers, carts, window, RULES)
    assert made.source == "heuristic"
    assert "has no purchases" in made.notes[0]


def test_purchases_that_all_come_after_the_window_teach_nothing_about_the_weeks_before_it() -> None:
    log = habits()
    # The log goes on for too short a time to tell who of the window came back, so a model would be asked for.
    soon = log.time < FIFTH.cutoff + 3 * 24 * 3_600_000_000
    late = log.where(soon & ((log.event != Event.PURCHASE) | (log.time >= FIFTH.cutoff)))
    assert (late.event == Event.PURCHASE).any()
    past = past_outcomes(late, FIFTH, RULES)
    assert (len(past.recovered), past.windows) == (0, 0)
    customers = select_universe(
        customers_at(late, FIFTH.cutoff, timezone="UTC", rules=RULES).customers, FIFTH
    ).customers
    assert customers["recovered"].isna().any()
    assert estimate(customers, late, FIFTH, RULES).source == "heuristic"
