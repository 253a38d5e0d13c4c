"""Compare periods: two weeks side by side under one frozen tree."""

from frontend.components import compare, page_header
from frontend.state import current

page_header.show("Compare periods")
compare.show(current())
