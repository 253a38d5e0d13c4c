"""The page that looks back: without a log, with one, with weeks that cannot be tested, and after a customer table."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_ingestion import sample_bytes
from frontend.components.trends.backtest import BACKTESTS
from run_store import Workspace
from tests.activity_logs import habits
from tests.cli.commands.test_backtest import event_log
from tests.frontend.opening import dashboard, form
from tests.frontend.test_pages import numbers, texts, uploaded

PAGE = "views/backtest.py"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return event_log(habits(2000), tmp_path_factory.mktemp("logs") / "log.csv").read_bytes()


@pytest.fixture
def opened(root: Path) -> AppTest:
    return form(dashboard(root))


def looked_back(page: AppTest) -> AppTest:
    page.selectbox(key="option-policy").set_value("aov-buckets").run()
    page.switch_page(PAGE).run()
    return page.selectbox(key="backtest-policy").set_value("aov-buckets").run()


def test_without_a_log_the_page_says_what_it_takes(opened: AppTest) -> None:
    page = opened.switch_page(PAGE).run()
    assert not page.exception
    assert "No log to look back on" in texts(page.header)


def test_a_customer_table_says_nothing_of_later(opened: AppTest) -> None:
    page = uploaded(opened, ("customers.csv", sample_bytes())).switch_page(PAGE).run()
    assert "No log to look back on" in texts(page.header)


@pytest.mark.slow
def test_predicted_and_actual_stand_side_by_side(opened: AppTest, log: bytes) -> None:
    page = looked_back(uploaded(opened, ("log.csv", log)))
    assert not page.exception
    assert not page.error
    shown = numbers(page)
    table = page.dataframe[0].value
    assert int(shown["To be won"].replace(",", "")) == table["Customers"].sum()
    assert {"Predicted", "Heuristic", "Came back", "Inside"} <= set(table.columns)
    predictors = page.table[0].value
    assert predictors["Predictor"].tolist() == ["Model", "Heuristic", "Same rate for all"]
    scores = predictors["Brier score"].astype(float)
    assert scores[0] < scores[2]
    assert "7 days after the 24 hours" in texts(page.caption)


def test_a_look_back_stands_in_the_audit_trail_once(opened: AppTest, log: bytes, workspace: Path) -> None:
    workspace.mkdir()
    BACKTESTS.clear()
    page = looked_back(uploaded(opened, ("log.csv", log)))
    told = Workspace(workspace).trail()
    assert [entry.action for entry in told] == ["analysed", "analysed"]
    assert told[0].count >= int(numbers(page)["To be won"].replace(",", ""))
    page.run()
    assert Workspace(workspace).trail() == told


def test_a_week_without_enough_before_it_says_so_and_leaves_the_choice(opened: AppTest, log: bytes) -> None:
    page = looked_back(uploaded(opened, ("log.csv", log)))
    weeks = page.selectbox(key="backtest-week").options
    page = page.selectbox(key="backtest-week").select_index(len(weeks) - 1).run()
    assert not page.exception
    assert page.error
    assert page.selectbox(key="backtest-week").options == weeks


def test_longer_outcomes_move_the_last_week_that_is_known(opened: AppTest, log: bytes) -> None:
    page = looked_back(uploaded(opened, ("log.csv", log)))
    before = page.selectbox(key="backtest-week").options[0]
    page = looked_back(form(page).number_input(key="option-outcome").set_value(21).run())
    assert page.selectbox(key="backtest-week").options[0] != before
    assert "21 days after the 24 hours" in texts(page.caption) or page.error
