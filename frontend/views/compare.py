"""Compare weeks: two weeks side by side under one frozen tree."""

from frontend.components.trends import compare
from frontend.state import current

compare.show(current())
