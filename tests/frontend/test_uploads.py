"""Uploads of what shops have: logs, files of several kinds, layouts of their own; without a browser."""

from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from data_ingestion import Repairs, sample_bytes
from tests.activity_logs import habits
from tests.cli.commands.test_backtest import event_log
from tests.frontend.opening import analyse, dashboard, form
from tests.frontend.test_pages import downloads, first_day, numbers, texts, uploaded

ORDERS = (
    b"Name,Email,Financial Status,Created at,Total\n"
    b"#1001,ann@shop.example,paid,2025-09-02 10:00:00 +0000,20.00\n"
    b"#1002,bob@shop.example,paid,2025-09-03 10:00:00 +0000,30.00\n"
)
CLICKS = (
    "who,stamp,doing,worth\n"
    + "".join(
        f"k{n},2025-09-{1 + n % 20:02d} 10:{n % 60:02d}:00,{'in den korb' if n % 3 else 'gekauft'},{20 + n}.50\n"
        for n in range(60)
    )
).encode()


@pytest.fixture
def opened(root: Path) -> AppTest:
    return form(dashboard(root))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return event_log(habits(1500), tmp_path_factory.mktemp("logs") / "log.csv").read_bytes()


def asked(page: AppTest) -> AppTest:
    return page.button(key="mapping-ask").click().run()


def choice(page: AppTest, label: str) -> Any:
    return next(box for box in page.selectbox if box.label == label)


def test_a_log_says_what_it_was_taken_for_and_sets_the_window(opened: AppTest, log: bytes) -> None:
    page = uploaded(opened, ("log.csv", log))
    said = texts(page.caption)
    assert not page.exception
    assert "Taken for: REES46 event log" in said
    assert "1,500 customers" in said
    assert "1,500 cart items" in said
    assert first_day(page) + timedelta(days=6) == date(2025, 10, 12)


def test_first_rows_and_the_segments_of_the_policy_stand_in_the_form(opened: AppTest, log: bytes) -> None:
    assert "VIP Active: The fifth of abandoners" in texts(opened.markdown)
    page = uploaded(opened, ("customers.csv", sample_bytes()))
    first = page.dataframe[0].value
    assert len(first) == 5
    assert "Cart value" in first
    assert "C00017" not in first.to_string()
    page = uploaded(page, ("log.csv", log))
    assert list(page.dataframe[0].value) == ["Time", "What happened", "Value", "Items"]


def test_a_policy_whose_column_nobody_has_is_refused_with_one_that_fits(opened: AppTest) -> None:
    rows = "".join(f"u{n},2025-09-{24 + n % 7},{n}\n" for n in range(60))
    page = uploaded(opened, ("shop.csv", f"user_id,cart_abandoned_date,avg_order_value\n{rows}".encode()))
    assert "splits on engagement, which no customer of the input has; aov-buckets" in texts(page.error)
    assert page.button(key="analyse").disabled
    page = page.button(key="use-aov-buckets").click().run()
    assert not page.error
    page = analyse(page)
    assert numbers(page)["Abandoners"] == "60"


@pytest.mark.usefixtures("opened")
def test_a_file_is_not_copied_when_the_page_is_drawn() -> None:
    brought = UploadedFile(UploadedFileRec("1", "carts.csv", "text/csv", b"user_id"), FileURLs())
    assert deepcopy([brought])[0] is brought


def test_a_log_is_run_and_its_conversion_has_a_source(opened: AppTest, log: bytes) -> None:
    page = uploaded(opened, ("log.csv", log))
    page.selectbox(key="option-policy").set_value("aov-buckets").run()
    page = analyse(page)
    assert not page.exception
    assert not page.error
    assert "Conv_Pot is modelled" in texts(page.markdown)
    assert numbers(page)["Assigned"] == "100\u00a0%"


def test_later_events_decide_about_the_last_carts_unless_that_is_switched_off(opened: AppTest, log: bytes) -> None:
    page = uploaded(opened, ("log.csv", log))
    page.selectbox(key="option-policy").set_value("aov-buckets")
    page.date_input(key="period-first-day").set_value(date(2025, 9, 22)).run()
    decided = numbers(analyse(page))["Abandoners"]
    page = form(page)
    page.checkbox(key="option-later").set_value(False)
    undecided = numbers(analyse(page))["Abandoners"]
    assert int(decided) > int(undecided) > 0


def test_options_about_carts_are_there_for_activity_only(opened: AppTest) -> None:
    page = uploaded(opened, ("customers.csv", sample_bytes()))
    assert not [box for box in page.checkbox if box.key == "option-later"]


def test_longer_recovery_hours_change_the_result(opened: AppTest, log: bytes) -> None:
    page = uploaded(opened, ("log.csv", log))
    page.selectbox(key="option-policy").set_value("aov-buckets")
    page.date_input(key="period-first-day").set_value(date(2025, 9, 22)).run()
    usual = int(numbers(analyse(page))["Abandoners"])
    page = form(page)
    page.number_input(key="option-recovery").set_value(96)
    longer = int(numbers(analyse(page))["Abandoners"])
    assert 0 < longer < usual


def test_orders_alone_say_what_is_missing(opened: AppTest) -> None:
    page = uploaded(opened, ("orders.csv", ORDERS))
    assert not page.exception
    assert "no carts or checkouts" in texts(page.warning)
    assert "abandoned checkouts or its event log" in texts(page.warning)


@pytest.mark.parametrize("bad", [b"user_id,cart_abandoned_date,cart_value\n", b"", b"\x00\x01\x02", CLICKS])
def test_a_file_that_cannot_be_used_is_named_and_the_others_are_used(opened: AppTest, bad: bytes) -> None:
    page = uploaded(opened, ("customers.csv", sample_bytes()), ("bad.csv", bad), ("worse.csv", b"order,total\n1,2\n"))
    assert not page.exception
    assert not page.error
    assert "bad.csv" in texts(page.warning)
    assert "worse.csv" in texts(page.warning)
    assert "24 rows read: 24 accepted" in texts(page.caption)
    assert numbers(analyse(page))["Abandoners"]


def test_a_file_that_is_given_twice_is_used_once(opened: AppTest) -> None:
    page = uploaded(opened, ("orders.csv", ORDERS), ("again.csv", ORDERS))
    assert "again.csv" in texts(page.warning)
    assert "2 purchase lines" in texts(page.caption)


def test_checkouts_whose_orders_cannot_be_used_say_that_purchases_are_missing(opened: AppTest) -> None:
    checkouts = b"id,token,created_at,completed_at,email,total_price\n1,t1,2025-09-01T09:00:00Z,,a@shop.example,20.00\n"
    page = uploaded(opened, ("checkouts.csv", checkouts), ("orders.csv", ORDERS.splitlines()[0]))
    assert not page.error
    assert "orders.csv" in texts(page.warning)
    assert "add the orders" in texts(page.caption)


@pytest.mark.slow
def test_a_mapping_of_a_file_that_cannot_be_used_blocks_nothing(opened: AppTest) -> None:
    mapping = b"format: events\ncolumns: {customer: who, time: doing, event: stamp}\n"
    page = uploaded(opened, ("customers.csv", sample_bytes()), ("clicks.csv", CLICKS), ("map.yaml", mapping))
    assert not page.error
    assert "clicks.csv" in texts(page.warning)
    assert choice(page, "One row is")
    assert "24 rows read: 24 accepted" in texts(page.caption)


def test_two_files_are_read_together_and_each_says_what_it_is(opened: AppTest) -> None:
    checkouts = (
        b"id,token,created_at,completed_at,email,total_price\n"
        b"1,t1,2025-09-01T09:00:00Z,,ann@shop.example,20.00\n"
        b"2,t2,2025-09-04T09:00:00Z,,cid@shop.example,50.00\n"
    )
    page = uploaded(opened, ("checkouts.csv", checkouts), ("orders.csv", ORDERS))
    said = texts(page.caption)
    assert not page.error
    assert "Taken for: Shopify checkouts (API)" in said
    assert "Taken for: Shopify orders" in said
    assert "2 checkouts, 2 purchase lines" in said


def test_the_sign_of_decimals_can_be_said(opened: AppTest) -> None:
    table = b"user_id;cart_abandoned_date;cart_value\na;2025-09-01;1,234\nb;2025-09-02;2,345\n"
    page = uploaded(opened, ("customers.csv", table))
    assert "'Decimals in files' under 'Sizes and formats'" in texts(page.error)
    page = page.selectbox(key="option-decimal").set_value("comma").run()
    assert "Decimals in files" not in texts(page.error)
    assert "decimals: comma" in texts(page.caption)


def test_the_same_file_with_other_options_is_another_run(opened: AppTest) -> None:
    table = b"user_id;cart_abandoned_date;cart_value;avg_order_value\n" + b"".join(
        b"u%d;2025-09-0%d;1,234;%d\n" % (n, 1 + n % 7, 10 + n) for n in range(40)
    )
    opened.selectbox(key="option-policy").set_value("aov-buckets").run()
    opened.selectbox(key="option-decimal").set_value("comma").run()
    page = analyse(uploaded(opened, ("customers.csv", table)))
    first = numbers(page)["Value at stake"]
    page = form(page)
    page.selectbox(key="option-decimal").set_value("point").run()
    page = analyse(page)
    assert numbers(page)["Value at stake"] != first


def test_an_unknown_layout_asks_and_the_answer_is_used(opened: AppTest) -> None:
    page = uploaded(opened, ("clicks.csv", CLICKS))
    assert "main.py" not in texts(page.error)
    assert page.button(key="analyse").disabled
    assert choice(page, "One row is").value in ("events", "orders", "checkouts")
    choice(page, "One row is").set_value("events").run()
    for label, header in (("Customer", "who"), ("Time", "stamp"), ("What happened", "doing"), ("Total", "worth")):
        choice(page, label).set_value(header).run()
    choice(page, "in den korb").set_value("cart")
    choice(page, "gekauft").set_value("purchase").run()
    page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert not page.error
    assert "Taken for: event log by a column mapping" in texts(page.caption)
    assert "40 cart items, 20 purchase lines" in texts(page.caption)
    assert "Download mapping" in downloads(page)


@pytest.mark.slow
def test_states_of_orders_that_nobody_knows_are_asked_for(opened: AppTest) -> None:
    states = ("paid", "backordered", "annulé")
    rows = "".join(f"{n},{n},2025-09-0{1 + n % 7},5,{states[n % 3]}\n" for n in range(9))
    table = "customer_id,order_id,order_date,order_total,order_status\n" + rows
    page = uploaded(opened, ("bought.csv", table.encode()))
    assert [choice(page, word).value for word in states] == ["purchase", "unfinished", "cancelled"]
    choice(page, "backordered").set_value("purchase").run()
    page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert "3 set aside" in texts(page.caption)


def test_rows_that_were_set_aside_are_corrected_on_screen_and_read_again(opened: AppTest) -> None:
    text = sample_bytes().replace(b"C00017,2025-09-01 09:14:00", b"C00017,someday")
    page = uploaded(opened, ("shop.csv", text))
    assert "24 rows read: 23 accepted, 1 set aside" in texts(page.caption)
    page.button(key="quarantine-correct").click().run()
    assert page.button(key="quarantine-again").disabled
    header = tuple(text.decode().splitlines()[0].split(","))
    cells = ("C00017", "2025-09-01", *text.decode().splitlines()[1].split(",")[2:])
    page.session_state["app"].repairs["shop.csv"] = Repairs(header, {2: ("", *cells)})
    page.run()
    assert not page.exception
    assert "24 rows read: 24 accepted, 0 set aside" in texts(page.caption)
    page = uploaded(page, ("shop.csv", sample_bytes()))
    assert page.session_state["app"].repairs == {}


def test_a_mapping_that_lacks_something_says_what(opened: AppTest) -> None:
    page = uploaded(opened, ("clicks.csv", CLICKS))
    choice(page, "One row is").set_value("orders").run()
    choice(page, "Time").set_value("").run()
    assert "Choose a column for Customer or Email or Phone; for Time." in texts(page.warning)
    assert not [button for button in page.button if button.key == "mapping-use"]


def test_a_mapping_from_a_file_is_used(opened: AppTest) -> None:
    mapping = b"format: events\ncolumns: {customer: who, time: stamp, event: doing}\nwords: {in den korb: cart}\n"
    page = uploaded(opened, ("clicks.csv", CLICKS), ("map.yaml", mapping))
    assert not page.error
    assert "40 cart items" in texts(page.caption)
    assert "20 set aside" in texts(page.caption)


@pytest.mark.parametrize("mapping", [b"format: nothing\ncolumns: {}", b"\xff\xfe\x00", b"- 1"])
def test_a_mapping_that_cannot_be_is_refused_in_place(opened: AppTest, mapping: bytes) -> None:
    page = uploaded(opened, ("clicks.csv", CLICKS), ("map.yaml", mapping))
    assert not page.exception
    assert "map.yaml" in texts(page.error)
    assert page.button(key="analyse").disabled


def test_cells_that_name_a_person_are_masked_in_the_questions(opened: AppTest) -> None:
    table = "kontakt,tag,geld\n" + "".join(f"ann{n}@shop.example,2025-09-0{n},1{n}\n" for n in range(1, 9))
    page = uploaded(opened, ("liste.csv", table.encode()))
    shown = [option for box in page.selectbox for option in box.options]
    assert any(option.startswith("kontakt: a***") for option in shown)
    assert not [option for option in shown if "@" in option]


@pytest.mark.slow
def test_a_sure_guess_can_be_changed(opened: AppTest) -> None:
    table = b"customer_id,order_date,total,status\n" + b"".join(
        b"c%d,2025-09-%02d 10:00:00,%d.50,paid\n" % (n, 1 + n % 20, 20 + n) for n in range(30)
    )
    page = uploaded(opened, ("mine.csv", table))
    assert "no known layout" in texts(page.caption)
    assert "30 purchase lines" in texts(page.caption)
    page = asked(page)
    choice(page, "One row is").set_value("checkouts").run()
    choice(page, "Customer").set_value("customer_id")
    choice(page, "Time").set_value("order_date").run()
    page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert "30 checkouts" in texts(page.caption)


@pytest.mark.slow
def test_two_unknown_files_are_asked_about_one_after_the_other(opened: AppTest) -> None:
    other = CLICKS.replace(b"who,stamp", b"whom,stamped").replace(b"k", b"z")
    page = uploaded(opened, ("one.csv", CLICKS), ("two.csv", other))
    for customer, time in (("who", "stamp"), ("whom", "stamped")):
        choice(page, "One row is").set_value("checkouts").run()
        choice(page, "Customer").set_value(customer).run()
        choice(page, "Time").set_value(time).run()
        page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert not page.error
    assert "120 checkouts" in texts(page.caption)


@pytest.mark.slow
def test_files_of_one_layout_are_asked_about_once(opened: AppTest) -> None:
    page = uploaded(opened, ("one.csv", CLICKS), ("two.csv", CLICKS.replace(b"k", b"z")))
    choice(page, "One row is").set_value("checkouts").run()
    choice(page, "Customer").set_value("who").run()
    page = choice(page, "Time").set_value("stamp").run().button(key="mapping-use").click().run()
    assert "120 checkouts" in texts(page.caption)
