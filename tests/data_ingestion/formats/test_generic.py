"""Layouts of no particular vendor: the rules of each, through the names that say what a column holds."""

import numpy as np
import pytest

from data_ingestion import Intake, ReadOptions, read_customers
from data_ingestion.formats.column_mapping import ColumnMapping
from retention.activity.activity import NONE, Activity, Event
from tests.data_ingestion.conftest import Read

ORDERS = "customer_id,order_id,order_date,order_total,order_status,cancelled_at,refunded_amount\n"
LINES = "customer_id,order_id,order_date,unit_price,quantity\n"
CHECKOUTS = "email,checkout_id,abandoned_at,cart_total,item_count,completed_at\n"
EVENTS = "user_id,session_id,event_time,event,product_id,price,quantity\n"


def activity(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2,2025-09-01,5,paid,,", "missing_user_id"),
        ("1,2,,5,paid,,", "missing_date"),
        ("1,2,2025-09-01,5,Cancelled,,", "cancellation"),
        ("1,2,2025-09-01,5,paid,2025-09-02,", "cancellation"),
        ("1,2,2025-09-01,5, refunded ,,", "refund"),
        ("1,2,2025-09-01,5,paid,,5.00", "refund"),
        ("1,2,2025-09-01,5,draft,,", "not_an_order"),
        ("1,2,2025-09-01,-5,paid,,", "price_not_positive"),
        ("1,2,2025-09-01,,paid,,", "price_not_positive"),
    ],
)
def test_an_order_that_came_to_nothing_is_set_aside(row: str, reason: str, read: Read) -> None:
    intake = read(f"{ORDERS}1,1,2025-09-01,7,paid,,2.00\n{row}\n")
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, reason]]
    assert activity(intake).value.tolist() == [7]


def test_an_order_of_zero_money_stays_and_repeats_are_counted(read: Read) -> None:
    intake = read(f"{ORDERS}1,1,2025-09-01,0,paid,,\n1,1,2025-09-01,0,paid,,\n")
    assert activity(intake).value.tolist() == [0, 0]
    assert intake.sources[0].noticed == {"zero_amount": 2, "exact_repeats": 1}


def test_lines_of_an_order_are_worth_price_times_quantity(read: Read) -> None:
    intake = read(f"{LINES}1,1,2025-09-01,2.50,4\n1,1,2025-09-01,3,\n1,2,2025-09-01,1,0\n1,2,2025-09-01,0,1\n")
    made = activity(intake)
    assert made.value.tolist() == [10, 3]
    assert made.order.tolist() == [0, 0]
    assert intake.quarantine["reason"].tolist() == ["quantity_not_positive", "price_not_positive"]


def test_a_total_that_every_line_repeats_does_not_count_for_each(read: Read) -> None:
    top = LINES.replace("\n", ",order_total\n")
    once = activity(read(f"{top}1,1,2025-09-01,2.50,4,12.50\n1,2,2025-09-01,3,1,5\n"))
    assert once.value.tolist() == [12.5, 5]
    several = activity(read(f"{top}1,1,2025-09-01,2.50,4,12.50\n1,1,2025-09-01,2.50,1,12.50\n"))
    assert several.value.tolist() == [10, 2.5]


def test_a_total_on_each_line_of_an_order_is_the_orders(read: Read) -> None:
    top = "customer_id,order_id,order_date,order_total,quantity\n"
    intake = read(f"{top}1,1,2025-09-01,30,0\n1,1,2025-09-01,30,1\n1,1,2025-09-01,30,2\n2,2,2025-09-01,5,1\n")
    made = activity(intake)
    np.testing.assert_array_equal(made.value, [30, np.nan, 5])
    assert made.items.tolist() == [1, 2, 1]
    assert intake.sources[0].noticed == {"total_repeated": 1}


def test_totals_that_differ_between_the_lines_of_an_order_are_the_lines(read: Read) -> None:
    top = "customer_id,order_id,order_date,order_total\n"
    made = activity(read(f"{top}1,1,2025-09-01,10\n1,1,2025-09-01,20\n2,2,2025-09-01,5\n2,2,2025-09-01,5\n"))
    assert made.value.tolist() == [10, 20, 5, 5]


def test_one_order_number_of_two_customers_is_two_orders(read: Read) -> None:
    made = activity(read("customer_id,order_id,order_date,order_total\n1,1,2025-09-01,10\n2,1,2025-09-01,10\n"))
    assert made.value.tolist() == [10, 10]


def test_the_revenue_that_each_item_of_a_purchase_repeats_counts_once(read: Read) -> None:
    top = "user_id,event_time,event,order_id,product_id,price,quantity,revenue\n"
    rows = "".join(f"1,2025-09-01 10:00,Order Completed,o1,{item},5,1,15\n" for item in (7, 8, 9))
    made = activity(read(top + rows))
    np.testing.assert_array_equal(made.value, [15, np.nan, np.nan])


def test_a_completed_checkout_is_a_purchase_too(read: Read) -> None:
    intake = read(
        f"{CHECKOUTS}a@example.com,c1,2025-09-01 10:00,30,2,2025-09-03 09:00\n"
        "B@example.com,c2,2025-09-01 11:00,-1,,\n"
        "b@example.com,c2,2025-09-02 11:00,5,,\n"
    )
    made = activity(intake)
    assert made.people["user_id"].tolist() == ["a@example.com", "b@example.com"]
    assert made.event.tolist() == [Event.CHECKOUT, Event.CHECKOUT, Event.PURCHASE]
    np.testing.assert_array_equal(made.value, [30, np.nan, 30])
    np.testing.assert_array_equal(made.items, [2, np.nan, 2])
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[4, "repeated_order"]]
    assert intake.sources[0].noticed == {"completed": 1, "price_not_positive": 1}


def test_a_number_that_repeats_over_customers_is_a_pages_and_loses_no_checkout(read: Read) -> None:
    rows = "".join(f"{who}@example.com,9,2025-09-01 10:0{at},30,1,\n" for at, who in enumerate("abca"))
    intake = read(CHECKOUTS + rows)
    assert (intake.accepted, len(intake.quarantine)) == (4, 0)
    assert any("customers share numbers of checkouts" in warning for warning in intake.warnings)


def test_events_have_money_visits_and_pieces(read: Read) -> None:
    intake = read(
        f"{EVENTS}1,s1,2025-09-01 10:00,view,7,2.50,\n"
        "1,s1,2025-09-01 10:01,Add to cart,7,2.50,3\n"
        "1,,2025-09-01 10:02,remove_from_cart,7,0,\n"
        "1,s2,2025-09-01 10:03,purchase,7,2.50,3\n"
        "1,s2,2025-09-01 10:03,purchase,7,2.50,3\n".replace("Add to cart", "add_to_cart")
    )
    made = activity(intake)
    assert made.event.tolist() == [Event.VIEW, Event.CART, Event.REMOVE, Event.PURCHASE]
    np.testing.assert_array_equal(made.value, [2.5, 7.5, np.nan, 7.5])
    assert made.items.tolist() == [1, 3, 1, 3]
    assert made.visit.tolist() == [0, 0, NONE, 1]
    assert intake.quarantine["reason"].tolist() == ["duplicate"]
    assert intake.sources[0].noticed == {"without_session": 1}


def test_repeats_in_a_log_without_products_may_be_two_products_and_stay(read: Read) -> None:
    row = "1,2025-09-01 10:00,add_to_cart\n"
    intake = read(f"user_id,event_time,event\n{row}{row}")
    assert len(activity(intake)) == 2
    assert intake.sources[0].noticed == {"exact_repeats": 1}


def test_json_lines_of_events_are_an_event_log(read: Read) -> None:
    intake = read('{"user_id": 7, "event_time": 1756720800, "event": "add_to_cart", "price": 2.5}\n')
    assert (intake.sources[0].layout, activity(intake).event.tolist()) == ("events", [Event.CART])


def test_files_read_by_different_mappings_are_different_inputs(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("mapped") / "table.csv"
    path.write_text("a,b,day,sum\n1,2,2025-09-01,5\n", encoding="utf-8")
    first = ColumnMapping("orders", {"customer": "a", "time": "day", "total": "sum"})
    second = ColumnMapping("orders", {"customer": "b", "time": "day", "total": "sum"})
    hashes = {
        read_customers([path], options=ReadOptions(mappings=(each,))).input_hash for each in (first, second, first)
    }
    assert len(hashes) == 2


def test_orders_without_money_are_purchases_of_unknown_value(read: Read) -> None:
    intake = read("customer_id,order_id,order_date\n1,9,2025-09-01\n2,8,2025-09-02\n")
    assert intake.activity is not None
    assert (intake.accepted, intake.activity.event.tolist()) == (2, [Event.PURCHASE, Event.PURCHASE])
    assert np.isnan(intake.activity.value).all()


@pytest.mark.parametrize(
    ("state", "sold"),
    [
        *((word, True) for word in ("Recovered", "completed", "Converted", "Récupéré", "Recuperado", "Paid", "已完成")),
        *((word, False) for word in ("Abandoned", "Lost", "not recovered", "Pending", "Expired", "", "normal", "odd")),
    ],
)
def test_a_checkout_whose_state_is_a_sale_was_bought_when_it_was_begun(state: str, sold: bool, read: Read) -> None:
    header = CHECKOUTS.replace("completed_at", "status")
    intake = read(f"{header}a@example.com,1,2025-09-01 10:00,5,1,{state}\nb@example.com,2,2025-09-02,5,1,abandoned\n")
    found = activity(intake)
    assert found.event.tolist() == [Event.CHECKOUT, Event.CHECKOUT] + [Event.PURCHASE] * sold
    assert found.time.tolist()[2:] == found.time.tolist()[:1] * sold
    assert any("checkouts in states that are not known" in each for each in intake.warnings) == (state == "odd")
