"""This week: what it is worth, whom to contact, and what is open."""

from frontend.components.frame import page_header
from frontend.components.this_week import this_week
from frontend.state import current
from frontend.utils import places

# An empty app begins with the form.
if current().result is None:
    places.go(places.FORM)
result = page_header.show("This week")
if result is not None:
    this_week.show(result, current())
