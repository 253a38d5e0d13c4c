"""The page of all saved weeks: none, one, several, and one with results."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis import Run
from frontend.components.trends import figures_trends
from frontend.components.trends.week_points import points
from run_store import ArmResult, ResultsIn, Weeks, Workspace
from tests.frontend.opening import dashboard
from tests.overlapping import save, two_weeks

ARM = ArmResult(
    arm="treatment",
    customers=(1000, 1000),
    converted=(120, 100),
    lift=(0.2, 0.05, 0.35),
    net_profit=(410.0, -20.0, 840.0),
    verdict="works",
    words="It works.",
)


@pytest.fixture(scope="module")
def weeks() -> tuple[Run, Run]:
    return two_weeks()


def opened(root: Path) -> AppTest:
    page = dashboard(root).switch_page("views/trends.py").run()
    assert not page.exception
    return page


def test_without_a_week_the_page_says_what_it_takes(root: Path) -> None:
    assert "No saved weeks yet" in [element.value for element in opened(root).header]


def test_one_week_is_shown_and_named_as_a_start(root: Path, workspace: Path, weeks: tuple[Run, Run]) -> None:
    Workspace(workspace).save(weeks[0], name="First", saved_at=datetime.now(UTC))
    page = opened(root)
    assert "One week is saved" in page.info[0].value
    assert page.dataframe[0].value["Abandoners"].tolist() == [weeks[0].accounting.universe]


def test_every_week_has_its_sizes_and_what_its_campaign_brought(
    root: Path, workspace: Path, weeks: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = save(workspace, weeks)
    store = Weeks(Workspace(workspace))
    store.results_in([ids[0]], ResultsIn(on=date(2025, 10, 20), final=True, customers=2000, arms=(ARM,)))
    page = dashboard(root).run()
    assert not page.exception
    # The week on screen was read; for the others nothing is.
    monkeypatch.setattr("run_store.saved_period.SavedRun._table", None)
    page = page.switch_page("views/trends.py").run()
    assert not page.exception
    table = page.dataframe[0].value
    assert table["Abandoners"].tolist() == [run.accounting.universe for run in reversed(weeks)]
    assert table["State"].tolist() == ["analysed", "results in"]
    assert table["Net profit measured"].tolist() == ["", "$410 (-$20 to $840)"]
    assert table["Expected profit"].str.contains(r"\(-?\$[0-9.,]+ to \$[0-9.,]+\)$").all()
    assert table["Lift measured"].iloc[1].replace("\u00a0", " ").startswith("+20 % (+5")
    shown = points(store.listed())
    assert [sum(week.found.sizes.values()) for week in shown] == [run.accounting.universe for run in weeks]
    bars = figures_trends.sizes(shown)
    assert sum(trace.y[0] for trace in bars.data) == weeks[0].accounting.universe
    assert figures_trends.lifts(shown, dark=False).data[0].error_y.array.tolist() == pytest.approx([15])


def test_weeks_in_another_currency_are_named_where_they_are_not_drawn(
    root: Path, workspace: Path, weeks: tuple[Run, Run]
) -> None:
    save(workspace, (replace(weeks[0], currency="EUR"), weeks[1]))
    said = [caption.value for caption in opened(root).caption if "Not drawn, in another currency" in caption.value]
    days = points(Weeks(Workspace(workspace)).listed())[0].days
    assert [text.count(days) for text in said] == [1]


def test_a_week_saved_twice_counts_once_and_a_damaged_one_leaves_the_others(
    root: Path, workspace: Path, weeks: tuple[Run, Run]
) -> None:
    days = (datetime(2025, 10, day, tzinfo=UTC) for day in (8, 9))
    ids = [Workspace(workspace).save(weeks[0], name="Again", saved_at=day) for day in days]
    assert [week.summary.id for week in points(Weeks(Workspace(workspace)).listed())] == [ids[1]]
    for record in workspace.glob(f"periods/{ids[1]}.record.*"):
        record.write_bytes(b"{")
    assert opened(root).dataframe[0].value["Abandoners"].tolist() == [weeks[0].accounting.universe]
