from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from data_generation import generate
from data_generation.seasonality import (
    HOUR_WEIGHTS,
    WEEKDAY_WEIGHTS,
    Season,
    day_weights,
    localize,
    localize_midnights,
    seasons,
    wall_times,
)
from retention.period import zone


def season(name: str, year: int) -> Season:
    return next(season for season in seasons(year) if season.name == name)


@pytest.mark.parametrize(
    "day",
    [date(2000, 4, 23), date(2008, 3, 23), date(2019, 4, 21), date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25)],
)
def test_easter_falls_on_its_day(day: date) -> None:
    assert season("Easter Sunday", day.year).first == day


@pytest.mark.parametrize("day", [date(2019, 11, 29), date(2024, 11, 29), date(2026, 11, 27)])
def test_black_friday_falls_on_its_day(day: date) -> None:
    assert season("Black Friday", day.year).first == day


def test_the_seasons_of_every_year_have_days_in_that_year() -> None:
    for year in range(1990, 2101):
        for one in seasons(year):
            assert one.first <= one.last
            assert one.first.year == one.last.year == year
        assert season("Black Friday week", year).last < season("Before Christmas", year).first


def test_a_day_without_a_season_has_the_weight_of_its_weekday() -> None:
    assert day_weights(date(2025, 9, 22), 7) == pytest.approx(WEEKDAY_WEIGHTS)


def test_overlapping_seasons_multiply() -> None:
    assert day_weights(date(2025, 11, 28), 1) == pytest.approx([0.92 * 1.70 * 1.60])


def test_seasons_reach_over_the_new_year() -> None:
    assert day_weights(date(2025, 12, 24), 10) == pytest.approx(
        [0.98 * 0.5, 1.0 * 0.5, 0.92 * 0.5, 0.95, 1.10, 1.05, 1.00, 0.98, 1.00 * 0.7, 0.92 * 0.8]
    )


def test_uniforms_reach_from_the_first_second_to_the_last() -> None:
    times = wall_times(np.array([0.0, np.nextafter(1.0, 0.0)]), date(2025, 9, 1), 2)
    assert times.tolist() == [pd.Timestamp("2025-09-01 00:00:00"), pd.Timestamp("2025-09-02 23:59:59")]


def test_carts_are_abandoned_by_weekday_and_hour_as_weighted() -> None:
    times = generate(50_000, days=28, end=date(2025, 8, 24)).customers["cart_abandoned_date"]
    by_weekday = times.dt.day_of_week.value_counts(normalize=True).sort_index()
    by_hour = times.dt.hour.value_counts(normalize=True).sort_index()
    assert by_weekday.to_numpy() == pytest.approx(np.array(WEEKDAY_WEIGHTS) / sum(WEEKDAY_WEIGHTS), abs=0.008)
    assert by_hour.to_numpy() == pytest.approx(np.array(HOUR_WEIGHTS) / sum(HOUR_WEIGHTS), abs=0.005)


def test_black_friday_is_the_peak_and_christmas_the_trough_of_the_year() -> None:
    days = generate(100_000, days=365, end=date(2025, 12, 31)).customers["cart_abandoned_date"].dt.date.value_counts()
    assert days.idxmax() == date(2025, 11, 28)
    assert date(2025, 12, 24) <= days.idxmin() <= date(2025, 12, 26)
    assert len(days) == 365


@pytest.mark.parametrize(
    ("timezone", "wall", "local"),
    [
        ("Europe/Berlin", "2025-03-30T02:30:07", "2025-03-30 12:30:07+02:00"),
        ("Europe/Berlin", "2025-10-26T02:30:07", "2025-10-26 12:30:07+01:00"),
        ("America/Havana", "2025-11-02T00:59:59", "2025-11-02 12:59:59-05:00"),
        ("Europe/Berlin", "2025-10-26T03:00:00", "2025-10-26 03:00:00+01:00"),
        ("UTC", "2025-10-26T02:30:07", "2025-10-26 02:30:07+00:00"),
    ],
)
def test_only_a_time_that_the_clock_skips_or_repeats_moves_to_noon(timezone: str, wall: str, local: str) -> None:
    instants = localize(np.array([wall], dtype="datetime64[us]"), zone(timezone))
    assert [str(instant) for instant in instants] == [local]
    assert instants.dtype == f"datetime64[us, {timezone}]"


def test_a_day_that_begins_late_begins_late() -> None:
    days = np.array(["2025-09-07", "NaT"], dtype="datetime64[D]")
    begins = localize_midnights(days, zone("America/Santiago"))
    assert str(begins[0]) == "2025-09-07 01:00:00-03:00"
    assert pd.isna(begins[1])


@pytest.mark.parametrize("timezone", ["America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_every_zone_gets_times_of_the_days_asked_for(timezone: str) -> None:
    times = generate(5_000, timezone=timezone, days=365).customers["cart_abandoned_date"].dt.tz_localize(None)
    assert times.notna().all()
    assert times.dt.date.min() == date(2025, 9, 30) - timedelta(days=364)
    assert times.dt.date.max() == date(2025, 9, 30)
