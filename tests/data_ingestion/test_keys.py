"""Shops that know their customers by an address or a number alone, from files to the customers at a cutoff."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data_ingestion import ColumnMapping, Intake, ReadOptions, read_customers
from retention.customers.keys import shared_by_rounding
from retention.errors import ContractError, SourceError
from tests.data_ingestion.conftest import Read

# Shopify's export of a shop where people pay on delivery; personal details are made up.
SHOPIFY = """\
Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Billing Name,Billing Country,Billing Phone,Id,Phone
#1113,,pending,,no,BDT,1400.00,2026-04-01 12:39:28 -0400,1,Serum,A A,BD,+8801700000001,6870379135024,+8801700000001
#1114,,pending,,no,BDT,2180.00,2026-04-01 15:48:57 -0400,2,Serum,B B,BD,+8801700000002,6870735880240,+8801700000002
"""
CHECKOUTS = ColumnMapping("checkouts", {"phone": "mobile no", "time": "begun", "total": "amount"})
ORDERS = ColumnMapping("orders", {"phone": "tel.", "time": "ordered", "total": "sum"})


def people(intake: Intake, *names: str) -> list[list[str]]:
    assert intake.activity is not None
    return intake.activity.people[list(names)].to_numpy().tolist()


def test_orders_with_a_phone_only_have_customers(read: Read) -> None:
    assert people(read(SHOPIFY), "user_id", "phone") == [["+8801700000001"] * 2, ["+8801700000002"] * 2]


@pytest.mark.parametrize(
    "phone",
    ["+880 1700-000001", "'+8801700000001", "01700000001", "8801700000001", "00880 1700 000001", "8801700000001.0"],
)
def test_the_country_of_the_invoice_reads_numbers_without_plus(phone: str, read: Read) -> None:
    assert people(read(SHOPIFY.replace("+8801700000001", phone)), "user_id")[0] == ["+8801700000001"]


def test_the_number_of_the_delivery_stands_in(read: Read) -> None:
    text = SHOPIFY.replace("Billing Phone", "Shipping Phone").replace(",+8801700000001\n", ",\n")
    assert people(read(text), "user_id")[0] == ["+8801700000001"]


def test_the_countries_number_is_read_by_the_country_of_the_shop(read: Read) -> None:
    rows = "mobile no,begun,amount\n01700000001,2025-09-01 10:00,5\n"
    assert people(read(rows, mappings=(CHECKOUTS,), country="bd"), "user_id", "phone") == [["+8801700000001"] * 2]


def test_numbers_that_miss_their_country_are_refused_with_the_setting(read: Read) -> None:
    rows = "mobile no,begun,amount\n01700000001,2025-09-01 10:00,5\n"
    with pytest.raises(SourceError, match=r"1 not a phone in phone.*Set the country of phone numbers"):
        read(rows, mappings=(CHECKOUTS,))


def test_a_number_that_is_none_is_set_aside_with_its_reason(read: Read) -> None:
    rows = (
        "mobile no,begun,amount\n+8801700000001,2025-09-01 10:00,5\n12,2025-09-01 10:00,5\n1.7E+09,2025-09-01 10:00,5\n"
    )
    intake = read(rows, mappings=(CHECKOUTS,), country="BD")
    assert intake.quarantine["reason"].tolist() == ["not_a_phone", "not_a_phone"]
    assert intake.accepted == 1


def test_checkouts_and_orders_join_by_number(tmp_path: Path) -> None:
    (tmp_path / "carts.csv").write_text("mobile no,begun,amount\n+44 20 7946 0958,2025-09-01 10:00,5\n")
    (tmp_path / "orders.csv").write_text("tel.,ordered,sum\n020 7946 0958,2025-09-03 10:00,5\n")
    options = ReadOptions(mappings=(CHECKOUTS, ORDERS), country="GB")
    intake = read_customers([tmp_path / "carts.csv", tmp_path / "orders.csv"], options=options)
    assert people(intake, "user_id") == [["+442079460958"]]


def test_an_address_that_is_the_key_is_the_address_too(read: Read) -> None:
    mapping = ColumnMapping("checkouts", {"email": "email", "time": "created_at"})
    rows = "email,created_at\n C1@example.com,2025-09-01 10:01\n"
    assert people(read(rows, mappings=(mapping,)), "user_id", "email") == [["c1@example.com", " C1@example.com"]]


@pytest.mark.parametrize(
    ("key", "column", "value"),
    [("Ann@example.com", "email", "ann@example.com"), ("+44 20 7946 0958", "phone", "+442079460958")],
)
def test_an_id_that_is_an_address_or_a_number_keeps_its_bytes_and_stands_as_that_too(
    key: str, column: str, value: str, read: Read
) -> None:
    mapping = ColumnMapping("checkouts", {"customer": "who", "time": "created_at"})
    known = read(f"who,created_at\n{key},2025-09-01 10:01\n", mappings=(mapping,))
    assert people(known, "user_id", column) == [[key, value]]
    table = read(f"user_id,cart_abandoned_date\n{key},2025-09-01\n").rows
    assert table[["user_id", column]].to_numpy().tolist() == [[key, value]]


def test_a_few_ids_that_are_addresses_make_no_column_of_addresses(read: Read) -> None:
    assert "email" not in read("user_id,cart_abandoned_date\na@x.org,2025-09-01\n17,2025-09-01\n").rows


ROUNDED = "who,mail,begun\n1.23457E+11,a@x.org,2025-09-01\n1.23457E+11,b@x.org,2025-09-02\n1.5E+11,c@x.org,2025-09-02\n"


def test_people_whose_ids_were_rounded_to_the_same_stay_apart(read: Read) -> None:
    mapping = ColumnMapping("checkouts", {"customer": "who", "email": "mail", "time": "begun"})
    intake = read(ROUNDED, mappings=(mapping,))
    assert sorted(people(intake, "user_id")) == [["1.5E+11"], ["a@x.org"], ["b@x.org"]]
    assert any("2 rows of different people with one id, such as 0 or a rounded one" in each for each in intake.warnings)


def test_people_of_one_rounded_id_who_have_nothing_else_are_set_aside(read: Read) -> None:
    mapping = ColumnMapping("checkouts", {"customer": "who", "first_name": "mail", "time": "begun"})
    intake = read(ROUNDED, mappings=(mapping,))
    assert (people(intake, "user_id"), len(intake.quarantine)) == ([["1.5E+11"]], 2)


@pytest.mark.parametrize("nobody", ["0", "-1", "0.0", "guest", "NOT LOGGED IN", "ゲスト"])
def test_guests_who_have_one_id_together_are_customers_by_address(nobody: str, read: Read) -> None:
    mapping = ColumnMapping("checkouts", {"customer": "who", "email": "mail", "time": "begun"})
    text = f"who,mail,begun\n{nobody},a@x.org,2025-09-01\n{nobody},b@x.org,2025-09-02\n7,c@x.org,2025-09-02\n"
    assert sorted(people(read(text, mappings=(mapping,)), "user_id")) == [["7"], ["a@x.org"], ["b@x.org"]]


def test_guests_who_have_one_id_together_and_nothing_else_are_set_aside(read: Read) -> None:
    rows = pd.DataFrame({"user_id": ["0", "0", "7", "7"], "email": ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]})
    assert shared_by_rounding(rows, "user_id").tolist() == [True, True, False, False]
    table = "user_id,cart_abandoned_date\nguest,2025-09-01\nguest,2025-09-02\n7,2025-09-02\n"
    assert read(table).rows["user_id"].tolist() == ["7"]


def test_a_customer_zero_of_whom_nothing_else_is_known_stays(read: Read) -> None:
    mapping = ColumnMapping("checkouts", {"customer": "who", "time": "begun"})
    intake = read("who,begun\n0,2025-09-01 10:00\n0,2025-09-02 11:00\n", mappings=(mapping,))
    assert people(intake, "user_id") == [["0"]]


WRITE: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
}


@pytest.mark.parametrize("kind", WRITE)
def test_customer_tables_without_ids_are_known_by_address_else_by_number(kind: str, tmp_path: Path) -> None:
    rows = [
        [" Ann@Example.com", "020 7946 0958", "2025-09-01"],
        [None, "+44 20 7946 0958", "2025-09-02"],
        [None, "020 7946 0959", "2025-09-03"],
        [None, "12", "2025-09-03"],
        [None, None, "2025-09-03"],
    ]
    path = tmp_path / f"carts.{kind}"
    WRITE[kind](pd.DataFrame(rows, columns=["email", "phone", "cart_abandoned_date"]), path)
    intake = read_customers([path], options=ReadOptions(country="GB"))
    assert intake.rows["user_id"].tolist() == ["ann@example.com", "ann@example.com", "+442079460959"]
    assert intake.quarantine["reason"].tolist() == ["not_a_phone", "missing_user_id"]
    assert intake.read == intake.accepted + len(intake.quarantine) == 5
    assert intake.quarantine["original"].str.contains("2025-09-03").all()


def test_customer_tables_with_an_address_alone_have_one_customer_a_mailbox(read: Read) -> None:
    intake = read("Email,cart_abandoned_date\nAnn@x.org,2025-09-01\n<ann@x.org>,2025-09-02\n,2025-09-02\n")
    assert intake.rows["user_id"].tolist() == ["ann@x.org"] * 2
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[4, "missing_user_id"]]


def test_customer_tables_with_a_national_number_alone_ask_for_the_country(read: Read) -> None:
    with pytest.raises(SourceError, match=r"1 not a phone in phone.*Set the country of phone numbers"):
        read("phone,cart_abandoned_date\n020 7946 0958,2025-09-01\n")


def test_a_number_beside_several_addresses_is_a_customer_of_its_own_and_counted(read: Read) -> None:
    rows = ["a@x.org,+442079460958", "b@x.org,+442079460958", ",+442079460958"]
    intake = read("email,phone,cart_abandoned_date\n" + "".join(f"{row},2025-09-01\n" for row in rows))
    assert intake.rows["user_id"].tolist() == ["a@x.org", "b@x.org", "+442079460958"]
    assert any("1 phone number belongs to several customers" in warning for warning in intake.warnings)


def test_a_table_without_ids_is_linked_to_the_ids_of_another_and_those_keep_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("user_id,email,cart_abandoned_date\n 007 ,ann@x.org,2025-09-01\n")
    (tmp_path / "guests.csv").write_text("email,cart_abandoned_date\nANN@x.org,2025-09-02\nbob@x.org,2025-09-02\n")
    intake = read_customers([tmp_path / "known.csv", tmp_path / "guests.csv"])
    assert intake.rows["user_id"].tolist() == [" 007 ", " 007 ", "bob@x.org"]


def test_a_mapping_of_customers_needs_no_id(read: Read) -> None:
    mapping = ColumnMapping("customers", {"email": "Kontakt", "cart_abandoned_date": "Datum"})
    assert read("Kontakt,Datum\nAnn@x.org,2025-09-01\n", mappings=(mapping,)).rows["user_id"].tolist() == ["ann@x.org"]


@pytest.mark.parametrize("header", ["customer_id", "UserID", "Customer"])
def test_an_id_under_another_name_is_not_passed_over_for_the_address_beside_it(header: str, read: Read) -> None:
    with pytest.raises(ContractError, match="Did you mean to rename"):
        read(f"{header},email,cart_abandoned_date\n17,ann@x.org,2025-09-01\n")
