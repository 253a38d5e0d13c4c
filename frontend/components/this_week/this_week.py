"""The home: what the week is worth, whom to contact, and what is open."""

from frontend.components.segments import headline
from frontend.components.trust import accounting
from frontend.state import Result


def show(result: Result) -> None:
    """Draw the page of a week."""
    headline.show(result)
    accounting.warnings(result)
