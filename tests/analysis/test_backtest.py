from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis import Settings, analyze
from analysis.backtest import backtest, calibration, last_known_window, skill
from data_ingestion import Intake, intake_of_frame
from retention.activity.activity import Activity, Event
from retention.activity.features import CAME_BACK, FeatureRules
from retention.errors import ContractError, PeriodError
from retention.period import Window
from retention.policy.yaml_text import policy_from_yaml
from retention.wording import days
from tests.activity_logs import START, activity_of, habits

POLICY = policy_from_yaml(
    """
name: carts
title: By cart
description: Small and large carts.
tree:
  split: cart_value
  cuts: [100]
  missing: low
  branches: {low: Small, high: Large}
segments:
  Small: {audience: small carts, message: m, offer: none, channel: e-mail, timing: now}
  Large: {audience: large carts, message: m, offer: none, channel: e-mail, timing: now}
"""
)


def intake_with(activity: Activity) -> Intake:
    empty = pd.DataFrame({"file": [], "line": [], "column": [], "value": [], "reason": [], "faults": []})
    return Intake(pd.DataFrame(), empty, (), len(activity), (), (), "0" * 64, (), activity, len(activity))


def test_the_model_finds_the_planted_habit_and_beats_the_heuristic() -> None:
    made = backtest(intake_with(habits()), POLICY)
    model, simple, base = made.skills
    assert [each.name for each in made.skills] == ["model", "heuristic", "base rate"]
    assert model.brier < simple.brier
    assert model.brier < base.brier
    assert model.auc > 0.7
    assert model.top_rate > 1.4 * base.top_rate
    assert base.auc == 0.5
    recovered = made.run.scores.table["Recovered"].sum()
    assert made.segments["Size"].sum() == made.run.accounting.universe - recovered
    assert made.segments["Inside"].mean() > 0.5


def test_what_was_observed_is_the_share_of_each_segment_that_came_back() -> None:
    made = backtest(intake_with(habits()), POLICY)
    customers, codes = made.run.segmentation.customers, made.run.segmentation.codes
    for code, row in enumerate(made.segments.to_dict("records")):
        back = customers.loc[codes == code, CAME_BACK].dropna().to_numpy(dtype=float)
        assert row["Came_Back"] == back.sum()
        assert row["Actual"] == pytest.approx(back.mean())
        assert row["Actual_low"] <= row["Actual"] <= row["Actual_high"]


def test_who_has_bought_again_stays_in_the_segment_and_is_counted_there() -> None:
    run = analyze(intake_with(habits()), POLICY, Settings(window=Window.starting(date(2025, 9, 8))))
    customers, table = run.segmentation.customers, run.scores.table
    assert int(table["Recovered"].sum()) == int(customers["recovered"].sum()) > 50
    assert (table["Reachable"] + table["Recovered"]).tolist() == table["Size"].tolist()
    assert any("are recovered: they have bought again already" in warning for warning in run.warnings)
    rest = customers[~customers["recovered"]]
    rates = rest.groupby(rest["cart_value"] > 100)[CAME_BACK].mean()
    assert sorted(table["Conv_Pot"]) == pytest.approx(sorted(rates))


def test_a_window_without_known_outcomes_is_refused_and_the_last_good_one_named() -> None:
    log = habits()
    good = last_known_window(log, Settings())
    late = Settings(window=good.earlier(-1))
    with pytest.raises(PeriodError, match=f"outcomes are known is {days(good.start, good.end)}"):
        backtest(intake_with(log), POLICY, late)


def test_too_little_before_the_window_is_refused_with_the_numbers() -> None:
    first = Settings(window=Window.starting(date(2025, 9, 1)))
    with pytest.raises(PeriodError, match="only 0 customers of 0 weeks have a known outcome"):
        backtest(intake_with(habits()), POLICY, first)


def test_a_customer_table_cannot_be_tested() -> None:
    frame = pd.DataFrame({"user_id": ["a"], "cart_abandoned_date": ["2025-09-01"]})
    with pytest.raises(ContractError, match="says nothing about what its customers did later"):
        backtest(intake_of_frame(frame, name="table", fingerprint="0"), POLICY)


def test_calibration_groups_hold_everybody_once_and_keep_equal_predictions_together() -> None:
    table = calibration(np.array([0.1] * 50 + [0.5] * 3 + [0.9] * 47), np.array([False] * 53 + [True] * 47))
    assert table["Size"].tolist() == [50, 3, 47] or table["Size"].sum() == 100
    assert table["From"].tolist() == sorted(table["From"])
    assert (table["From"].to_numpy()[1:] > table["To"].to_numpy()[:-1]).all()


def test_a_guess_that_rates_all_alike_has_the_average_rate_in_its_top_fifth() -> None:
    made = skill("base rate", np.full(10, 0.3), np.array([True] * 3 + [False] * 7))
    assert made.top_rate == pytest.approx(0.3)
    assert made.brier == pytest.approx(0.3 * 0.49 + 0.7 * 0.09)


def test_an_analysis_of_activity_accounts_for_every_row() -> None:
    log = habits()
    run = analyze(intake_with(log), POLICY, Settings(window=Window.starting(date(2025, 9, 8))))
    account = run.accounting
    assert account.read == len(log)
    assert account.accepted == account.universe + account.outside_window
    assert sum(account.outside.values()) == account.outside_window
    assert account.outside["folded"] == len(log) - len(log.people)
    assert run.scores.table["Conv_Pot_source"].unique().tolist() == ["measured"]


def test_a_history_without_carts_is_refused_with_what_is_missing() -> None:
    orders = activity_of([("a", START, Event.PURCHASE, 10.0)])
    with pytest.raises(ContractError, match="no carts or checkouts"):
        analyze(intake_with(orders), POLICY)


def test_a_longer_recovery_window_leaves_fewer_abandoners() -> None:
    window = Window.starting(date(2025, 9, 8))
    longer = FeatureRules(recovery=4 * FeatureRules().recovery)
    short, long = (
        analyze(intake_with(habits()), POLICY, replace(Settings(window=window), rules=rules)).accounting.universe
        for rules in (FeatureRules(), longer)
    )
    assert long < short


def test_a_later_cutoff_decides_carts_of_the_last_day_and_changes_no_other() -> None:
    window = Window.starting(date(2025, 9, 8))
    at = datetime(2025, 9, 14, 18, tzinfo=UTC)
    log = activity_of(
        [
            ("early", START.replace(day=10), Event.CART, 10.0),
            ("sunday", at, Event.CART, 20.0),
            ("buyer", at, Event.CART, 30.0),
            ("buyer", at + timedelta(hours=9), Event.PURCHASE, 30.0),
            ("again", START.replace(day=11), Event.CART, 40.0),
            ("again", START.replace(day=16), Event.CART, 50.0),
            ("late", START.replace(day=30), Event.VIEW, 0.0),
        ]
    )
    runs = [
        analyze(intake_with(log), POLICY, replace(Settings(window=window), cutoff=cutoff))
        for cutoff in (None, date(2025, 9, 15), date(2025, 9, 20))
    ]
    found = [sorted(run.segmentation.customers["user_id"]) for run in runs]
    assert found == [["again", "early"], ["again", "early", "sunday"], ["again", "early", "sunday"]]
    assert runs[0].accounting.outside["pending"] == 2
    assert any("may still be bought" in warning for warning in runs[0].warnings)
    assert runs[1].accounting.outside["bought_in_time"] == 1
    assert set(runs[2].segmentation.customers.set_index("user_id").loc["again", ["cart_value"]]) == {40.0}


def test_without_a_window_the_last_abandonment_is_in_it() -> None:
    at = datetime(2025, 9, 14, 18, tzinfo=UTC)
    log = activity_of([("a", at, Event.CART, 10.0), ("b", at + timedelta(days=2), Event.VIEW, 0.0)])
    run = analyze(intake_with(log), POLICY)
    assert run.window.end == date(2025, 9, 14)
    assert run.segmentation.customers["user_id"].tolist() == ["a"]


def test_a_cutoff_before_the_windows_last_day_is_refused() -> None:
    settings = Settings(window=Window.starting(date(2025, 9, 8)), cutoff=date(2025, 9, 13))
    with pytest.raises(PeriodError, match=r"cutoff: the cutoff 2025-09-13 is before the last day.*Give 2025-09-14 or"):
        analyze(intake_with(habits(customers=200, weeks=3)), POLICY, settings)


def test_without_a_window_the_end_of_the_log_decides_and_carts_after_it_stay_pending() -> None:
    """With a short recovery window the log may end on the day of the last abandonment itself."""
    rows = [("left", START, Event.CART, 5.0), ("open", START + timedelta(hours=9, minutes=30), Event.CART, 5.0)]
    log = activity_of([*rows, ("seen", START + timedelta(hours=10), Event.VIEW, 0.0)])
    rules = FeatureRules(recovery=timedelta(hours=1))
    run = analyze(intake_with(log), POLICY, Settings(rules=rules))
    assert run.segmentation.customers["user_id"].tolist() == ["left"]
    assert run.accounting.outside["pending"] == 1
    assert not any("the input ends at" in warning for warning in run.warnings)


def test_a_cart_after_the_window_that_the_log_chose_stays_pending() -> None:
    """The last abandonment ends the window; a cart of the day after is not decided, and was called no cart."""
    late = START + timedelta(days=1)
    rows = [("left", START, Event.CART, 5.0), ("open", late, Event.CART, 5.0), ("seen", late, Event.VIEW, 0.0)]
    run = analyze(intake_with(activity_of(rows)), POLICY, Settings())
    assert run.window.end == START.date()
    assert run.segmentation.customers["user_id"].tolist() == ["left"]
    assert (run.accounting.outside["pending"], run.accounting.outside["no_cart"]) == (1, 1)
    assert any("may still be bought" in warning for warning in run.warnings)


def test_a_window_beyond_the_end_of_the_log_says_which_carts_its_silence_decides() -> None:
    rows = [("left", START, Event.CART, 5.0), ("open", START + timedelta(days=2), Event.CART, 5.0)]
    log = activity_of([*rows, ("seen", START + timedelta(days=2, hours=10), Event.VIEW, 0.0)])
    run = analyze(intake_with(log), POLICY, Settings(window=Window.starting(date(2025, 9, 1))))
    assert run.accounting.universe == 2
    (told,) = (warning for warning in run.warnings if "the input ends at" in warning)
    assert told.startswith("the input ends at 2025-09-03 10:00, before the cutoff: 1 customer counts")


def test_visits_alone_are_not_called_purchases() -> None:
    with pytest.raises(ContractError, match="there are visits but no carts or checkouts"):
        analyze(intake_with(activity_of([("a", START, Event.VIEW, 0.0)])), POLICY)


def test_a_log_whose_carts_are_all_decided_otherwise_is_refused_with_their_numbers() -> None:
    late = START + timedelta(days=1)
    rows = [("a", START, Event.CART, 5.0), ("a", START, Event.PURCHASE, 5.0), ("b", late, Event.CHECKOUT, 5.0)]
    with pytest.raises(PeriodError, match=r"of 2 carts and checkouts 1 were bought in time, and 1 may still be bought"):
        analyze(intake_with(activity_of(rows)), POLICY)


def test_a_backtest_without_purchases_or_on_a_few_days_says_what_to_add() -> None:
    log = habits(customers=50, weeks=4)
    carts = log.where(log.event == Event.CART)
    with pytest.raises(PeriodError, match=r"has no purchases.*Add the orders"):
        backtest(intake_with(carts), POLICY)
    days = [("a", START + timedelta(days=day), Event.CART, 5.0) for day in range(5)]
    with pytest.raises(PeriodError, match=r"covers 4\.2 days, too few.*give a longer log"):
        backtest(
            intake_with(activity_of([*days, ("b", START + timedelta(days=4, hours=4), Event.PURCHASE, 5.0)])), POLICY
        )
