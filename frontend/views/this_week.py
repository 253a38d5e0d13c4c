"""This week: what it is worth, whom to contact, and what is open."""

from frontend.components.this_week import this_week
from frontend.state import current

state = current()
if state.result is not None:
    this_week.show(state.result, state)
