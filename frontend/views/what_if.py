"""What if: other cuts, sizes and weights beside today's policy, at once."""

from frontend.components import empty, page_header, what_if
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
result = page_header.show("What if", state)
if result is None:
    empty.show(state, promise="Move cuts, size limits and score weights, and see at once what changes and who moves.")
else:
    what_if.show(result, state, dark=is_dark())
