"""Customers at a cutoff: equal to the slow reference, blind to what comes later and to the order of the entries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from math import nan
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.activity.abandonment import NEVER
from retention.activity.activity import NONE, Activity, Event
from retention.activity.features import CustomersAt, FeatureRules, carts_left, customers_at
from retention.customers.contracts import CONTRACT
from retention.customers.derive import engagement, profitability
from retention.errors import OptionError, PeriodError
from tests.retention.activity.reference_features import DAY, MINUTE, Entry, Features, reference

HOUR = 60 * MINUTE
CART, REMOVE, CHECKOUT, PURCHASE, VIEW = Event.CART, Event.REMOVE, Event.CHECKOUT, Event.PURCHASE, Event.VIEW
CUTOFF = 40 * DAY
RULES = FeatureRules(recovery=timedelta(hours=2), outcome=timedelta(hours=3))
SIZE = 3
T = CUTOFF - 3 * DAY

# Times at and beside every boundary there is, few enough for ties to be common.
BASES = (CUTOFF, CUTOFF - 2 * HOUR, CUTOFF - 4 * HOUR)
STEPS = (0, 0, 0, 1, 2 * HOUR, 2 * HOUR + 1, -1, -30 * MINUTE, 1 - 30 * MINUTE, -30 * DAY, 1 - 30 * DAY, 5 * HOUR)
TIMES = st.builds(int.__add__, st.sampled_from(BASES), st.sampled_from(STEPS))
QUARTERS = st.one_of(st.just(nan), st.integers(0, 40).map(lambda n: n / 4))
CODES = st.integers(NONE, 2)
ENTRIES = st.lists(
    st.builds(Entry, st.integers(0, 1), TIMES, st.sampled_from(Event), QUARTERS, QUARTERS, CODES, CODES),
    max_size=14,
)


def activity_of(entries: Sequence[Entry], people: pd.DataFrame | None = None) -> Activity:
    """Return the activity of three customers, of whom the last one does nothing."""
    columns = [np.array([entry[i] for entry in entries]) for i in range(7)]
    everyone = pd.DataFrame({"user_id": pd.Series([f"u{i}" for i in range(SIZE)], dtype="str")})
    return Activity(
        customer=columns[0].astype(np.int32),
        time=columns[1].astype(np.int64),
        event=columns[2].astype(np.int8),
        value=columns[3].astype(np.float64),
        items=columns[4].astype(np.float64),
        visit=columns[5].astype(np.int32),
        order=columns[6].astype(np.int32),
        people=everyone if people is None else people,
    )


def features(entries: Sequence[Entry], rules: FeatureRules = RULES) -> CustomersAt:
    return customers_at(activity_of(entries), CUTOFF, timezone="UTC", rules=rules)


def only(entries: Sequence[Entry]) -> "pd.Series[Any]":
    """Return the one abandoner by the default rules."""
    found = features(entries, FeatureRules())
    assert len(found.customers) == 1
    return found.customers.iloc[0]


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def expected(entries: Sequence[Entry]) -> tuple[list[int], list[Features], list[str]]:
    """Return the rows of the abandoners, their features, and what became of the others, by the reference."""
    last = max((e.time for e in entries), default=0)
    if not any(e.event == Event.PURCHASE for e in entries):
        last = 0  # a log without purchases does not tell who came back
    some = any(e.event == Event.PURCHASE and e.time < CUTOFF for e in entries)
    told = [
        reference([e for e in entries if e.customer == c], CUTOFF, (last, some), 2 * HOUR, 3 * HOUR)
        for c in range(SIZE)
    ]
    rows = [c for c, f in enumerate(told) if isinstance(f, Features)]
    return rows, [f for f in told if isinstance(f, Features)], [f for f in told if isinstance(f, str)]


def times(column: "pd.Series[pd.Timestamp]") -> list[int | None]:
    utc = column.dt.tz_convert(None).to_numpy().view(np.int64)
    return [None if time == NEVER else int(time) for time in utc]


@given(ENTRIES)
def test_the_fast_code_equals_the_reference(entries: list[Entry]) -> None:
    found = features(entries)
    rows, abandoners, others = expected(entries)
    assert found.row.tolist() == rows
    assert found.customers["user_id"].tolist() == [f"u{r}" for r in rows]
    assert times(found.customers["cart_abandoned_date"]) == [f.abandoned for f in abandoners]
    assert times(found.customers["last_order_date"]) == [f.last_order for f in abandoners]
    for name in ("cart_value", "num_cart_items", "sessions_last_30d", "avg_order_value"):
        np.testing.assert_array_equal(found.customers[name], [getattr(f, name) for f in abandoners], strict=False)
    for name in ("recovered", "came_back"):
        flags = [None if pd.isna(v) else bool(v) for v in found.customers[name]]
        assert flags == [getattr(f, name) for f in abandoners]
    assert times(found.customers["first_order_date"]) == [f.first_order for f in abandoners]
    told = any(e.event == PURCHASE and e.time < CUTOFF for e in entries)
    np.testing.assert_array_equal(found.customers["order_count"], [f.order_count if told else nan for f in abandoners])
    np.testing.assert_array_equal(found.customers["total_spent"], [f.total_spent for f in abandoners])
    for reason in ("no_cart", "bought_in_time", "pending"):
        assert found.counts[reason] == others.count(reason)


@given(ENTRIES)
def test_the_counts_add_up(entries: list[Entry]) -> None:
    found = features(entries)
    parts = ("no_cart", "bought_in_time", "pending", "abandoners")
    assert sum(found.counts[part] for part in parts) == found.counts["customers"] == SIZE
    assert found.counts["abandoners"] == len(found.customers) == len(found.row)
    assert found.counts["entries"] == len(entries)
    assert found.counts["entries_after_cutoff"] == sum(e.time >= CUTOFF for e in entries)
    carts = [e for e in entries if e.event in (CART, CHECKOUT) and e.time < CUTOFF]
    assert found.counts["purchases_without_cart"] == sum(
        not any(c.customer == e.customer and c.time <= e.time for c in carts)
        for e in entries
        if e.event == PURCHASE and e.time < CUTOFF
    )


@pytest.mark.parametrize(("cart", "without"), [(-1, 0), (0, 0), (1, 1)])
def test_a_purchase_without_an_earlier_cart_entry_is_counted(cart: int, without: int) -> None:
    found = features([Entry(0, T, PURCHASE), Entry(0, T + cart, CART), Entry(1, T - DAY, CART)])
    assert found.counts["purchases_without_cart"] == without


@given(ENTRIES, ENTRIES)
def test_what_comes_later_changes_no_feature(entries: list[Entry], others: list[Entry]) -> None:
    known = [e for e in entries if e.time < CUTOFF]
    later = [e for e in others if e.time >= CUTOFF]
    found, blind = features(known + later), features(known)
    outcome = ["came_back"]
    pd.testing.assert_frame_equal(found.customers.drop(columns=outcome), blind.customers.drop(columns=outcome))
    assert found.row.tolist() == blind.row.tolist()
    size = ("entries", "entries_after_cutoff")
    assert {k: v for k, v in found.counts.items() if k not in size} == {
        k: v for k, v in blind.counts.items() if k not in size
    }


@given(ENTRIES, st.randoms(use_true_random=False), st.lists(st.floats(0, 1e6), min_size=14, max_size=14))
def test_the_order_of_the_entries_changes_nothing(entries: list[Entry], random: Random, money: list[float]) -> None:
    priced = [replace_value(e, value) for e, value in zip(entries, money, strict=False)]
    shuffled = list(priced)
    random.shuffle(shuffled)
    first, second = features(priced), features(shuffled)
    pd.testing.assert_frame_equal(first.customers, second.customers, check_exact=True)
    assert first.counts == second.counts


def replace_value(entry: Entry, value: float) -> Entry:
    return entry._replace(value=value, items=value)


@given(ENTRIES)
def test_the_last_abandonment_closed_within_the_log(entries: list[Entry]) -> None:
    last = max((e.time for e in entries), default=0)
    bought = [(e.customer, e.time) for e in entries if e.event == PURCHASE]
    closed = [
        e.time
        for e in entries
        if e.event in (CART, CHECKOUT)
        and e.time + 2 * HOUR <= last
        and not any(c == e.customer and e.time <= t <= e.time + 2 * HOUR for c, t in bought)
    ]
    if closed:
        assert carts_left(activity_of(entries), RULES).last_of(RULES) == max(closed)
    else:
        with pytest.raises(PeriodError, match="no cart was left for 2 hours without a purchase"):
            carts_left(activity_of(entries), RULES).last_of(RULES)


@pytest.mark.parametrize(
    ("bought", "became"),
    [(0, "bought_in_time"), (DAY, "bought_in_time"), (DAY + 1, "abandoners"), (-1, "abandoners")],
)
def test_a_purchase_is_in_time_from_the_entry_to_the_end_of_the_recovery_window(bought: int, became: str) -> None:
    t = CUTOFF - 5 * DAY
    cart, purchase = Entry(0, t, CART), Entry(0, t + bought, PURCHASE)
    assert features([cart, purchase], FeatureRules()).counts[became] == 1
    assert features([purchase, cart], FeatureRules()).counts[became] == 1


@pytest.mark.parametrize(("before", "became"), [(DAY, "abandoners"), (DAY - 1, "pending"), (1, "pending")])
def test_a_cart_whose_recovery_window_is_open_at_the_cutoff_is_pending(before: int, became: str) -> None:
    assert features([Entry(0, CUTOFF - before, CART)], FeatureRules()).counts[became] == 1


def test_a_purchase_at_the_cutoff_is_an_outcome_even_where_the_window_closes_then() -> None:
    log = [Entry(0, CUTOFF - DAY, CART), Entry(0, CUTOFF, PURCHASE), Entry(1, T - DAY, PURCHASE)]
    found = only([*log, Entry(1, CUTOFF + 7 * DAY, VIEW)])
    assert (bool(found["recovered"]), bool(found["came_back"])) == (False, True)


def test_the_last_abandoned_entry_counts_whatever_follows_it() -> None:
    t = CUTOFF - 5 * DAY
    entries = [
        Entry(0, t, CART),
        Entry(0, t + HOUR, CART),
        Entry(0, t + 2 * DAY, CART),
        Entry(0, t + 2 * DAY, PURCHASE),
    ]
    assert only(entries)["cart_abandoned_date"].value == (t + HOUR) * 1_000
    assert only([*entries, Entry(0, CUTOFF - 1, CART)])["cart_abandoned_date"].value == (t + HOUR) * 1_000


@pytest.mark.parametrize(
    ("waited", "log_goes_on", "recovered", "came_back"),
    [
        (DAY + 1, 9 * DAY, True, None),
        (2 * DAY - 1, 9 * DAY, True, None),
        (2 * DAY, 9 * DAY, False, True),
        (9 * DAY - 1, 9 * DAY, False, True),
        (9 * DAY, 9 * DAY, False, False),
        (None, 9 * DAY - 1, False, False),
        (None, 9 * DAY - 2, False, None),
        (2 * DAY, 2 * DAY, False, None),
    ],
)
def test_who_bought_by_the_cutoff_is_recovered_and_of_the_others_some_come_back(
    waited: int | None, log_goes_on: int, recovered: bool, came_back: bool | None
) -> None:
    t = CUTOFF - 2 * DAY
    # Without any purchase the log would not tell at all.
    log = [Entry(0, t, CART, 1.0), Entry(1, t, PURCHASE), Entry(1, t + log_goes_on, VIEW)]
    found = only(log if waited is None else [*log, Entry(0, t + waited, PURCHASE, 5.0)])
    assert bool(found["recovered"]) is recovered
    assert (None if pd.isna(found["came_back"]) else bool(found["came_back"])) is came_back


def test_a_log_without_an_earlier_purchase_does_not_tell_who_is_recovered() -> None:
    t = CUTOFF - 2 * DAY
    log = [Entry(0, t, CART, 1.0), Entry(1, CUTOFF, PURCHASE), Entry(1, CUTOFF + 7 * DAY, VIEW)]
    found = only(log)
    assert (pd.isna(found["recovered"]), bool(found["came_back"])) == (True, False)


@pytest.mark.parametrize(
    ("entries", "value", "items"),
    [
        ([(T, CART, 10, 1)], 10, 1),
        ([(T - HOUR, CART, 10, 2), (T, CART, 5, 1)], 15, 3),
        ([(T - HOUR, CART, 10, 2), (T - MINUTE, REMOVE, 5, 1), (T, CART, 1, 1)], 6, 2),
        ([(T - HOUR, CART, 10, 1), (T - MINUTE, CHECKOUT, 7, 2), (T, CART, 1, 1)], 8, 3),
        ([(T - HOUR, CHECKOUT, 10, 1), (T, CHECKOUT, 7, 2)], 7, 2),
        ([(T, CHECKOUT, 7, 2), (T, CHECKOUT, 3, 1), (T, CART, 90, 9)], 10, 3),
        ([(T - DAY, CART, 90, 9), (T - DAY + 1, CART, 10, 1), (T, CART, 1, 1)], 11, 2),
        ([(T - DAY, CHECKOUT, 90, 9), (T, CART, 1, 1)], 1, 1),
        ([(T - HOUR, CART, 90, 9), (T - MINUTE, PURCHASE, 90, 9), (T - MINUTE, CART, 8, 1), (T, CART, 1, 1)], 1, 1),
        ([(T, CART, 10, 1), (T, REMOVE, 20, 3)], 0, 0),
        ([(T, CART, nan, nan), (T, REMOVE, 20, 3)], nan, nan),
        ([(T, CART, nan, 1), (T - MINUTE, CART, 4, nan)], 4, 1),
        ([(T, CART, 10, 1), (T + 1, REMOVE, 10, 1)], 10, 1),
    ],
)
def test_the_cart_is_what_lay_in_it_at_the_abandonment(
    entries: list[tuple[int, Event, float, float]], value: float, items: float
) -> None:
    found = only([Entry(0, *entry) for entry in entries])
    assert (found["cart_value"], found["num_cart_items"]) == pytest.approx((value, items), nan_ok=True)


def test_orders_are_those_before_the_abandonment_and_lines_of_one_order_are_one() -> None:
    orders = [
        Entry(0, T - 9 * DAY, PURCHASE, 10.0, order=1),
        Entry(0, T - 8 * DAY, PURCHASE, 20.0, order=1),
        Entry(0, T - 5 * DAY, PURCHASE, 30.0),
        Entry(0, T - 5 * DAY, PURCHASE, 60.0),
        Entry(0, T - 4 * DAY, PURCHASE, nan, order=2),
        Entry(0, T + 2 * DAY, PURCHASE, 999.0, order=3),
    ]
    found = only([*orders, Entry(0, T, CART, 5.0)])
    assert found["last_order_date"].value == (T - 4 * DAY) * 1_000
    assert found["avg_order_value"] == 40
    assert (found["order_count"], found["total_spent"]) == (4, 120)
    assert found["first_order_date"].value == (T - 9 * DAY) * 1_000


def test_who_never_ordered_has_no_order_value() -> None:
    found = only([Entry(0, T, CART, 5.0), Entry(1, T, PURCHASE, 5.0)])
    assert pd.isna([found["first_order_date"], found["last_order_date"]]).all()
    assert np.isnan([found["avg_order_value"], found["profitability_score"], found["total_spent"]]).all()
    assert found["order_count"] == 0


def test_where_no_file_tells_of_a_purchase_nobody_knows_how_many_there_were() -> None:
    found = only([Entry(0, T, CART, 5.0)])
    assert np.isnan([found["order_count"], found["total_spent"]]).all()


@pytest.mark.parametrize(
    ("others", "sessions"),
    [
        ([(T - DAY, 1), (T - DAY, 2), (T - HOUR, 1)], 3),
        ([(T - 30 * DAY, 1), (T - 30 * DAY + 1, 2), (T + 1, 3)], 2),
        ([(T - 30 * MINUTE, NONE)], 2),
        ([(T - 30 * MINUTE, NONE), (T - 30 * MINUTE + 1, NONE)], 1),
        ([(T - DAY, NONE), (T - DAY + 29 * MINUTE, NONE), (T - DAY + 58 * MINUTE, NONE)], 2),
        ([], 1),
    ],
)
def test_sessions_are_the_visits_of_the_thirty_days_before(others: list[tuple[int, int]], sessions: int) -> None:
    cart = Entry(0, T, CART, visit=0 if others and others[0][1] != NONE else NONE)
    views = [Entry(0, time, VIEW, visit=visit) for time, visit in others]
    assert only([*views, cart])["sessions_last_30d"] == sessions


def test_a_visit_code_that_two_customers_share_counts_for_both() -> None:
    found = features([Entry(0, T, CART, visit=5), Entry(1, T, CART, visit=5)])
    assert found.customers["sessions_last_30d"].tolist() == [1, 1]


def test_sessions_look_back_thirty_days_also_where_carts_wait_longer() -> None:
    log = [Entry(0, T - 35 * DAY, CART, 4.0, visit=1), Entry(0, T - 29 * DAY, VIEW, visit=2), Entry(0, T, CART, 1.0)]
    activity = activity_of(log)
    found = customers_at(activity, T + 40 * DAY, timezone="UTC", rules=FeatureRules(recovery=timedelta(days=40)))
    assert found.customers["cart_value"].tolist() == [5]
    assert found.customers["sessions_last_30d"].tolist() == [2]


@pytest.mark.parametrize("order", [*permutations((0.1, 0.2, 0.3))])
def test_sums_of_money_are_the_same_to_the_last_bit_in_every_order(order: tuple[float, ...]) -> None:
    bought = [Entry(0, T - 9 * DAY, PURCHASE, amount, order=1) for amount in order]
    found = only([*bought, *(Entry(0, T, CART, amount) for amount in order)])
    assert found["cart_value"] == found["total_spent"] == found["avg_order_value"] == (0.1 + 0.2) + 0.3
    assert (0.1 + 0.2) + 0.3 != 0.1 + (0.2 + 0.3)


def test_the_scores_follow_the_one_formula_of_each() -> None:
    found = only([Entry(0, T - 9 * DAY, PURCHASE, 100.0), Entry(0, T, CART, 5.0, 3.0)])
    sessions, items = np.array([found["sessions_last_30d"]]), np.array([found["num_cart_items"]])
    assert found["engagement_score"] == engagement(sessions, items)[0]
    assert found["profitability_score"] == profitability(np.array([100.0]))[0] == 0.5


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2025-03-30T00:59:59+00:00", "2025-03-30 01:59:59+01:00"),
        ("2025-03-30T01:00:00+00:00", "2025-03-30 03:00:00+02:00"),
        ("2025-10-26T00:30:00+00:00", "2025-10-26 02:30:00+02:00"),
        ("2025-10-26T01:30:00+00:00", "2025-10-26 02:30:00+01:00"),
    ],
)
def test_dates_are_local_times_of_the_shop_also_when_its_clock_changes(moment: str, local: str) -> None:
    t = micros(moment)
    activity = activity_of([Entry(0, t, CART), Entry(0, t - DAY - HOUR, PURCHASE)])
    found = customers_at(activity, t + 2 * DAY, timezone="Europe/Berlin")
    assert str(found.customers["cart_abandoned_date"].dtype) == "datetime64[us, Europe/Berlin]"
    assert str(found.customers["last_order_date"].dtype) == "datetime64[us, Europe/Berlin]"
    assert str(found.customers["cart_abandoned_date"].iloc[0]) == local


def test_columns_stand_in_the_order_of_the_contract_and_people_keep_theirs() -> None:
    people = pd.DataFrame(
        {
            "loyalty": pd.Series(["a", "b", "c"], dtype="str"),
            "country": pd.Series(["DE", None, "FR"], dtype="str"),
            "user_id": pd.Series(["u0", "u1", "u2"], dtype="str"),
            "email_consent": pd.array([True, None, False], dtype="boolean"),
        }
    )
    activity = activity_of([Entry(2, T, CART), Entry(1, T, CART)], people)
    customers = customers_at(activity, CUTOFF, timezone="UTC").customers
    known = [c.name for c in CONTRACT if c.name in customers]
    assert list(customers.columns) == [*known, "loyalty", "came_back"]
    assert customers["user_id"].tolist() == ["u1", "u2"]
    assert customers["loyalty"].tolist() == ["b", "c"]
    assert customers["country"].isna().tolist() == [True, False]
    assert customers["email_consent"].isna().tolist() == [True, False]
    assert str(customers["recovered"].dtype) == "boolean"
    assert people.columns[0] == "loyalty"


def test_activity_without_entries_has_no_abandoners() -> None:
    found = features([])
    assert found.customers.empty
    assert found.counts["no_cart"] == SIZE
    assert str(found.customers["cart_abandoned_date"].dtype) == "datetime64[us, UTC]"
    with pytest.raises(PeriodError, match="no cart was left"):
        carts_left(activity_of([]), RULES).last_of(RULES)


@pytest.mark.parametrize("rules", [{"recovery": timedelta()}, {"recovery": timedelta(-1)}, {"outcome": timedelta(-1)}])
def test_windows_that_cannot_be_are_refused(rules: dict[str, timedelta]) -> None:
    with pytest.raises(OptionError, match="0:00:00 is not possible"):
        FeatureRules(**rules)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(PeriodError, match="time zone 'Mars' is not known"):
        customers_at(activity_of([]), CUTOFF, timezone="Mars")


def test_a_large_log_is_counted_customer_by_customer() -> None:
    customers, each = 20_000, 10
    customer = np.repeat(np.arange(customers, dtype=np.int32), each)
    size = len(customer)
    step = np.tile(np.arange(each), customers)
    activity = Activity(
        customer=customer,
        time=T - (each - 1 - step) * HOUR,
        event=np.where(step == each - 1, CART, VIEW).astype(np.int8),
        value=np.ones(size),
        items=np.ones(size),
        visit=np.full(size, NONE, dtype=np.int32),
        order=np.full(size, NONE, dtype=np.int32),
        people=pd.DataFrame({"user_id": pd.Series(np.arange(customers)).astype("str")}),
    )
    mixed = np.random.default_rng(1).permutation(size)
    columns = ("customer", "time", "event", "value", "items", "visit", "order")
    shuffled = replace(activity, **{name: getattr(activity, name)[mixed] for name in columns})
    for log in (activity, shuffled):
        found = customers_at(log, CUTOFF, timezone="UTC")
        assert found.counts["abandoners"] == customers
        assert (found.customers["sessions_last_30d"] == each).all()
        assert (found.customers["cart_value"] == 1).all()


def test_a_sum_beyond_the_largest_number_is_missing_and_not_infinite() -> None:
    bought = [Entry(0, minute * MINUTE, PURCHASE, value=1.5e308, order=0) for minute in range(3)]
    carts = [Entry(0, 10 * DAY + minute, CART, value=1.5e308, items=1) for minute in range(3)]
    found = customers_at(activity_of([*bought, *carts]), 20 * DAY, timezone="UTC", rules=RULES)
    (row,) = found.customers[["cart_value", "avg_order_value", "profitability_score"]].to_numpy()
    assert np.isnan(row).all()
    assert found.customers["total_spent"].isna().all()
