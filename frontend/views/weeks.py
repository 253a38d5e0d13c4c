"""Weeks: the saved weeks over time."""

from frontend.components.frame import page_header
from frontend.components.trends import weeks

page_header.show("Weeks")
weeks.show()
