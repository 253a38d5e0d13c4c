"""The page Better tree: without a week, with one, cancelled, and kept beside the policy in use."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from frontend.components.segments.tree_search import TreeOrder
from frontend.utils import runs
from frontend.utils.runs import Progress
from retention.errors import OptionError
from retention.search.objectives import LeafLimits
from retention.search.questions import Wish
from run_store import Workspace, load_policy
from run_store.tables import own_batches
from tests.experimented import SAVED_AT, experimented
from tests.frontend.opening import dashboard
from tests.frontend.test_pages import downloads, numbers, texts as said
from workers.messages import receive, send

VIEW = "views/better_tree.py"


@pytest.fixture
def page(week: AppTest) -> AppTest:
    return week.switch_page(VIEW).run()


def searched(page: AppTest, *columns: str) -> AppTest:
    page.multiselect(key="tree-columns").set_value(list(columns))
    page.segmented_control(key="tree-depth").set_value(2)
    return page.button(key="tree-search").click().run()


def headings(page: AppTest) -> list[str]:
    return [each.value for each in page.header]


def test_without_a_run_the_page_says_what_to_do(root: Path) -> None:
    page = dashboard(root).switch_page(VIEW).run()
    assert not page.exception
    assert headings(page) == ["No analysis yet"]


def test_a_tree_is_searched_judged_and_kept(page: AppTest, workspace: Path) -> None:
    assert headings(page) == ["What to search for"]
    page = searched(page, "avg_order_value", "engagement_score")
    assert not page.exception
    assert not page.error, page.error[0].proto
    assert "on customers it has not seen" in said([*page.info, *page.success])
    assert set(numbers(page)) == {"Best tree", "Today's tree", "Greedy tree", "Leaves"}
    assert all(numbers(page)[name].endswith("%") for name in ("Best tree", "Today's tree"))
    tables = [list(table.value.columns) for table in page.table]
    least = page.session_state["app"].result.run.segmentation.tree.limits.minimum
    assert page.table[0].value["Customers"].str.replace(",", "").astype(int).min() >= least > 1
    assert tables[0] == ["Segment", "Customers", "Share", "Value each"]
    assert "Same cut, or beside it" in tables[-1]
    assert "Download YAML" in downloads(page)
    page = page.button(key="better-tree-keep").click().run()
    (kept,) = (workspace / "policies").iterdir()
    assert len(load_policy(kept).segments) == int(numbers(page)["Leaves"])
    # What was found stays while another page is open, and is told apart from what is asked now.
    page = page.switch_page("views/tree.py").run().switch_page(VIEW).run()
    assert "The leaves" in headings(page)
    page = page.segmented_control(key="tree-depth").set_value(1).run()
    assert "Below is still what was searched" in said(page.caption)


def test_a_search_that_is_refused_or_cancelled_says_so(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OptionError("no tree has all its leaves within the limits")

    monkeypatch.setattr("workers.job.done", refuse)
    page = searched(page, "avg_order_value")
    assert "No tree has all its leaves" in said(page.error)
    assert headings(page) == ["What to search for"]


@pytest.mark.slow
def test_the_arm_that_pays_is_searched_in_a_saved_week_with_outcomes(root: Path, workspace: Path) -> None:
    run, outcomes = experimented(20_000)
    page = dashboard(root)
    page.query_params["run"] = Workspace(workspace).save(run, name="Week 39", saved_at=SAVED_AT)
    page = page.run().switch_page(VIEW).run()
    page = page.radio(key="tree-goal").set_value("The arm that pays most for each").run()
    assert page.button(key="tree-search").disabled
    content = outcomes.to_csv(index=False).encode()
    page = page.file_uploader(key="tree-files").upload("outcomes.csv", content, "text/csv").run()
    page = searched(page, "avg_order_value", "engagement_score")
    assert not page.exception
    assert not page.error, page.error[0].proto
    assert "for each customer" in said([*page.info, *page.success])
    assert list(page.table[0].value.columns)[-2:] == ["Arm that pays", "Gain each"]
    assert "$" in numbers(page)["Best tree"]


def test_a_saved_week_goes_to_the_worker_without_its_customers(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, run, read, pipe = Workspace(workspace), experimented(3_000)[0], set[str](), BytesIO()
    saved = place.save(run, name="Week 39", saved_at=SAVED_AT)
    place.erase(str(run.segmentation.customers["user_id"][0]))

    def watched(path: Path, *, where: str, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
        read.update(columns)
        return own_batches(path, where=where, rows=rows, columns=columns)

    def done(_: str, prepare: Callable[[Path], Callable[..., object]], progress: Progress) -> object:
        send(pipe, prepare(tmp_path), tmp_path / "arrays")
        pipe.seek(0)
        return receive(pipe)(progress=progress)

    monkeypatch.setattr("run_store.saved_period.own_batches", watched)
    monkeypatch.setattr("run_store.SavedRun.run", None)
    monkeypatch.setattr("workers.job.done", done)
    wish = Wish(("avg_order_value",), depth=1, limits=LeafLimits(0))
    found = TreeOrder(runs.opened(saved), wish, None).search()
    assert found.beside.moves.sum() == run.accounting.universe - 1
    assert str(run.segmentation.customers["user_id"][1]).encode() not in pipe.getvalue()
    assert not (tmp_path / "arrays").exists()
    assert "avg_order_value" in read
    assert not read & {"email", "phone", "first_name", "last_order_date"}


def test_profit_needs_a_week_of_which_somebody_was_held_out(page: AppTest) -> None:
    assert len(page.radio(key="tree-goal").options) == 1
    assert "somebody was held out" in said(page.caption)
