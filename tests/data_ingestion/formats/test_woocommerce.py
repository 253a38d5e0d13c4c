"""WooCommerce's Analytics > Orders export."""

import numpy as np
import pytest

from data_ingestion import Intake
from retention.activity.activity import NONE, Activity, Event
from retention.errors import ContractError
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

HEADER = (
    "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,"
    "Attribution\n"
)


def row(number: int, status: str, net: float, customer: str = "Ada L", date: str = "2025-09-01 10:00:00") -> str:
    return f'{date},{number},"৳{net:,.0f}",{status},{customer},new,2x Tea,2,,{net},Direct\n'


def activity_of(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


def test_a_status_says_whether_a_row_is_a_purchase_or_an_unfinished_checkout(read: Read) -> None:
    made = ["completed", "wc-processing", "pending", "Pending payment", "failed", "checkout-draft", "on-hold"]
    intake = read(HEADER + "".join(row(place, status, 2999) for place, status in enumerate(made)))
    activity = activity_of(intake)
    assert intake.sources[0].layout == "woocommerce"
    assert activity.event.tolist() == [Event.PURCHASE] * 2 + [Event.CHECKOUT] * 5
    assert activity.value.tolist() == [2999] * 7
    assert activity.items.tolist() == [2] * 7
    assert activity.order.tolist() == [0, 1, *[NONE] * 5]
    assert intake.sources[0].noticed == {"unfinished_orders": 5}


def test_orders_that_came_to_nothing_are_set_aside(read: Read) -> None:
    rows = [
        row(1, "completed", 10),
        row(2, "cancelled", 10),
        row(3, "refunded", 10),
        row(4, "trash", 10),
        row(5, "backordered", 10),
        row(6, "completed", 10, customer=""),
        row(7, "completed", 10, date=""),
        row(1, "completed", 10),
        row(1, "completed", 12),
    ]
    intake = read(HEADER + "".join(rows))
    assert intake.quarantine["reason"].tolist() == [
        "cancellation",
        "refund",
        "not_an_order",
        "unknown_event",
        "missing_user_id",
        "missing_date",
        "duplicate",
        "repeated_order",
    ]


def test_a_row_of_negative_money_is_taken_off_its_order(read: Read) -> None:
    rows = [row(1, "completed", 100), row(1, "completed", -30, date="2025-09-05 10:00:00"), row(2, "completed", 40)]
    rows += [row(2, "completed", -40, date="2025-09-05 10:00:00"), row(3, "completed", -5)]
    intake = read(HEADER + "".join(rows))
    assert activity_of(intake).value.tolist() == [70]
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[4, "refund"], [5, "refund"], [6, "refund"]]
    assert intake.sources[0].noticed == {"refunded_in_part": 1, "refund_rows": 1}


def test_names_are_a_weak_key_and_it_is_said(read: Read) -> None:
    intake = read(HEADER + row(1, "completed", 10) + row(2, "completed", 10, customer=" Ada L"))
    assert activity_of(intake).people["user_id"].tolist() == ["Ada L"]
    assert any("only names" in warning for warning in intake.warnings)


def test_formatted_money_is_read_where_there_is_no_other(read: Read) -> None:
    intake = read('Date,Order #,N. Revenue (formatted),Status,Customer\n2025-09-01,1,"৳2,999",completed,Ada\n')
    assert activity_of(intake).value.tolist() == [2999]


def test_an_order_list_without_dates_is_refused_and_says_why(read: Read) -> None:
    with pytest.raises(ContractError, match=r"has no column 'Date'.*what came before what"):
        read("Order #,Net Sales,Status,Customer\n1,5,completed,Ada\n")


def test_the_real_header_is_recognised(read: Read) -> None:
    path = DATA / "platform_headers" / "woocommerce_analytics_orders_header.csv"
    header = path.read_text(encoding="utf-8").strip()
    assert header == HEADER.strip()
    assert not np.isnan(activity_of(read(f"{header}\n{row(1, 'completed', 10)}")).value).any()
