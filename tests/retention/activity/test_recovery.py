from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest

from retention.activity.activity import Activity, Event
from retention.activity.features import CAME_BACK, FeatureRules, customers_at
from retention.activity.forecast import predictor, tried
from retention.activity.recovery import (
    ConversionEstimate,
    estimate,
    known_at,
    outcomes_known,
    past_outcomes,
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


def estimated(window: Window, *, known_by: Window | None = None) -> tuple[ConversionEstimate, pd.DataFrame]:
    log = habits() if known_by is None else known_at(habits(), known_by.cutoff)
    customers = universe(window, known_by=known_by)
    made = of_log(customers, log, window)
    return made, made.told(customers)


def of_log(customers: pd.DataFrame, log: Activity, window: Window) -> ConversionEstimate:
    past = partial(past_outcomes, log, window, RULES, window.cutoff)
    return estimate(log.span, RULES, past, measured=outcomes_known(customers))


def test_outcomes_that_the_log_holds_are_measured() -> None:
    window = Window.starting(date(2025, 9, 8))
    made, told = estimated(window)
    assert made.source == "measured"
    customers = universe(window)
    back = customers[CAME_BACK].to_numpy(dtype=float, na_value=np.nan)
    np.testing.assert_array_equal(told[ESTIMATE], back)
    np.testing.assert_array_equal(np.isnan(back), customers["recovered"])
    assert 0.1 < np.nanmean(back) < 0.2
    assert customers["recovered"].mean() == pytest.approx(0.35 * 4 / 6, abs=0.05)


def test_a_window_at_the_end_of_the_log_is_modelled_from_earlier_ones() -> None:
    made, told = estimated(FIFTH, known_by=FIFTH)
    assert made.source == "modelled"
    # Who comes back does so three days after an abandonment of one to seven days ago: many have by the cutoff.
    large = told["cart_value"] > 100
    assert told.loc[large, ESTIMATE].mean() == pytest.approx(0.2 / 0.6, abs=0.06)
    assert told.loc[~large, ESTIMATE].mean() == pytest.approx(0.033 / 0.933, abs=0.03)
    assert told[ESTIMATE].isna().tolist() == told["recovered"].tolist()
    assert "learned from" in made.notes[0]


def test_too_short_a_log_leaves_the_heuristic_and_says_what_is_missing() -> None:
    first = Window.starting(date(2025, 9, 1))
    made, told = estimated(first, known_by=first)
    assert made.source == "heuristic"
    assert ESTIMATE not in told
    assert "has 0" in made.notes[0]


def test_what_happens_after_the_cutoff_changes_no_prediction() -> None:
    log = habits()
    later = log.time >= FIFTH.cutoff
    assert later.sum() > 100
    turned = replace(log, event=np.where(later, 4, log.event).astype(np.int8), value=np.where(later, 9e9, log.value))
    customers = universe(FIFTH)
    before, after = (past_outcomes(each, FIFTH, RULES, FIFTH.cutoff) for each in (log, turned))
    expected, found = (predictor(past, tried(past))(customers) for past in (before, after))
    assert {name: each.tolist() for name, each in found.items()} == {n: e.tolist() for n, e in expected.items()}


def test_only_customers_who_were_followed_until_the_cutoff_are_learnt_from() -> None:
    past = past_outcomes(habits(), FIFTH, RULES, FIFTH.cutoff)
    assert past.customers["cart_abandoned_date"].max() < pd.Timestamp(FIFTH.earlier(1).cutoff, unit="us", tz="UTC")
    assert not past.customers["recovered"].any()
    assert past.recovered.mean() == pytest.approx(0.152, abs=0.03)
    assert past.windows == 4
    longer = past_outcomes(habits(), FIFTH, FeatureRules(outcome=timedelta(days=8)), FIFTH.cutoff)
    assert longer.windows == 3


def test_past_windows_are_cut_at_the_age_of_the_window_itself() -> None:
    later = FIFTH.cutoff + 2 * 24 * 3_600_000_000
    past = past_outcomes(habits(), FIFTH, RULES, later)
    # Two days later only the carts of the window's last day are younger than three days.
    assert past.recovered.mean() == pytest.approx(0.05 / 0.7, abs=0.02)
    assert past.customers["days_since_abandonment"].min() == 0
    assert micros(START) < FIFTH.cutoff


def test_a_log_without_purchases_measures_nothing() -> None:
    log = habits()
    carts = log.where(log.event == Event.CART)
    window = Window.starting(date(2025, 9, 8))
    customers = select_universe(customers_at(carts, window.cutoff, timezone="UTC", rules=RULES).customers, window)
    made = of_log(customers.customers, carts, window)
    assert made.source == "heuristic"
    assert "has no purchases" in made.notes[0]


def test_purchases_that_all_come_after_the_window_teach_nothing_about_the_weeks_before_it() -> None:
    log = habits()
    # The log goes on for too short a time to tell who of the window came back, so a model would be asked for.
    soon = log.time < FIFTH.cutoff + 3 * 24 * 3_600_000_000
    late = log.where(soon & ((log.event != Event.PURCHASE) | (log.time >= FIFTH.cutoff)))
    assert (late.event == Event.PURCHASE).any()
    past = past_outcomes(late, FIFTH, RULES, FIFTH.cutoff)
    assert (len(past.recovered), past.windows) == (0, 0)
    customers = select_universe(
        customers_at(late, FIFTH.cutoff, timezone="UTC", rules=RULES).customers, FIFTH
    ).customers
    assert customers[CAME_BACK].isna().all()
    assert of_log(customers, late, FIFTH).source == "heuristic"
