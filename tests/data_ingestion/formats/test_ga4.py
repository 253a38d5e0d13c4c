"""Google Analytics 4: an event a row."""

import json

import numpy as np
import pytest

from data_ingestion import Intake, read_customers
from retention.activity.activity import NONE, Activity, Event
from retention.errors import ContractError
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

HEADER = (
    "event_date,event_timestamp,event_name,event_params,event_value_in_usd,user_id,user_pseudo_id,"
    "ecommerce.transaction_id,ecommerce.purchase_revenue_in_usd,items\n"
)
START = 1_756_720_800_000_000
"""2025-09-01 10:00 UTC in microseconds."""


def row(step: int, name: str, *, user: str = "", device: str = "d1", value: str = "", **cells: str) -> str:
    session = '"[{""key"": ""ga_session_id"", ""value"": {""int_value"": ""17""}}]"'
    items = cells.get("items", "").replace('"', '""')
    return (
        f"20250901,{START + step * 1_000_000},{name},{cells.get('params', session)},{value},{user},{device},"
        f'{cells.get("order", "")},{cells.get("revenue", "")},"{items}"\n'
    )


def activity_of(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


def test_events_are_steps_towards_a_purchase(read: Read) -> None:
    names = ["page_view", "view_item", "add_to_cart", "remove_from_cart", "begin_checkout", "add_payment_info"]
    steps = "".join(row(step, name, user="u") for step, name in enumerate(names))
    intake = read(HEADER + steps + row(9, "purchase", user="u", order="T1", revenue="30", value="99"))
    activity = activity_of(intake)
    assert intake.sources[0].layout == "ga4"
    assert activity.event.tolist() == [0, 0, Event.CART, Event.REMOVE, Event.CHECKOUT, Event.CHECKOUT, Event.PURCHASE]
    assert activity.time.tolist() == [START + step * 1_000_000 for step in (0, 1, 2, 3, 4, 5, 9)]
    assert activity.order.tolist() == [*[NONE] * 6, 0]
    assert activity.value[-1] == 30
    assert activity.items[2:4].tolist() == [1, 1]
    assert set(activity.visit.tolist()) == {0}
    assert activity.people.to_numpy().tolist() == [["u", "USD"]]
    assert intake.sources[0].noticed == {"other_events": 1, "money_unknown": 4}


def test_a_device_belongs_to_the_one_user_who_was_seen_on_it(read: Read) -> None:
    rows = (
        row(0, "page_view", device="d1")
        + row(1, "login", user="u1", device="d1")
        + row(2, "page_view", user="u2", device="shared")
        + row(3, "page_view", user="u3", device="shared")
        + row(4, "page_view", device="shared")
        + row(5, "page_view", device="")
    )
    intake = read(HEADER + rows)
    activity = activity_of(intake)
    assert activity.people["user_id"].take(activity.customer).tolist() == ["u1", "u1", "u2", "u3", "shared"]
    assert intake.sources[0].noticed["customer_by_device"] == 1
    assert intake.quarantine["reason"].tolist() == ["missing_user_id"]


def test_money_and_pieces_of_a_cart_are_those_that_the_event_states(read: Read) -> None:
    items = '[{"item_id": "a", "quantity": 2}]'
    intake = read(HEADER + row(0, "add_to_cart", value="20", items=items) + row(1, "begin_checkout", value="0"))
    activity = activity_of(intake)
    assert activity.value[0] == 20
    assert np.isnan(activity.value[1])
    assert activity.people["currency"].tolist() == ["USD"]
    assert activity.items[0] == 2
    assert np.isnan(activity.items[1])


def test_local_money_is_taken_where_there_are_no_dollars(read: Read) -> None:
    header = "event_timestamp,event_name,user_pseudo_id,ecommerce.purchase_revenue\n"
    intake = read(header + f"{START},purchase,d1,25\n{START + 1},purchase,d1,0\n")
    assert activity_of(intake).value[0] == 25
    assert np.isnan(activity_of(intake).value[1])
    assert "currency" not in activity_of(intake).people


def test_a_refund_is_put_aside_and_changes_no_purchase(read: Read) -> None:
    intake = read(HEADER + row(0, "purchase", order="T1", revenue="30") + row(9, "refund", order="T1", revenue="30"))
    assert activity_of(intake).value.tolist() == [30]
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, "refund"]]


def test_an_event_sent_twice_counts_once(read: Read) -> None:
    intake = read(HEADER + row(0, "add_to_cart") + row(0, "add_to_cart") + row(0, ""))
    assert intake.quarantine["reason"].tolist() == ["duplicate", "unknown_event"]


def test_a_transaction_that_is_not_set_is_none(read: Read) -> None:
    intake = read(HEADER + row(0, "purchase", order="(not set)", revenue="3"))
    assert activity_of(intake).order.tolist() == [NONE]


def test_times_without_an_offset_are_utc(read: Read) -> None:
    header = "name,user_pseudo_id,timestamp\n"
    intake = read(header + "page_view,d1,2025-09-01 10:00:00\n", timezone="Asia/Tokyo")
    assert activity_of(intake).time.tolist() == [START]


def test_events_without_times_are_refused_and_say_why(read: Read) -> None:
    with pytest.raises(ContractError, match=r"has no column 'event_timestamp'.*a date alone is too coarse"):
        read("event_date,event_name,user_pseudo_id\n20250901,page_view,d1\n")


def test_nested_rows_of_json_lines_are_events_too(read: Read) -> None:
    session = {"key": "ga_session_id", "value": {"int_value": 17}}
    event = {"event_timestamp": START, "event_name": "purchase", "event_params": [session], "user_pseudo_id": "d1"}
    event |= {"ecommerce": {"transaction_id": "T1", "purchase_revenue_in_usd": 30.0, "total_item_quantity": 2}}
    activity = activity_of(read(json.dumps(event) + "\n", name="events.jsonl"))
    assert (activity.value.tolist(), activity.items.tolist(), activity.order.tolist()) == ([30], [2], [0])
    assert activity.visit.tolist() == [0]


def test_the_real_events_are_read_whole() -> None:
    intake = read_customers([DATA / "shopify_ga4" / "ga4_event_data.csv"])
    activity = activity_of(intake)
    assert (intake.read, intake.accepted) == (6, 6)
    assert activity.event.tolist() == [Event.PURCHASE, Event.CART, 0, 0, 0, Event.CHECKOUT]
    assert activity.value[0] == 29.99
    assert activity.people["user_id"].tolist() == ["user_123", "user_456", "user_789"]
    assert intake.sources[0].noticed == {"other_events": 2, "money_unknown": 2}
