"""Results: what the campaign brought, against the customers who were held out."""

from frontend.components import page_header, results
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
result = page_header.show(
    "Results", state, promise="What the campaign achieved, compared with the customers who were held out."
)
if result is not None:
    results.show(result, state, dark=is_dark())
