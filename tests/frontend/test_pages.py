"""The pages without a browser: empty, with a run, and after something went wrong."""

import os
import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from data_ingestion import sample_bytes
from frontend.components.segments import segments
from frontend.utils import runs
from retention.errors import ensure
from tests.frontend.opening import FORM, SUMMARY, analyse, dashboard, demo, form

PAGES = {"views/segments.py": "Segments Summary", "views/tree.py": "Tree Visualization"}


@pytest.fixture
def opened(root: Path) -> AppTest:
    return form(dashboard(root))


def uploaded(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    page.radio(key="source").set_value("Upload").run()
    for name, content in files:
        page.file_uploader(key="upload").upload(name, content)
    return page.run()


def texts(elements: Iterable[Any]) -> str:
    """Return what a list of elements says, without the backslashes of markdown."""
    said = (f"{getattr(element.proto, 'title', '')} {element.value}" for element in elements)
    return "\n".join(said).replace("\\", "")


def first_day(page: AppTest) -> date:
    value = page.date_input(key="period-first-day").value
    assert isinstance(value, date)
    return value


def downloads(page: AppTest) -> list[str]:
    buttons: Iterable[Any] = page.get("download_button")
    return [button.label.replace("\\", "") for button in buttons]


def numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize("given", [None, "2"])
def test_numpy_has_one_thread_unless_the_environment_says_otherwise(
    root: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", given or "")
    if given is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    dashboard(root).run()
    assert os.environ["OPENBLAS_NUM_THREADS"] == (given or "1")


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_page_without_a_run_says_what_to_do(opened: AppTest, path: str, title: str) -> None:
    page = opened.switch_page(path).run()
    assert not page.exception
    assert page.title[0].value == title
    assert "No analysis yet" in texts(page.header)
    assert not page.button(key="demo").disabled


def test_an_empty_app_begins_with_the_form(root: Path) -> None:
    opened = dashboard(root).run()
    assert opened.title[0].value == "New Analysis Period"
    assert opened.switch_page("views/this_week.py").run().title[0].value == "New Analysis Period"


def test_the_glossary_has_one_title(opened: AppTest) -> None:
    page = opened.switch_page("views/glossary.py").run()
    assert not page.exception
    assert [title.value for title in page.title] == ["Glossary"]
    assert "# Glossary" not in [line for each in page.markdown for line in each.value.splitlines()]


def test_the_form_keeps_what_was_typed_while_another_page_is_open(opened: AppTest) -> None:
    opened.number_input(key="synthetic-size").set_value(500).run()
    page = opened.switch_page("views/tree.py").run().switch_page("views/new_period.py").run()
    assert page.number_input(key="synthetic-size").value == 500


def test_the_sizes_follow_the_policy(opened: AppTest) -> None:
    opened.number_input(key="option-max").set_value(77).run()
    page = opened.selectbox(key="option-policy").set_value("twelve-leaf").run()
    assert page.number_input(key="option-max").value != 77


def test_the_strip_of_days_is_drawn_anew_for_another_week(opened: AppTest) -> None:
    before, first = opened.get("plotly_chart")[0].proto, first_day(opened)
    page = opened.date_input(key="period-first-day").set_value(first - timedelta(days=7)).run()
    assert page.get("plotly_chart")[0].proto.spec != before.spec
    page = page.date_input(key="period-first-day").set_value(first).run()
    assert page.get("plotly_chart")[0].proto.spec == before.spec
    page = uploaded(page, ("customers.csv", sample_bytes())).date_input(key="period-first-day").set_value(first).run()
    assert page.get("plotly_chart")[0].proto.spec != before.spec


def test_what_is_typed_is_what_is_generated(opened: AppTest) -> None:
    opened.number_input(key="synthetic-size").set_value(500)
    assert "of 500 rows" in texts(analyse(opened).metric) or "500 synthetic customers" in texts(opened.caption)


def test_the_default_window_is_a_full_week_that_is_over(opened: AppTest) -> None:
    first = first_day(opened)
    assert first.weekday() == 0
    assert 7 <= (date.today() - first).days <= 14  # noqa: DTZ011 - the dashboard's clock in UTC may be a day off


def test_the_demo_button_gives_a_first_result_in_one_click(opened: AppTest) -> None:
    page = demo(opened)
    assert not page.exception
    assert numbers(page)["Assigned"].endswith("%")
    assert "10,000 synthetic customers" in texts(page.caption)


def test_the_summary_shows_the_run(finished: AppTest) -> None:
    assert not finished.exception
    table = finished.dataframe[0].value
    assert numbers(finished)["Abandoners"] == f"{table['Customers'].sum():,}"
    assert numbers(finished)["Assigned"] == "100\u00a0%"
    assert table["Profit each"].is_monotonic_decreasing
    assert (table["Reachable"] <= table["Customers"]).all()
    assert {label.split(" (")[0] for label in downloads(finished)} >= {"All files as one zip", *table["Segment"]}


def details(page: AppTest, line: str) -> "pd.Series[str]":
    """Return the lines of the facts that have one of this name."""
    (found,) = [table.value for table in page.table if line in table.value.index]
    return found["value"]


def test_a_number_that_nobody_measured_is_marked_as_assumed(finished: AppTest) -> None:
    profit = next(metric for metric in finished.metric if metric.label == "Expected profit")
    assert profit.delta == "assumed"
    card = details(finished.button(key="open-0").click().run(), "Lift against control")
    assert ":orange-badge[assumed]" in card["Lift against control"]
    assert ":green-badge[measured]" in card["Relative size"]


def test_a_name_opens_the_details_of_its_segment(finished: AppTest) -> None:
    table = finished.dataframe[0].value.set_index("Segment")
    button = finished.button(key="open-2")
    (name,) = [name for name in table.index if name.replace("-", "\\-") in button.label]
    page = button.click().run()
    assert details(page, "Customers")["Customers"].startswith(f"{table['Customers'][name]:,}")
    assert {"Audience", "Message", "Offer", "Channel", "Timing"} == set(details(page, "Audience").index)


def test_all_numbers_have_an_interval_and_a_source(finished: AppTest) -> None:
    columns = finished.dataframe[0].value.columns
    for measure in ("Conversion index", "Profitability", "Strategic fit", "Overall score"):
        assert {measure, f"{measure}, 95 %", f"{measure} is"} <= set(columns)


def test_the_demo_shows_what_customers_will_spend_in_a_year(finished: AppTest) -> None:
    assert finished.dataframe[0].value["Value of a year"].notna().all()
    page = finished.button(key="open-2").click().run()
    told = details(page, "Customers")["Value of a year"].replace("\\", "")
    assert re.fullmatch(r"\$[\d,]+ \(\$[\d,]+\u2013\$[\d,]+\) :blue-badge\[modelled\]", told)


def test_flags_are_said_in_words() -> None:
    flags = {"Valid": False, "Flags": "too few; no Conv_Pot; few Incremental_Profit"}
    said = ["Too few customers to tell.", "Conversion index not known.", "Expected profit based on few customers."]
    assert segments.notes(flags) == [*said, "Outside the size limits."]


def test_the_tree_page_has_every_rule_in_words(finished: AppTest) -> None:
    sizes = finished.dataframe[0].value.set_index("Segment")["Customers"]
    page = finished.switch_page("views/tree.py").run()
    assert not page.exception
    said = texts(page.markdown)
    assert all(f"**{size:,}**" in said for size in sizes)
    assert len([button for button in page.button if str(button.key).startswith("open-")]) == len(sizes)
    assert "Average order value over " in said
    assert len(page.get("iframe")) == 1


def test_a_page_keeps_the_run_when_pages_are_switched(finished: AppTest) -> None:
    before = numbers(finished)
    page = finished.switch_page("views/tree.py").run().switch_page("views/segments.py").run()
    assert numbers(page) == before


def test_an_upload_is_accounted_for_and_sets_the_window(opened: AppTest) -> None:
    page = uploaded(opened, ("customers.csv", sample_bytes()))
    assert not page.exception
    last = first_day(page) + timedelta(days=6)
    rows = sample_bytes().decode().splitlines()[1:]
    assert max(row.split(",")[1][:10] for row in rows) == f"{last:%Y-%m-%d}"
    assert f"{len(rows):,} rows read" in texts(page.caption)
    done = analyse(page)
    assert "customers.csv" in texts(done.caption)
    assert not done.exception


def test_rows_that_cannot_be_used_are_set_aside_with_a_reason(opened: AppTest) -> None:
    lines = sample_bytes().decode().splitlines()
    fields = lines[1].split(",")
    broken = ",".join(["broken-1", "not a day", *fields[2:]])
    page = uploaded(opened, ("customers.csv", "\n".join([*lines, broken]).encode()))
    assert "1 set aside" in texts(page.caption)
    assert "The cell is not a real date" in texts(page.markdown)
    assert "Download rows set aside" in downloads(page)


def test_a_file_without_the_columns_says_which_and_leaves_the_button_off(opened: AppTest) -> None:
    page = uploaded(opened, ("orders.csv", b"order,total\n1,2\n"))
    assert not page.exception
    assert "user_id" in texts(page.error)
    assert page.button(key="analyse").disabled


def test_a_run_that_fails_keeps_the_result_before(finished: AppTest) -> None:
    before = numbers(finished)
    page = uploaded(form(finished), ("customers.csv", sample_bytes()))
    page.date_input(key="period-first-day").set_value(date(2001, 1, 1)).run()
    page = analyse(page)
    assert not page.exception
    assert "The week on screen is the one before" in texts(page.error)
    assert "--start" not in texts(page.error)
    assert numbers(page.switch_page("views/segments.py").run()) == before
    page = uploaded(form(page), ("others.csv", sample_bytes()))
    assert not page.error


@pytest.mark.parametrize("view", [FORM, SUMMARY])
def test_a_run_that_is_cancelled_says_so_calmly_and_once(
    finished: AppTest, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    before = numbers(finished)

    def touched(*_: object) -> None:
        raise StopException

    monkeypatch.setattr(runs, "analysed", touched)
    page = form(finished).button(key="analyse").click().run().switch_page(view).run()
    page = page.button(key="cancel-analysis").click().run()
    assert "This was cancelled" in texts(page.info)
    assert not page.error
    assert not page.run().info
    assert numbers(page.switch_page(SUMMARY).run()) == before


def test_a_fault_of_our_own_is_said_to_be_one(finished: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        ensure(False, "sum of sizes = universe")

    monkeypatch.setattr(runs, "analyze", fail)
    page = form(finished)
    page.number_input(key="option-min").set_value(11)
    page = analyse(page)
    assert not page.exception
    assert "fault of its own" in texts(page.error)
    assert "sum of sizes = universe" in texts(page.error)


def test_the_page_says_why_the_first_run_failed(opened: AppTest) -> None:
    page = uploaded(opened, ("customers.csv", sample_bytes()))
    page.date_input(key="period-first-day").set_value(date(2001, 1, 1)).run()
    page = analyse(page)
    assert "nobody abandoned a cart" in texts(page.error).casefold()
    assert "No analysis yet" in texts(page.header)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["twelve-leaf", "aov-buckets", "value-recency", "rfm", "spend-thirds"])
def test_every_shipped_policy_runs(opened: AppTest, policy: str) -> None:
    opened.selectbox(key="option-policy").set_value(policy)
    page = demo(opened)
    assert not page.exception
    assert not page.error
    assert numbers(page)["Assigned"] == "100\u00a0%"


def test_a_minimum_above_the_maximum_is_said_and_mended(opened: AppTest) -> None:
    opened.number_input(key="option-min").set_value(500)
    opened.number_input(key="option-max").set_value(100)
    page = opened.run()
    assert "Min size is above max size" in texts(page.warning)


def test_a_policy_that_cannot_be_read_is_named_and_not_dropped(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_WORKSPACE", str(tmp_path))
    text = (root / "policies" / "five-segments.yaml").read_text(encoding="utf-8")
    (tmp_path / "policies").mkdir()
    long = text.replace("name: five-segments", "name: ours").replace("VIP Active", "V" * 61)
    (tmp_path / "policies" / "ours.yaml").write_text(long, encoding="utf-8")
    page = dashboard(root).run()
    said = [warning.proto.title for warning in page.warning]
    assert "ours cannot be chosen." in "".join(said)
    assert "ours" not in page.selectbox(key="option-policy").options
    assert "60" in texts(page.warning)
