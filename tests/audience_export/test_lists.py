"""Lists of people from files: everything is read, or the file is refused."""

from pathlib import Path

import pytest

from audience_export import read_coupons, read_people
from retention.errors import ContractError, InputError, SourceError


def file(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "user_id,email\n00123,A@x.org\n=1, b@x.org \n",
        "\ufeffCustomer ID;E-Mail\n00123;a@x.org\n=1;b@x.org\n",
        'external_id\tEmail Address\r\n"00123"\ta@x.org\r\n=1\tB@X.ORG\r\n',
        "other|user_id|EMAIL\nx|00123|a@x.org\n\ny|=1|b@x.org",
    ],
)
def test_identifiers_keep_their_bytes_and_addresses_are_folded(content: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, content))
    assert people.user_id.to_pylist() == ["00123", "=1"]
    assert people.email.to_pylist() == ["a@x.org", "b@x.org"]
    assert people.day is None


def test_days_are_those_of_the_shop(tmp_path: Path) -> None:
    rows = [
        "2025-09-30",
        "2025-09-30 23:30:00 +0000",
        "2025-09-30T23:30:00Z",
        "2025-09-30 23:30:00 UTC",
        "2025-10-01 00:30:00+02:00",
        "2025-09-30 23:30:00",
        " ",
    ]
    people = read_people(
        file(tmp_path, "email,Created at\n" + "".join(f"a@x.org,{row}\n" for row in rows)), "Europe/Berlin"
    )
    assert people.day is not None
    expected = ["2025-09-30", "2025-10-01", "2025-10-01", "2025-10-01", "2025-10-01", "2025-09-30", "NaT"]
    assert [str(day) for day in people.day] == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\nAnn\n", "neither a column user_id nor a column email"),
        ("user_id,email\nu1,a@x.org\n,\n", "row 2 after the header: the row has neither"),
        ("email\nsecret-person\n", "row 1 after the header: the row has neither"),
        (
            "email,date\na@x.org,30.09.2025\n",
            "row 1 after the header: the row has a day that is not written as YYYY-MM-DD",
        ),
        ("email,date\na@x.org,2025-02-30\n", "the row has a day that does not exist"),
        ("email,date\na@x.org\n", "is not a table"),
        ("email\na@x.org,secret-person\n", "is not a table"),
        ("", "is not a table"),
        (b"email\n\xff\xfesecret-person\n", "is not a table"),
        ("email\n".encode("utf-16"), "is not a table"),
        (b"email\n\xe9@x.org\n", "is not a table"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_without_telling_values(
    content: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_people(file(tmp_path, content))
    assert "list.csv" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "x.org" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv: the list cannot be read"):
        read_people(tmp_path / "gone.csv")


def test_of_a_list_with_consent_only_a_yes_counts(tmp_path: Path) -> None:
    content = "user_id,Accepts Email Marketing\n1,yes\n2,no\n3,\n4, TRUE\n5,maybe\n"
    assert read_people(file(tmp_path, content)).user_id.to_pylist() == ["1", "4"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("voucher\nA\n", "has no column code"),
        ("code\nA\nB\n A\n", "the list has a code twice"),
        ("code,segment\nA,VIP\n,VIP\n", "a row without a code"),
        ("code,segment\nA,VIP\nB,\n", "a row without a code or without its segment"),
    ],
)
def test_codes_that_cannot_be_one_a_customer_are_refused(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((ContractError, SourceError), match=message):
        read_coupons(file(tmp_path, content))
