"""The week by itself: kept once, caught up, learnt from where a send is recorded, undone, and quiet about people."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.outcome_days import Sent
from outputs.durable import hash_of
from retention.period import Window
from run_store import WeekStep
from tests.weekly.shop_cases import kept, shop_at, week_rows, weekly, write_orders, write_weeks
from weekly.turn import turn

HOLDOUT = {"experiment": "recovery", "share": 0.3}


def test_a_week_is_kept_once_however_often_it_is_run(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0, 1])
    shop = shop_at(tmp_path, holdout=HOLDOUT)
    first, again = weekly(shop, "2025-09-16"), weekly(shop, "2025-09-17")
    assert first == again
    assert first[0] == 0
    assert len(first[1].splitlines()) == 5
    assert f"Week {Window.starting(date(2025, 9, 8))}: 60 abandoned a cart.".replace("\u00a0", " ") in first[1]
    (week,) = kept(tmp_path).listed()
    assert (week.name, week.week.step) == ("Week 2025-09-08", WeekStep.FILES_MADE)
    folder = tmp_path / "weekly" / "2025-09-08"
    assert week.week.files[0].manifest == hash_of(folder / "audiences" / "manifest.json")
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    control = json.loads((folder / "audiences" / "manifest.json").read_text())["experiment"]["customers"]["control"]
    assert 0 < control < 60


def test_missed_weeks_are_caught_up_and_compared(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0, 1, 2, 3])
    shop = shop_at(tmp_path)
    assert weekly(shop, "2025-09-08")[0] == 0
    code, said = weekly(shop, "2025-10-01")
    assert (code, [each.name for each in kept(tmp_path).listed()]) == (
        0,
        ["Week 2025-09-22", "Week 2025-09-15", "Week 2025-09-08", "Week 2025-09-01"],
    )
    assert "(+0 % on the week before)" in said
    table = (tmp_path / "weekly" / "2025-09-22" / "comparison.csv").read_text().splitlines()
    assert table[0].startswith("Segment,Size_earlier")
    # Only the last week is still to be sent.
    assert [bool(each.week.files) for each in kept(tmp_path).listed()] == [True, False, False, True]


def test_the_first_week_that_is_wanted_may_be_an_earlier_one(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0, 2])
    assert weekly(shop_at(tmp_path, first_week=date(2025, 8, 25)), "2025-09-24")[0] == 0
    # Nobody abandoned a cart in the weeks between.
    assert [str(each.window.start) for each in kept(tmp_path).listed()] == ["2025-09-15", "2025-09-01"]


@pytest.mark.slow
def test_lift_is_learnt_where_a_send_is_recorded_and_undone_for_good(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0, 1, 2, 3], customers=400)
    shop = shop_at(tmp_path, holdout=HOLDOUT, orders={"files": ["orders.csv"]})
    weekly(shop, "2025-09-08")
    weeks = kept(tmp_path)
    (week,) = weeks.listed()
    arms = weeks.workspace.open(week.id).run()
    assert arms.arms is not None
    ids = arms.segmentation.customers["user_id"]
    buyers = [*ids[arms.arms == "treatment"][:120], *ids[arms.arms == "control"][:20], "w1u0001"]
    write_orders(tmp_path / "orders.csv", buyers, "2025-09-10")
    assert "Results: no send is recorded." in weekly(shop, "2025-09-16")[1]
    assert weeks.workspace.lifts() == ()
    weeks.sent(week.id, Sent(date(2025, 9, 9), 14))
    assert "outcome days after 2025-09-09 are over" in weekly(shop, "2025-09-17")[1]
    assert weeks.workspace.lifts() == ()
    write_orders(tmp_path / "orders.csv", [*buyers, "w2u0001"], "2025-09-24")
    write_orders(tmp_path / "orders.csv", buyers, "2025-09-22")
    code, said = weekly(shop, "2025-09-30")
    assert (code, "Learnt." in said) == (0, True)
    lifts = weeks.workspace.lifts()
    assert sum(each.converted for each in lifts) == 120
    assert weeks.find(week.id).week.step is WeekStep.LEARNT
    newest = weeks.workspace.open(weeks.listed()[0].id)
    assert "measured" in " ".join(newest.scores.table["Lift_vs_Control_source"])
    assert weekly(shop, "2025-09-30", "--undo")[0] == 0
    assert weeks.workspace.lifts() == ()
    assert weekly(shop, "2025-09-30")[0] == 0
    assert weeks.workspace.lifts() == ()
    code, said = weekly(shop, "2025-09-30", "--undo")
    assert (code, "nothing was learnt" in said) == (2, True)


def test_a_question_stops_and_its_answer_stays_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    rows = "".join(f"u{n},0{n % 7 + 1}/09/2025,{n},0.{n % 10}\n" for n in range(40))
    head = "user_id,cart_abandoned_date,avg_order_value,engagement_score\n"
    (tmp_path / "exports" / "carts.csv").write_text(head + rows)
    given = {"audiences": {"platform": "csv", "assume_consent": True}}
    code, said = weekly(shop_at(tmp_path, **given), "2025-09-09")
    assert code == 2
    assert "Answer it once in shop.yaml: reading.date_order: dmy or mdy" in " ".join(said.split())
    assert kept(tmp_path).listed() == ()
    assert weekly(shop_at(tmp_path, reading={"date_order": "dmy"}, **given), "2025-09-09")[0] == 0


def test_unknown_consent_is_asked_for_after_the_week_is_kept(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0])
    path = tmp_path / "exports" / "carts.csv"
    path.write_text("\n".join(line.rpartition(",")[0] for line in path.read_text().splitlines()) + "\n")
    code, said = weekly(shop_at(tmp_path), "2025-09-08")
    assert (code, "audiences.assume_consent: true" in " ".join(said.split())) == (2, True)
    assert weekly(shop_at(tmp_path, audiences={"platform": "csv", "assume_consent": True}), "2025-09-08")[0] == 0
    assert len(kept(tmp_path).listed()) == 1


def test_a_source_without_files_says_which(tmp_path: Path) -> None:
    code, said = weekly(shop_at(tmp_path), "2025-09-08")
    assert (code, "exports: no file is there" in said) == (2, True)


@pytest.mark.slow
def test_old_weeks_keep_their_numbers_and_nobody_in_them(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0, 1])
    shop = shop_at(tmp_path, keep_weeks=1)
    weekly(shop, "2025-09-08")
    assert weekly(shop, "2025-09-15")[0] == 0
    new, old = kept(tmp_path).listed()
    assert ((new.rows, old.rows), (new.universe, old.universe)) == ((60, 0), (60, 60))
    opened = kept(tmp_path).workspace.open(old.id)
    assert (len(opened.run().segmentation.customers), sum(opened.partition.sizes)) == (0, 60)
    assert [path.name for path in (tmp_path / "weekly" / "2025-09-01" / "audiences").iterdir()] == []
    data = b"".join(path.read_bytes() for path in (tmp_path / ".workspace" / "periods").iterdir())
    assert b"w0u0001" not in data
    assert weekly(shop, "2025-09-15")[0] == 0


def test_nothing_that_is_kept_beside_the_weeks_names_a_person(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0])
    path = tmp_path / "exports" / "carts.csv"
    path.write_text(path.read_text() + "bad,never,1,2,3,person@example.com,yes\n")
    weekly(shop_at(tmp_path), "2025-09-08")
    log = (tmp_path / ".workspace" / "weekly.log").read_text()
    assert "analysed, 60 of 61 rows" in log
    assert "@" not in log


def test_one_run_at_a_time(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0])
    shop = shop_at(tmp_path)
    with turn(tmp_path / ".workspace") as log:
        assert log is not None
        code, said = weekly(shop, "2025-09-08")
    assert (code, "Another run is working" in said) == (75, True)
    assert weekly(shop, "2025-09-08")[0] == 0


@pytest.mark.parametrize("name", ["Week 2025-09-01", "renamed by somebody"])
def test_a_week_is_known_by_its_days(tmp_path: Path, name: str) -> None:
    write_weeks(tmp_path / "exports", [0])
    shop = shop_at(tmp_path)
    weekly(shop, "2025-09-08")
    weeks = kept(tmp_path)
    weeks.workspace.rename(weeks.listed()[0].id, name)
    assert (weekly(shop, "2025-09-08")[0], len(weeks.listed())) == (0, 1)


@pytest.mark.slow
def test_alerts_need_eight_weeks_and_name_number_range_and_page(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", range(9))
    path = tmp_path / "exports" / "carts.csv"
    path.write_text(path.read_text() + week_rows(9, customers=200))
    shop = shop_at(tmp_path, first_week=date(2025, 9, 1), alerts={"set_aside": 0})
    assert "Alert" not in weekly(shop, "2025-11-05")[1]
    code, said = weekly(shop, "2025-11-12")
    assert code == 0
    assert "Alert: Abandoners: 200, usually 48 to 72 (page Trends)." in said


def test_many_rows_set_aside_are_an_alert_at_once(tmp_path: Path) -> None:
    write_weeks(tmp_path / "exports", [0])
    path = tmp_path / "exports" / "carts.csv"
    path.write_text(path.read_text() + "bad,never,1,2,3,,yes\n" * 5)
    said = weekly(shop_at(tmp_path), "2025-09-08")[1]
    assert "Alert: Set aside: 5 of 65 rows (7.7 %), usually up to 2.0 % (page Data quality)." in said


def test_a_database_is_a_source_as_well(tmp_path: Path) -> None:
    write_weeks(tmp_path, [0])
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        pd.read_csv(tmp_path / "carts.csv").to_sql("carts", connection, index=False)
    source = {"database": f"sqlite:///{tmp_path / 'shop.db'}", "query": "SELECT * FROM carts"}
    assert weekly(shop_at(tmp_path, source=source), "2025-09-08")[0] == 0
    assert [each.universe for each in kept(tmp_path).listed()] == [60]


@pytest.mark.slow
def test_the_orders_of_a_log_fill_in_results_by_themselves(tmp_path: Path) -> None:
    """Carts of the first week, and who bought after the send, in one log."""
    (tmp_path / "exports").mkdir()
    head = "event_time,event_type,product_id,price,user_id,user_session\n"

    def events(kind: str, users: list[int], day: str) -> str:
        return "".join(f"{day} 10:{n % 60:02}:00 UTC,{kind},1,{20 + n % 50},{n},s{n}\n" for n in users)

    carts = events("cart", list(range(1, 301)), "2025-09-03")
    log = tmp_path / "exports" / "log.csv"
    log.write_text(head + carts + events("cart", [999], "2025-09-10"))
    consent = {"platform": "csv", "assume_consent": True}
    shop = shop_at(tmp_path, holdout=HOLDOUT, audiences=consent)
    code, said = weekly(shop, "2025-09-08")
    assert code == 0, said
    weeks = kept(tmp_path)
    (week,) = weeks.listed()
    assert week.universe == 300
    weeks.sent(week.id, Sent(date(2025, 9, 9), 7))
    log.write_text(
        head + carts + events("purchase", list(range(1, 101)), "2025-09-10") + events("cart", [999], "2025-09-17")
    )
    code, said = weekly(shop, "2025-09-22")
    assert (code, "Learnt." in said) == (0, True), said
    assert sum(each.converted + each.control_converted for each in weeks.workspace.lifts()) == 100
