"""The page "Compare weeks" without a browser, and its sentences."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import Run
from analysis.comparison import Comparison, compare
from frontend.components.segments.profile import OTHERS, UNKNOWN, breakdown, breakdowns
from frontend.components.trends.moves import moves
from frontend.components.trends.period_pair import words
from run_store import Workspace
from tests.frontend.opening import dashboard
from tests.overlapping import NAMES, save, two_weeks


@pytest.fixture(scope="module")
def weeks() -> tuple[Run, Run]:
    return two_weeks()


@pytest.fixture(scope="module")
def compared(weeks: tuple[Run, Run]) -> Comparison:
    return compare(*weeks)


def opened(root: Path) -> AppTest:
    return dashboard(root).switch_page("views/compare.py").run()


def numbers(page: AppTest) -> dict[str, int]:
    return {metric.label: int(metric.value.replace(",", "")) for metric in page.metric}


def test_without_periods_the_page_says_what_to_do(root: Path) -> None:
    page = opened(root)
    assert not page.exception
    assert "Nothing to compare yet" in [element.value for element in page.header]


def test_two_saved_weeks_are_compared_in_the_order_of_time(
    root: Path, weeks: tuple[Run, Run], workspace: Path, compared: Comparison
) -> None:
    save(workspace, weeks)
    page = opened(root)
    assert not page.exception
    shown = numbers(page)
    assert shown["Abandoners"] == weeks[1].accounting.universe
    assert shown["Abandoners"] == shown["In both weeks"] + shown["Arrived"]
    assert weeks[0].accounting.universe == shown["In both weeks"] + shown["Left"]
    labels = {box.label: box for box in page.selectbox if box.label.endswith("week")}
    assert any(NAMES[0] in option for option in labels["Earlier week"].options)
    before = [element.value for element in page.markdown]
    first, second = labels["Earlier week"].value, labels["Later week"].value
    labels["Earlier week"].set_value(second)
    labels["Later week"].set_value(first)
    page = page.run()
    assert [element.value for element in page.markdown] == before
    assert page.table[0].value["Customers"].iloc[0].startswith(str(moved_most(compared)))


def test_a_period_beside_itself_and_a_deleted_one_are_said(root: Path, weeks: tuple[Run, Run], workspace: Path) -> None:
    ids = save(workspace, weeks)
    page = opened(root)
    page.selectbox(key="compare-first").set_value(page.selectbox(key="compare-second").value)
    page = page.run()
    assert not page.exception
    assert "oth weeks are the same" in page.error[0].proto.title
    Workspace(workspace).delete(ids[0])
    page = page.run()
    assert not page.exception
    assert "Nothing to compare yet" in [element.value for element in page.header]


def moved_most(compared: Comparison) -> int:
    return int(moves(compared.migration, compared.segments, compared.segments)["Customers"].max())


def test_the_sentences_have_the_numbers_of_the_table(compared: Comparison) -> None:
    said = "\n".join(words(compared))
    grew = max(compared.table.to_dict("records"), key=lambda row: row["Share_change"])
    assert f"{grew['Segment']} grew most" in said
    assert f"{compared.later:,} abandoners" in said
    assert f"({moved_most(compared)})" in said
    assert "Average order value, 80\u00a0% of customers" in said


def test_nobody_in_both_and_no_change_are_said_plainly(weeks: tuple[Run, Run]) -> None:
    earlier, later = weeks
    strangers = later.segmentation.customers.assign(user_id="x-" + later.segmentation.customers["user_id"])
    alone = compare(earlier, replaced(later, strangers))
    assert "No customer is in both weeks." in words(alone)
    assert (alone.stayed, alone.left) == (0, earlier.accounting.universe)


def replaced(run: Run, customers: pd.DataFrame) -> Run:
    return replace(run, segmentation=replace(run.segmentation, customers=customers))


def test_a_breakdown_counts_every_customer_once(weeks: tuple[Run, Run]) -> None:
    run = weeks[0]
    for column, table in breakdowns(run).items():
        assert table.sum(axis=1).tolist() == run.scores.recommended["Size"].tolist(), column


def test_rare_values_are_others_and_missing_ones_not_known(weeks: tuple[Run, Run]) -> None:
    customers = weeks[0].segmentation.customers
    regions = pd.Series([f"r{place % 9}" for place in range(len(customers))], dtype="str")
    regions.iloc[:5] = None
    table = breakdown(replaced(weeks[0], customers.assign(region=regions)), "region")
    assert list(table.columns[-2:]) == [OTHERS, UNKNOWN]
    assert len(table.columns) == 8
    assert int(table[UNKNOWN].sum()) == 5
    assert int(table.to_numpy().sum()) == len(customers)


def test_a_column_of_one_value_is_not_broken_down(weeks: tuple[Run, Run]) -> None:
    customers = weeks[0].segmentation.customers
    alike = replaced(weeks[0], customers.assign(region="North").drop(columns="archetype"))
    assert breakdowns(alike) == {}
