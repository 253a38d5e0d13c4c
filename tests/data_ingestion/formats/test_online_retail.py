"""UCI Online Retail: what is a purchase, and the known answers of the whole file."""

import numpy as np
import pytest

from data_ingestion import Intake, read_customers
from retention.activity.activity import Event
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA, whole

TOP = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A,LANTERN,6.0,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"


def test_a_line_is_a_purchase_worth_price_times_quantity(read: Read) -> None:
    activity = read(TOP + GOOD).activity
    assert activity is not None
    assert activity.people["user_id"].tolist() == ["17850.0"]
    assert activity.event.tolist() == [Event.PURCHASE]
    assert activity.value.tolist() == pytest.approx([15.30])
    assert activity.items.tolist() == [6]
    assert activity.time.tolist() == [np.datetime64("2010-12-01T08:26", "us").astype(int)]


def test_lines_of_one_invoice_are_one_order(read: Read) -> None:
    activity = read(TOP + GOOD + GOOD.replace("85123A", "71053") + GOOD.replace("536365", "536366")).activity
    assert activity is not None
    assert activity.order.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD.replace("17850.0", ""), "missing_user_id"),
        (GOOD.replace("2010-12-01 08:26:00", ""), "missing_date"),
        (GOOD.replace("536365", "C536365").replace("6.0", "-6.0"), "cancellation"),
        (GOOD.replace("536365", "c536365"), "cancellation"),
        (GOOD.replace("6.0", "-6.0"), "quantity_not_positive"),
        (GOOD.replace("6.0", ""), "quantity_not_positive"),
        (GOOD.replace("2.55", "0"), "price_not_positive"),
        (GOOD.replace("2.55", "-11062.06"), "price_not_positive"),
        (GOOD.replace("2.55", "free"), "not_a_number"),
    ],
)
def test_what_is_no_purchase_is_set_aside_with_its_reason(line: str, reason: str, read: Read) -> None:
    intake = read(TOP + GOOD + line)
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, reason]]
    assert intake.activity is not None
    assert len(intake.activity) == 1


def test_exact_repeats_are_lines_of_their_own_and_counted(read: Read) -> None:
    intake = read(TOP + GOOD + GOOD + GOOD)
    assert intake.activity is not None
    assert len(intake.activity) == 3
    assert intake.sources[0].noticed == {"exact_repeats": 2}


def test_the_later_edition_with_other_headers_is_the_same_layout(read: Read) -> None:
    top = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    assert read(top + GOOD).sources[0].layout == "online_retail"


def test_a_real_extract_with_all_its_oddities_gives_the_known_rows_and_money() -> None:
    intake = read_customers([DATA / "online_retail" / "online_retail.csv"])
    assert (intake.read, intake.accepted) == (411, 374)
    assert intake.sources[0].noticed == {"without_customer": 23, "cancellations": 14, "exact_repeats": 4}
    assert intake.quarantine["reason"].value_counts().to_dict() == {
        "missing_user_id": 23,
        "cancellation": 11,
        "price_not_positive": 3,
    }
    activity = intake.activity
    assert activity is not None
    assert (len(activity.people), len(np.unique(activity.order))) == (28, 39)
    assert round(float(activity.value.sum()), 2) == 14_461.64


@pytest.fixture(scope="module")
def full() -> Intake:
    return read_customers([whole("online_retail/online_retail.csv.xz", "its published totals")])


def test_the_whole_file_gives_the_known_rows(full: Intake) -> None:
    assert (full.read, full.accepted, len(full.quarantine)) == (541_909, 397_884, 144_025)
    assert full.sources[0].noticed == {"without_customer": 135_080, "cancellations": 9_288, "exact_repeats": 5_268}
    assert full.quarantine["reason"].value_counts().to_dict() == {
        "missing_user_id": 135_080,
        "cancellation": 8_905,
        "price_not_positive": 40,
    }


def test_the_whole_file_gives_the_known_customers_orders_and_money(full: Intake) -> None:
    activity = full.activity
    assert activity is not None
    assert len(activity.people) == 4_338
    assert len(np.unique(activity.order)) == 18_532
    assert round(float(activity.value.sum()), 2) == 8_911_407.90
