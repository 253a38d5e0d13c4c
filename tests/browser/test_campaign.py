"""The steps of a campaign in a browser: an experiment and its files, its results, and a plan."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import analyse_synthetic, looks, metric, number, settle
from tests.browser.test_contrast import faint
from tests.experimented import saved_experiment
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]


@pytest.fixture(scope="module")
def run_id(server: Server) -> str:
    """A saved period with an experiment, and beside it what its customers did."""
    made = saved_experiment(server.workspace)
    made.outcomes.to_csv(server.workspace / "outcomes.csv", index=False)
    return made.run_id


def fits(page: Page) -> bool:
    wide: int = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    return wide <= 1


def shown(page: Page, wide: bool) -> None:
    """Wait until the page stands, with the mouse out of the way."""
    settle(page)
    page.mouse.move(640 if wide else 195, 5)
    settle(page)
    assert fits(page)


@pytest.fixture
def end(viewport: tuple[int, int], theme: str) -> str:
    """How the names of the pictures end."""
    return theme if viewport[0] > 1000 else f"390-{theme}"


@looks(desk=(1440, 1080))
def test_an_experiment_and_its_files(page: Page, run_id: str, end: str, picture: Picture) -> None:
    wide = "390" not in end
    page.goto(f"/experiment?run={run_id}")
    expect(page.get_by_role("button", name="Go on to the files")).to_be_visible()
    shown(page, wide)
    assert number(metric(page, "Held out")) > 0
    picture(f"experiment-{end}")
    page.get_by_role("button", name="Go on to the files").click()
    expect(page.get_by_role("button", name="Download the zip")).to_be_visible()
    expect(page).to_have_url(re.compile(r"step=Files"))
    shown(page, wide)
    picture(f"experiment-files-{end}")


@looks(desk=(1440, 1080))
def test_outcomes_become_results(page: Page, server: Server, run_id: str, end: str, picture: Picture) -> None:
    page.goto(f"/results?run={run_id}")
    expect(page.get_by_text("Outcomes or orders")).to_be_visible()
    page.get_by_test_id("stMain").locator("input[type=file]").first.set_input_files(server.workspace / "outcomes.csv")
    expect(page.get_by_text("The sizes of the arms match the plan")).to_be_visible()
    shown(page, "390" not in end)
    picture(f"results-{end}")
    page.get_by_role("heading", name="Effect on conversion").scroll_into_view_if_needed()
    page.get_by_role("heading", name="Use what was measured").scroll_into_view_if_needed()
    settle(page)
    picture(f"results-forest-{end}")
    assert not faint(page, 60)


@looks(desk=(1440, 1080))
def test_a_plan_with_a_number_of_sends(page: Page, run_id: str, end: str, picture: Picture) -> None:
    page.goto(f"/campaign?run={run_id}&step=Choose")
    expect(page.get_by_role("heading", name="Expected profit by number of sends")).to_be_visible()
    settle(page)
    page.get_by_text("Number of sends", exact=True).click()
    expect(page.get_by_role("spinbutton", name="Most sends")).to_be_visible()
    shown(page, "390" not in end)
    assert number(metric(page, "Sends")) > 0
    picture(f"campaign-{end}")


@pytest.mark.parametrize("viewport", [(1280, 960), (390, 844)])
@pytest.mark.parametrize("theme", ["light"])
def test_a_week_is_held_out_by_the_keyboard(page: Page, end: str, picture: Picture) -> None:
    # Not by the demo, which a server that holds a week does not offer.
    analyse_synthetic(page)
    page.goto(page.url.replace("/segments", "/campaign"))
    page.get_by_role("button", name="Choose these").press("Enter")
    expect(page.get_by_text("One week is too small")).to_be_visible()
    shown(page, "390" not in end)
    picture(f"experiment-form-{end}")
    page.get_by_role("button", name=re.compile("^.*Hold out [0-9]")).press("Enter")
    expect(page.get_by_text("no audience file contains the control group")).to_be_visible()
    shown(page, "390" not in end)
    page.reload()
    expect(page.get_by_role("button", name="Go on to the files")).to_be_visible()
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{16}"))
