"""The home: whom to contact, and what is open, each point with the button that does it."""

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

from analysis.outcome_days import Sent
from frontend.components.this_week.open_points import _next
from frontend.components.this_week.this_week import unusual
from frontend.state import Result
from retention.partition.profiles import Difference
from run_store import HeldOut, WeekState
from tests.frontend.opening import dashboard, form
from tests.frontend.test_pages import numbers, texts
from tests.retention.partition.test_oversize import split, universe

SENT = WeekState(sent=Sent(date(2026, 1, 7)))


@pytest.fixture
def home(week: AppTest) -> AppTest:
    return week.run()


def test_the_demo_leads_home_where_each_segment_has_a_line(root: Path) -> None:
    home = form(dashboard(root)).button(key="demo").click().run()
    assert not home.exception
    assert home.title[0].value == "This week"
    assert numbers(home)["Abandoners"]
    said = texts(home.markdown)
    assert said.count("can be reached") >= 3
    assert "no file yet" in said


def test_a_column_at_which_a_large_segment_was_split_is_nothing_unusual() -> None:
    tree = split(universe(), min_size=50, max_size=200)
    name = "B, high sessions in 30 days"
    made, other = (Difference(each, "", 9.0, 3.0, 1.0, 5.0, 7.0) for each in ("sessions_last_30d", "num_cart_items"))
    stories = [(made, other) for _ in tree.names]
    run = SimpleNamespace(segmentation=SimpleNamespace(tree=tree), stories=stories, currency="")
    assert unusual(cast("Result", SimpleNamespace(run=run)), name) == f"Unusual: {other.words()}."


def test_what_is_open_leads_to_where_it_is_done(home: AppTest) -> None:
    (advice,) = re.findall(r"One week is too small .*?\.", texts(home.markdown))
    page = next(button for button in home.button if button.label == "Hold out").click().run()
    assert not page.exception
    assert page.title[0].value == "Campaign"
    # Both places speak of the same people and the same rate.
    assert advice in texts(page.markdown)
    assert page.segmented_control(key="step").value == "Hold out"


def test_what_to_know_about_the_data_leads_to_their_quality(home: AppTest) -> None:
    page = next(button for button in home.button if button.label.startswith("Read ")).click().run()
    assert page.title[0].value == "Data quality"


@pytest.mark.parametrize(
    ("known", "action"),
    [
        (WeekState(), "Hold out"),
        (WeekState(held_out=HeldOut(experiment="autumn", shares={"control": 0.5})), "Make files"),
        (SENT, "Upload orders"),
    ],
)
def test_the_next_step_is_open(known: WeekState, action: str) -> None:
    assert [point.action for point in _next(known, "Hold out half.")] == [action]


def test_a_workspace_that_cannot_be_read_is_told_on_the_first_page(root: Path, workspace: Path) -> None:
    workspace.touch()
    page = dashboard(root).run()
    assert not page.exception
    said = texts(page.error)
    assert "The workspace cannot be read or written" in said
    assert "RETENTION_WORKSPACE of the server" in said
