"""Files of a shop's platforms, from reading to the customers at a cutoff."""

from pathlib import Path

import numpy as np
import pytest

from data_ingestion import Intake, ReadOptions, read_customers
from retention.activity.features import CustomersAt, customers_at
from retention.errors import SourceError

HEADER = (
    "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Total,Created at,"
    "Lineitem quantity,Lineitem name,Id\n"
)
CHECKOUTS = f"""{HEADER}\
#901,ada@example.com,,,yes,EUR,50,60,2025-09-03 10:00:00 +0200,1,Tea,901
#901,ada@example.com,,,,,,,2025-09-03 10:00:00 +0200,2,Cup,
#902,bob@example.com,,,no,EUR,20,20,2025-09-04 10:00:00 +0200,1,Pot,902
#903,eve@example.com,,,no,EUR,30,30,2025-09-07 20:00:00 +0200,1,Pot,903
"""
ORDERS = f"""{HEADER}\
#1001,Ada@Example.com,paid,2025-08-01 10:00:00 +0200,yes,EUR,80,100,2025-08-01 10:00:00 +0200,1,Tea,5001
#1002,ada@example.com,paid,2025-08-20 10:00:00 +0200,yes,EUR,180,200,2025-08-20 10:00:00 +0200,1,Tea,5002
#1003,bob@example.com,paid,2025-09-04 12:00:00 +0200,no,EUR,20,20,2025-09-04 12:00:00 +0200,1,Pot,5003
#1004,ada@example.com,paid,2025-09-06 12:00:00 +0200,no,EUR,60,60,2025-09-06 12:00:00 +0200,1,Tea,5004
"""
CUSTOMERS = """\
Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Total Spent,Total Orders
'7001,Ada,Lovelace,ada@example.com,no,'+4930123,999,99
'7002,Bob,Martin,bob@example.com,yes,,20,1
"""
ZONE = "Europe/Berlin"


def micros(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


def read_all(folder: Path, **files: str) -> Intake:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_customers([folder / f"{name}.csv" for name in files], options=ReadOptions(timezone=ZONE))


def at(intake: Intake, cutoff: str) -> CustomersAt:
    assert intake.activity is not None
    return customers_at(intake.activity, micros(cutoff), timezone=ZONE)


def test_checkouts_orders_and_customers_become_abandoners(tmp_path: Path) -> None:
    intake = read_all(tmp_path, checkouts=CHECKOUTS, orders=ORDERS, customers=CUSTOMERS)
    assert (intake.read, intake.accepted) == (10, 10)
    made = at(intake, "2025-09-07T22:00:00")
    counts = {name: made.counts[name] for name in ("customers", "no_cart", "bought_in_time", "pending", "abandoners")}
    assert counts == {"customers": 3, "no_cart": 0, "bought_in_time": 1, "pending": 1, "abandoners": 1}
    ada = made.customers.iloc[0]
    assert ada["user_id"] == "7001"
    assert (ada["cart_value"], ada["num_cart_items"], ada["avg_order_value"]) == (60, 3, 150)
    assert (ada["first_name"], ada["phone"], ada["email_consent"]) == ("Ada", "+4930123", False)
    assert str(ada["cart_abandoned_date"]) == "2025-09-03 10:00:00+02:00"
    assert str(ada["last_order_date"]) == "2025-08-20 10:00:00+02:00"
    assert ada["recovered"]
    assert made.customers["order_count"].tolist() == [2]
    shares = [warning for warning in intake.warnings if "are in the other files" in warning]
    assert [share.split(": ")[1].split(" ")[0] for share in shares] == ["67\u00a0%", "100\u00a0%", "100\u00a0%"]
    assert not any("that is few" in share for share in shares)


def test_an_order_after_the_abandonment_changes_no_feature(tmp_path: Path) -> None:
    later = ORDERS + "#1005,ada@example.com,paid,,no,EUR,9,9,2025-09-08 12:00:00 +0200,1,Tea,5005\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = at(read_all(tmp_path / "a", checkouts=CHECKOUTS, orders=ORDERS), "2025-09-07T22:00:00")
    two = at(read_all(tmp_path / "b", checkouts=CHECKOUTS, orders=later), "2025-09-07T22:00:00")
    assert one.customers.equals(two.customers)


def test_files_that_share_few_customers_are_said_to(tmp_path: Path) -> None:
    strangers = ORDERS.replace("ada@", "x1@").replace("Ada@", "x2@").replace("bob@", "x3@")
    intake = read_all(tmp_path, checkouts=CHECKOUTS, orders=strangers)
    assert sum("0\u00a0% of its" in warning and "that is few" in warning for warning in intake.warnings) == 2


def test_a_long_list_of_customers_is_no_poor_join(tmp_path: Path) -> None:
    rest = "".join(f"80{place},X,Y,x{place}@example.com,no,,0,0\n" for place in range(30))
    intake = read_all(tmp_path, checkouts=CHECKOUTS, orders=ORDERS, customers=CUSTOMERS + rest)
    assert any(warning.startswith("customers.csv: 6\u00a0% of its 32 customers") for warning in intake.warnings)
    assert not any("that is few" in warning for warning in intake.warnings)


def test_completed_checkouts_and_their_orders_are_one_purchase(tmp_path: Path) -> None:
    checkouts = (
        "id,token,email,created_at,completed_at,total_price,customer_id\n"
        "1,t,ada@example.com,2025-08-20T09:00:00+02:00,2025-08-20T09:59:58+02:00,200,7001\n"
        "2,u,ada@example.com,2025-09-03T10:00:00+02:00,,60,7001\n"
    )
    intake = read_all(tmp_path, checkouts=checkouts, orders=ORDERS)
    made = at(intake, "2025-09-07T22:00:00")
    assert made.customers["order_count"].tolist() == [2]
    assert made.customers["avg_order_value"].tolist() == [150]
    assert "checkouts.csv: checkouts or purchases that are also in another file: 1; they count once" in intake.warnings


def test_checkouts_of_the_interface_alone_tell_abandoned_from_bought_and_recovered(tmp_path: Path) -> None:
    rows = (
        "id,token,email,created_at,completed_at,total_price,customer_id\n"
        "1,t,,2025-09-01T10:00:00Z,2025-09-01T11:00:00Z,10,in_time\n"
        "2,t,,2025-09-01T10:00:00Z,2025-09-03T11:00:00Z,20,came_back\n"
        "3,t,,2025-09-01T10:00:00Z,,30,gone\n"
        "4,t,,2025-09-07T21:30:00Z,,40,open\n"
        "5,t,,2025-09-20T10:00:00Z,,50,later\n"
    )
    made = at(read_all(tmp_path, checkouts=rows), "2025-09-07T22:00:00")
    assert made.customers["user_id"].tolist() == ["came_back", "gone"]
    assert made.customers["cart_value"].tolist() == [20, 30]
    assert made.customers["recovered"].tolist() == [True, False]
    assert (made.counts["bought_in_time"], made.counts["pending"], made.counts["no_cart"]) == (1, 1, 1)


def test_unfinished_orders_of_woocommerce_are_abandoned(tmp_path: Path) -> None:
    rows = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Items sold,Net Sales\n"
        '2025-08-01 10:00:00,1,"৳2,999",completed,Ada L,2,2999\n'
        '2025-09-01 10:00:00,2,"৳1,500",failed,Ada L,3,1500\n'
        '2025-09-02 10:00:00,3,"৳700",pending,Bob M,1,700\n'
        '2025-09-02 11:00:00,4,"৳700",processing,Bob M,1,700\n'
    )
    made = at(read_all(tmp_path, orders=rows), "2025-09-07T22:00:00")
    assert made.customers[["user_id", "cart_value", "num_cart_items"]].to_numpy().tolist() == [["Ada L", 1500, 3]]
    assert made.customers["avg_order_value"].tolist() == [2999]
    assert made.counts["bought_in_time"] == 1


def test_events_of_google_analytics_become_carts_and_visits(tmp_path: Path) -> None:
    start = micros("2025-09-01T10:00:00")
    steps = [("page_view", "s1", ""), ("add_to_cart", "s1", "20"), ("add_to_cart", "s2", "15"), ("scroll", "s3", "")]
    events = [
        f"{start + place * 60_000_000},{name},u,d,{session},{value}"
        for place, (name, session, value) in enumerate(steps)
    ]
    header = "event_timestamp,event_name,user_id,user_pseudo_id,ga_session_id,event_value_in_usd"
    made = at(read_all(tmp_path, events="\n".join([header, *events, ""])), "2025-09-07T22:00:00")
    assert made.customers[["user_id", "cart_value", "num_cart_items", "sessions_last_30d"]].to_numpy().tolist() == [
        ["u", 35, 2, 2]
    ]


def test_checkouts_without_any_order_are_warned_of(tmp_path: Path) -> None:
    assert any("no file has any purchases" in warning for warning in read_all(tmp_path, a=CHECKOUTS).warnings)
    assert not any(
        "no file has any purchases" in warning for warning in read_all(tmp_path, a=CHECKOUTS, b=ORDERS).warnings
    )


def test_a_file_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"copy\.csv: the file is the same as orders\.csv"):
        read_all(tmp_path, orders=ORDERS, copy=ORDERS)
