"""Every customer is in one audience or left out for one reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from analysis import Run
from audience_export import AudiencePlan, AudienceRequest, Contacted, LeftOut, plan_audiences, read_people
from audience_export.reasons import REASONS
from data_ingestion import ColumnMapping, ReadOptions
from retention.errors import ContractError, OptionError, Remedy, Setting
from retention.experiment.arms import Experiment, assign
from tests.audience_export.shops import agreed, in_arms, platforms, records, shop
from tests.audience_export.validators import digest


def reasons(plan: AudiencePlan) -> dict[str, str]:
    """Return user_id -> reason of those who are left out."""
    ids = plan.run.segmentation.customers["user_id"].tolist()
    return {who: REASONS[code - 1].value for who, code in zip(ids, plan.reasons.tolist(), strict=True) if code}


def why(
    people: Sequence[dict[str, Any]], platform: str = "klaviyo", arms: Sequence[str] = (), **options: Any
) -> list[str]:
    """Return the reason of each customer, empty for those in an audience."""
    run = in_arms(shop(list(people)), arms) if arms else shop(list(people))
    left = reasons(plan_audiences(run, AudienceRequest(platform, **options)))
    return [left.get(f"u{place:03}", "") for place in range(len(people))]


def listing(folder: Path, text: str, name: str = "list.csv") -> Any:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_people(path, ReadOptions(timezone="Europe/Berlin"))


def test_who_said_no_and_who_said_nothing_are_left_out() -> None:
    people = [{"email": f"{place}@x.org", "email_consent": answer} for place, answer in enumerate((True, False, None))]
    assert why(people) == ["", "no_consent", "no_consent"]


def test_without_a_column_of_consent_nothing_is_assumed_unless_told() -> None:
    people = [{"email": "a@x.org"}]
    with pytest.raises(ContractError, match=r"nothing says who agreed .* Set the list of those who agreed or"):
        why(people)
    assert why(people, assume_consent=True) == [""]


def test_what_is_assumed_does_not_outweigh_an_answer() -> None:
    assert why([{"email": "a@x.org", "email_consent": None}], assume_consent=True) == ["no_consent"]


def test_a_list_of_those_who_agreed_stands_in_for_the_column_but_not_against_a_no(tmp_path: Path) -> None:
    agreed_list = listing(tmp_path, "email,consent\nA@x.org,yes\nb@x.org,no\nc@x.org,yes\n")
    people: list[dict[str, Any]] = [{"email": f"{letter}@x.org"} for letter in "abc"]
    assert why(people, agreed=agreed_list) == ["", "no_consent", ""]
    answered = [person | {"email_consent": answer} for person, answer in zip(people, (None, True, False), strict=True)]
    assert why(answered, agreed=agreed_list) == ["", "no_consent", "no_consent"]


def test_control_and_recovered_customers_are_left_out() -> None:
    people = [agreed(email=f"{place}@x.org", recovered=place == 1) for place in range(3)]
    assert why(people, arms=["go", "go", "stop"]) == ["", "recovered", "control"]


def test_the_first_reason_that_applies_is_told_and_control_is_who_could_be_reached_otherwise() -> None:
    people = [agreed(email="a@x.org", recovered=True), {"email": "b@x.org", "email_consent": False, "recovered": True}]
    people += [agreed(email="c@x.org"), agreed(), {"email": "d@x.org", "email_consent": None}]
    found = why(people, arms=["stop", "go", "stop", "stop", "stop"])
    assert found == ["recovered", "recovered", "control", "no_identifier", "control"]


def test_who_can_be_reached_is_in_a_file_or_left_out_for_a_reason_of_the_export(tmp_path: Path) -> None:
    people = [agreed(email="a@x.org"), agreed(email="a@x.org"), agreed(phone="+16505551212"), agreed()]
    people += [{"email": "b@x.org", "email_consent": answer} for answer in (None, False)]
    people += [agreed(email="c@x.org"), agreed(email="d@x.org", recovered=True), agreed(email="nobody")]
    wanted = AudienceRequest("klaviyo", unsubscribed=(listing(tmp_path, "user_id\nu006\n"),))
    run = shop(people)
    counts = plan_audiences(run, wanted).reached_counts.sum(axis=0).tolist()
    told = {reason.value: count for reason, count in zip(LeftOut, counts[1:], strict=True) if count}
    assert told == {"no_identifier": 1, "no_consent": 1, "unsubscribed": 1, "duplicate_identifier": 1}
    assert (counts[0], sum(counts)) == (2, 6)
    assert run.reach.total == int(run.scores.table["Reachable"].sum()) == 6


def test_unsubscribed_customers_are_left_out_by_identifier_or_address(tmp_path: Path) -> None:
    people = [agreed(email=f"{letter}@x.org") for letter in "abcd"]
    lists = (
        listing(tmp_path, "user_id\nu001\nU002\n"),
        listing(tmp_path, "Email Address; other\n D@X.org ;1\n", "b.csv"),
    )
    assert why(people, unsubscribed=lists) == ["", "unsubscribed", "", "unsubscribed"]


def test_a_list_names_a_mailbox_however_it_is_written(tmp_path: Path) -> None:
    people = [agreed(email=each) for each in ("jane.doe@gmail.com", "ann@x.org", "bob@münchen.de")]
    lists = (listing(tmp_path, "email\nJaneDoe+shop@googlemail.com\nbob@xn--mnchen-3ya.de\n"),)
    assert why(people, unsubscribed=lists) == ["unsubscribed", "", "unsubscribed"]
    assert why(people, bought=lists) == ["bought", "", "bought"]


def test_contacts_of_the_last_days_count_with_the_first_of_them(tmp_path: Path) -> None:
    people = [agreed(email=f"{letter}@x.org") for letter in "abcd"]
    rows = "email,sent at\na@x.org,2025-09-22\nb@x.org,2025-09-23\nc@x.org,\nb@x.org,2024-01-01\n"
    lately = Contacted(listing(tmp_path, rows), days=7, today=date(2025, 9, 30))
    assert why(people, contacted=lately) == ["", "contacted_recently", "contacted_recently", ""]


@pytest.mark.parametrize("days", [0, -1, 10_000])
def test_a_number_of_days_that_makes_no_sense_is_refused(days: int, tmp_path: Path) -> None:
    people = listing(tmp_path, "email,date\na@x.org,2025-09-22\n")
    with pytest.raises(OptionError, match="not a number of days"):
        why([agreed(email="a@x.org")], contacted=Contacted(people, days=days, today=date(2025, 9, 30)))


def test_a_list_of_contacts_needs_a_day(tmp_path: Path) -> None:
    people = listing(tmp_path, "email\na@x.org\n")
    with pytest.raises(ContractError, match="has no column date"):
        why([agreed(email="a@x.org")], contacted=Contacted(people, days=7, today=date(2025, 9, 30)))


def test_days_under_an_unknown_header_are_asked_about_and_a_mapping_says_it(tmp_path: Path) -> None:
    people, rows = [agreed(email="a@x.org")], "email,Kaufdatum,Geburtsdatum\na@x.org,2025-09-01,1980-01-01\n"
    with pytest.raises(ContractError, match="no column date, but days in 'Kaufdatum', so") as caught:
        why(people, bought=(listing(tmp_path, rows),))
    assert caught.value.remedies == (Remedy(Setting.MAPPING),)
    path = tmp_path / "mapped.csv"
    path.write_text(rows, encoding="utf-8")
    told = read_people(path, ReadOptions(mappings=(ColumnMapping("orders", {"email": "email", "time": "Kaufdatum"}),)))
    assert why(people, bought=(told,)) == [""]


def test_a_purchase_counts_from_the_day_of_the_abandonment(tmp_path: Path) -> None:
    # The abandonments are of 24, 25, 26 and 27 September.
    people = [agreed(email=f"{letter}@x.org") for letter in "abcd"]
    rows = "user_id,email,date\nu000,,2025-09-23\nu001,,2025-09-25\n,c@x.org,2025-10-01\n,c@x.org,2020-01-01\nu003,,\n"
    assert why(people, bought=(listing(tmp_path, rows),)) == ["", "bought", "bought", "bought"]


def test_a_list_of_buyers_without_days_names_all_of_them(tmp_path: Path) -> None:
    people = [agreed(email=f"{letter}@x.org") for letter in "ab"]
    assert why(people, bought=(listing(tmp_path, "email\nb@x.org\n"),)) == ["", "bought"]


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("klaviyo", ["", "", "no_identifier", "no_identifier"]),
        ("mailchimp", ["", "no_identifier", "no_identifier", "no_identifier"]),
        ("google-ads", ["", "", "no_identifier", "no_identifier"]),
        ("meta", ["", "", "no_identifier", "no_identifier"]),
        ("braze", ["", "", "no_identifier", ""]),
        ("csv", ["", "", "no_identifier", ""]),
    ],
)
def test_customers_whom_the_platform_cannot_know_are_left_out(platform: str, expected: list[str]) -> None:
    people = [agreed(email="a@x.org"), agreed(phone="+16505551212"), agreed(), agreed(email="nobody", phone="12")]
    assert why(people, platform) == expected


def test_of_customers_with_one_address_the_first_by_identifier_stays_whatever_the_order() -> None:
    people = [agreed(email=" A@x.org", user_id="u2"), agreed(email="a@X.org", user_id="u1"), agreed(email="b@x.org")]
    for order in (people, people[::-1]):
        assert reasons(plan_audiences(shop(order), AudienceRequest("braze"))) == {"u2": "duplicate_identifier"}


def test_one_address_in_two_segments_is_in_one_file() -> None:
    people = [agreed(email="a@x.org", avg_order_value=value) for value in (1.0, 5000.0)]
    run = shop(people + [agreed(email=f"{n}@x.org", avg_order_value=50.0) for n in range(40)])
    assert len(run.segmentation.tree.segments) > 1
    assert len(set(run.segmentation.codes[:2].tolist())) == 2
    assert reasons(plan_audiences(run, AudienceRequest("klaviyo"))) == {"u001": "duplicate_identifier"}


def test_who_shares_an_address_with_somebody_who_must_not_be_contacted_is_left_out(tmp_path: Path) -> None:
    people = [agreed(email="a@x.org"), agreed(email="a@x.org"), agreed(email="b@x.org"), agreed(email="b@x.org")]
    people += [agreed(email="c@x.org"), {"email": "c@x.org", "email_consent": False}]
    people += [agreed(email="d@x.org"), {"email": "d@x.org", "email_consent": None}]
    arms = ["go", "stop", *["go"] * 6]
    found = why(people, arms=arms, unsubscribed=(listing(tmp_path, "user_id\nu003\n"),))
    assert found == [
        *("shared_identifier", "control"),
        *("shared_identifier", "unsubscribed"),
        *("shared_identifier", "no_consent"),
        # Silence about one of two customers takes nothing from the consent of the other.
        *("", "no_consent"),
    ]


def test_a_shared_phone_goes_to_the_first_and_costs_nobody_the_e_mail() -> None:
    phone = "+16505551212"
    run = shop([agreed(email="a@x.org", phone=phone), agreed(email="b@x.org", phone=phone), agreed(phone=phone)])
    plan = plan_audiences(run, AudienceRequest("klaviyo"))
    assert reasons(plan) == {"u002": "duplicate_identifier"}
    assert plan.withheld == 1
    assert sorted(record["Phone Number"] for record in records(run, AudienceRequest("klaviyo"))) == ["", phone]
    assert reasons(plan_audiences(run, AudienceRequest("meta"))) == {"u002": "duplicate_identifier"}


def test_the_phone_of_a_control_customer_is_in_no_file() -> None:
    phone = "+16505551212"
    run = shop([agreed(email="a@x.org", phone=phone), agreed(email="b@x.org", phone=phone), agreed(phone=phone)])
    run, wanted = in_arms(run, ["stop", "go", "go"]), AudienceRequest("google-ads")
    assert reasons(plan_audiences(run, wanted)) == {"u000": "control", "u002": "shared_identifier"}
    assert [record["Phone"] for record in records(run, wanted)] == [""]


def test_the_control_group_of_the_run_is_left_out() -> None:
    experiment = Experiment("autumn", {"none": 0.5, "mail": 0.5})
    run = replace(shop([agreed(email=f"{place}@x.org") for place in range(30)]), experiment=experiment)
    control = run.segmentation.customers["user_id"][assign(run.segmentation.customers["user_id"], experiment) == "none"]
    left = reasons(plan_audiences(run, AudienceRequest("csv")))
    assert left == dict.fromkeys(control, "control")
    assert 0 < len(left) < 30


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="Did you mean 'klaviyo'"):
        why([agreed()], "klavio")
    with pytest.raises(OptionError, match="'Atlantis' is not a country"):
        why([agreed()], region="Atlantis")


ADDRESSES = st.sampled_from(["a@x.org", "A@x.org ", "b@x.org", "c@x.org", "d@x.org", "nobody", None])
PHONES = st.sampled_from(["+16505551212", "650-555-1212", "+4930901820", "030 901820", "12", None])
PERSON = st.fixed_dictionaries(
    {
        "email": ADDRESSES,
        "phone": PHONES,
        "country": st.sampled_from(["US", "DE", None]),
        "email_consent": st.sampled_from([True, True, True, False, None]),
        "recovered": st.sampled_from([False, False, True, None]),
    }
)
CROWD = 24
TYPES = {"email": "str", "phone": "str", "country": "str", "email_consent": "boolean", "recovered": "boolean"}


@pytest.fixture(scope="module")
def crowd() -> Run:
    """Customers in several segments, about whom nothing else is known."""
    run = shop([{"avg_order_value": [1.0, 40.0, 60.0, 500.0][place % 4]} for place in range(CROWD)])
    assert len(set(run.segmentation.codes.tolist())) > 2
    return run


@given(
    people=st.lists(PERSON, min_size=CROWD, max_size=CROWD),
    arms=st.lists(st.sampled_from(["stop", "a", "b"]), min_size=CROWD, max_size=CROWD),
    platform=st.sampled_from(platforms()),
)
def test_audiences_and_left_out_are_the_universe_and_no_identifier_is_there_twice(
    crowd: Run, people: list[dict[str, Any]], arms: list[str], platform: str
) -> None:
    told = pd.DataFrame(people).astype(TYPES)
    customers = crowd.segmentation.customers.assign(**{name: told[name] for name in TYPES})
    run = in_arms(replace(crowd, segmentation=replace(crowd.segmentation, customers=customers)), arms)
    wanted = AudienceRequest(platform)
    plan, found = plan_audiences(run, wanted), records(run, wanted)
    left = reasons(plan)
    assert len(found) + len(left) == CROWD == int(plan.counts.sum())
    for header in plan.platform.identifiers:
        known = [record[header] for record in found if record[header]]
        assert len(set(known)) == len(known)
    for place, (person, arm) in enumerate(zip(people, arms, strict=True)):
        reason = left.get(f"u{place:03}", "")
        assert reason if arm == "stop" else reason != "control"
        assert reason or (person["email"] or person["phone"])
        assert reason or (person["email_consent"] and not person["recovered"])
    cells = {cell for record in found for cell in record.values()}
    held_out = [person for person, arm in zip(people, arms, strict=True) if arm == "stop"]
    assert not any(identifiers(person) & cells for person in held_out)


def identifiers(person: dict[str, Any]) -> set[str]:
    """Return everything that may stand in a file for a person, written or hashed, worked out by hand."""
    national = {("650-555-1212", "US"): "+16505551212", ("030 901820", "DE"): "+4930901820"}
    phone = person["phone"] or ""
    number = phone if phone.startswith("+") else national.get((phone, person["country"]), "")
    address = (person["email"] or "").strip().lower().replace("nobody", "")
    plain = {address, number, number.removeprefix("+")} - {""}
    return plain | {digest(text) for text in plain}


def test_every_reason_has_a_sentence() -> None:
    assert all(reason.sentence.endswith(".") for reason in LeftOut)
