from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.customers.universe import OnConflict, Universe, default_window, select_universe
from retention.errors import PeriodError
from retention.period import Window

WINDOW = Window(date(2025, 9, 1), date(2025, 9, 7))


def rows(*cells: tuple[str, str] | tuple[str, str, float], timezone: str = "UTC", **columns: Any) -> pd.DataFrame:
    """Make rows of user_id, abandonment time and, if given, cart value."""
    times = pd.DatetimeIndex([pd.Timestamp(cell[1], tz=timezone) for cell in cells]).as_unit("us")
    frame = pd.DataFrame({"user_id": pd.array([cell[0] for cell in cells], "str"), "cart_abandoned_date": times})
    return frame.assign(cart_value=[cell[2] if len(cell) > 2 else 1.0 for cell in cells], **columns)


def outcome(universe: Universe) -> tuple[list[int], list[list[object]], int]:
    rejected = universe.rejected[["position", "reason"]].values.tolist()
    return universe.positions.tolist(), rejected, universe.outside_window


def test_rows_inside_the_window_are_the_universe_in_input_order() -> None:
    given_rows = rows(("c", "2025-09-07 23:59:59"), ("a", "2025-08-31"), ("b", "2025-09-01"), ("d", "2025-09-08"))
    universe = select_universe(given_rows, WINDOW)
    assert universe.customers["user_id"].tolist() == ["c", "b"]
    assert universe.customers.index.equals(pd.RangeIndex(2))
    assert outcome(universe) == ([0, 2], [], 2)


def test_days_are_whole_calendar_days_to_the_last_day_of_the_window() -> None:
    last_order = pd.to_datetime(["2025-09-07 01:00", "2025-08-31 23:59"]).tz_localize("UTC").as_unit("us")
    given_rows = rows(("a", "2025-09-07 23:00"), ("b", "2025-09-01 23:00"), last_order_date=last_order)
    customers = select_universe(given_rows, WINDOW).customers
    assert customers["days_since_abandonment"].tolist() == [0.0, 6.0]
    assert customers["days_since_last_order"].tolist() == [0.0, 7.0]


def test_a_missing_or_absent_last_order_is_missing_days() -> None:
    last_order = pd.DatetimeIndex([pd.NaT], tz="UTC").as_unit("us")
    for given_rows in (rows(("a", "2025-09-01"), last_order_date=last_order), rows(("a", "2025-09-01"))):
        assert select_universe(given_rows, WINDOW).customers["days_since_last_order"].isna().tolist() == [True]


def test_an_order_after_the_window_is_missing_with_a_warning() -> None:
    last_order = pd.to_datetime(["2025-09-08 00:00", "2025-09-07 23:59"]).tz_localize("UTC").as_unit("us")
    universe = select_universe(rows(("a", "2025-09-01"), ("b", "2025-09-01"), last_order_date=last_order), WINDOW)
    assert universe.customers["days_since_last_order"].isna().tolist() == [True, False]
    assert [warning[:45] for warning in universe.warnings] == ["1 customer has a last_order_date after the wi"]


def test_identical_rows_leave_the_first_and_reject_the_rest() -> None:
    universe = select_universe(rows(*[("a", "2025-09-01", 5.0)] * 3, ("b", "2025-09-01")), WINDOW)
    assert outcome(universe) == ([0, 3], [[1, "duplicate"], [2, "duplicate"]], 0)


def test_missing_cells_are_equal_to_each_other() -> None:
    universe = select_universe(rows(("a", "2025-09-01", np.nan), ("a", "2025-09-01", np.nan)), WINDOW)
    assert outcome(universe) == ([0], [[1, "duplicate"]], 0)


def test_a_column_outside_the_contract_makes_no_row_different() -> None:
    universe = select_universe(rows(("a", "2025-09-01"), ("a", "2025-09-01"), derived=["x", ""]), WINDOW)
    assert outcome(universe) == ([0], [[1, "duplicate"]], 0)


@pytest.mark.parametrize(
    ("on_conflict", "kept", "rejected"),
    [("quarantine", [3], [0, 1, 2]), ("latest", [2, 3], [0, 1])],
)
def test_one_time_with_different_values_is_a_conflict(
    on_conflict: OnConflict, kept: list[int], rejected: list[int]
) -> None:
    same_time = [("a", "2025-09-01", 5.0), ("a", "2025-09-01", 6.0), ("a", "2025-09-01", 7.0)]
    universe = select_universe(rows(*same_time, ("b", "2025-09-01")), WINDOW, on_conflict=on_conflict)
    assert outcome(universe) == (kept, [[position, "conflict"] for position in rejected], 0)


def test_the_latest_time_inside_the_window_wins() -> None:
    times = ["2025-09-01", "2025-09-05", "2025-09-03", "2025-09-09", "2025-08-01"]
    universe = select_universe(rows(*[("a", time) for time in times]), WINDOW)
    assert outcome(universe) == ([1], [[place, "superseded"] for place in (0, 2, 3, 4)], 0)


def test_a_customer_with_no_time_inside_the_window_is_outside_with_all_rows() -> None:
    universe = select_universe(rows(("a", "2025-08-01"), ("a", "2025-09-20"), ("b", "2025-09-01")), WINDOW)
    assert outcome(universe) == ([2], [], 2)


def test_conflicts_leave_the_customers_other_times() -> None:
    given_rows = rows(("a", "2025-09-05", 1.0), ("a", "2025-09-05", 2.0), ("a", "2025-09-02"), ("a", "2025-09-02"))
    assert outcome(select_universe(given_rows, WINDOW)) == (
        [2],
        [[0, "conflict"], [1, "conflict"], [3, "duplicate"]],
        0,
    )


def test_each_reason_names_its_column() -> None:
    given_rows = rows(("a", "2025-09-01"), ("a", "2025-09-01"), ("a", "2025-09-02"))
    rejected = select_universe(given_rows, WINDOW).rejected
    assert rejected.values.tolist() == [
        [0, "cart_abandoned_date", "superseded"],
        [1, "user_id", "duplicate"],
    ]


def test_the_same_instant_in_another_zone_is_the_same_time() -> None:
    berlin = rows(("a", "2025-09-01 02:00"), timezone="Europe/Berlin")["cart_abandoned_date"].dt.tz_convert("UTC")
    given_rows = rows(("a", "2025-09-01 00:00"), ("a", "2025-09-02"))
    given_rows.loc[1, "cart_abandoned_date"] = berlin[0]
    assert outcome(select_universe(given_rows, WINDOW)) == ([0], [[1, "duplicate"]], 0)


def test_a_week_in_berlin_in_spring_has_10020_minutes() -> None:
    window = Window(date(2025, 3, 24), date(2025, 3, 30), "Europe/Berlin")
    minutes = pd.date_range("2025-03-22", "2025-04-02", freq="min", tz="Europe/Berlin").as_unit("us")
    ids = pd.array([f"u{i:06d}" for i in range(len(minutes))], "str")
    universe = select_universe(pd.DataFrame({"user_id": ids, "cart_abandoned_date": minutes}), window)
    assert len(universe.customers) == 10_020
    assert sorted(set(universe.customers["days_since_abandonment"])) == [0, 1, 2, 3, 4, 5, 6]


def test_the_window_is_read_in_its_own_zone_whatever_the_rows_are_in() -> None:
    window = Window(date(2025, 9, 1), date(2025, 9, 7), "America/New_York")
    universe = select_universe(rows(("a", "2025-09-01 03:59"), ("b", "2025-09-01 04:00")), window)
    assert universe.customers["user_id"].tolist() == ["b"]


def test_the_default_window_ends_on_the_last_local_date() -> None:
    given_rows = rows(("a", "2025-09-07 23:30"), ("b", "2025-09-01"))
    assert default_window(given_rows, "UTC").end == date(2025, 9, 7)
    assert default_window(given_rows, "Europe/Berlin").end == date(2025, 9, 8)
    with pytest.raises(PeriodError, match="no abandonment date"):
        default_window(given_rows.iloc[:0], "UTC")


def test_an_empty_universe_names_the_dates_that_were_found() -> None:
    with pytest.raises(PeriodError, match="2 accepted carts were abandoned on 1\u00a0Aug \u2013 2\u00a0Oct\u00a02025"):
        select_universe(rows(("a", "2025-08-01"), ("b", "2025-10-02")), WINDOW)
    with pytest.raises(PeriodError, match=r"no row in the window.*Set the rule for contradicting rows"):
        select_universe(rows(("a", "2025-09-01", 1.0), ("a", "2025-09-01", 2.0)), WINDOW)
    with pytest.raises(PeriodError, match="no rows are left to analyse"):
        select_universe(rows(("a", "2025-09-01")).iloc[:0], WINDOW)


TABLES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(25, 42), st.sampled_from([1.0, 2.0])), min_size=1, max_size=14
)


def table(cells: list[tuple[str, int, float]]) -> pd.DataFrame:
    start = pd.Timestamp("2025-08-01")
    return rows(*[(user, str(start + pd.Timedelta(days=day)), value) for user, day, value in cells])


@given(TABLES, st.sampled_from(["quarantine", "latest"]))
def test_every_row_is_used_outside_or_rejected_exactly_once(
    cells: list[tuple[str, int, float]], on: OnConflict
) -> None:
    try:
        universe = select_universe(table(cells), WINDOW, on_conflict=on)
    except PeriodError:
        return
    assert universe.customers["user_id"].is_unique
    assert universe.customers["days_since_abandonment"].between(0, 6).all()
    assert not set(universe.positions) & set(universe.rejected["position"])
    assert len(universe.positions) + len(universe.rejected) + universe.outside_window == len(cells)


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_who_is_in(cells: list[tuple[str, int, float]], random: object) -> None:
    def chosen(order: list[tuple[str, int, float]]) -> list[tuple[str, float, float]]:
        try:
            customers = select_universe(table(order), WINDOW).customers
        except PeriodError:
            return []
        columns = ["user_id", "days_since_abandonment", "cart_value"]
        return sorted(customers[columns].itertuples(index=False, name=None))

    shuffled = list(cells)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert chosen(cells) == chosen(shuffled)


def test_the_rows_given_are_not_changed() -> None:
    given_rows = rows(("a", "2025-09-01"), ("a", "2025-09-01"), ("b", "2025-09-09"))
    before = given_rows.copy(deep=True)
    select_universe(given_rows, WINDOW)
    pd.testing.assert_frame_equal(given_rows, before)
