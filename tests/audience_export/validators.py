"""Validators of audience files, written from what the platforms publish about their formats.

They know nothing of the writers: bytes in, records out, an `AssertionError` for whatever a platform would refuse.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping

Record = Mapping[str, str]

E164 = re.compile(r"\+[1-9][0-9]{5,14}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DIGEST = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOTHING = hashlib.sha256(b"").hexdigest()
BRAZE_OWN = {"external_id", "user_alias_name", "user_alias_label", "first_name", "last_name", "email", "phone"}
META_HEADER = ["email", "phone", "fn", "ln", "zip", "ct", "st", "country", "dob", "gen", "uid", "value"]


def digest(text: str) -> str:
    """Return the SHA-256 of a text as platforms write it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def table(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """Return header and records of a CSV file: UTF-8 without a mark, as many cells in each row as headers."""
    assert not data.startswith(b"\xef\xbb\xbf"), "no byte order mark"
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    header = rows[0]
    assert len(set(header)) == len(header), "no header twice"
    assert all(len(row) == len(header) for row in rows), "as many cells as headers"
    return header, [dict(zip(header, row, strict=True)) for row in rows[1:]]


def klaviyo(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header[0] in ("Email Address", "Phone Number")
    assert len(data) <= 50_000_000
    for record in records:
        assert record["Email Address"] or record["Phone Number"], "an address or a number names the profile"
        _address(record["Email Address"])
        _phone(record["Phone Number"])
        assert DAY.fullmatch(record["Cart Abandoned"])
    return records


def mailchimp(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header[:5] == ["Email Address", "First Name", "Last Name", "Phone Number", "TAGS"]
    for record in records:
        assert record["Email Address"], "only the e-mail is required"
        _address(record["Email Address"])
        assert all(tag and tag == tag.strip() for tag in record["TAGS"].split(","))
    return records


def braze(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert "external_id" in header
    assert not {"user_alias_name", "user_alias_label"} & set(header), "never both kinds of identifier"
    assert all(name in BRAZE_OWN or name.lower() not in BRAZE_OWN for name in header), "case-exact"
    assert len(data) <= 500_000_000
    for record in records:
        assert record["external_id"]
        _address(record["email"])
        _phone(record["phone"])
    return records


def google_ads(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header == ["Email", "Phone", "First Name", "Last Name", "Country", "Zip"]
    for record in records:
        for name in ("Email", "Phone", "First Name", "Last Name"):
            _digest(record[name])
        assert record["Email"] or record["Phone"], "somebody can be matched"
        assert record["Country"] == "" or re.fullmatch("[A-Z]{2}", record["Country"])
        assert record["Zip"] == record["Zip"].strip()
    return records


def meta(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header == META_HEADER
    for record in records:
        for name in META_HEADER[:-2]:
            _digest(record[name])
        assert record["email"] or record["phone"], "somebody can be matched"
        assert re.fullmatch("[0-9]*", record["uid"]), "Meta's own number"
        assert re.fullmatch(r"[0-9.]*", record["value"])
    return records


def generic_csv(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header[:2] == ["user_id", "Segment"]
    assert all(record["user_id"] for record in records)
    return records


def generic_json(data: bytes) -> list[dict[str, str]]:
    records = json.loads(data.decode("utf-8"))
    assert isinstance(records, list)
    assert all(record["user_id"] and record["Segment"] for record in records)
    assert len({tuple(record) for record in records}) <= 1, "the same fields in each"
    return [{name: value or "" for name, value in record.items()} for record in records]


def omnisend(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header[:6] == ["Email", "Phone", "First Name", "Last Name", "Country", "Postal Code"]
    assert len(header) <= 200
    for record in records:
        assert record["Email"] or record["Phone"], "an e-mail address or a phone number"
        _address(record["Email"])
        _phone(record["Phone"])
        assert DAY.fullmatch(record["Cart Abandoned"]), "ISO 8601"
    return records


def brevo(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header[:4] == ["EMAIL", "FIRSTNAME", "LASTNAME", "SMS"]
    assert all(re.fullmatch("[A-Z_]+", name) for name in header)
    assert len(data) <= 250_000_000
    for record in records:
        _address(record["EMAIL"])
        _phone(record["SMS"])
    return records


def hubspot(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert {"First name", "Last name", "Email"} <= set(header)
    assert len(header) < 1000
    assert len(data) <= 20_000_000
    for record in records:
        assert record["Email"], "known by the address"
        _address(record["Email"])
    return records


def listmonk(data: bytes) -> list[dict[str, str]]:
    header, records = table(data)
    assert header == ["email", "name", "attributes"]
    for record in records:
        _address(record["email"])
        assert record["name"], "no name is empty"
        assert isinstance(json.loads(record["attributes"]), dict)
    return records


VALIDATORS: dict[str, Callable[[bytes], list[dict[str, str]]]] = {
    "klaviyo": klaviyo,
    "mailchimp": mailchimp,
    "braze": braze,
    "omnisend": omnisend,
    "brevo": brevo,
    "hubspot": hubspot,
    "listmonk": listmonk,
    "google-ads": google_ads,
    "meta": meta,
    "csv": generic_csv,
    "json": generic_json,
}


def _address(text: str) -> None:
    assert text == "" or (ADDRESS.fullmatch(text) and text == text.strip().lower())


def _phone(text: str) -> None:
    assert text == "" or E164.fullmatch(text)


def _digest(text: str) -> None:
    assert text == "" or DIGEST.fullmatch(text)
    assert text != NOTHING, "an empty text is an empty cell, not a hash"
