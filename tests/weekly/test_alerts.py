"""Alerts: cuts that drift, a kind of file that stops coming, a broken guardrail; each with number, range and page."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from run_store import ResultsIn, RunSummary, SavedRun
from tests.weekly.shop_cases import HEADER, kept, shop_at, week_rows, weekly, write_weeks
from weekly.alerts import alerts_of
from weekly.config import ShopAlerts


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> list[SavedRun]:
    """Nine saved weeks, the newest first; in the last one orders are worth ten times as much."""
    folder = tmp_path_factory.mktemp("nine")
    write_weeks(folder / "exports", range(9))
    rows = [line.split(",") for line in week_rows(8).splitlines()]
    rich = "".join(",".join([*row[:2], f"{float(row[2]) * 10}", *row[3:]]) + "\n" for row in rows)
    text = HEADER + "".join(week_rows(week) for week in range(8)) + rich
    (folder / "exports" / "carts.csv").write_text(text)
    shop = shop_at(folder, policy="aov-buckets", first_week=date(2025, 9, 1), audiences={"platform": "csv"})
    code, said = weekly(shop, "2025-11-03")
    assert code == 0, said
    weeks = kept(folder)
    return [weeks.workspace.open(each.id) for each in weeks.listed()]


def told(week: SavedRun, earlier: list[SavedRun], *, results: tuple[RunSummary, ...] = (), weeks: int = 8) -> list[str]:
    return alerts_of(ShopAlerts(weeks=weeks), week, earlier, results)


@pytest.mark.slow
def test_cuts_that_drift_are_told_with_their_usual_range(nine: list[SavedRun]) -> None:
    found = told(nine[0], nine[1:])
    assert len(found) == 2
    assert all(each.startswith("Alert: Cut of avg_order_value at q") for each in found)
    assert all(each.endswith("(page Tree Visualization).") for each in found)
    assert told(nine[1], nine[2:]) == []


def test_seven_weeks_say_nothing_of_what_is_usual(nine: list[SavedRun]) -> None:
    assert told(nine[0], nine[1:8]) == []


def test_a_kind_of_file_that_stops_coming_is_told(nine: list[SavedRun]) -> None:
    without = replace(nine[1], record=nine[1].record.model_copy(update={"sources": ()}))
    assert told(without, [nine[2]] * 8) == ["Alert: Files of kind customers: 0, usually 1 to 1 (page Data quality)."]


def test_a_broken_guardrail_is_told_at_once(nine: list[SavedRun]) -> None:
    results = ResultsIn(on=date(2025, 11, 3), final=True, customers=9, arms=(), broken=("unsubscribed is broken",))
    week = replace(nine[2].summary, week=nine[2].summary.week.model_copy(update={"results": results}))
    found = told(nine[1], [], results=(week,))
    assert found == [f"Alert: Week {week.window.start}, guardrail unsubscribed is broken (page Campaign)."]


def test_alerts_can_be_switched_off(nine: list[SavedRun]) -> None:
    assert alerts_of(ShopAlerts(deviations=0), nine[0], nine[1:], ()) == []


def test_files_that_stopped_coming_are_told(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0])
    old = datetime(2025, 8, 28, 12, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "exports" / "carts.csv", (old, old))
    said = weekly(shop_at(tmp_path), "2025-09-08")[1]
    assert "Alert: Files of exports: the newest is 11 days old, usually up to 7 (page Data quality)." in said
