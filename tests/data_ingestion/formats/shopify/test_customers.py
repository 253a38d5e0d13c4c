"""Shopify's list of customers says who they are, and nothing of what they did."""

from pathlib import Path

from data_ingestion import ReadOptions, read_customers
from data_ingestion.rows.intake import Intake
from retention.activity.activity import Activity
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

HEADER = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Zip,Default Address Country Code,"
    "Phone,Total Spent,Total Orders\n"
)


def activity_of(intake: Intake) -> Activity:
    assert intake.activity is not None
    return intake.activity


def test_customers_are_people_without_activity(read: Read) -> None:
    intake = read(HEADER + "'8001,Ada,L,a@example.com,yes,'01067,DE,'+49351123,12.50,1\n8002,,,,no,,,,0,0\n")
    activity = activity_of(intake)
    assert intake.sources[0].layout == "shopify_customers"
    assert len(activity) == 0
    assert activity.people["user_id"].tolist() == ["8001", "8002"]
    person = activity.people.iloc[0]
    assert (person["zip"], person["phone"]) == ("01067", "+49351123")
    assert activity.traits["country"].value.tolist() == ["DE"]
    assert activity.people["email_consent"].tolist() == [True, False]
    assert intake.sources[0].noticed == {"cleaned_ids": 1, "without_email": 1}


def test_customers_nobody_can_find_are_set_aside(read: Read) -> None:
    row = "8001,Ada,L,a@example.com,yes,,,,0,0\n"
    intake = read(HEADER + row + ",Bob,M,,yes,,,,0,0\n" + row)
    assert intake.quarantine["reason"].tolist() == ["missing_user_id", "duplicate"]


def test_what_was_spent_up_to_the_export_is_no_feature(read: Read) -> None:
    intake = read(HEADER + "8001,Ada,L,a@example.com,yes,,,,99,9\n")
    assert not {"spent_so_far", "orders_so_far"} & set(activity_of(intake).people.columns)


def test_the_list_holds_over_older_consent_of_orders(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(HEADER + "8001,Ada,L,A@Example.com ,no,,,,99,9\n", encoding="utf-8")
    order = (
        "Name,Email,Financial Status,Created at,Total,Accepts Marketing,Id\n#1,a@example.com,paid,2025-09-01,5,yes,1\n"
    )
    (tmp_path / "orders.csv").write_text(order, encoding="utf-8")
    intake = read_customers([tmp_path / "people.csv", tmp_path / "orders.csv"], options=ReadOptions())
    people = activity_of(intake).people
    assert people["user_id"].tolist() == ["8001"]
    assert people["email_consent"].tolist() == [False]


def test_the_real_list_is_read_whole() -> None:
    intake = read_customers([DATA / "shopify_ga4" / "shopify_customer_data.csv"])
    assert (intake.read, intake.accepted) == (4, 4)
    assert activity_of(intake).people["email_consent"].tolist() == [False, True, False, False]
