"""Compare periods: two weeks side by side under one frozen tree."""

from frontend.components import compare, page_header
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
page_header.show("Compare periods", state)
compare.show(state, dark=is_dark())
