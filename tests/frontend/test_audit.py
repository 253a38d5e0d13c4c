"""The page Audit of rules: without a week, with one, and with rules that are refused."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.audit import mended_rules
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from run_store import Workspace, load_policy
from tests.experimented import SAVED_AT, experimented
from tests.frontend.opening import dashboard
from tests.frontend.test_pages import downloads, numbers, texts as said

VIEW = "views/audit.py"
RULES = "VIP: avg_order_value >= 100\nLarge: avg_order_value > 90\n"


@pytest.fixture
def page(root: Path) -> AppTest:
    return dashboard(root).switch_page(VIEW).run()


def checked(page: AppTest, text: str) -> AppTest:
    page.text_area(key="audit-text").set_value(text)
    return page.button(key="audit-check").click().run()


def tables(page: AppTest) -> list[list[str]]:
    return [list(table.value.columns) for table in page.table]


def test_nothing_is_computed_before_somebody_asks(page: AppTest) -> None:
    assert not page.exception
    assert [each.value for each in page.header] == ["Rules"]
    page = page.text_area(key="audit-text").set_value(RULES).run()
    assert [each.value for each in page.header] == ["Rules"]
    assert not page.error


def test_gaps_and_overlaps_are_told_without_a_week(page: AppTest) -> None:
    page = checked(page, RULES)
    assert not page.exception
    assert numbers(page) == {"Rules": "2", "Gaps": "1", "Overlaps": "1", "Rules for nobody": "0"}
    assert tables(page) == [["Where", "Repair"], ["Rules", "Where", "Repair"]]
    assert ":small[Such as: average order value 0]" in page.table[0].value["Where"][0]
    assert "To repair it" in said(page.warning)


def test_the_repair_is_kept_as_a_policy(page: AppTest, workspace: Path) -> None:
    page = checked(page, RULES)
    assert "Download YAML" in downloads(page)
    page = page.button(key="audit-keep").click().run()
    assert not page.exception
    (kept,) = (workspace / "policies").iterdir()
    assert {"VIP", "Large"} <= set(load_policy(kept).segments)
    page = checked(page, kept.read_text())
    assert "Each customer is in exactly one segment" in said(page.success)
    assert policy_from_yaml(kept.read_text(), source="kept").name == "rules-draft"


def test_the_customers_of_the_week_on_screen_are_counted(week: AppTest) -> None:
    page = week.switch_page(VIEW).run()
    page = page.button(key="audit-example").click().run()
    page = page.button(key="audit-check").click().run()
    assert not page.exception
    assert tables(page)[0] == ["Where", "Customers", "Carts", "Repair"]
    assert any("in no segment" in str(each.delta) for each in page.metric)
    page = page.checkbox(key="audit-counted").uncheck().run()
    assert "have changed since the last check" in said(page.caption)


def test_a_saved_week_is_counted_by_the_columns_of_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = experimented(3_000)[0]
    saved = Workspace(tmp_path).open(Workspace(tmp_path).save(run, name="week", saved_at=SAVED_AT)).run_in_parts()
    monkeypatch.setattr("run_store.saved_period.ROWS_PER_WRITE", 1_000)
    for text in (RULES, policy_to_yaml(load_policy("five-segments"))):
        one, other = (mended_rules(text, "rules.yaml", "rules", each.segmentation) for each in (run, saved))
        assert one.found.customers == other.found.customers
        assert one.found.gaps == other.found.gaps


def test_rules_that_are_not_understood_are_refused_beside_the_field(page: AppTest) -> None:
    page = checked(page, "VIP: avg_order_value >= 100\nLarge: avg_order_valu > 90\n")
    assert not page.exception
    assert "line 2" in said(page.error)
    assert "avg_order_value" in said(page.error)
    assert "there are no rules" in said(checked(page, " ").error).lower()


def test_a_file_is_put_into_the_field(page: AppTest) -> None:
    table = "segment,avg_order_value\nVIP,>= 100\nB,!!\n"
    page = page.file_uploader(key="audit-file").upload("table.csv", table.encode()).run()
    assert page.text_area(key="audit-text").value == table
    page = page.button(key="audit-check").click().run()
    assert "table.csv, line 3" in said(page.error)


def test_a_file_that_is_no_text_is_refused(page: AppTest) -> None:
    page = page.file_uploader(key="audit-file").upload("rules.sql", b"\xff\xfe\x00").run()
    assert "not text in UTF-8" in said(page.error)
