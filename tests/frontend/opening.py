"""The dashboard without a browser."""

from datetime import date
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE

FORM, SUMMARY = "views/new_period.py", "views/segments.py"
WEEK = date(2025, 9, 1)


def analyse(page: AppTest) -> AppTest:
    """Run what the form holds and open the summary."""
    done = page.button(key="analyse").click().run()
    return done if done.error else done.switch_page(SUMMARY).run()


def demo(page: AppTest) -> AppTest:
    """Take the way of one click and open the summary."""
    return page.button(key="demo").click().run().switch_page(SUMMARY).run()


def few(page: AppTest, customers: int = 3_000) -> AppTest:
    """Analyse fewer synthetic customers than the demo's, and open the summary."""
    page = form(page)
    page.number_input(key="synthetic-size").set_value(customers)
    return analyse(page)


def form(page: AppTest) -> AppTest:
    """Open the form."""
    return page.switch_page(FORM).run()


def dashboard(root: Path) -> AppTest:
    """Return the dashboard, not run yet; no run of it is timed."""
    return AppTest.from_file(root / "frontend" / "app.py", default_timeout=PATIENCE)


def at_address(root: Path, run: str) -> AppTest:
    """Return the dashboard at the address of a run, not run yet."""
    page = dashboard(root)
    page.query_params["run"] = run
    return page


def address(page: AppTest) -> str:
    """Return the run that the address names."""
    values = page.query_params.get("run", "")
    return values if isinstance(values, str) else values[0]
