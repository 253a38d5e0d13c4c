"""Shopify's exports of orders and of abandoned checkouts, which share one layout."""

import numpy as np
import pytest

from data_ingestion import Intake, read_customers
from data_ingestion.formats import BY_NAME
from retention.activity.activity import NONE, Activity, Event
from retention.errors import ContractError
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

REAL = DATA / "platform_headers"

HEADER = (
    "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Billing Zip,Cancelled at,Refunded Amount,Id,Phone\n"
)
FIRST = (
    "#1001,a@example.com,paid,2025-09-01 10:00:00 +0200,yes,EUR,20,25,2025-09-01 10:00:00 +0200,2,Tea,10,,,0,9001,\n"
)
NEXT = "#1001,a@example.com,,,,,,,2025-09-01 10:00:00 +0200,3,Cup,1,,,,,\n"


def order(name: str = "#1002", **cells: str) -> str:
    """Return an order of one row; `cells` by short names."""
    known = {"email": "b@example.com", "status": "paid", "total": "50", "time": "2025-09-02 10:00:00", "number": "9002"}
    know = known | {"cancelled": "", "refunded": "0", "quantity": "1", "title": "Pot"} | cells
    return (
        f"{name},{know['email']},{know['status']},,no,EUR,{know['total']},{know['total']},{know['time']},"
        f"{know['quantity']},{know['title']},5,,{know['cancelled']},{know['refunded']},{know['number']},\n"
    )


def activity_of(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


def reasons(intake: Intake) -> list[list[object]]:
    return intake.quarantine[["line", "reason"]].to_numpy().tolist()


def test_an_order_is_one_purchase_of_all_its_rows(read: Read) -> None:
    intake = read(HEADER + FIRST + NEXT)
    activity = activity_of(intake)
    assert intake.sources[0].layout == "shopify_orders"
    assert (intake.read, intake.accepted) == (2, 2)
    assert intake.sources[0].noticed == {"line_rows": 1}
    assert activity.event.tolist() == [Event.PURCHASE]
    assert activity.value.tolist() == [25]
    assert activity.items.tolist() == [5]
    assert activity.time.tolist() == [np.datetime64("2025-09-01T08:00:00", "us").astype(int)]
    person = activity.people.iloc[0]
    assert (person["user_id"], person["email_consent"], person["currency"]) == ("a@example.com", True, "EUR")


def test_further_rows_may_repeat_nothing_but_the_name(read: Read) -> None:
    intake = read(HEADER + FIRST + "#1001,,,,,,,,,3,Cup,1,,,,,\n")
    assert (intake.accepted, activity_of(intake).items.tolist()) == (2, [5])


def test_orders_that_came_to_nothing_are_set_aside_with_all_their_rows(read: Read) -> None:
    rows = [
        order("#1", cancelled="2025-09-03 10:00:00"),
        "#1,b@example.com,,,,,,,2025-09-02 10:00:00,1,Lid,5,,,,,\n",
        order("#2", status="voided"),
        order("#3", status="expired"),
        order("#4", status="refunded"),
        order("#5", refunded="50"),
        order("#6", status="invented"),
        order("#7", total="-1"),
        order("#8", email=""),
        order("#9", time=""),
        FIRST,
    ]
    intake = read(HEADER + "".join(rows))
    assert reasons(intake) == [
        [2, "cancellation"],
        [3, "cancellation"],
        [4, "not_an_order"],
        [5, "not_an_order"],
        [6, "refund"],
        [7, "refund"],
        [8, "unknown_event"],
        [9, "price_not_positive"],
        [10, "missing_user_id"],
        [11, "missing_date"],
    ]
    assert len(activity_of(intake)) == 1


@pytest.mark.parametrize(
    ("cells", "value", "noticed"),
    [
        ({"status": "pending"}, 50, {"not_paid_yet": 1}),
        ({"status": "authorized"}, 50, {"not_paid_yet": 1}),
        ({"status": "partially_paid"}, 50, {"not_paid_yet": 1}),
        ({"status": "Partially_Refunded", "refunded": "20"}, 30, {"refunded_in_part": 1}),
        ({"status": "partially_refunded"}, 50, {"refund_of_unknown_size": 1}),
        ({"total": "0"}, 0, {"money_zero": 1}),
        ({"quantity": "0"}, 50, {"quantity_not_positive": 1}),
    ],
)
def test_an_order_that_was_placed_is_a_purchase(
    cells: dict[str, str], value: float, noticed: dict[str, int], read: Read
) -> None:
    intake = read(HEADER + order(**cells))
    assert activity_of(intake).value.tolist() == [value]
    assert intake.sources[0].noticed == noticed


def test_money_that_is_missing_stays_missing(read: Read) -> None:
    intake = read(HEADER + order(total=""))
    assert np.isnan(activity_of(intake).value).tolist() == [True]
    assert intake.sources[0].noticed == {"money_unknown": 1}


def test_an_order_that_comes_twice_counts_once(read: Read) -> None:
    intake = read(HEADER + FIRST + NEXT + FIRST + NEXT)
    assert reasons(intake) == [[4, "repeated_order"], [5, "repeated_order"]]
    assert activity_of(intake).items.tolist() == [5]


def test_values_filled_down_are_lines_of_one_order(read: Read) -> None:
    intake = read(HEADER + order(title="Pot") + order(title="Lid", quantity="4"))
    assert intake.sources[0].noticed == {"line_rows": 1, "filled_down": 1}
    assert activity_of(intake).items.tolist() == [5]
    assert activity_of(intake).value.tolist() == [50]


def test_lines_without_their_first_row_are_incomplete(read: Read) -> None:
    damaged = FIRST.replace(",25,", ",much,")
    intake = read(HEADER + damaged + NEXT + order())
    assert reasons(intake) == [[2, "not_a_number"], [3, "incomplete_order"]]


def test_apostrophes_of_spreadsheets_are_taken_off_and_counted(read: Read) -> None:
    row = order(number="'9002").replace(",'9002,\n", ",'9002,'0049 30 1\n").replace(",5,,,0", ",5,'01067,,0")
    intake = read(HEADER + row + FIRST)
    assert intake.sources[0].noticed == {"cleaned_ids": 1}
    person = activity_of(intake).people.iloc[0]
    assert (person["zip"], person["phone"]) == ("01067", "0049 30 1")


CHECKOUTS = (
    "#90001,a@example.com,,,no,USD,132.26,132.26,2023-11-05 22:23:29 -0800,1,A,70.95,,,0,90001,\n"
    "#90001,a@example.com,,,,,,,2023-11-05 22:23:29 -0800,2,B,15,,,,,\n"
    "#90002,c@example.com,,,yes,USD,18.00,19.56,2023-09-23 04:31:01 -0700,1,D,18,,,0,90002,\n"
)


def test_records_without_status_and_payment_are_abandoned_checkouts(read: Read) -> None:
    intake = read(HEADER + CHECKOUTS)
    activity = activity_of(intake)
    assert intake.sources[0].layout == "shopify_checkouts"
    assert activity.event.tolist() == [Event.CHECKOUT, Event.CHECKOUT]
    assert activity.value.tolist() == [132.26, 19.56]
    assert activity.items.tolist() == [3, 1]
    assert activity.order.tolist() == [NONE, NONE]
    expected = ["2023-11-06T06:23:29", "2023-09-23T11:31:01"]
    assert activity.time.tolist() == [np.datetime64(time, "us").astype(int) for time in expected]


def test_orders_and_checkouts_in_one_file_are_told_apart(read: Read) -> None:
    intake = read(HEADER + FIRST + CHECKOUTS.replace("USD", "EUR"))
    assert activity_of(intake).event.tolist() == [Event.PURCHASE, Event.CHECKOUT, Event.CHECKOUT]
    assert intake.sources[0].layout == "shopify_orders"


def test_an_order_without_a_status_among_others_is_not_guessed(read: Read) -> None:
    intake = read(HEADER + FIRST + order(status=""))
    assert reasons(intake) == [[3, "unknown_event"]]


def test_a_file_that_is_asked_for_as_checkouts_is_read_so(read: Read) -> None:
    intake = read(HEADER + FIRST, formats={"customers.csv": BY_NAME["shopify_checkouts"]})
    assert activity_of(intake).event.tolist() == [Event.CHECKOUT]


def test_an_export_without_times_is_refused_and_says_why(read: Read) -> None:
    without = (HEADER + FIRST).replace("Created at,", "").replace("2025-09-01 10:00:00 +0200,2", "2")
    with pytest.raises(ContractError, match=r"has no column 'Created at'.*what came before an abandonment"):
        read(without)


def test_the_address_of_the_delivery_stands_in_for_that_of_the_invoice(read: Read) -> None:
    header = (
        "Name,Email,Financial Status,Created at,Id,Phone,Billing Phone,Billing Country,Shipping Country,Shipping Zip\n"
    )
    rows = "#1,a@example.com,paid,2025-09-01,1,,+1 1,,DE,01067\n#2,b@example.com,paid,2025-09-01,2,+1 2,+1 1,AT,DE,\n"
    activity = activity_of(read(header + rows))
    people = activity.people
    assert people["phone"].tolist() == ["+1 1", "+1 2"]
    assert activity.traits["country"].value.tolist() == ["DE", "AT"]
    assert people["zip"].fillna("").tolist() == ["01067", ""]


def test_columns_are_found_by_name_in_any_order(read: Read) -> None:
    intake = read("Id,Total,Created at,Financial Status,Email,Name\n9,5,2025-09-01,paid,a@example.com,#1\n")
    assert activity_of(intake).value.tolist() == [5]


def test_an_export_with_all_columns_and_shopifys_quotes_is_two_checkouts() -> None:
    intake = read_customers([REAL / "shopify_checkouts_export.csv"])
    activity = activity_of(intake)
    assert (intake.read, intake.accepted, len(activity)) == (4, 4, 2)
    assert activity.items.tolist() == [4, 1]
    assert activity.value.tolist() == [90.50, 27.10]
    assert activity.people["zip"].fillna("").tolist() == ["", "00000"]
    assert activity.people["phone"].fillna("").tolist() == ["", "(555) 555-0100"]


def test_the_newest_order_header_is_recognised(read: Read) -> None:
    header = (REAL / "shopify_orders_export_header.csv").read_text(encoding="utf-8").strip()
    known = {"Name": "#1", "Email": "a@example.com", "Financial Status": "paid", "Total": "7", "Id": "1"}
    known["Created at"] = "2025-10-02 17:09:33 -0300"
    row = ",".join(known.get(name, "") for name in header.split(","))
    intake = read(f"{header}\n{row}\n")
    assert intake.sources[0].layout == "shopify_orders"
    assert activity_of(intake).time.tolist() == [np.datetime64("2025-10-02T20:09:33", "us").astype(int)]


def test_one_customer_in_two_currencies_is_refused(read: Read) -> None:
    with pytest.raises(ContractError, match="2 currencies"):
        read(HEADER + order() + order("#1003").replace("EUR", "USD"))
