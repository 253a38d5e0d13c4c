"""Each platform's file, held against its format by validators that know nothing of the writers."""

import json
from collections.abc import Iterable

import pytest

from analysis import Run
from audience_export import AudienceRequest
from tests.audience_export.shops import agreed, everybody, files, in_arms, platforms, records, shop
from tests.audience_export.validators import digest, table
from tests.real_data import DATA


def numbered(people: Iterable[dict[str, str]]) -> Run:
    """Return the run of people who agreed, each with an address that tells their place."""
    return shop([agreed(email=f"{place}@example.com", **person) for place, person in enumerate(people)])


def column_of(run: Run, platform: str, header: str) -> list[str]:
    """Return a column of an export of `numbered` people, in their order."""
    found = {next(iter(record.values())): record[header] for record in records(run, AudienceRequest(platform))}
    mails = [f"{place}@example.com" for place in range(len(found))]
    return [found[mail] if mail in found else found[digest(mail)] for mail in mails]


@pytest.mark.parametrize("platform", platforms())
def test_synthetic_customers_make_files_that_the_platform_takes(platform: str, synthetic: Run) -> None:
    assert len(records(synthetic, AudienceRequest(platform))) > 200


@pytest.mark.parametrize("platform", platforms())
def test_a_segment_without_an_audience_has_a_file_without_records(platform: str) -> None:
    run = shop([{"email_consent": False, "email": "a@example.com"}])
    assert records(run, AudienceRequest(platform)) == []
    assert len(files(run, AudienceRequest(platform))) == 1 + len(run.segmentation.tree.segments)


def test_the_headers_are_those_of_the_platforms() -> None:
    run = shop([agreed(email="a@example.com")])
    heads = {}
    for platform in platforms():
        first = next(data for name, data in files(run, AudienceRequest(platform)).items() if name != "manifest.json")
        heads[platform] = first.partition(b"\n")[0].decode()
    assert heads == {
        "klaviyo": "Email Address,Phone Number,First Name,Last Name,Segment,Cart Abandoned",
        "mailchimp": "Email Address,First Name,Last Name,Phone Number,TAGS",
        "braze": "external_id,first_name,last_name,email,phone,cart_segment,cart_abandoned_date",
        "omnisend": "Email,Phone,First Name,Last Name,Country,Postal Code,Segment,Cart Abandoned",
        "brevo": "EMAIL,FIRSTNAME,LASTNAME,SMS,SEGMENT,CART_ABANDONED",
        "hubspot": "Email,First name,Last name,Phone number,Cart segment,Cart abandoned",
        "listmonk": "email,name,attributes",
        "google-ads": "Email,Phone,First Name,Last Name,Country,Zip",
        "meta": "email,phone,fn,ln,zip,ct,st,country,dob,gen,uid,value",
        "csv": "user_id,Segment,email,phone,first_name,last_name,country,zip,cart_abandoned_date",
        "json": "[",
    }


def test_google_and_meta_hash_what_their_pages_give_as_examples() -> None:
    person = agreed(
        email=" Test@Example.com ",
        phone="(650) 555-1212",
        first_name=" John",
        last_name="O'Brien ",
        country="US",
        zip="94025-1234",
    )
    (google,) = records(shop([person]), AudienceRequest("google-ads"))
    assert google == {
        "Email": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b",
        "Phone": digest("+16505551212"),
        "First Name": digest("john"),
        "Last Name": digest("o'brien"),
        "Country": "US",
        "Zip": "94025-1234",
    }
    (meta,) = records(shop([person]), AudienceRequest("meta"))
    assert meta["email"] == google["Email"]
    assert meta["phone"] == digest("16505551212")
    assert meta["phone"].startswith("e323ec62")
    assert meta["zip"] == digest("94025")
    assert meta["country"] == digest("us")
    assert (meta["fn"], meta["ln"]) == (google["First Name"], digest("obrien"))
    assert {meta[name] for name in ("ct", "st", "dob", "gen", "uid", "value")} == {""}


GMAIL = {
    "Jane.Doe+Shopping@googlemail.com": "janedoe@googlemail.com",
    "j.a.n.e@GMAIL.com": "jane@gmail.com",
    "User.Name+NYC@Example.com": "user.name+nyc@example.com",
    "a.b@gmail.com.example.org": "a.b@gmail.com.example.org",
}


def test_google_hashes_names_at_gmail_without_dots_and_suffix() -> None:
    run = shop([agreed(email=address) for address in GMAIL])
    found = records(run, AudienceRequest("google-ads"))
    assert sorted(record["Email"] for record in found) == sorted(map(digest, GMAIL.values()))
    other = records(run, AudienceRequest("meta"))
    assert sorted(record["email"] for record in other) == sorted(digest(address.lower()) for address in GMAIL)


@pytest.mark.parametrize("platform", ["google-ads", "klaviyo", "meta"])
def test_two_ways_to_write_one_mailbox_are_one_reader(platform: str) -> None:
    run = shop([agreed(email="jane.doe@gmail.com"), agreed(email="JaneDoe+x@googlemail.com")])
    assert len(records(run, AudienceRequest(platform))) == 1


@pytest.mark.parametrize(
    ("header", "values", "published"),
    [
        (
            "email",
            {"email": " John_Smith@gmail.com"},
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        ("phone", {"phone": "(650)555-1212"}, "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("fn", {"first_name": "Mary"}, "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("fn", {"first_name": "정"}, "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        ("ln", {"last_name": "Valéry"}, "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        ("country", {"country": "United States"}, "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
    ],
)
def test_meta_hashes_are_the_published_ones(header: str, values: dict[str, str], published: str) -> None:
    person = agreed(**{"email": "a@example.com", "country": "US"} | values)
    (record,) = records(shop([person]), AudienceRequest("meta"))
    assert record[header] == published


POSTAL_CODES = [
    ("US", "94025-1234", "94025"),
    ("GB", "M1 1AE", "m11ae"),
    ("PL", "00-950", "00950"),
    ("BR", "01310\u2013100", "01310100"),
    ("FR", " 75018 ", "75018"),
]


def test_postal_codes_have_no_blanks_and_dashes_for_meta_and_stay_for_google() -> None:
    run = numbered({"country": country, "zip": code} for country, code, _ in POSTAL_CODES)
    assert column_of(run, "meta", "zip") == [digest(hashed) for _, _, hashed in POSTAL_CODES]
    assert column_of(run, "google-ads", "Zip") == [code.strip() for _, code, _ in POSTAL_CODES]


NAMES = [
    ("  Mary   Ann ", "mary ann", "mary ann"),
    ("Anne-Marie", "anne-marie", "annemarie"),
    ("J.R.", "j.r.", "jr"),
    ("Zo\u00eb\u00a0Pérez", "zoë pérez", "zoë pérez"),
    ("D\u2019Angelo", "d\u2019angelo", "dangelo"),
]


def test_names_have_single_blanks_and_for_meta_no_punctuation() -> None:
    run = numbered({"first_name": name} for name, _, _ in NAMES)
    assert column_of(run, "google-ads", "First Name") == [digest(google) for _, google, _ in NAMES]
    assert column_of(run, "meta", "fn") == [digest(meta) for _, _, meta in NAMES]


def test_a_name_that_is_all_punctuation_has_no_hash() -> None:
    (record,) = records(shop([agreed(email="a@example.com", first_name="--", last_name=" ")]), AudienceRequest("meta"))
    assert (record["fn"], record["ln"]) == ("", "")


def test_listmonk_gets_names_and_attributes_as_it_documents_them() -> None:
    people = [
        agreed(email="a@example.com", first_name='Ann "A"', last_name="Lee"),
        agreed(email="b@example.com", last_name="Poe"),
        agreed(email="c@example.com"),
    ]
    found = records(shop(people), AudienceRequest("listmonk"))
    assert [record["name"] for record in found] == ['Ann "A" Lee', "Poe", "c@example.com"]
    told = json.loads(found[0]["attributes"])
    assert (told["wave"], told["coupon"], set(told)) == (
        None,
        None,
        {"segment", "wave", "arm", "abandoned_on", "coupon"},
    )


def test_brevo_and_omnisend_have_phones_with_plus_and_country() -> None:
    run = shop([agreed(email="a@example.com", phone="030 901820", country="DE", zip="10115")])
    assert records(run, AudienceRequest("brevo"))[0]["SMS"] == "+4930901820"
    (record,) = records(run, AudienceRequest("omnisend"))
    assert (record["Phone"], record["Country"], record["Postal Code"]) == ("+4930901820", "DE", "10115")


PHONES = [
    ("030 901820", "DE", "+4930901820"),
    ("+49 (0)30 901821", "FR", "+4930901821"),
    ("06 698 1234", "Italy", "+39066981234"),
    ("020 7946 0958", "UK", "+442079460958"),
    ("020 7946 0959", "Great Britain", "+442079460959"),
    ("650-555-1212", "U.S.A.", "+16505551212"),
    ("030 901822", "DEU", "+4930901822"),
    ("01 23456789", "Österreich", "+43123456789"),
    ("'+1 650-555-1213", "", "+16505551213"),
    ("650-555-1212", "", ""),
    ("555-1212", "US", ""),
    ("call me", "DE", ""),
    ("9" * 300, "DE", ""),
]


def test_phones_become_e164_by_the_customers_country() -> None:
    run = numbered({"phone": phone, "country": country} for phone, country, _ in PHONES)
    assert column_of(run, "klaviyo", "Phone Number") == [written for _, _, written in PHONES]


def test_an_italian_number_keeps_the_zero_that_belongs_to_it() -> None:
    (record,) = records(shop([agreed(phone="06 698 1234", country="IT")]), AudienceRequest("meta"))
    assert record["phone"] == digest("39066981234")


def test_a_country_for_those_without_one_reads_their_phones() -> None:
    (record,) = everybody(shop([{"email": "a@example.com", "phone": "650-555-1212"}]), "klaviyo", region="us")
    assert record["Phone Number"] == "+16505551212"


def test_american_zips_get_back_the_zero_that_a_spreadsheet_took() -> None:
    for country, code, expected in (("USA", "2139", "02139"), ("US", "94025", "94025"), ("AT", "1010", "1010")):
        (record,) = records(
            shop([agreed(email="a@example.com", country=country, zip=code)]), AudienceRequest("omnisend")
        )
        assert record["Postal Code"] == expected


def test_identifiers_keep_their_bytes() -> None:
    run = shop([agreed(user_id="00123"), agreed(user_id="=1+1"), agreed(user_id="é")])
    for platform, header in (("braze", "external_id"), ("csv", "user_id"), ("json", "user_id")):
        assert {record[header] for record in records(run, AudienceRequest(platform))} == {"00123", "=1+1", "é"}


def test_text_that_a_spreadsheet_runs_is_made_harmless_for_people_only() -> None:
    run = shop([agreed(email="a@example.com", first_name="=1+1", phone="+16505551212")])
    for platform, header in (("klaviyo", "First Name"), ("mailchimp", "First Name"), ("csv", "first_name")):
        (record,) = records(run, AudienceRequest(platform, profile="machine"))
        assert record[header] == "=1+1"
    (record,) = records(run, AudienceRequest("mailchimp", profile="spreadsheet"))
    assert record["First Name"] == "=1+1"
    held = files(run, AudienceRequest("csv", profile="spreadsheet"))
    filled = [data for name, data in held.items() if name.endswith(".csv") and data.count(b"\n") > 1]
    assert filled[0].startswith(b"\xef\xbb\xbf")
    (person,) = table(filled[0].removeprefix(b"\xef\xbb\xbf"))[1]
    assert (person["first_name"], person["phone"]) == ("'=1+1", "'+16505551212")


@pytest.mark.parametrize("platform", ["klaviyo", "mailchimp", "braze", "csv", "json"])
def test_names_that_break_files_survive(platform: str) -> None:
    lines = (DATA / "naughty_strings" / "blns.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(names) > 400
    names += ['"', "a,b", "line\nbreak", "carriage\rreturn", "back\\slash", "\t", "\x01", "-1", "@x"]
    people = [agreed(email=f"p{place}@example.com", first_name=name) for place, name in enumerate(names)]
    run = shop([person | {"user_id": f"u{place:04}"} for place, person in enumerate(people)])
    kept = run.segmentation.customers.set_index("user_id")["first_name"].fillna("")
    header = {"klaviyo": "First Name", "mailchimp": "First Name"}.get(platform, "first_name")
    found = records(run, AudienceRequest(platform))
    assert len(found) == len(names)
    assert sorted(record[header] for record in found) == sorted(kept)


def test_tags_of_mailchimp_name_segment_wave_and_arm(synthetic: Run) -> None:
    labels = (["A, one", "B", "no"] * 1000)[: len(synthetic.segmentation.customers)]
    tags = {record["TAGS"] for record in records(in_arms(synthetic, labels, "no"), AudienceRequest("mailchimp"))}
    names = {segment.name for segment in synthetic.segmentation.tree.segments}
    assert {tag.split(",")[0] for tag in tags} == names
    assert any(tag.endswith(",wave 2,arm A one") for tag in tags)
    assert any(tag.endswith(",arm B") for tag in tags)
