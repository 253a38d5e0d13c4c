"""Compare weeks: two weeks side by side under one frozen tree."""

from frontend.components.frame import page_header
from frontend.components.trends import compare
from frontend.state import current

page_header.show("Compare weeks")
compare.show(current())
