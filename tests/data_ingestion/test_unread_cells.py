"""One bad cell of a column that decides no segment and no score does not cost the row."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import Run, Settings, analyze
from data_ingestion import ColumnMapping, Intake, ReadOptions, read_customers
from outputs import write_outputs
from retention.activity.activity import Event
from retention.customers.reach import Unreached
from retention.errors import SourceError, UnsureLayoutError
from retention.policy.policy import Sizes
from retention.policy.yaml_text import policy_from_yaml
from run_store import load_policy
from tests.data_ingestion.conftest import Read

HEADER = "user_id,cart_abandoned_date,avg_order_value,cart_value,sessions_last_30d,email,email_consent,region\n"
ROWS = (
    "u1,2025-09-24,10,20,3,u1@example.com,yes,North\n"
    "u2,2025-09-24,11,lots,2.5,u2@example.com,yes,North\n"
    "u3,2025-09-24,12,21,4,u3@example.com,perhaps,South\n"
    "u4,2025-09-24,much,many,4,u4@example.com,yes,South\n"
    "u5,2025-09-24,13,-1,4,u5@example.com,yes,South\n"
    "u5,2025-09-24,13,-1,4,u5@example.com,yes,South\n"
)
BY_CART = """
name: by-cart
title: By cart
description: Two segments by the value of the cart.
tree:
  split: cart_value
  cuts: [q50]
  missing: low
  branches: {low: Small, high: Large}
segments:
  Small: {audience: a, message: m, offer: o, channel: c, timing: t}
  Large: {audience: a, message: m, offer: o, channel: c, timing: t}
"""
SMALL = Settings(sizes=Sizes(min_size=1))


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    path = tmp_path / "shop.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return read_customers([path])


def cells(frame: pd.DataFrame) -> list[list[object]]:
    return frame[["line", "column", "value", "reason"]].values.tolist()


FOUND = [
    [3, "cart_value", "lots", "not_a_number"],
    [3, "sessions_last_30d", "2.5", "not_an_integer"],
    [4, "email_consent", "perhaps", "not_a_flag"],
    [6, "cart_value", "-1", "out_of_bounds"],
]


def test_a_cell_that_decides_nothing_is_missing_and_its_row_stays(intake: Intake) -> None:
    assert intake.rows["user_id"].tolist() == ["u1", "u2", "u3", "u5", "u5"]
    assert intake.rows["cart_value"].isna().tolist() == [False, True, False, True, True]
    assert cells(intake.cells) == [*FOUND, [7, "cart_value", "-1", "out_of_bounds"]]
    assert intake.quarantine[["line", "column", "faults"]].values.tolist() == [[5, "avg_order_value", 2]]
    assert any("5 cells cannot be read: 1 of cart_value (not_a_number)" in warning for warning in intake.warnings)


def test_a_consent_that_cannot_be_read_is_none(intake: Intake) -> None:
    run = analyze(intake, load_policy("aov-buckets"), SMALL)
    assert (run.reach.total, run.reach.left_out[Unreached.NO_CONSENT]) == (3, 1)


def test_the_run_counts_the_cells_of_accepted_rows_and_writes_them(intake: Intake, tmp_path: Path) -> None:
    run = analyze(intake, load_policy("aov-buckets"), SMALL)
    assert cells(run.cells) == FOUND
    assert run.accounting.cells_missing == {"cart_value": 2, "email_consent": 1, "sessions_last_30d": 1}
    write_outputs(run, tmp_path / "out")
    text = (tmp_path / "out" / "cells.csv").read_text(encoding="utf-8")
    assert text.splitlines()[:2] == ["file,line,column,value,reason", "shop.csv,3,cart_value,lots,not_a_number"]
    assert '"cells_missing": {' in (tmp_path / "out" / "mece_report.json").read_text(encoding="utf-8")


def test_a_column_that_the_policy_splits_on_decides(intake: Intake) -> None:
    run = analyze(intake, policy_from_yaml(BY_CART, source="policy"), SMALL)
    assert run.segmentation.customers["user_id"].tolist() == ["u1", "u3"]
    assert run.quarantine[["line", "column", "reason"]].values.tolist() == [
        [3, "cart_value", "not_a_number"],
        [5, "avg_order_value", "not_a_number"],
        [6, "cart_value", "out_of_bounds"],
        [7, "cart_value", "out_of_bounds"],
    ]
    assert all(run.quarantine["original"])
    assert cells(run.cells) == [FOUND[2]]


def test_a_run_without_such_cells_has_no_file_and_no_key_for_them(tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(HEADER + ROWS.splitlines(keepends=True)[0], encoding="utf-8")
    run = analyze(read_customers([path]), load_policy("aov-buckets"), SMALL)
    write_outputs(run, tmp_path / "out")
    assert not (tmp_path / "out" / "cells.csv").exists()
    assert "cells_missing" not in (tmp_path / "out" / "mece_report.json").read_text(encoding="utf-8")


def test_a_log_keeps_the_rows_whose_consent_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "user_id,event_time,event,price,email,accepts_marketing\n"
        "a,2025-09-24 10:00:00,add_to_cart,5,a@example.com,yes\n"
        "b,2025-09-24 11:00:00,add_to_cart,6,b@example.com,perhaps\n"
        "c,2025-09-24 11:00:00,add_to_cart,much,c@example.com,perhaps\n"
        "d,2025-09-27 11:00:00,view,,d@example.com,no\n",
        encoding="utf-8",
    )
    columns = {"customer": "user_id", "time": "event_time", "event": "event", "price": "price", "email": "email"}
    mapping = ColumnMapping("events", {**columns, "email_consent": "accepts_marketing"})
    intake = read_customers([path], options=ReadOptions(mappings=(mapping,)))
    assert cells(intake.cells) == [
        [3, "email_consent", "perhaps", "not_a_flag"],
        [4, "price", "much", "not_a_number"],
        [4, "email_consent", "perhaps", "not_a_flag"],
    ]
    run: Run = analyze(intake, load_policy("aov-buckets"), SMALL)
    assert run.accounting.cells_missing == {"email_consent": 2, "price": 1}
    consents = run.segmentation.customers.set_index("user_id")["email_consent"].to_dict()
    assert consents == {"a": True, "b": False, "c": False}


REES46 = "event_time,event_type,product_id,price,user_id,user_session\n"


def test_an_amount_decides_where_something_was_bought_and_not_in_a_cart(read: Read) -> None:
    at = "2025-09-24 10:00:00 UTC"
    intake = read(
        REES46
        + f"{at},view,1,free,u1,s1\n{at},cart,1,free,u1,s1\n{at},purchase,2,free,u2,s2\n{at},purchase,2,5,u3,s3\n"
        + f"{at},cart,1,8,u4,s4\n{at},view,1,8,u4,s4\n{at},view,2,8,u4,s4\n"
    )
    assert cells(intake.cells) == [[2, "price", "free", "not_a_number"], [3, "price", "free", "not_a_number"]]
    assert cells(intake.quarantine) == [[4, "price", "free", "not_a_number"]]
    assert (intake.read, intake.accepted) == (7, 6)
    activity = intake.activity
    assert activity is not None
    assert activity.event.tolist() == [Event.VIEW, Event.CART, Event.PURCHASE, Event.CART, Event.VIEW, Event.VIEW]
    assert intake.warnings[0].endswith("2 of price (not_a_number); each counts as missing (a consent as not given)")


ORDERED = {"email": "mail", "time": "day"}
AMOUNTS = {"total": "total", "quantity": "pieces"}


@pytest.mark.parametrize(
    ("columns", "rows", "missing", "rejected"),
    [
        (AMOUNTS, "a@x.com,2025-09-24,9,1\na@x.com,2025-09-25,9,few\n", [[3, "quantity"]], []),
        (AMOUNTS, "a@x.com,2025-09-24,9,1\na@x.com,2025-09-25,9 or 8,1\n", [], [[3, "total"]]),
        (
            {"price": "total", "quantity": "pieces"},
            "a@x.com,2025-09-24,9,1\na@x.com,2025-09-25,9,few\n",
            [],
            [[3, "quantity"]],
        ),
        (
            {**AMOUNTS, "refunded": "back"},
            "a@x.com,2025-09-24,9,1,0\na@x.com,2025-09-25,9,1,all\n",
            [],
            [[3, "refunded"]],
        ),
    ],
)
def test_pieces_decide_only_where_they_make_money(
    read: Read, columns: dict[str, str], rows: str, missing: list[list[object]], rejected: list[list[object]]
) -> None:
    mapping = ColumnMapping("orders", ORDERED | columns)
    intake = read(f"mail,day,{','.join(list(columns.values()))}\n{rows}", mappings=(mapping,))
    assert intake.cells[["line", "column"]].values.tolist() == missing
    assert intake.quarantine[["line", "column"]].values.tolist() == rejected
    assert intake.quarantine["original"].ne("").all()


def test_a_checkout_keeps_its_row_and_an_order_does_not(read: Read) -> None:
    header = "Name,Email,Financial Status,Created at,Total,Lineitem quantity,Id\n"
    rows = "#1,a@x.com,,2025-09-24 10:00,much,1,1\n#2,b@x.com,,2025-09-24 10:00,8,few,2\n"
    rows += "".join(f"#{n},c@x.com,,2025-09-2{n} 10:00,8,1,{n}\n" for n in range(3, 7))
    checkouts = read(header + rows)
    assert checkouts.cells[["line", "column"]].values.tolist() == [[2, "total"], [3, "quantity"]]
    assert len(checkouts.quarantine) == 0
    orders = read(header + rows.replace(",,", ",paid,"))
    assert orders.cells[["line", "column"]].values.tolist() == [[3, "quantity"]]
    assert orders.quarantine[["line", "column"]].values.tolist() == [[2, "total"]]


def test_a_log_most_of_whose_amounts_are_words_is_refused(read: Read) -> None:
    rows = "".join(f"2025-09-24 10:0{n}:00 UTC,cart,{n},free,u{n},s\n" for n in range(4))
    with pytest.raises(UnsureLayoutError, match="4 of its 4 rows do not fit it: 4 not a number"):
        read(REES46 + rows)


def test_answers_none_of_which_is_understood_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(HEADER + "".join(f"u{n},2025-09-24,1,1,1,,word{n},\n" for n in range(3)), encoding="utf-8")
    with pytest.raises(SourceError, match="none of the 3 answers about consent to e-mail is understood"):
        read_customers([path])
