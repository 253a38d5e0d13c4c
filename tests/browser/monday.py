"""Monday as a marketer does it, clicks and seconds counted: the first week, and the results of the one before."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from analysis.outcome_days import Sent
from run_store import Weeks, Workspace
from tests.browser.steps import settle
from tests.experimented import saved_experiment


@dataclass
class Journey:
    """What a person did on the pages, step by step.

    Args:
        page: Where they are.
        steps: Step, clicks, seconds.
    """

    page: Page
    steps: list[tuple[str, int, float]] = field(default_factory=list)
    _clicks: int = 0

    def click(self, what: Locator) -> None:
        """Click once."""
        self._clicks += 1
        what.click()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done inside, until the page stands; it is no wider than the window then."""
        before, start = self._clicks, self._now()
        yield
        settle(self.page)
        assert self.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 1, name
        self.steps.append((name, self._clicks - before, self._now() - start))

    @property
    def clicks(self) -> int:
        """How often they clicked."""
        return sum(clicks for _, clicks, _ in self.steps)

    @property
    def table(self) -> str:
        """The steps as Markdown."""
        lines = [f"| {name} | {clicks} | {seconds:.1f} |" for name, clicks, seconds in self.steps]
        return "\n".join(
            ["", "| step | clicks | seconds |", "|---|---|---|", *lines, f"| together | {self.clicks} | |"]
        )

    def _now(self) -> float:
        seconds: float = self.page.evaluate("performance.now() / 1000")
        return seconds


def first_week(page: Page) -> tuple[Journey, bytes]:
    """Go from an empty app to files for Klaviyo with a control group held out; return the way and the zip."""
    journey, button = Journey(page), page.get_by_role
    with journey.step("segments by the demo button"):
        journey.click(button("button", name="Show me with synthetic customers"))
        expect(page.get_by_role("heading", name="Whom to contact")).to_be_visible()
    with journey.step("the first open point: hold out"):
        journey.click(button("button", name="Hold out", exact=True))
        expect(page.get_by_role("button", name=re.compile("Hold out [0-9]"))).to_be_visible()
    with journey.step("hold out"):
        journey.click(button("button", name=re.compile("Hold out [0-9]")))
        expect(page.get_by_text("no audience file contains the control group")).to_be_visible()
    with journey.step("on to the files, for Klaviyo"):
        journey.click(button("button", name="Go on to the files"))
        platform = page.get_by_role("combobox", name="Platform")
        journey.click(platform)
        journey.click(page.get_by_role("option", name="Klaviyo"))
        expect(platform).to_have_value("Klaviyo")
    with journey.step("the zip"), page.expect_download() as started:
        journey.click(button("button", name="Download the zip"))
    return journey, Path(started.value.path()).read_bytes()


def results_file(page: Page, workspace: Path) -> Path:
    """Open a week that went out, and return the file that tells who bought."""
    made, outcomes = saved_experiment(workspace), workspace / "outcomes.csv"
    Weeks(Workspace(workspace)).sent(made.run_id, Sent(date(2025, 10, 1)))
    made.outcomes.to_csv(outcomes, index=False)
    page.goto(f"/?run={made.run_id}")
    expect(page.get_by_role("button", name="Upload orders")).to_be_visible()
    settle(page)
    return outcomes


def results_of_last_week(page: Page, workspace: Path) -> Journey:
    """Go from this Monday's list of who bought to last week's lift, and use it."""
    outcomes, journey = results_file(page, workspace), Journey(page)
    with journey.step("the open point: upload orders"):
        journey.click(page.get_by_role("button", name="Upload orders"))
        expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    with journey.step("last week's lift"):
        with page.expect_file_chooser() as chooser:
            journey.click(page.get_by_test_id("stFileUploader").get_by_test_id("stBaseButton-secondary"))
        chooser.value.set_files(outcomes)
        expect(page.get_by_text("The sizes of the arms match the plan")).to_be_visible()
        expect(page.get_by_role("heading", name="Effect on conversion")).to_be_visible()
    with journey.step("use it in the next analyses"):
        journey.click(page.get_by_role("button", name=re.compile("Use (in|it)")))
        expect(page.get_by_role("heading", name="What the next analyses use")).to_be_visible()
    return journey
