"""The tree as SQL on its page: a statement of a dialect, a model of dbt, and a table that is no name."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis import Run
from run_store import Workspace
from tests.experimented import SAVED_AT, experimented
from tests.frontend.opening import dashboard
from tests.frontend.test_pages import downloads, texts as said


@pytest.fixture(scope="module")
def run() -> Run:
    return experimented(3_000)[0]


@pytest.fixture
def page(root: Path, workspace: Path, run: Run) -> AppTest:
    page = dashboard(root)
    page.query_params["run"] = Workspace(workspace).save(run, name="Week 39", saved_at=SAVED_AT)
    page = page.switch_page("views/tree.py").run()
    assert not page.code
    page.session_state["tree-sql"] = True
    return page.run()


def test_a_saved_week_is_written_for_a_dialect(page: AppTest, run: Run) -> None:
    assert not page.exception
    page = page.selectbox(key="sql-dialect").set_value("bigquery").run()
    (code,) = page.code
    assert f"-- The policy {run.policy.name} for bigquery" in code.value
    assert all(segment.name in code.value for segment in run.segmentation.tree.segments)
    assert {"Download the statement", "Download a dbt model"} <= set(downloads(page))


def test_only_what_the_week_has_is_offered_and_refusals_stand_there(page: AppTest) -> None:
    assert "arms" in page.selectbox(key="sql-name").options
    page = page.selectbox(key="sql-name").set_value("arms").run()
    page = page.selectbox(key="sql-dialect").set_value("sqlite").run()
    assert "Sqlite has no SHA-256" in said(page.error)
    page = page.selectbox(key="sql-name").set_value("segments").run()
    assert not page.error
    assert "No model of dbt" in said(page.caption)
    assert downloads(page)[-1] == "Download the statement"
    page = page.selectbox(key="sql-name").set_value("arms").run()
    page = page.selectbox(key="sql-dialect").set_value("duckdb").run()
    page = page.text_input(key="sql-table").set_value("a; drop table b").run()
    assert not page.exception
    assert "Table of customers" in said(page.error)
    assert not page.code
