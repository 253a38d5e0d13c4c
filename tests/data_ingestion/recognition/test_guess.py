"""Unknown layouts: used where there is no doubt, shown where there is, and never mangled."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_ingestion import ColumnMapping, read_customers
from data_ingestion.files.peek import peek
from data_ingestion.options import ReadOptions
from data_ingestion.recognition.guess import LayoutGuess, guess_layouts
from retention.activity.activity import Event
from retention.errors import ContractError, InputError, UnsureLayoutError
from tests.data_ingestion.conftest import Read

EVENTS = "user_id,timestamp,event,product_id,unit_price\n1,2025-09-01 10:00,add_to_cart,7,2.50\n"
ORDERS = "customer_id,order_id,order_date,order_total\n1,9,2025-09-01,12.00\n"
CHECKOUTS = "customer_email,checkout_id,abandoned_at,cart_total\na@example.com,c1,2025-09-01 10:00,30\n"
PEOPLE = "customer_id,email,phone\n1,a@example.com,0170\n"


def guesses(text: str, folder: Path) -> tuple[LayoutGuess, ...]:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return guess_layouts(peek(path, "table.csv", ReadOptions()))


@pytest.mark.parametrize(
    ("text", "layout", "event", "told"),
    [
        (EVENTS, "events", Event.CART, "one event, with customer = 'user_id', time = 'timestamp', event = 'event'"),
        (ORDERS, "orders", Event.PURCHASE, "one order, with customer = 'customer_id', time = 'order_date'"),
        (CHECKOUTS, "checkouts", Event.CHECKOUT, "one checkout, with email = 'customer_email', time = 'abandoned_at'"),
    ],
)
def test_names_and_cells_without_doubt_are_read_and_the_mapping_is_told(
    text: str, layout: str, event: Event, told: str, read: Read
) -> None:
    intake = read(text)
    assert intake.sources[0].layout == layout
    assert intake.activity is not None
    assert intake.activity.event.tolist() == [event]
    assert any(told in warning for warning in intake.warnings)


def test_names_of_another_spelling_are_the_same_names(read: Read) -> None:
    assert read(ORDERS.replace("order_date", "Order Date").replace("customer_id", "CustomerID")).accepted == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("client,datum,summe\n1,2025-09-01,12\n", r"customer = 'client' \(70\s%\).*total = 'summe' \(70\s%\)"),
        (ORDERS.replace("2025-09-01", "soon"), "the cells of 'order_date' are not times"),
        (ORDERS.replace("12.00", "12.00,"), "no row has as many cells as the header, which has 4"),
        ("email,order_id,order_date,order_total\nTotal,,,0\n", "required columns are missing"),
        (
            ORDERS.replace("customer_id", "Sales Rep Email").replace("\n1,", "\nr@example.com,"),
            "required columns are missing",
        ),
        (ORDERS.replace("order_date", "created_at"), r"time = 'created_at' \(70\s%\)"),
        (
            EVENTS.replace("add_to_cart", "add_to_cart,\n").replace(",\n,7", ",7") + "1,2025-09-01,jump,7,1\n",
            "1 unknown word",
        ),
        ("a@example.com,b\n1,2\n", "required columns are missing"),
        (PEOPLE, "a list of people, and says nothing of carts or orders"),
        (
            "Purchase Date,Grand Total (Base),Grand Total (Purchased),Customer Email\n2025-09-01,5,6,a@example.com\n",
            r"total = 'Grand Total \(Base\)' \(80\s%\)",
        ),
    ],
)
def test_anything_less_asks(text: str, message: str, read: Read) -> None:
    with pytest.raises(InputError, match=message):
        read(text)


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("Total (in cents)", "4550", 45.5),
        ("order_total_cents", "115", 1.15),
        ("Order total [pence]", "990", 9.9),
        ("Total (thousands)", "1.5", 1_500.0),
        ("Total (€ '000)", "1.5", 1_500.0),
        ("Total (bank)", "45.50", 45.5),
        ("Total (EUR)", "45.50", 45.5),
    ],
)
def test_a_header_that_names_a_part_of_money_is_believed(header: str, cell: str, value: float, tmp_path: Path) -> None:
    file, mapping = tmp_path / "orders.csv", {"customer": "who", "time": "day", "order": "number", "total": header}
    file.write_text(f"who,day,number,{header}\na,2025-09-01 10:00,1,{cell}\n", encoding="utf-8")
    intake = read_customers([file], options=ReadOptions(mappings=(ColumnMapping("orders", mapping),)))
    assert intake.activity is not None
    assert intake.activity.value.tolist() == [value]
    assert any("as the header says" in each for each in intake.warnings) == (value != 45.5 or "cents" in header)


def test_the_question_says_how_to_answer_it(read: Read) -> None:
    with pytest.raises(UnsureLayoutError, match=r"^shop.csv: .*Set the column mapping"):
        read("client,datum,summe\n1,2025-09-01,12\n", name="shop.csv")


def test_a_header_over_two_lines_is_told_in_one(read: Read) -> None:
    intake = read(ORDERS.replace("order_date", '"Order\n date"'))
    assert any("time = 'Order date'" in warning for warning in intake.warnings)


def test_headers_that_cannot_be_named_are_no_guess(tmp_path: Path) -> None:
    (guess, *_) = guesses("customer_id,,order_total,x,X\n1,2025-09-01,12,2025-09-02,2025-09-02\n", tmp_path) or (None,)
    assert guess is None


def test_two_columns_that_could_both_be_meant_are_a_question(tmp_path: Path) -> None:
    (guess, *_) = guesses("customer_id,order_date,purchase_date,order_total\n1,2025-09-01,2025-09-02,12\n", tmp_path)
    assert guess.template.name == "orders"
    assert guess.confidence < 0.9


def test_orders_without_times_are_refused_with_the_reason(read: Read) -> None:
    with pytest.raises(ContractError, match=r"no column says when each order was.*before an abandonment"):
        read("customer_id,order_id,order_total\n1,9,12.00\n")
    with pytest.raises(ContractError, match="no column says when each order was"):
        read("email,Order ID,amount\na@example.com,9,12.00\n")
    with pytest.raises(ContractError, match="looks like an event log, but no column says when each event was"):
        read("user_id,event,product_id\n1,add_to_cart,12\n")
    with pytest.raises(ContractError, match=r"no column 'InvoiceDate'.*before an abandonment"):
        read("InvoiceNo,StockCode,Quantity,UnitPrice,CustomerID\n1,2,3,4,5\n")


def test_a_customer_table_that_lacks_a_column_is_still_told_the_nearest_header(read: Read) -> None:
    with pytest.raises(ContractError, match="rename 'cart_abandon_date' to 'cart_abandoned_date'"):
        read("user_id,cart_abandon_date,avg_order_value\na,2025-09-01,5\n")


def test_a_known_layout_that_lacks_one_column_is_told_which(read: Read) -> None:
    text = "event_time,event_type,product_id,price,user_session\n2025-09-01,view,7,1.0,s\n"
    with pytest.raises(
        ContractError, match=r"missing: 'user_id'\. The others are those of the layout REES46 event log"
    ):
        read(text)


def test_a_header_that_is_not_near_is_not_suggested(read: Read) -> None:
    with pytest.raises(ContractError, match="The file has: recency, spend"):
        read("recency,spend\n10,0\n")


@pytest.mark.parametrize(
    "header",
    [
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
        "order_id,payment_sequential,payment_type,payment_installments,payment_value",
        "Order ID,vendor_id,store_id,order_date",
        "order_number,driver_id,delivered_date,fee",
        "invoice_no,cashier_id,used_id,last_order_date",
    ],
)
def test_sellers_and_orders_are_never_suggested_for_customers(header: str, read: Read) -> None:
    with pytest.raises(
        ContractError, match=r"No column names a customer.*: join it by '[oOi].*' to the table"
    ) as caught:
        read(header + "\n" + ",".join(f"x{place}" for place in range(header.count(",") + 1)) + "\n")
    assert "rename" not in str(caught.value)


@pytest.mark.parametrize("header", ["customer_id", "UserID", "usr_id", "Client ID", "Email Address", "E-Mail"])
def test_misspelt_ids_and_other_words_for_a_customer_are_suggested(header: str, read: Read) -> None:
    with pytest.raises(ContractError, match=f"Did you mean to rename '{header}' to 'user_id'"):
        read(f"{header},cart_abandoned_date,avg_order_value\na,2025-09-01,5\n")


@pytest.mark.parametrize(
    "header",
    [
        "Page title and screen class,Views,Active users,Views per active user,Event count,Key events,Total revenue",
        "Session default channel group,Sessions,Engaged sessions,Engagement rate,Event count",
        "Event name,Event count,Total users,Event count per user,Total revenue",
        "Item name,Items viewed,Items added to cart,Items purchased,Item revenue",
        "Device category,Country,Active users,New users,Purchase revenue",
    ],
)
def test_a_report_of_google_analytics_is_told_from_its_export(header: str, read: Read) -> None:
    comments = "# ---------\n# Report\n# Start date: 20250901\n# ---------\n\n"
    row = ",".join(["x", *"1" * header.count(",")])
    with pytest.raises(
        ContractError, match=r"a report of Google Analytics.* names no users: link the property to BigQuery"
    ):
        read(f"{comments}{header}\n{row}\n{row}\n")


@pytest.mark.parametrize(
    "row", ["1001,2025-09-01,19.99", "ann@example.com,Ann,Berlin", "u1;2025-09-01;10;x", "7,+49 170 1"]
)
def test_a_file_without_a_header_is_told_so_and_shows_nobody(row: str, read: Read) -> None:
    with pytest.raises(ContractError, match="Its first line looks like data: put a line with the names") as caught:
        read(f"{row}\n{row}\n")
    assert "ann" not in str(caught.value)


def test_one_long_or_numeric_header_makes_no_data_of_the_others(tmp_path: Path) -> None:
    question = "How did you hear about us and what would you have liked to know before you ordered from us?"
    (guess, *_) = guesses(f"client,datum,summe,2024,{question}\n1,2025-09-01,12,1,x\n", tmp_path)
    assert guess.mapping().columns == {"customer": "client", "time": "datum", "total": "summe"}


def test_people_are_taken_beside_orders_and_checkouts_and_joined(tmp_path: Path) -> None:
    for name, text in {"orders": ORDERS, "checkouts": CHECKOUTS, "people": PEOPLE}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    intake = read_customers([tmp_path / f"{name}.csv" for name in ("orders", "checkouts", "people")])
    assert intake.activity is not None
    assert intake.activity.people[["user_id", "email", "phone"]].to_numpy().tolist() == [["1", "a@example.com", "0170"]]
    assert intake.activity.customer.tolist() == [0, 0]


@pytest.mark.parametrize(
    "rows",
    [
        "2025-09-01,opened,7,1.0,1,s\n" * 30 + "2025-09-01,view,7,1.0,1,s\n",
        "2025-09-01,view,7,cheap,1,s\n" * 30 + "2025-09-01,view,7,1.0,1,s\n",
        "yesterday,view,7,1.0,1,s\n" * 30 + "2025-09-01,view,7,1.0,1,s\n",
    ],
)
def test_a_file_that_only_has_the_headers_of_a_known_layout_is_not_mangled(rows: str, read: Read) -> None:
    with pytest.raises(InputError, match="columns of the layout 'rees46', but 30 of its 31 rows do not fit it"):
        read("event_time,event_type,product_id,price,user_id,user_session\n" + rows)


def test_nested_columns_of_parquet_are_passed_over(tmp_path: Path) -> None:

    table = pa.table({"customer_id": [1], "order_date": ["2025-09-01"], "order_total": [3.5], "lines": [[{"a": 1}]]})
    pq.write_table(table, tmp_path / "orders.parquet")
    assert read_customers([tmp_path / "orders.parquet"]).sources[0].layout == "orders"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Cancelled", ("No", "Yes")),
        ("Order Cancelled?", ("0", "1")),
        ("Is Refunded", ("false", "true")),
        ("Void", ("N", "Y")),
        ("Storniert", ("", "x")),
        ("Cancel Reason", ("", "customer")),
        ("Test order", ("false", "true")),
    ],
)
def test_a_column_that_may_undo_sales_is_asked_about(header: str, cells: tuple[str, str], read: Read) -> None:
    lines = "".join(f"{place},{place},2025-09-01,12.00,{cell}\n" for place, cell in enumerate(cells))
    with pytest.raises(UnsureLayoutError, match="status = '"):
        read(f"customer_id,order_id,order_date,order_total,{header}\n{lines}")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Purchased", ("Yes", "No", "")),
        ("Converted", ("1", "0", "0")),
        ("Is Recovered?", ("true", "false", "false")),
        ("Order ID", ("1001", "", "0")),
        ("Recovered order", ("#1001", "-", "NULL")),
        ("id_order", ("12", "0", "0")),
        ("Bestellt", ("ja", "nein", "")),
        ("Is abandoned", ("no", "yes", "")),
        ("not_purchased", ("0", "1", "1")),
    ],
)
@pytest.mark.parametrize("state", ["", ",status"])
def test_what_says_that_a_cart_was_bought_is_found(header: str, cells: tuple[str, ...], state: str, read: Read) -> None:
    text = f"customer_email,checkout_id,abandoned_at,cart_total,{header}{state}\n" + "".join(
        f"{who}@x.org,{who},2025-09-01 10:00,30,{cell}{state and ',abandoned'}\n" for who, cell in enumerate(cells)
    )
    intake = read(text)
    assert intake.activity is not None
    assert intake.activity.customer[intake.activity.event == Event.PURCHASE].tolist() == [0]
    assert not any("not known" in warning for warning in intake.warnings)


def test_a_number_of_every_cart_without_another_is_its_own_and_a_note_says_so(read: Read) -> None:
    intake = read("customer_id,abandoned_at,cart_value,Order ID\na,2025-09-01,5,71\nb,2025-09-01,5,72\n")
    assert intake.activity is not None
    assert Event.PURCHASE not in intake.activity.event
    assert any("which is taken for its own" in warning for warning in intake.warnings)


@pytest.mark.parametrize("header", ["Completed", "Paid"])
def test_a_column_that_may_end_carts_is_asked_about_and_a_yes_is_a_purchase(header: str, read: Read) -> None:
    text = f"customer_email,checkout_id,abandoned_at,cart_total,{header}\n" + "".join(
        f"{who}@x.org,{who},2025-09-01 10:00,30,{cell}\n" for who, cell in (("a", "No"), ("b", "Yes"), ("c", ""))
    )
    with pytest.raises(UnsureLayoutError, match=f"status = '{header}'"):
        read(text)
    columns = {"email": "customer_email", "time": "abandoned_at", "status": header}
    activity = read(text, mappings=(ColumnMapping("checkouts", columns),)).activity
    assert activity is not None
    assert (activity.event == Event.PURCHASE).sum() == 1


@pytest.mark.parametrize("blank", ["", "0000-00-00 00:00:00", "NULL"])
@pytest.mark.parametrize(("header", "cell"), [("Cancelled at", "2025-08-02 10:00:00"), ("Refunded Amount", "-12.00")])
def test_what_undoes_an_order_is_found_behind_many_orders_that_stand(
    blank: str, header: str, cell: str, read: Read
) -> None:
    blank = blank if header == "Cancelled at" else ""
    many = "".join(f"c{place},{place},2025-07-01,5.00,{blank}\n" for place in range(1_500))
    text = f"customer_id,order_id,order_date,order_total,{header}\n{many}x,9,2025-08-01,12.00,{cell}\n"
    assert read(text).accepted == 1_500


def test_carts_that_were_recovered_are_found_among_words_for_never(read: Read) -> None:
    never = "a@x.org,k1,2025-09-01 10:00,30,0000-00-00 00:00:00\nc@x.org,k3,2025-09-01 10:00,30,\\N\n"
    text = (
        f"email,cart_id,abandoned_at,cart_total,recovered_at\n{never}b@x.org,k2,2025-09-01 10:00,30,2025-09-01 12:00\n"
    )
    activity = read(text).activity
    assert activity is not None
    assert (activity.event == Event.PURCHASE).sum() == 1
