"""Days of one file beside times of another."""

from pathlib import Path

import numpy as np
import pytest

from data_ingestion import Intake, ReadOptions, read_customers
from data_ingestion.formats.column_mapping import ColumnMapping
from retention.activity.features import customers_at

CHECKOUTS = ColumnMapping("checkouts", {"email": "email", "time": "at", "order": "checkout_id"})
ORDERS = ColumnMapping("orders", {"email": "email", "time": "bought", "order": "order_id", "total": "total"})
CUTOFF = int(np.datetime64("2025-09-10", "us").astype(np.int64))


def both(folder: Path, carts: list[str], bought: list[str], timezone: str = "UTC") -> Intake:
    """Read checkouts and orders, each given as `customer time`."""
    one, other = folder / "checkouts.csv", folder / "orders.csv"
    rows = [f"k{n},{line.replace(' ', '@example.com,', 1)}\n" for n, line in enumerate(carts)]
    one.write_text("checkout_id,email,at\n" + "".join(rows), encoding="utf-8")
    rows = [f"o{n},{line.replace(' ', '@example.com,', 1)},20\n" for n, line in enumerate(bought)]
    other.write_text("order_id,email,bought,total\n" + "".join(rows), encoding="utf-8")
    return read_customers([one, other], options=ReadOptions(mappings=(CHECKOUTS, ORDERS), timezone=timezone))


def abandoners(intake: Intake, timezone: str = "UTC") -> list[str]:
    assert intake.activity is not None
    found = customers_at(intake.activity, CUTOFF, timezone=timezone).customers["user_id"]
    return [each.removesuffix("@example.com") for each in found]


def test_who_bought_on_the_day_of_the_checkout_is_no_abandoner(tmp_path: Path) -> None:
    carts = [f"c{n} 2025-09-0{1 + n % 3} 1{n}:15:00" for n in range(9)] + ["c9 2025-09-01 10:15:00"]
    bought = [f"c{n} 2025-09-0{1 + n % 3}" for n in range(9)] + ["z 2025-09-12"]
    intake = both(tmp_path, carts, bought)
    assert abandoners(intake) == ["c9"]
    assert any("orders.csv: it gives days without times" in each for each in intake.warnings)


def test_who_bought_on_another_day_is_told_by_days(tmp_path: Path) -> None:
    carts = ["before 2025-09-02 10:00:00", "next 2025-09-02 10:00:00", "later 2025-09-02 10:00:00"]
    intake = both(tmp_path, carts, ["before 2025-09-01", "next 2025-09-03", "later 2025-09-04", "z 2025-09-12"])
    assert abandoners(intake) == ["before", "later"]


def test_midnights_written_out_are_days_too(tmp_path: Path) -> None:
    bought = ["a 2025-09-02 00:00:00", "z 2025-09-12 00:00:00"]
    assert abandoners(both(tmp_path, ["a 2025-09-02 10:00:00", "b 2025-09-02 10:00:00"], bought)) == ["b"]


def test_checkouts_of_days_beside_orders_of_times_are_compared_by_days(tmp_path: Path) -> None:
    carts = ["same 2025-09-02", "next 2025-09-02", "later 2025-09-02"]
    bought = [
        "same 2025-09-02 09:00:00",
        "next 2025-09-03 20:00:00",
        "later 2025-09-04 01:00:00",
        "z 2025-09-12 10:00:00",
    ]
    assert abandoners(both(tmp_path, carts, bought)) == ["later"]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_the_days_are_those_of_the_shop(zone: str, tmp_path: Path) -> None:
    carts = ["late 2025-09-02 23:30:00", "early 2025-09-02 00:30:00"]
    intake = both(tmp_path, carts, ["late 2025-09-02", "early 2025-09-02", "z 2025-09-12"], zone)
    assert intake.activity is not None
    assert customers_at(intake.activity, CUTOFF, timezone=zone).counts["bought_in_time"] == 2


def test_files_of_days_only_or_of_times_only_stay_as_they_are(tmp_path: Path) -> None:
    for carts, bought in (
        (["a 2025-09-02"], ["a 2025-09-02", "z 2025-09-12"]),
        (["a 2025-09-02 10:00:00"], ["a 2025-09-02 11:00:00", "z 2025-09-12 10:00:00"]),
    ):
        assert not any("days" in each for each in both(tmp_path, carts, bought).warnings)
