"""User Mapping: every customer with segment, path and scores, and why they are there."""

from frontend.components.frame import page_header
from frontend.components.segments import users

result = page_header.week("Every customer with segment, path and scores, and why each is where they are.")
if result is not None:
    chosen = users.show(result)
    if chosen is not None:
        users.reasons(result, chosen)
