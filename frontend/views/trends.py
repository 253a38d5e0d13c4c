"""Weeks: the saved weeks over time."""

from frontend.components.frame import page_header
from frontend.components.trends import over_time

page_header.show("Weeks")
over_time.show()
