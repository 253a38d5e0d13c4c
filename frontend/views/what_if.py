"""What if: other cuts, sizes and weights beside today's policy, at once."""

from frontend.components.frame import page_header
from frontend.components.segments import what_if
from frontend.state import current

result = page_header.week("Move cuts, size limits and score weights, and see at once what changes and who moves.")
if result is not None:
    what_if.show(result, current())
