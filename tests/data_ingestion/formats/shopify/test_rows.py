"""Shopify's checkouts and orders, one row each, as its interface and warehouses give them."""

import numpy as np
import pytest

from data_ingestion import Intake, read_customers
from retention.activity.activity import NONE, Activity, Event
from retention.errors import ContractError, InputError
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

REAL = DATA / "shopify_ga4"

CHECKOUTS = "id,token,email,buyer_accepts_marketing,created_at,completed_at,currency,total_price,customer_id\n"
ORDERS = "id,email,financial_status,created_at,cancelled_at,currency,total_price,customer_id,test,_fivetran_deleted\n"


def at(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


def activity_of(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


def reasons(intake: Intake) -> list[list[object]]:
    return intake.quarantine[["line", "reason"]].to_numpy().tolist()


def test_a_checkout_that_was_completed_is_a_checkout_and_a_purchase(read: Read) -> None:
    rows = (
        "1,t1,a@example.com,true,2025-09-01T10:00:00-04:00,2025-09-03T10:00:00-04:00,EUR,30,7\n"
        "2,t2,b@example.com,false,2025-09-02T10:00:00-04:00,,EUR,40,8\n"
    )
    intake = read(CHECKOUTS + rows)
    activity = activity_of(intake)
    assert intake.sources[0].layout == "shopify_checkout_rows"
    assert activity.event.tolist() == [Event.CHECKOUT, Event.CHECKOUT, Event.PURCHASE]
    assert activity.customer.tolist() == [0, 1, 0]
    assert activity.value.tolist() == [30, 40, 30]
    assert activity.time[[0, 2]].tolist() == [at("2025-09-01T14:00:00"), at("2025-09-03T14:00:00")]
    assert activity.order.tolist() == [NONE, NONE, 0]
    assert activity.people["user_id"].tolist() == ["7", "8"]
    assert activity.people["email_consent"].tolist() == [True, False]
    assert intake.sources[0].noticed == {"completed": 1}


def test_times_without_an_offset_are_utc_in_copies_of_the_interface(read: Read) -> None:
    intake = read(CHECKOUTS + "1,t,a@example.com,,2025-09-01 10:00:00,,,5,\n", timezone="America/New_York")
    assert activity_of(intake).time.tolist() == [at("2025-09-01T10:00:00")]


def test_a_purchase_is_not_before_its_checkout(read: Read) -> None:
    intake = read(CHECKOUTS + "1,t,a@example.com,,2025-09-01T10:00:05Z,2025-09-01T10:00:00Z,,5,\n")
    assert activity_of(intake).time.tolist() == [at("2025-09-01T10:00:05")] * 2
    assert intake.sources[0].noticed == {"completed": 1, "completed_before_it_began": 1}


def test_rows_of_checkouts_that_cannot_count_are_set_aside(read: Read) -> None:
    rows = (
        "1,t,a@example.com,,2025-09-01,,,5,\n"
        "1,t,a@example.com,,2025-09-01,,,5,\n"
        "1,t,a@example.com,,2025-09-01,,,6,\n"
        "2,t,,,2025-09-01,,,5,\n"
        "3,t,a@example.com,,,,,5,\n"
        "4,t,a@example.com,,2025-09-01,,,-5,\n"
    )
    assert reasons(read(CHECKOUTS + rows)) == [
        [3, "duplicate"],
        [4, "repeated_order"],
        [5, "missing_user_id"],
        [6, "missing_date"],
        [7, "price_not_positive"],
    ]


def test_nested_customers_and_items_are_understood(read: Read) -> None:
    header = "id,token,created_at,completed_at,total_price,line_items,customer\n"
    items = '"[{""sku"": ""x"", ""quantity"": 2}, {""quantity"": 1}]"'
    person = '"{""id"": 77, ""email"": ""a@example.com""}"'
    rows = f"1,t,2025-09-01,,5,{items},{person}\n2,t,2025-09-01,,5,[],gid://shopify/Customer/78\n"
    intake = read(header + rows)
    activity = activity_of(intake)
    assert activity.people["user_id"].tolist() == ["77", "78"]
    assert activity.items[0] == 3
    assert np.isnan(activity.items[1])
    assert intake.sources[0].noticed == {"cleaned_ids": 1}


def test_a_long_list_of_items_does_not_cost_its_checkout(read: Read) -> None:
    header = "id,token,created_at,completed_at,total_price,line_items,customer_id\n"
    items = ", ".join(['{""quantity"": 1, ""title"": ""' + "x" * 500 + '""}'] * 100)
    intake = read(f'{header}1,t,2025-09-01,,5,"[{items}]",7\n')
    assert activity_of(intake).items.tolist() == [100]


def test_orders_of_the_interface_are_purchases(read: Read) -> None:
    rows = (
        "1,a@example.com,paid,2025-09-01T10:00:00Z,,EUR,25,7,false,false\n"
        "2,a@example.com,PENDING,2025-09-02T10:00:00Z,,EUR,30,7,,\n"
        "3,a@example.com,paid,2025-09-02T10:00:00Z,2025-09-03T10:00:00Z,EUR,30,7,,\n"
        "4,a@example.com,refunded,2025-09-02T10:00:00Z,,EUR,30,7,,\n"
        "5,a@example.com,voided,2025-09-02T10:00:00Z,,EUR,30,7,,\n"
        "6,a@example.com,paid,2025-09-02T10:00:00Z,,EUR,30,7,true,\n"
        "7,a@example.com,paid,2025-09-02T10:00:00Z,,EUR,30,7,,true\n"
    )
    intake = read(ORDERS + rows)
    assert intake.sources[0].layout == "shopify_order_rows"
    assert activity_of(intake).value.tolist() == [25, 30]
    assert activity_of(intake).order.tolist() == [0, 1]
    assert intake.sources[0].noticed == {"not_paid_yet": 1}
    assert reasons(intake) == [
        [4, "cancellation"],
        [5, "refund"],
        [6, "not_an_order"],
        [7, "deleted"],
        [8, "deleted"],
    ]


@pytest.mark.parametrize("header", [CHECKOUTS, ORDERS])
def test_rows_without_times_are_refused_and_say_why(header: str, read: Read) -> None:
    with pytest.raises(ContractError, match=r"has no column 'created_at'.*what came before an abandonment"):
        read(header.replace("created_at", "updated_at") + "," * header.count(",") + "\n")


def test_lines_of_orders_alone_are_refused_and_say_what_to_bring(read: Read) -> None:
    with pytest.raises(ContractError, match=r"list of Shopify order lines.*give the list of orders"):
        read("order_id,id,variant_id,quantity,fulfillable_quantity\n1,2,3,4,5\n")


def test_a_file_that_only_looks_like_checkouts_is_not_taken_for_them(read: Read) -> None:
    with pytest.raises(InputError, match=r"user_id|no known layout"):
        read("id,created_at,completed_at,total_price\n1,2025-09-01,,5\n")


def test_the_real_checkouts_are_read_whole() -> None:
    intake = read_customers([REAL / "shopify_abandoned_checkout_data.csv"])
    assert (intake.read, intake.accepted) == (3, 3)
    assert activity_of(intake).value.tolist() == [501.36, 10.35, 111.0]
    assert activity_of(intake).people["user_id"].tolist() == ["121", "366525", "160363"]


def test_the_real_checkouts_of_the_newer_interface_are_read_whole() -> None:
    intake = read_customers([REAL / "shopify_gql_abandoned_checkout_data.csv"])
    assert reasons(intake) == [[line, "deleted"] for line in (3, 5, 7, 9, 11)]
    assert activity_of(intake).event.tolist() == [Event.CHECKOUT] * 5 + [Event.PURCHASE] * 3


def test_the_real_orders_of_the_newer_interface_are_read_whole() -> None:
    intake = read_customers([REAL / "shopify_gql_order_data.csv"])
    assert intake.read == 9
    assert activity_of(intake).value.tolist() == [55]
    assert set(intake.quarantine["reason"]) == {"deleted", "cancellation"}


@pytest.mark.parametrize("name", ["shopify_order_line_data.csv", "shopify_gql_order_line_data.csv"])
def test_the_real_order_lines_are_refused(name: str) -> None:
    with pytest.raises(ContractError, match="list of Shopify order lines"):
        read_customers([REAL / name])


def test_the_real_orders_in_two_currencies_are_refused() -> None:
    with pytest.raises(ContractError, match=r"2 currencies \(GBP, USD\)"):
        read_customers([REAL / "shopify_order_data.csv"])
