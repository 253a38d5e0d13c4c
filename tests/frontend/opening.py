"""The dashboard without a browser."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def dashboard(root: Path) -> AppTest:
    """Return the dashboard, not run yet; no run of it is timed."""
    return AppTest.from_file(root / "frontend" / "app.py", default_timeout=PATIENCE)
