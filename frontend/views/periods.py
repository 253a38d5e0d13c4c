"""Saved periods: the weeks that were kept, to open, to hand on, or to delete."""

from frontend.components import page_header, periods_card, periods_erase, periods_import, periods_list, pieces
from frontend.state import current
from frontend.utils.workspace import periods, preferences

state = current()
page_header.show("Saved periods")
saved, problem = periods()
timezone = preferences()[0].timezone
if problem is not None:
    pieces.problem(problem)
elif saved:
    periods_card.show(state, periods_list.show(saved, timezone), timezone)
else:
    pieces.nothing(
        "No saved periods yet",
        "Run an analysis and choose **Save period** at the top of its page, or import an exported file.",
    )
periods_import.show(state)
periods_erase.show(state)
