"""CDNOW: an order a row, with and without a header, and the known answers of the whole file."""

import numpy as np
import pytest

from data_ingestion import read_customers
from retention.activity.activity import NONE
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA, whole

MASTER = " customer_id  date number_of_cds  dollar_value\r\n"
SAMPLE = " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00021 0002 19970101  3   63.34\r\n"


def test_a_row_of_the_master_file_is_an_order(read: Read) -> None:
    intake = read(MASTER + " 00001 19970101  1   11.77\r\n 00002 19970112  5   77.00\r\n", name="master.txt")
    activity = intake.activity
    assert activity is not None
    assert activity.people["user_id"].tolist() == ["00001", "00002"]
    assert activity.value.tolist() == [11.77, 77.0]
    assert activity.items.tolist() == [1, 5]
    assert activity.order.tolist() == [NONE, NONE]
    assert activity.time[0] == np.datetime64("1997-01-01", "us").astype(int)


def test_the_sample_without_a_header_loses_no_row(read: Read) -> None:
    intake = read(SAMPLE, name="sample.txt")
    assert (intake.read, intake.accepted) == (3, 3)
    assert intake.activity is not None
    assert intake.activity.people["user_id"].tolist() == ["00004", "00021"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("00001 19970231 1 11.77", "not_a_date"),
        ("00001 19970101 0 11.77", "quantity_not_positive"),
        ("00001 19970101 1 -0.01", "price_not_positive"),
        ("00001 19970101 1 many", "not_a_number"),
        ("00001 19970101 1", "too_few_fields"),
        ("00001 19970101 1 2.00 3.00", "too_many_fields"),
    ],
)
def test_a_bad_row_is_set_aside_by_its_line(row: str, reason: str, read: Read) -> None:
    good = [" 00001 19970101  1   11.77"] * 60
    intake = read("\n".join([MASTER.rstrip(), *good, row, ""]))
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[62, reason]]


def test_an_order_of_zero_money_is_an_order_and_counted(read: Read) -> None:
    intake = read(MASTER + "00001 19970101 1 0.00\n00001 19970101 1 0.00\n")
    assert intake.activity is not None
    assert intake.activity.value.tolist() == [0, 0]
    assert intake.sources[0].noticed == {"zero_amount": 2, "exact_repeats": 1}


@pytest.mark.parametrize(
    ("name", "rows", "customers", "noticed", "money"),
    [
        ("master.txt", 386, 57, {"zero_amount": 12, "exact_repeats": 39}, 13_342.90),
        ("sample.txt", 142, 31, {"zero_amount": 5, "exact_repeats": 5}, 4_009.75),
        ("CDNOW_master.txt.gz", 69_659, 23_570, {"zero_amount": 80, "exact_repeats": 255}, 2_500_315.63),
        ("CDNOW_sample.txt", 6_919, 2_357, {"zero_amount": 8, "exact_repeats": 21}, 244_091.94),
    ],
)
def test_the_real_files_give_the_known_answers(
    name: str, rows: int, customers: int, noticed: dict[str, int], money: float
) -> None:
    path = DATA / "cdnow" / name
    intake = read_customers([path if path.exists() else whole(f"cdnow/{name}", "its published totals")])
    assert intake.activity is not None
    assert (intake.accepted, len(intake.activity.people)) == (rows, customers)
    assert intake.sources[0].noticed == noticed
    assert round(float(intake.activity.value.sum()), 2) == money
