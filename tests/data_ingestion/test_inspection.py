"""Inspection: whatever a file holds, it is told, and the account of its rows adds up."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from data_ingestion import ColumnMapping, ReadOptions
from data_ingestion.inspection import FileInspection, Inspection, inspect_files
from retention.errors import UnsureLayoutError
from tests.real_data import DATA, whole

CUSTOMERS = "user_id,cart_abandoned_date,avg_order_value\na,2025-09-01,10\nb,01.09.2025,x\nc,2025-09-03,\n"
ORDERS = "customer_id,order_id,order_date,order_total\n1,9,2025-09-01,12.00\n1,9,2025-09-01,12.00\n,9,2025-09-01,1\n"
CHECKOUTS = "customer_id,checkout_id,abandoned_at,cart_total\n1,c,2025-09-05 10:00,30\n2,d,2025-09-05 11:00,30\n"
SAMPLES = (
    CUSTOMERS,
    ORDERS,
    CHECKOUTS,
    "timestamp,visitorid,event,itemid,transactionid\n1433221332117,1,view,3,\n1433221332118,1,addtocart,3,\n",
    "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,2,3,2010-12-01 08:26:00,2.5,17850.0\nC1,,,,,\n",
    " customer_id  date number_of_cds  dollar_value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n",
    " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n",
    '{"session":1,"events":[{"aid":7,"ts":1659304800025,"type":"clicks"},{"aid":8,"ts":1659304800026,"type":"carts"}]}\n',
    '{"user_id": 7, "event_time": 1756720800, "event": "add_to_cart", "price": 2.5, "more": {"x": [1, "b"]}}\n',
    "kunde;datum;summe\n1;2025-09-01;12,50\n2;2025-09-02;1.000,00\n",
)


def one(path: Path, **options: object) -> FileInspection:
    (file,) = inspect_files([path], ReadOptions(**options)).files  # type: ignore[arg-type]
    return file


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_customer_table_is_told_with_its_account_and_its_days(tmp_path: Path) -> None:
    file = one(written(tmp_path, "c.csv", CUSTOMERS), timezone="Europe/Berlin", date_order="dmy")
    assert (file.how, file.layout, file.title, file.confidence) == ("columns", "customers", "customer table", 1.0)
    assert file.source is not None
    assert (file.source.rows_read, file.source.rows_quarantined, file.reasons) == (3, 1, {"not_a_number": 1})
    assert file.span == (
        pd.Timestamp("2025-09-01", tz="Europe/Berlin"),
        pd.Timestamp("2025-09-03", tz="Europe/Berlin"),
    )
    assert [(each.column, each.samples) for each in file.columns] == [
        ("user_id", ("a***", "b***", "c***")),
        ("cart_abandoned_date", ("2025-09-01", "01.09.2025", "2025-09-03")),
        ("avg_order_value", ("10", "x")),
    ]


def test_orders_are_told_with_money_before_and_after(tmp_path: Path) -> None:
    file = one(written(tmp_path, "o.csv", ORDERS))
    assert file.facts is not None
    assert (file.facts.customers, file.facts.orders) == (1, 1)
    assert (file.facts.cleaned, file.facts.gross) == (12.0, 13.0)
    assert file.source is not None
    assert file.source.noticed == {"exact_repeats": 1, "total_repeated": 1}


def test_files_together_tell_how_well_they_join(tmp_path: Path) -> None:
    paths = [written(tmp_path, "o.csv", ORDERS), written(tmp_path, "c.csv", CHECKOUTS)]
    found = inspect_files(paths)
    assert found.error is None
    assert any("c.csv: 50\u00a0% of its 2 customers are in the other files" in warning for warning in found.warnings)


def test_a_guess_is_told_with_what_else_it_may_be(tmp_path: Path) -> None:
    file = one(written(tmp_path, "k.csv", SAMPLES[-1]))
    assert (file.how, file.layout, file.source) == ("guess", "orders", None)
    assert file.mapping == ColumnMapping("orders", {"customer": "kunde", "time": "datum", "total": "summe"})
    assert [each.template.name for each in file.guesses[:2]] == ["orders", "checkouts"]
    assert file.error is not None


def test_a_sure_guess_shows_what_was_read_only(tmp_path: Path) -> None:
    file = one(written(tmp_path, "o.csv", "customer_id,order_date,order_total,number\n1,2025-09-01,5,7\n"))
    assert (file.how, file.error) == ("guess", None)
    assert [each.column for each in file.columns] == ["customer", "time", "total", ""]


def test_a_mapping_is_told_as_such(tmp_path: Path) -> None:
    mapping = ColumnMapping("orders", {"customer": "kunde", "time": "datum", "total": "summe"})
    file = one(written(tmp_path, "k.csv", SAMPLES[-1]), mappings=(mapping,))
    assert (file.how, file.mapping, file.error) == ("mapping", mapping, None)
    assert file.facts is not None
    assert file.facts.cleaned == 1012.5


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    found = inspect_files([written(tmp_path, "o.csv", ORDERS), tmp_path, written(tmp_path, "e.csv", "")])
    assert [file.error.what if file.error else "" for file in found.files] == [
        "",
        "the input is a folder, not a file",
        "the file is empty",
    ]
    assert found.error is found.files[1].error


def test_rows_that_cannot_go_together_are_still_counted(tmp_path: Path) -> None:
    text = "user_id,cart_abandoned_date,currency\na,2025-09-01,EUR\nb,2025-09-01,USD\n"
    file = one(written(tmp_path, "c.csv", text))
    assert file.source is not None
    assert file.source.rows_read == 2
    assert "2 currencies" in str(file.error)


def test_the_start_of_a_parquet_file_is_shown(tmp_path: Path) -> None:
    table = pa.table({"customer_id": [1.0, None], "order_date": ["2025-09-01"] * 2, "order_total": [3.5, 2.0]})
    pq.write_table(table, tmp_path / "o.parquet")
    file = one(tmp_path / "o.parquet")
    assert file.source is not None
    assert (file.layout, file.source.format, file.reasons) == ("orders", "parquet", {"missing_user_id": 1})
    assert file.columns[2].samples == ("3.5", "2")


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255), st.booleans()), max_size=6),
)
def test_damaged_files_are_told_and_their_accounts_add_up(
    tmp_path_factory: pytest.TempPathFactory, text: str, edits: list[tuple[int, int, bool]]
) -> None:
    data = bytearray(text.encode())
    for place, byte, insert in edits:
        at = place % (len(data) + 1)
        data[at : at + (0 if insert else 1)] = bytes([byte])
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    path.write_bytes(bytes(data))
    found = inspect_files([path])
    assert isinstance(found, Inspection)
    (file,) = found.files
    assert (file.error is None) == (found.error is None)
    if file.source is not None:
        assert sum(file.reasons.values()) == file.source.rows_quarantined <= file.source.rows_read


@pytest.mark.parametrize(
    ("name", "people", "money"),
    [
        ("online_retail.csv", (34, 28, 39), (-7_775.04, 14_461.64)),
        ("online_retail.csv.xz", (4_372, 4_338, 18_532), (9_747_747.93, 8_911_407.90)),
    ],
)
def test_the_known_answers_of_online_retail_are_told(
    name: str, people: tuple[int, int, int], money: tuple[float, float]
) -> None:
    path = DATA / "online_retail" / name
    file = one(path if path.exists() else whole(f"online_retail/{name}", "its published totals"))
    assert file.facts is not None
    assert file.facts.gross is not None
    assert file.facts.cleaned is not None
    assert (file.facts.named, file.facts.customers, file.facts.orders) == people
    assert (round(file.facts.gross, 2), round(file.facts.cleaned, 2)) == money


def test_customers_who_only_cancelled_are_named_but_are_no_customers(tmp_path: Path) -> None:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    lines = (
        "536365,85123A,Holder,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
        "C536379,85123A,Holder,-1,2010-12-01 09:41:00,2.55,14527,United Kingdom\n"
        "536380,85123A,Holder,1,2010-12-01 09:45:00,2.55,,United Kingdom\n"
    )
    file = one(written(tmp_path, "retail.csv", header + lines))
    assert file.facts is not None
    assert (file.facts.customers, file.facts.named) == (1, 2)


def test_a_known_layout_with_other_words_is_given_a_mapping_to_correct(tmp_path: Path) -> None:
    header = "event_time,event_type,product_id,price,user_id,user_session\n"
    rows = "".join(f"2025-09-01 10:0{minute}:00,put in,7,5.00,a{minute},s\n" for minute in range(5))
    file = one(written(tmp_path, "log.csv", header + rows))
    assert file.error is not None
    assert "5 of its 5 rows do not fit it: 5 unknown event" in str(file.error)
    assert isinstance(file.error, UnsureLayoutError)
    assert file.mapping is not None
    assert file.mapping.format == "events"
    assert file.mapping.columns == {
        "time": "event_time",
        "event": "event_type",
        "item": "product_id",
        "price": "price",
        "customer": "user_id",
        "visit": "user_session",
    }


def test_times_in_another_unit_are_told_how_to_write_them(tmp_path: Path) -> None:
    text = "timestamp,visitorid,event,itemid\n" + "".join(f"{20_000 + day},v{day},addtocart,1\n" for day in range(5))
    file = one(written(tmp_path, "log.csv", text))
    assert "5 not a date. A time is a date, such as 2025-09-24 10:30, or counts the seconds" in str(file.error)


def test_orders_of_a_vendors_layout_with_other_states_are_given_a_mapping_too(tmp_path: Path) -> None:
    header = "Name,Email,Financial Status,Total,Created at,Id\n"
    rows = "".join(f"#{n},a{n}@example.com,done,5.00,2025-09-01 10:00:00 +0000,{n}\n" for n in range(5))
    file = one(written(tmp_path, "orders.csv", header + rows))
    assert "5 unknown event" in str(file.error)
    assert file.mapping is not None
    assert (file.mapping.format, file.mapping.columns["email"]) == ("orders", "Email")


def test_a_customer_table_is_inspected_whole(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text("user_id,cart_abandoned_date,avg_order_value\na,2025-09-30,10\n")
    assert inspect_files([tmp_path / "shop.csv"]).error is None
