"""The pages about customers, proof, data and documentation without a browser."""

import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data_ingestion import sample_bytes
from frontend.components.trust import mece
from frontend.utils import pieces
from frontend.utils.workspace import noted
from retention.customers.reasons import Reason
from run_store import Workspace
from tests.frontend.opening import analyse, dashboard, form

PAGES = {"users": "User Mapping", "mece": "MECE Report", "data_quality": "Data quality"}


@pytest.fixture
def started(root: Path) -> AppTest:
    return form(dashboard(root))


def view(page: AppTest, name: str) -> AppTest:
    shown = page.switch_page(f"views/{name}.py").run()
    assert not shown.exception
    return shown


def texts(elements: Iterable[Any]) -> str:
    """Return what a list of elements says, without the backslashes of markdown."""
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def downloads(page: AppTest) -> list[str]:
    buttons: Iterable[Any] = page.get("download_button")
    return [button.label.replace("\\", "") for button in buttons]


def uploaded(page: AppTest, *rows: str) -> AppTest:
    """Upload the sample file with more rows and analyse it."""
    page.radio(key="source").set_value("Upload").run()
    content = "\n".join([*sample_bytes().decode().splitlines(), *rows])
    page.file_uploader(key="upload").upload("customers.csv", content.encode())
    return analyse(page.run())


@pytest.mark.parametrize(("name", "title"), PAGES.items())
def test_a_page_without_a_run_says_what_to_do(started: AppTest, name: str, title: str) -> None:
    page = view(started, name)
    assert page.title[0].value == title
    assert "No analysis yet" in texts(page.header)


def test_every_customer_can_be_reached_page_by_page(week: AppTest) -> None:
    page = view(week, "users")
    everyone = f"{page.session_state['app'].result.run.accounting.universe:,}"
    assert f"Customers 1\u201310 of {everyone}" in texts(page.caption)
    first = page.dataframe[0].value
    assert len(first) == 10
    assert {"Customer", "Segment", "Path", "Conversion index", "Profitability", "Strategic fit"} <= set(first.columns)


def test_a_search_finds_by_identifier_and_by_address(week: AppTest) -> None:
    page = view(week, "users")
    wanted = page.dataframe[0].value.iloc[3]
    for text in (wanted["Customer"], wanted["E-mail"].upper()):
        page = page.text_input(key="users-search").set_value(text).run()
        assert page.dataframe[0].value["Customer"].iloc[0] == wanted["Customer"]
        assert f"Customer {wanted['Customer']}" in texts(page.header)


def test_a_search_without_a_hit_says_so(week: AppTest) -> None:
    page = view(week, "users").text_input(key="users-search").set_value("nobody at all").run()
    assert not page.exception
    assert "No customer matches" in texts(page.info)
    assert "way through the tree" not in texts(page.markdown)


def test_a_filter_leaves_one_segment_and_its_download(finished: AppTest) -> None:
    sizes = finished.dataframe[0].value.set_index("Segment")["Customers"]
    page = view(finished, "users").selectbox(key="users-segment").set_value("VIP Active").run()
    assert set(page.dataframe[0].value["Segment"]) == {"VIP Active"}
    assert f"of {sizes['VIP Active']:,} found among {sizes.sum():,}" in texts(page.caption)
    assert f"Download {sizes['VIP Active']:,} customers" in downloads(page)


def test_an_order_by_a_term_shows_the_highest_first(week: AppTest) -> None:
    page = view(week, "users").selectbox(key="users-order").set_value("Profitability").run()
    shown = page.dataframe[0].value["Profitability"]
    assert shown.is_monotonic_decreasing
    assert shown.iloc[0] > 0.9


def test_the_card_says_the_way_and_the_smallest_change(week: AppTest) -> None:
    page = view(week, "users")
    chosen = page.dataframe[0].value.iloc[2]
    page = page.selectbox(key="users-chosen").set_value(chosen["Customer"]).run()
    way = page.table[0].value
    rules = ", ".join(rule.replace("\\", "").rstrip(".").lower() for rule in way["So"])
    assert chosen["Path"].rstrip(".").lower() == rules
    assert f"In **{chosen['Segment']}**".replace("-", "") in texts(page.markdown).replace("-", "")
    assert re.search(r"With .* they would be in ", texts(page.markdown))


def test_the_proof_is_said_in_plain_words(week: AppTest) -> None:
    page = view(week, "mece")
    assert "Every possible customer falls into exactly one segment" in texts(page.success)
    numbers = {metric.label: metric.value for metric in page.metric}
    assert numbers == {"Cells": "12", "Leaves": "5", "In no leaf": "0", "In two leaves": "0"}
    assert {"Report to mail or print (HTML)", "Report for programs (JSON)"} <= set(downloads(page))


def test_reports_that_are_taken_stand_in_the_audit_trail(
    week: AppTest, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = list[Callable[[], bytes]]()
    monkeypatch.setattr(pieces, "download", lambda _label, data, *_, **__: built.append(data))
    result = week.run().session_state["app"].result
    monkeypatch.setattr(st, "container", lambda **_: nullcontext())
    mece.downloads(result)
    before = len(Workspace(workspace).trail())
    assert [build()[:1] for build in built] == [b"<", b"{"]
    entries = Workspace(workspace).trail(2)
    assert len(Workspace(workspace).trail()) == before + 2
    assert {(each.action, each.count, each.things) for each in entries} == {
        ("exported", result.run.accounting.universe, "customers in a report")
    }


def test_a_file_that_cannot_be_built_was_not_taken(week: AppTest, workspace: Path) -> None:
    assert not week.run().exception
    before = len(Workspace(workspace).trail())
    with pytest.raises(ZeroDivisionError):
        noted(lambda: 1 // 0, 7)()
    assert len(Workspace(workspace).trail()) == before


def test_the_report_names_cuts_hashes_and_versions(week: AppTest) -> None:
    page = view(week, "mece")
    cuts, segments, account, made = (table.value for table in page.table)
    assert [text.split(":")[0].replace("\\", "") for text in cuts["Asked for"]] == [
        f"{share}\u00a0% of customers at or below" for share in (20, 80, 50)
    ]
    assert len(segments) == 5
    assert account["value"]["Rows read"] == "3,000"
    assert re.fullmatch(r"[0-9a-f]{64}", made["value"]["Policy hash"])
    assert made["value"]["numpy"].replace("\\", "").count(".") == 2


def test_data_quality_accounts_for_the_file_and_masks_what_is_personal(started: AppTest) -> None:
    lines = sample_bytes().decode().splitlines()
    header, fields = lines[0].split(","), lines[1].split(",")
    broken = dict(zip(header, fields, strict=True)) | {"user_id": "secret-1", "avg_order_value": "-5"}
    unread = dict(zip(header, fields, strict=True)) | {"user_id": "secret-2", "cart_value": "lots"}
    long_id = dict(zip(header, fields, strict=True)) | {"user_id": "x" * 40_000}
    page = uploaded(started, *(",".join(each.values()) for each in (broken, long_id, unread)))
    page = view(page, "data_quality")
    files = page.table[0].value
    assert files["File"].iloc[0].replace("\\", "") == "customers.csv"
    assert files["Set aside"].iloc[0] == "2"
    assert any("comma between fields" in each.value for each in page.markdown)
    rejected = page.dataframe[1].value.set_index("Column")["Value"]
    assert rejected["avg_order_value"] == "-5"
    assert "not shown" in rejected["user_id"]
    assert "secret-1" not in rejected.to_string()
    assert "Download rows set aside" in downloads(page)
    cells = page.table[-1].value
    assert cells.values.tolist() == [["cart\\_value", "1", Reason.NOT_A_NUMBER.sentence]]
    assert "Download these cells" in downloads(page)


def test_data_quality_counts_missing_and_derived_values(week: AppTest) -> None:
    page = view(week, "data_quality")
    columns = page.dataframe[0].value.set_index("Column")
    assert columns["Missing"]["user_id"] == 0
    assert columns["Missing"]["last_order_date"] > 0
    assert columns["Status"]["recovered"] in {"not in the data", "complete"}
    assert columns["Derived"]["engagement_score"] > 0
    assert "0.7 * sessions" in texts(page.markdown)
    assert "None: every row could be used." in texts(page.markdown)


def test_the_documentation_is_inside(started: AppTest) -> None:
    page = view(started, "readme")
    assert page.title[0].value == "Cart Recovery Segmenter"
    assert len(page.get("image")) >= 2
    page = page.selectbox(key="doc").set_value("Your customer data").run()
    assert page.title[0].value == "Your customer data"
    assert "cart_abandoned_date" in texts(page.markdown)
