"""Customers known by a phone number alone: in files, on lists, and in lists of those who agreed."""

from datetime import date
from pathlib import Path

import pytest

from audience_export import AudienceRequest, Contacted, PeopleList, contacts_of, plan_audiences, read_people
from audience_export.reasons import REASONS
from data_ingestion import ReadOptions
from retention.errors import SourceError
from tests.audience_export.shops import agreed, everybody, shop

ANN, BOB, EVE = "+8801700000001", "+8801700000002", "+8801700000003"


def listing(folder: Path, content: str, region: str = "") -> PeopleList:
    path = folder / "list.csv"
    path.write_text(content, encoding="utf-8")
    return read_people(path, ReadOptions(country=region))


def why(wanted: AudienceRequest, *phones: str) -> list[str]:
    """Return why each customer is left out, `""` for those in files."""
    run = shop([agreed(user_id=phone, phone=phone) for phone in phones])
    return ["" if not code else REASONS[code - 1].value for code in plan_audiences(run, wanted).reasons]


@pytest.mark.parametrize(
    ("platform", "header"),
    [("klaviyo", "Phone Number"), ("google-ads", "Phone"), ("meta", "phone"), ("braze", "phone"), ("csv", "phone")],
)
def test_customers_with_a_number_alone_are_in_the_files_of_platforms_that_take_numbers(
    platform: str, header: str
) -> None:
    run = shop([{"user_id": phone, "phone": phone} for phone in (ANN, BOB)])
    assert [bool(record[header]) for record in everybody(run, platform)] == [True, True]


def test_a_file_of_numbers_alone_for_klaviyo_begins_with_the_number() -> None:
    numbers = shop([{"user_id": phone, "phone": phone} for phone in (ANN, BOB)])
    mixed = shop([agreed(phone=ANN), agreed(email="b@x.org")])
    first = [next(iter(everybody(run, "klaviyo")[0])) for run in (numbers, mixed)]
    assert first == ["Phone Number", "Email Address"]


# Headers in exports of Shopify, Klaviyo, HubSpot and Brevo, in this order.
@pytest.mark.parametrize("header", ["Phone", "Phone Number", "Mobile Phone Number", "SMS"])
@pytest.mark.parametrize("written", ["+880 1700-000001", "'+8801700000001", "01700000001", "8801700000001"])
def test_a_list_of_numbers_suppresses_whatever_way_they_are_written(tmp_path: Path, header: str, written: str) -> None:
    unsubscribed = listing(tmp_path, f"{header}\n{written}\n", "BD")
    assert why(AudienceRequest("meta", unsubscribed=(unsubscribed,)), ANN, BOB) == ["unsubscribed", ""]


def test_a_row_is_suppressed_by_any_of_its_identifiers(tmp_path: Path) -> None:
    unsubscribed = listing(tmp_path, f"user_id,email,phone\nu9,x@y.org,{ANN}\n")
    assert why(AudienceRequest("meta", unsubscribed=(unsubscribed,)), ANN, BOB) == ["unsubscribed", ""]


def test_a_number_is_read_by_the_country_of_its_row(tmp_path: Path) -> None:
    unsubscribed = listing(tmp_path, "Phone,Country Code\n01700000001,BD\n020 7946 0958,GB\n", "DE")
    assert why(AudienceRequest("meta", unsubscribed=(unsubscribed,)), ANN, "+442079460958") == ["unsubscribed"] * 2


def test_a_row_with_a_number_that_cannot_be_read_stops_and_tells_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"lacks its country.*Set the country of phone numbers"):
        listing(tmp_path, "phone\n01700000001\n")


def test_who_bought_or_was_contacted_is_known_by_number(tmp_path: Path) -> None:
    bought = listing(tmp_path, f"phone,date\n{ANN},2025-09-29\n{BOB},2025-09-01\n")
    assert why(AudienceRequest("meta", bought=(bought,)), ANN, BOB) == ["bought", ""]
    lately = Contacted(bought, days=7, today=date(2025, 9, 30))
    assert why(AudienceRequest("meta", contacted=lately), ANN, BOB) == ["contacted_recently", ""]


def test_whom_an_earlier_period_contacted_is_known_by_number() -> None:
    earlier = shop([agreed(user_id="17", phone=ANN), agreed(user_id="18", email="x@y.org")])
    sent = contacts_of([(earlier, date(2025, 9, 29))])
    rested = Contacted(sent, days=7, today=date(2025, 9, 30))
    assert why(AudienceRequest("meta", rested=rested), ANN, BOB) == ["contacted_recently", ""]


def test_a_number_on_the_list_of_those_who_agreed_speaks_of_no_one_who_has_an_address(tmp_path: Path) -> None:
    agreeing = listing(tmp_path, f"phone\n{ANN}\n{EVE}\n")
    run = shop([{"phone": ANN}, {"phone": BOB}, {"email": "eve@y.org", "phone": EVE}])
    plan = plan_audiences(run, AudienceRequest("meta", agreed=agreeing))
    assert [0 if not code else REASONS[code - 1].value for code in plan.reasons] == [0, "no_consent", "no_consent"]
