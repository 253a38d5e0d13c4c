"""Results: what the campaign brought, against the customers who were held out."""

from frontend.components import empty, page_header, results
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
result = page_header.show("Results", state)
if result is None:
    empty.show(state, promise="What the campaign achieved, compared with the customers who were held out.")
else:
    results.show(result, state, dark=is_dark())
