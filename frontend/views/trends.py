"""Weeks: the saved weeks over time."""

from frontend.components.trends import over_time

over_time.show()
