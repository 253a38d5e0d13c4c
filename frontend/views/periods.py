"""Saved periods: the weeks that were kept, to open, to hand on, or to delete."""

from frontend.components.settings import saved_periods
from frontend.state import current
from frontend.utils import pieces
from frontend.utils.workspace import periods, preferences

state = current()
saved, problem = periods()
timezone = preferences()[0].timezone
if problem is not None:
    pieces.problem(problem)
elif saved:
    saved_periods.card(state, saved_periods.table(saved, timezone), timezone)
else:
    pieces.nothing(
        "No saved weeks yet",
        "Run an analysis and choose **Save week** at the top of its page, or import an exported file.",
    )
saved_periods.import_form(state)
saved_periods.erase_form(state)
